#include "ir/kernels/product_places.h"

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/product_rows.h"

#include <algorithm>

namespace nnc {

static int64_t rowsOfA(const Nest &nest, const ContractionRoles &roles,
                       const AttrDict &expected) {
  return roles.m.empty()
             ? 1
             : estimate(nest.findParallel(roles.m)->extent, expected);
}

/// In what the use of its elements with one panel takes. From beyond L2,
/// reading takes about as long.
static double costOfReadingA(const Nest &nest, const ContractionRoles &roles,
                             const Machine &machine, int64_t columnBytes,
                             const AttrDict &expected) {
  int64_t bytes = columnBytes * rowsOfA(nest, roles, expected);
  return bytes > machine.cacheL2 / 2 ? 1 : 0.1;
}

namespace {

/// A product whose columns are places of an image, some of whose rows may go
/// together.
class ImageRows {
public:
  /// Of so many rows and columns.
  ImageRows(const Nest &nest, const ContractionRoles &roles,
            const Machine &machine, int64_t columnBytes,
            const AttrDict &expected, int64_t height, int64_t width)
      : nest(nest), roles(roles), machine(machine), columnBytes(columnBytes),
        rowsOfA(nnc::rowsOfA(nest, roles, expected)), height(height),
        width(width), window(windowRow(nest, roles)),
        row(window.value_or(width)), leavesTurns(mustLeaveTurns()),
        readingA(costOfReadingA(nest, roles, machine, columnBytes, expected)),
        lonePanel(costOfLonePanel(expected)) {}

  /// The number of rows with which all take least.
  int64_t best() const {
    if (isRowEnough())
      return 1;
    int64_t best = 1;
    double least = cost(1);
    for (int64_t rows = 2; rows <= most(); ++rows)
      if (double taken = cost(rows); taken < least)
        best = rows, least = taken;
    return best;
  }

private:
  /// A row fills its panels, A stays in L1, and rows read nothing in common.
  bool isRowEnough() const {
    auto isOwn = [&](const Dim &entry) {
      return !entry.uses(roles.wide) || entry.asSymbol() == roles.wide;
    };
    return !roles.m.empty() && width % machine.tileColumns == 0 &&
           std::ranges::all_of(nest.maps[roles.b], isOwn) &&
           columnBytes * rowsOfA <= machine.cacheL1 / 2;
  }

  /// Whether threads have much to do, and no other turns to share than those of
  /// an image's rows.
  bool mustLeaveTurns() const {
    constexpr int64_t fewTurns = 3;
    bool hasOthers = std::ranges::any_of(roles.batch, [&](const auto &name) {
      const Dim &extent = nest.findParallel(name)->extent;
      return name != roles.wide && extent.isConstant() &&
             extent.value() > fewTurns;
    });
    int64_t depth = columnBytes / elemBytes(nest.op->result()->type().elem());
    return !hasOthers && height * width * rowsOfA * depth > littleWork;
  }

  /// So that B stays in L2, if it is packed, and the tile of the result in L1,
  /// if not a large A would be read the more often.
  int64_t most() const {
    int64_t inTurn = leavesTurns ? (height + 1) / 2 : height;
    int64_t inL1 = machine.cacheL1 / (machine.tileRows * 4) / row;
    if (window) // Nothing is packed.
      return std::min(inTurn, inL1);
    // B that the kernel makes itself is in the cache twice, packed and not.
    bool isMade = nest.op->operand(roles.b)->definingOp();
    int64_t bytesOfB = isMade ? machine.cacheL2 / 4 : machine.cacheL2;
    int64_t inL2 = bytesOfB / columnBytes / width;
    return readingA < 1 ? std::min({inTurn, inL2, inL1})
                        : std::min(inTurn, inL2);
  }

  /// With few rows of A a panel that is alone has too few sums under way: an
  /// addition takes 4 cycles, of which there are 2 in each.
  double costOfLonePanel(const AttrDict &expected) const {
    constexpr double sumsUnderWay = 8;
    if (machine.tileColumns <= lanes)
      return 1;
    int64_t rows = productRows(nest, roles, machine, expected);
    return std::max(1.0, sumsUnderWay / static_cast<double>(rows));
  }

  /// To multiply so many rows together, by panels: these go in pairs.
  double costOfTurn(int64_t rows) const {
    if (rows == 0)
      return 0;
    int64_t columns = (rows - 1) * row + width;
    int64_t panels = (columns + lanes - 1) / lanes;
    return static_cast<double>(panels - panels % 2) +
           (panels % 2 ? lonePanel : 0) + readingA;
  }

  /// Of all rows, so many together.
  double cost(int64_t rows) const {
    int64_t whole = height / rows, rest = height % rows;
    double turns = static_cast<double>(whole) * costOfTurn(rows);
    double all = turns + costOfTurn(rest);
    if (!leavesTurns)
      return all;
    // Of two threads one may have more to do.
    int64_t ofOne = (whole + (rest != 0) + 1) / 2;
    return all + 2 * static_cast<double>(ofOne) * costOfTurn(rows);
  }

