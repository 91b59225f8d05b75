//===- runtime/evaluation.cpp ---------------------------------------------===//
#include "runtime/evaluation.h"

#include <algorithm>

namespace nnrt {

bool bindEvaluation(const Program &program, const Evaluation &evaluation,
                    const char *kind, const BlockData &own, int64_t most,
                    const Variables &variables, const Team &team,
                    const DataOptions &options, Call &call, Error &error) {
  Dataset other;
  const Dataset *set = &own.set;
  Array<int64_t> all;
  const Array<int64_t> *examples =
      evaluation.set == EvaluationSet::Held ? &own.held : &own.trained;
  if (evaluation.set == EvaluationSet::Other) {
    Text prefix(kind);
    prefix.append(".");
    for (int32_t k = 0; k < evaluation.sourceCount; ++k)
      if (!other.add(program.sources[evaluation.sources[k]], prefix.c_str(),
                     options, error))
        return false;
    for (int64_t k = 0; k < other.examples; ++k)
      all.push(k);
    set = &other;
    examples = &all;
  }
  if (examples->empty())
    return error.set("%s %s: no examples are held back", kind, evaluation.text);
  const Function &function = program.functions[evaluation.function];
  Array<int32_t> columnOf;
  int64_t count = std::min(most, examples->size());
  if (!set->bind(function, count, variables, team, call, columnOf, error))
    return false;
  set->gather(call, function, columnOf, examples->data(), count);
  return true;
}

bool evaluate(Call &call, Team &team, Error &error) {
  call.setScalar(SlotKind::Seed, 0);
  for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
    call.setScalar(kind, 1);
  return call.run(team, error);
}

} // namespace nnrt
