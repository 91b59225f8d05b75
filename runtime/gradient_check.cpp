//===- runtime/gradient_check.cpp -----------------------------------------===//
#include "runtime/gradient_check.h"
#include "runtime/tensor.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace nnrt {

namespace {
/// What may be expected of one number type. The step, for an element of up to
/// 1 and as a part of a larger one, balances the error of rounding, eps/h, and
/// that of curvature, h^2.
struct Precision {
  double step, tolerance, epsilon;
};
} // namespace

static Precision precisionOf(ElemType elem) {
  return elem == ElemType::F64 ? Precision{1e-5, 1e-6, 2.2e-16}
                               : Precision{1e-2, 2e-2, 1.2e-7};
}

/// The loss with one element of a variable moved by `step`. Returns also by how
/// much it moved, since floats round.
static bool lossAt(const TensorView &variable, int64_t element, double step,
                   Call &call, Team &team, double &loss, double &moved,
                   Error &error) {
  RawType type = rawType(variable.elem);
  char *place =
      static_cast<char *>(variable.data) + element * elemSize(variable.elem);
  double old = elementAsDouble(type, place, 0);
  double value = old + step * std::max(1.0, std::fabs(old));
  convert(RawType::F64, &value, variable.elem, place, 1);
  moved = elementAsDouble(type, place, 0) - old;
  bool done = call.run(team, error);
  loss = call.scalarResult(0);
  convert(RawType::F64, &old, variable.elem, place, 1);
  return done;
}

/// How far a gradient is from the slope, as a part of `scale`. Where a step
/// may have crossed a kink, as relu has one, shorter ones are tried.
static bool checkElement(const TensorView &variable, int64_t element,
                         double gradient, double scale, Call &call, Team &team,
                         double &deviation, Error &error) {
  Precision precision = precisionOf(variable.elem);
  deviation = INFINITY;
  for (double part : {1.0, 1.0 / 8, 1.0 / 64}) {
    double high, low, up, down, step = precision.step * part;
    if (!lossAt(variable, element, step, call, team, high, up, error) ||
        !lossAt(variable, element, -step, call, team, low, down, error))
      return false;
    // A short step can drown in the loss's own rounding.
    double rounding = precision.epsilon *
                      std::max(std::fabs(high), std::fabs(low)) / (up - down);
    if (part < 1 && !(rounding <= precision.tolerance * scale))
      break;
    double now = std::fabs((high - low) / (up - down) - gradient) / scale;
    // A NaN is no deviation.
    if (now < deviation)
      deviation = now;
    if (deviation <= precision.tolerance)
      break;
  }
  return true;
}

/// The largest deviation of some elements.
static bool checkParameter(const TensorView &variable,
                           const Array<double> &gradient, double scale,
                           Call &call, Team &team, double &worst,
                           Error &error) {
  int64_t count = gradient.size(), most = 32;
  worst = 0;
  for (int64_t i = 0; i < std::min(count, most); ++i) {
    int64_t element = count <= most ? i : i * (count - 1) / (most - 1);
    double deviation;
    if (!checkElement(variable, element, gradient[element], scale, call, team,
                      deviation, error))
      return false;
    worst = std::max(worst, deviation);
  }
  return true;
}

bool checkGradients(const Program &program, const Function &function,
                    Call &call, const Variables &variables, Team &team,
                    Error &error) {
  // The runs that follow overwrite them.
  Array<Array<double>> gradients;
  gradients.resize(function.resultCount);
  double largest = 0;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    int64_t count = elementCount(call.resultShape(i), slot.rank);
    for (int64_t k = 0; k < count && slot.kind == SlotKind::Gradient; ++k) {
      double g = elementAsDouble(rawType(slot.elem), call.result(i), k);
      gradients[i].push(g);
      largest = std::max(largest, std::fabs(g));
    }
  }
  // Where all gradients are small, the loss's own rounding decides.
  double scale =
      std::max({largest, 1e-3 * std::fabs(call.scalarResult(0)), 1e-6});
  std::printf("differences of the loss against the gradients, as a part of the "
              "largest, %.4g:\n",
              largest);
  const char *bad = nullptr;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    if (slot.kind != SlotKind::Gradient)
      continue;
    double worst;
    if (!checkParameter(variables.view(slot.variable), gradients[i], scale,
                        call, team, worst, error))
      return false;
    bool fits = worst <= precisionOf(slot.elem).tolerance;
    std::printf("%s: %.1e%s\n", program.variables[slot.variable].path, worst,
                fits ? "" : "  does not fit");
    if (!fits && !bad)
      bad = slot.name;
  }
  return !bad || error.set("the gradient by %s is not the slope of the loss: a "
                           "kink is near, or it is wrong",
                           bad);
}

} // namespace nnrt
