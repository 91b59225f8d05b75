//===- runtime/executor.h - Binds, checks and runs a function -------------===//
#ifndef NNRT_EXECUTOR_H
#define NNRT_EXECUTOR_H

#include "runtime/tensor.h"
#include "runtime/threads.h"
#include "runtime/variables.h"

namespace nnrt {

/// What is known of an Input argument before it is bound.
struct Offer {
  bool given = false;
  Shape shape;
  /// Whether the shape must agree axis by axis. If not, as for data files,
  /// the first axes must agree and then the number of elements.
  bool exact = true;
};

/// One binding of a function: its dimensions have values, its buffers are
/// allocated and its temporaries placed. It can run many times.
class Call {
public:
  /// `offers` has one entry an argument; those that are no Input are ignored.
  /// `dims` has one entry a dimension, -1 where it is not given (null: none).
  bool bind(const Function &function, const Offer *offers, const int64_t *dims,
            const Variables &variables, const Team &team, Error &error);

  void *argument(int64_t i) const { return pointers[i]; }
  /// The other buffer of an Input, once there are two.
  void *spare(int64_t i) const;
  void *result(int64_t i) const { return pointers[function->argCount + i]; }
  const int64_t *argumentShape(int64_t i) const;
  const int64_t *resultShape(int64_t i) const;

  /// Gives each Input a second buffer, to be filled while the function runs
  /// with the first; `exchangeSpares` makes that the argument.
  bool addSpares(Error &error);
  bool hasSpares() const { return !spares.empty(); }
  void exchangeSpares();
  int64_t inputBytes() const;
  int32_t threadCount() const { return threads; }

  /// The memory that it holds beside the program's variables.
  int64_t bytes() const;

  /// The one element of a result.
  double scalarResult(int64_t i) const;

  /// Gives every argument of this kind (Step, Epoch, Steps, Seed) its value.
  void setScalar(SlotKind kind, int64_t value);
  bool run(Team &team, Error &error);
  /// The same by the calling thread alone.
  bool runAlone(Team &team, Error &error);

private:
  bool bindDims(const Offer *offers, const int64_t *given, Error &error);
  bool bindAxes(int32_t argument, const int64_t *extents, int32_t count,
                Error &error);
  bool checkArgument(int32_t argument, const Offer &offer,
                     const int64_t *offered, bool exact, Error &error) const;
  bool checkAxes(Error &error) const;
  bool allocate(const Variables &variables, const Team &team, Error &error);
  bool checkGuards(Error &error) const;
  void showPrinted() const;
  Text boundBy(const char *axis) const;

  bool runWith(Team &team, int threads, Error &error);

  const Function *function = nullptr;
  const Variables *variables = nullptr;
  int64_t version = -1; ///< Of the variables, when it ran last.
  int64_t runs = 0;     ///< With that one.
  bool changesVariables = false;
  Array<int64_t> dims, shapes, firstAxis;
  struct Origin {
    int32_t argument, axis; ///< Argument -1: given on the command line.
  };
  Array<Origin> origins; // One a dimension.
  Array<Buffer> buffers, scratch;
  struct Spare {
    int32_t argument;
    int64_t place; ///< Of the first buffer in `buffers`.
    Buffer buffer;
  };
  Array<Spare> spares;
  Array<void *> pointers, scratchPointers;
  int threads = 1;
};

/// Runs a function that has no Input, such as an initialiser.
bool runOnce(const Function &function, int64_t seed, const Variables &variables,
             Team &team, Error &error);

} // namespace nnrt

#endif // NNRT_EXECUTOR_H
