#include "ir/kernels/transpose_loops.h"

namespace nnc {

namespace {

class TransposeLoops {
public:
  /// Contiguous along `from` where it loads, along `to` where it stores.
  TransposeLoops(LoopBuilder &loops, const NestCode &code,
                 const AxisRange &from, const AxisRange &to)
      : loops(loops), code(code), from(from), to(to) {}

  void overParallel(size_t i) {
    if (i == code.parallel.size())
      return squares();
    const AxisRange &axis = code.parallel[i];
    if (axis.name == from.name || axis.name == to.name)
      return overParallel(i + 1);
    loops.loop(axis.name, {0, axis.extent}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      overParallel(i + 1);
    });
  }

private:
  void squares() {
    Dim whole = to.extent.floorDiv(lanes) * lanes;
    loops.loop(to.name, {0, whole, lanes},
               [&](const Dim &first) { alongFrom(first, lanes); });
    loops.loop(to.name, {whole, to.extent, lanes},
               [&](const Dim &first) { alongFrom(first, to.extent - whole); });
  }

  /// Of `length` places along `to`.
  void alongFrom(const Dim &first, const Dim &length) {
    Dim whole = from.extent.floorDiv(lanes) * lanes, left = from.extent - whole;
    loops.loop(from.name, {0, whole, lanes},
               [&](const Dim &index) { square(index, lanes, first, length); });
    constexpr int64_t fewest = 2;
    if (left.isConstant() && left.value() >= fewest)
      return square(whole, left.value(), first, length);
    // One row goes element by element.
    loops.loop(from.name, {whole, from.extent}, [&](const Dim &index) {
      at[from.name] = from.start + index;
      loops.loop(to.name, {0, length}, [&](const Dim &lane) {
        at[to.name] = to.start + first + lane;
        store(load(Type::scalar(elem())));
      });
    });
  }

  /// Of `count` places along `from`, and `length` along `to`: what is left of
  /// the lanes loads the last one again.
  void square(const Dim &index, int64_t count, const Dim &first,
              const Dim &length) {
    std::vector<Value *> rows;
    at[from.name] = from.start + index;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      at[to.name] = to.start + first + Dim::min(lane, length - 1);
      rows.push_back(load(Type::vector(elem(), lanes), count));
    }
    Op *columns = loops.builder.create("vtranspose", rows);
    at[to.name] = to.start + first;
    for (int64_t place = 0; place < count; ++place) {
      at[from.name] = from.start + index + place;
      store(columns->result(place), length);
    }
  }

  Elem elem() const { return code.loads[0].ref.buffer->type().elem(); }

  Value *load(const Type &type, int64_t count = lanes) {
    AttrDict attrs{{"index", placeOf(code.loads[0], at)}};
    if (code.loads[0].fill)
      attrs.set("fill", *code.loads[0].fill);
    if (count < lanes)
      attrs.set("count", count);
    return loops.builder.op("load", {code.loads[0].ref.buffer}, attrs, {type});
  }

  void store(Value *value, const Dim &count = lanes) {
    AttrDict attrs{{"index", placeOf(code.stores[0], at)}};
    if (!count.isConstant(lanes))
      attrs.set("count", count);
    loops.builder.create("store", {value, code.stores[0].ref.buffer}, attrs);
  }

  LoopBuilder &loops;
  const NestCode &code;
  const AxisRange &from, &to;
  AxisValues at;
};

} // namespace

/// Whether the first load is stored as it is.
static bool isCopy(const NestCode &code) {
  return code.loads.size() == 1 && code.stores.size() == 1 &&
         code.reduce.empty() && code.loaded.empty() &&
         (!code.body ||
          code.body->terminator()->operand(0) == code.body->argument(0));
}

bool emitTransposition(LoopBuilder &loops, const NestCode &code) {
  if (!isCopy(code))
    return false;
  for (const AxisRange &from : code.parallel)
    for (const AxisRange &to : code.parallel) {
      bool fills = to.extent.isConstant(lanes) ||
                   (from.extent.isConstant() && from.extent.value() >= lanes);
      if (fills && from.name != to.name &&
          stepAlong(code.loads[0], from.name) == 1 &&
          stepAlong(code.stores[0], to.name) == 1) {
        TransposeLoops(loops, code, from, to).overParallel(0);
        return true;
      }
    }
  return false;
}

} // namespace nnc
