//===- ir/kernels/buffers.h - Where a function's tensors live -------------===//
//
// While a function is lowered to loops: the memory of each value, the
// temporaries with their lifetimes, and code that moves tensors whole.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_BUFFERS_H
#define NNC_IR_KERNELS_BUFFERS_H

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/tensor_ref.h"

#include <unordered_map>

namespace nnc {

using Refs = std::vector<TensorRef>;

class Buffers {
public:
  explicit Buffers(Function &function)
      : builder(function.body), loops(builder), function(function) {}

  Builder builder;
  LoopBuilder loops;

  /// Lifetimes are counted in these. The ops of a loop have one each: what one
  /// turn makes for itself is alive from its maker to its last user.
  void nextStep() { ++step; }

  /// What `value` is from here on.
  void set(const Value *value, TensorRef place) { refs[value] = place; }
  /// Where `value` is; it lives until this step at least.
  const TensorRef &at(const Value *value);
  Refs operandsOf(const Op &op);

  /// Asks for `value` to be computed there, if a kernel computes it. It may be
  /// asked for in several places.
  void wish(const Value *value, TensorRef place) {
    wishes[value].push_back(place);
  }
  bool hasWish(const Value *value) const { return wishes.contains(value); }
  /// Training looks for a NaN in what kernels make, where that is a buffer.
  bool isTraced() const { return function.attrs.find("traced"); }
  /// `buffer` holds nothing but a kernel's result, of one turn or of several.
  void trace(const Op &kernel, int64_t result, Value *buffer);
  /// Where `value` is to be computed: as wished first, or in memory of its own.
  TensorRef placeFor(const Value *value);
  /// The same for a kernel, which computes it in all places that are wished
  /// for.
  Refs computeIn(const Value *value);
  /// A kernel has computed it there, among others.
  bool isAt(const Value *value, const TensorRef &place) const;
  TensorRef temporary(const Type &type, const std::string &hint);
  /// Memory that nobody else uses, from run to run.
  TensorRef kept(const Type &type, const std::string &hint);
  bool isKept(const TensorRef &ref) const;

  /// All threads copy a part of it, or a scalar to all of it; then they wait.
  void copy(const TensorRef &from, const TensorRef &to, const Shape &shape);
  void fillWithZeros(const TensorRef &to, const Type &type);
  Value *loadBool(const TensorRef &place);

  /// States the lifetimes at the function's arguments.
  void finish();

  static Type typeOf(const Type &tensor) {
    return Type::buffer(tensor.elem(), tensor.shape());
  }
  /// The memory that `buffer` is or views.
  static Value *memoryOf(Value *buffer);

private:
  struct Temporary {
    Value *buffer;
    int64_t firstUse, lastUse;
    bool isKept = false;
  };

  Function &function;
  int64_t step = -1;
  std::vector<Temporary> temporaries;
  std::unordered_map<const Value *, size_t> temporaryNumbers;
  std::map<const Value *, TensorRef> refs;
  std::map<const Value *, Refs> wishes, computed;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_BUFFERS_H
