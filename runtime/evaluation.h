//===- runtime/evaluation.h - Metrics and pictures of a train block -------===//
#ifndef NNRT_EVALUATION_H
#define NNRT_EVALUATION_H

#include "runtime/dataset.h"

namespace nnrt {

/// The data of a train block: what is trained on and what is held back.
struct BlockData {
  Dataset set;
  Array<int64_t> trained, held;
};

/// Binds an evaluation to its set, of which it takes `most` examples at most.
/// `kind` is "metric" or "picture". The set does not change while the block
/// trains: it is gathered once.
bool bindEvaluation(const Program &program, const Evaluation &evaluation,
                    const char *kind, const BlockData &own, int64_t most,
                    const Variables &variables, const Team &team,
                    const DataOptions &options, Call &call, Error &error);

/// Runs it. An evaluation is deterministic and belongs to no step.
bool evaluate(Call &call, Team &team, Error &error);

} // namespace nnrt

#endif // NNRT_EVALUATION_H
