#include "ir/kernels/window_copy.h"

namespace nnc {

std::optional<Window> windowOf(const NestCode::Access &load,
                               std::span<const AxisRange> axes) {
  Window window;
  for (const Dim &entry : load.ref.resolve(load.map)) {
    Dim first = entry, count = 1, most = 1;
    for (const AxisRange &axis : axes) {
      if (!entry.uses(axis.name))
        continue;
      std::optional<Dim> step = entry.coefficientOf(axis.name);
      if (!step || !step->isConstant())
        return std::nullopt;
      Dim last = axis.extent - 1;
      bool isForward = step->value() > 0;
      first = first - *step * Dim::symbol(axis.name) +
              *step * (isForward ? axis.start : axis.start + last);
      Dim length = isForward ? *step : -*step;
      count = count + length * last;
      most = most + length * (axis.most() - 1);
    }
    window.first.push_back(first);
    window.count.push_back(count);
    window.most.push_back(most);
  }
  return window;
}

bool Window::leaves(size_t axis, const Dim &extent) const {
  return !first[axis].isKnownNonNegative() ||
         !(extent - first[axis] - count[axis]).isKnownNonNegative();
}

NestCode::Access copyWindow(LoopBuilder &loops, const NestCode::Access &load,
                            const Window &window, const Shape &shape) {
  Elem elem = load.ref.buffer->type().elem();
  NestCode::Access from{TensorRef::whole(load.ref.buffer), {}, load.fill};
  NestCode::Access made{TensorRef::whole(loops.scratch(elem, shape)), {}};
  NestCode copy;
  Shape place, map = load.ref.resolve(load.map);
  for (size_t i = 0; i < map.size(); ++i) {
    std::string name = "window" + std::to_string(i);
    copy.parallel.push_back({name, 0, window.count[i]});
    from.map.push_back(window.first[i] + Dim::symbol(name));
    place.push_back(Dim::symbol(name));
    made.map.push_back(map[i] - window.first[i]);
  }
  copy.loads.push_back(from);
  copy.stores.push_back({made.ref, place});
  emitNest(loops, copy);
  return made;
}

} // namespace nnc