  const Nest &nest;
  const ContractionRoles &roles;
  const Machine &machine;
  const int64_t columnBytes, rowsOfA, height, width;
  const std::optional<int64_t> window; ///< As of `windowRow`.
  const int64_t row;      ///< From one row's columns to the next's.
  const bool leavesTurns; ///< At least two.
  const double readingA, lonePanel;
};

} // namespace

int64_t rowsTogether(const Nest &nest, const ContractionRoles &roles,
                     const Machine &machine, int64_t columnBytes,
                     int64_t columnTile, const AttrDict &expected) {
  if (roles.wide.empty())
    return 1;
  const Dim &height = nest.findParallel(roles.wide)->extent;
  const Dim &width = nest.findParallel(roles.n)->extent;
  if (!height.isConstant() || !width.isConstant() || width.value() < 1 ||
      width.value() > columnTile)
    return 1;
  return ImageRows(nest, roles, machine, columnBytes, expected, height.value(),
                   width.value())
      .best();
}

/// A result that leaves L2 goes through memory row by row, and with it what a
/// weight's update reads: how many images, at most `most`, are a piece of 2 KB
/// of a row, while B stays in a quarter of L2. 1: `images` are no part of it.
static int64_t imagesStreamed(const Nest &nest, const std::string &images,
                              const Machine &machine, int64_t imageBytes,
                              int64_t pixels, int64_t most) {
  constexpr int64_t pieceBytes = 2048;
  const Shape &result = nest.results[0];
  const Type &type = nest.op->result()->type();
  int64_t element = elemBytes(type.elem()), behind = 1;
  size_t axis = result.size();
  while (axis > 0 && behind < pixels && type.dim(axis - 1).isConstant())
    behind *= type.dim(--axis).value();
  Dim elements = elementCount(type.shape());
  if (axis == 0 || behind != pixels || result[axis - 1].asSymbol() != images ||
      !elements.isConstant() || elements.value() * element <= machine.cacheL2)
    return 1;
  int64_t fitting = std::min({most, machine.cacheL2 / 4 / imageBytes,
                              pieceBytes / (element * pixels)});
  return std::max<int64_t>(fitting, 1);
}

int64_t imagesTogether(const Nest &nest, const ContractionRoles &roles,
                       const Machine &machine, int64_t columnBytes,
                       const AttrDict &expected) {
  constexpr int64_t fewPixels = 64;
  auto sizeOf = [&](const std::string &axis) -> int64_t {
    const Dim &extent = nest.findParallel(axis)->extent;
    return extent.isConstant() ? extent.value() : fewPixels + 1;
  };
  // Without rows, the pixels are columns and the images what is joined.
  const std::string &images = roles.images.empty() ? roles.wide : roles.images;
  if (images.empty() || roles.n.empty())
    return 1;
  int64_t pixels = sizeOf(roles.n);
  if (!roles.images.empty())
    pixels *= sizeOf(roles.wide);
  if (pixels < 1 || pixels > fewPixels)
    return 1;
  double readingA = costOfReadingA(nest, roles, machine, columnBytes, expected);
  const Dim &extent = nest.findParallel(images)->extent;
  int64_t count = estimate(extent, expected);
  auto costOfTurn = [&](int64_t each) {
    int64_t panels = (each * pixels + lanes - 1) / lanes;
    return each == 0 ? 0 : static_cast<double>(panels) + readingA;
  };
  // What is left after whole turns is known where the count is.
  auto costOf = [&](int64_t each) {
    if (!extent.isConstant())
      return static_cast<double>(count) / static_cast<double>(each) *
             costOfTurn(each);
    return static_cast<double>(count / each) * costOfTurn(each) +
           costOfTurn(count % each);
  };
  bool hasTurns = std::ranges::any_of(roles.batch, [&](const auto &name) {
    return name != images && name != roles.wide &&
           !nest.findParallel(name)->extent.isConstant(1);
  });
  // To read a large A again takes longer than what does not stay in L2.
  int64_t most = std::min(hasTurns ? count : count / 2,
                          machine.cacheL2 * 2 / columnBytes / pixels);
  double least = costOf(1);
  for (int64_t each = 2; each <= most; ++each)
    least = std::min(least, costOf(each));
  // No more than it takes, nearly: threads share the turns.
  int64_t best = 1;
  while (costOf(best) > 1.06 * least)
    ++best;
  return std::max(best, imagesStreamed(nest, images, machine,
                                       columnBytes * pixels, pixels, most));
}

/// Whether images of the result lie one behind the other, as the windows of
/// channels in a gradient of weights: they are written in one piece.
static bool haveNeighbours(const Nest &nest, const ContractionRoles &roles) {
  const Shape &result = nest.results[0];
  auto images = std::ranges::find_if(
      result, [&](const Dim &at) { return at.uses(roles.images); });
  return images != result.end() && images + 1 != result.end() &&
         images[1].uses(roles.wide);
}

bool putRowsApart(Nest &nest, const AttrDict &expected) {
  constexpr double gain = 0.95;
  ContractionRoles roles(nest);
  if (roles.images.empty() || haveNeighbours(nest, roles) ||
      windowRow(nest, roles))
    return false;
  auto sizeOf = [&](const std::string &axis) {
    const Dim &extent = nest.findParallel(axis)->extent;
    std::optional<std::string> name = extent.asSymbol();
    bool isKnown = extent.isConstant() || (name && expected.find(*name));
    return isKnown ? estimate(extent, expected) : 0;
  };
  int64_t columns = sizeOf(roles.images) * sizeOf(roles.n);
  int64_t filled = (columns + lanes - 1) / lanes * lanes;
  if (columns == 0 ||
      shareInside(nest, roles.b, roles.wide) * static_cast<double>(filled) >
          gain * static_cast<double>(columns))
    return false;
  auto axisOf = [&](const std::string &name) {
    return std::ranges::find_if(
        nest.parallel, [&](const NestAxis &axis) { return axis.name == name; });
  };
  std::rotate(axisOf(roles.images), axisOf(roles.wide), axisOf(roles.wide) + 1);
  nest.write();
  return true;
}

} // namespace nnc
