//===- runtime/plot.cpp ---------------------------------------------------===//
#include "runtime/plot.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>

namespace nnrt {

bool checkPlot(const Result &result, Error &error) {
  const Slot &slot = *result.slot;
  Text is;
  is.format("%s is %s%s", slot.name, typeName(slot.elem),
            shapeText(result.extents, slot.rank).c_str());
  if (slot.rank != 1 && slot.rank != 2)
    return error.set("%s, which is no plot: that is [N] or [L, N], for L lines",
                     is.c_str());
  if (result.count() == 0)
    return error.set("%s: there is nothing to plot", is.c_str());
  return true;
}

namespace {
/// One axis: values from `low` to `high` are drawn from `begin` to `end`.
struct Axis {
  double low, high, begin, end;
  bool logarithmic = false;

  double scaled(double value) const {
    return logarithmic ? std::log10(value) : value;
  }
  /// Halves, since the whole range may be no number.
  double at(double value) const {
    return begin + (scaled(value) / 2 - scaled(low) / 2) /
                       (scaled(high) / 2 - scaled(low) / 2) * (end - begin);
  }
  Array<double> ticks() const;
};

class Plot {
public:
  explicit Plot(const Result &result);
  Text draw();

private:
  double value(int64_t line, int64_t i) const {
    return elementAsDouble(result.type(), result.data, line * length + i);
  }
  void drawAxes(Text &svg) const;
  void drawLine(Text &svg, int64_t line) const;
  void drawLegend(Text &svg) const;
  Text colour(int64_t line) const;

  static constexpr int width = 640, height = 400;
  const Result &result;
  int64_t lines, length;
  Axis x{0, 0, 70, width - 20}, y{INFINITY, -INFINITY, height - 46, 14};
};
} // namespace

Array<double> Axis::ticks() const {
  Array<double> all;
  if (logarithmic) {
    int first = int(std::ceil(std::log10(low) - 1e-9)),
        last = int(std::floor(std::log10(high) + 1e-9));
    for (int i = first; i <= last; i += (last - first) / 8 + 1)
      all.push(std::pow(10, i));
    return all;
  }
  double step = std::pow(10, std::floor(std::log10(high / 4 - low / 4)));
  for (double factor : {2.0, 2.5, 2.0}) // Times 2, 5, 10.
    if (high / step - low / step > 6)
      step *= factor;
  for (double i = std::ceil(low / step - 1e-9) + 0.0;
       i * step <= high + step * 1e-9; ++i)
    all.push(i * step);
  return all;
}

Plot::Plot(const Result &result) : result(result) {
  bool several = result.slot->rank == 2;
  lines = several ? result.extents[0] : 1;
  length = result.extents[several ? 1 : 0];
  x.high = std::max<double>(1, double(length - 1));
  for (int64_t i = 0; i < lines * length; ++i)
    if (double v = value(0, i); std::isfinite(v)) {
      y.low = std::min(y.low, v);
      y.high = std::max(y.high, v);
    }
  if (y.low > y.high)
    y.low = y.high = 0;
  y.logarithmic = y.low > 0 && y.high / y.low >= 1000;
  if (y.high - y.low <= 1e-12 * std::fabs(y.high)) {
    double margin = std::max(1e-3 * std::fabs(y.high), 1e-300);
    y.low -= y.high == 0 ? 1 : margin;
    y.high += y.high == 0 ? 1 : margin;
  }
}

/// Okabe and Ito, jfly.uni-koeln.de/color; of many lines from blue to yellow.
Text Plot::colour(int64_t line) const {
  const char *const few[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                             "#e69f00", "#56b4e9", "#7f7f7f", "#000000"};
  if (lines <= 8)
    return Text(few[line]);
  double part = double(line) / double(lines - 1);
  Text text;
  text.format("hsl(%.0f,65%%,%.0f%%)", 250 - 200 * part, 38 + 18 * part);
  return text;
}

void Plot::drawAxes(Text &svg) const {
  Array<double> ticks = y.ticks();
  // As many digits as tell one from the next.
  int digits = 5;
  if (ticks.size() > 1 && !y.logarithmic) {
    double largest = std::max(std::fabs(ticks[0]), std::fabs(ticks.back()));
    double wanted = std::log10(largest / (ticks[1] - ticks[0])) + 2;
    digits = int(std::clamp(wanted, 5.0, 17.0));
  }
  for (double tick : ticks)
    svg.format("<line x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\" "
               "stroke=\"#ddd\"/><text x=\"%g\" y=\"%.1f\" "
               "text-anchor=\"end\">%.*g</text>\n",
               x.begin, x.end, y.at(tick), y.at(tick), x.begin - 6,
               y.at(tick) + 4, digits, tick);
  for (double tick : x.ticks())
    if (tick == std::floor(tick))
      svg.format("<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%.0f"
                 "</text>\n",
                 x.at(tick), y.begin + 18, tick);
}

void Plot::drawLine(Text &svg, int64_t line) const {
  svg.format(
      "<path fill=\"none\" stroke-width=\"1.5\" stroke-linecap=\"round\" "
      "stroke=\"%s\" d=\"",
      colour(line).c_str());
  bool pen = false;
  for (int64_t i = 0; i < length; ++i) {
    double v = value(line, i);
    if (std::isfinite(v)) // A point by itself is a line of no length.
      svg.format("%c%.1f %.1f%s", pen ? 'L' : 'M', x.at(double(i)), y.at(v),
                 pen ? "" : "h0");
    pen = std::isfinite(v);
  }
  svg.append("\"/>\n");
}

/// The lines' numbers; of many the first and the last one.
void Plot::drawLegend(Text &svg) const {
  if (lines == 1)
    return;
  double at = x.begin;
  for (int64_t line = 0; line < lines; ++line)
    if (lines <= 12 || line == 0 || line == lines - 1) {
      svg.format("<rect x=\"%g\" y=\"%g\" width=\"16\" height=\"3\" "
                 "fill=\"%s\"/><text x=\"%g\" y=\"%g\">%" PRId64 "</text>\n",
                 at, y.begin + 31, colour(line).c_str(), at + 20, y.begin + 36,
                 line);
      at += 46;
    }
}

Text Plot::draw() {
  Text svg;
  svg.format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
             "height=\"%d\" viewBox=\"0 0 %d %d\" font-size=\"12\" "
             "font-family=\"sans-serif\" fill=\"#333\">\n"
             "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
             width, height, width, height, width, height);
  drawAxes(svg);
  for (int64_t line = 0; line < lines; ++line)
    drawLine(svg, line);
  drawLegend(svg);
  return std::move(svg.append("</svg>\n"));
}

Text formatPlot(const Result &result) { return Plot(result).draw(); }

} // namespace nnrt
