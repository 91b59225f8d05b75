//===- runtime/plot.h - Results as lines ----------------------------------===//
#ifndef NNRT_PLOT_H
#define NNRT_PLOT_H

#include "runtime/output.h"

namespace nnrt {

/// Whether a result can be drawn: [N] is a line over 0 to N - 1, [L, N] are L.
bool checkPlot(const Result &result, Error &error);

/// The whole of an SVG file. The axis is logarithmic where all values are
/// positive and one is a thousand times another. What is not finite leaves a
/// gap.
Text formatPlot(const Result &result);

} // namespace nnrt

#endif // NNRT_PLOT_H
