#include "ir/kernels/product_tiles.h"

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"

#include <algorithm>

namespace nnc {

Op *tiledProduct(const Op &kernel) {
  if (kernel.findAttr("rows"))
    return nullptr;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest"))
      if (Nest nest(op.get()); nest.isProduct())
        return readsInPlace(nest, ContractionRoles(nest)) ? nullptr : op.get();
  return nullptr;
}

ProductTiles tilesOf(const Op &kernel) {
  ContractionRoles roles{Nest(tiledProduct(kernel))};
  const AttrDict &tiles = kernel.attr("tile").asDict();
  auto of = [&](const std::string &axis) {
    const Attr *tile = axis.empty() ? nullptr : tiles.find(axis);
    return tile ? tile->asInt() : 0;
  };
  return {of(roles.m), of(roles.n), of(roles.wide), of(roles.images),
          kernel.findAttr("pack") != nullptr};
}

/// With the whole of B packed, columns come behind rows; else before them.
static AttrDict inOrder(const AttrDict &axes, const ContractionRoles &roles,
                        bool packsWhole) {
  const Attr *columns = roles.n.empty() ? nullptr : axes.find(roles.n);
  if (!columns)
    return axes;
  auto isOfRows = [&](const std::string &name) {
    return name == roles.m || std::ranges::count(roles.outer, name) > 0;
  };
  AttrDict result;
  size_t rows = std::ranges::count_if(
      axes, [&](const auto &axis) { return isOfRows(axis.first); });
  if (rows == 0)
    return axes;
  size_t seen = 0;
  for (const auto &[name, extent] : axes) {
    if (name == roles.n)
      continue;
    bool isRows = isOfRows(name);
    if (isRows && seen == 0 && !packsWhole)
      result.set(roles.n, *columns);
    result.set(name, extent);
    seen += isRows;
    if (isRows && seen == rows && packsWhole)
      result.set(roles.n, *columns);
  }
  return result;
}

void setTiles(Op &kernel, const ProductTiles &tiles) {
  ContractionRoles roles{Nest(tiledProduct(kernel))};
  if (tiles.packsWhole != (kernel.findAttr("pack") != nullptr)) {
    kernel.attrs.set(
        "axes", inOrder(kernel.attr("axes").asDict(), roles, tiles.packsWhole));
    if (tiles.packsWhole)
      kernel.attrs.set("pack", "whole");
    else
      kernel.attrs.erase("pack");
  }
  AttrDict old = kernel.attr("tile").asDict(), result;
  for (const auto &[name, extent] : kernel.attr("axes").asDict())
    result.set(name, name == roles.m        ? Attr(tiles.rows)
                     : name == roles.n      ? Attr(tiles.columns)
                     : name == roles.wide   ? Attr(tiles.lines)
                     : name == roles.images ? Attr(tiles.images)
                                            : *old.find(name));
  kernel.attrs.set("tile", result);
}

/// Whether the order of columns and rows is free: each nest runs in a tile of
/// both. One that needs whole rows of the result runs behind all columns.
static bool mayReorder(const Op &kernel, const ContractionRoles &roles) {
  if (roles.n.empty() || !kernel.attr("axes").asDict().find(roles.n))
    return false;
  return std::ranges::all_of(
      kernel.region().operations(), [&](const std::unique_ptr<Op> &op) {
        return !op->is("nest") || Nest(op.get()).findParallel(roles.n);
      });
}

static int64_t productCount(const Op &kernel) {
  return std::ranges::count_if(
      kernel.region().operations(), [](const std::unique_ptr<Op> &op) {
        return op->is("nest") && Nest(op.get()).isProduct();
      });
}

std::string whyUnfit(const Op &kernel, const ProductTiles &tiles,
                     const Machine &machine, const AttrDict &expected) {
  constexpr int64_t mostBytes = 8 << 20;
  constexpr int64_t mostRows = 512;
  Nest nest(tiledProduct(kernel));
  ContractionRoles roles(nest);
  ProductTiles now = tilesOf(kernel);
  auto extentOf = [&](const std::string &axis) {
    return axis.empty() ? Dim(1) : nest.findParallel(axis)->extent;
  };
  struct Part {
    const char *name;
    const std::string &axis;
    int64_t tile, now;
  };
  for (const Part &part :
       {Part{"rows", roles.m, tiles.rows, now.rows},
        Part{"columns", roles.n, tiles.columns, now.columns},
        Part{"lines", roles.wide, tiles.lines, now.lines},
        Part{"images", roles.images, tiles.images, now.images}}) {
    if (part.now == 0 && part.tile != 0)
      return std::string("it has no axis of ") + part.name;
    if (part.now != 0 && part.tile < 1)
      return std::string(part.name) + " are missing";
    const Dim extent = extentOf(part.axis);
    if (part.now != 0 && extent.isConstant() &&
        part.tile > std::max<int64_t>(extent.value(), 1))
      return std::string(part.name) + " are " + extent.str() + " in all";
  }
  if (tiles.rows > mostRows)
    return "rows are more than " + std::to_string(mostRows);
  const Dim columns = extentOf(roles.n);
  bool allColumns = columns.isConstant() &&
                    (tiles.columns == 0 || tiles.columns >= columns.value());
  if (!allColumns && tiles.columns % lanes)
    return "columns are no whole panels of " + std::to_string(lanes);
  if (tiles.lines > 1 && (!allColumns || productCount(kernel) > 1))
    return "lines are joined only whole, in a kernel of one product";
  if (tiles.images > 1 &&
      !(tiles.lines > 1 && extentOf(roles.wide).isConstant(tiles.lines)))
    return "images are joined only whole";
  if (tiles.packsWhole != now.packsWhole && !mayReorder(kernel, roles))
    return "the order of its loops is not free";
  ProductColumns all(nest, roles, machine, expected);
  int64_t joined =
      std::max<int64_t>(tiles.lines, 1) * std::max<int64_t>(tiles.images, 1);
  int64_t packed = tiles.packsWhole || tiles.columns == 0
                       ? std::max(all.count, tiles.columns)
                       : tiles.columns;
  if (tiles != now && packed * joined > mostBytes / all.bytes)
    return "it packs more than 8 MiB at once";
  return "";
}

std::vector<ProductTiles> tilesToTry(const Op &kernel, const Machine &machine,
                                     const AttrDict &expected) {
  constexpr size_t most = 8;
  ProductTiles now = tilesOf(kernel);
  std::vector<ProductTiles> list{now};
  auto add = [&](ProductTiles tiles) {
    if (list.size() < most && std::ranges::count(list, tiles) == 0 &&
        whyUnfit(kernel, tiles, machine, expected).empty())
      list.push_back(tiles);
  };
  Nest nest(tiledProduct(kernel));
  ContractionRoles roles(nest);
  ProductColumns all(nest, roles, machine, expected);
  auto with = [&](int64_t ProductTiles::*part, int64_t tile) {
    ProductTiles tiles = now;
    tiles.*part = tile;
    if (!roles.m.empty())
      tiles.rows = std::min(
          tiles.rows, estimate(nest.findParallel(roles.m)->extent, expected));
    tiles.columns = std::min(tiles.columns, all.count);
    return tiles;
  };
  // The other order, with about as many columns as the model takes there.
  ProductTiles other = now;
  other.packsWhole = !now.packsWhole;
  other.columns =
      std::min(all.count, (now.packsWhole ? 4 : 16) * machine.tileColumns);
  add(other);
  add(with(&ProductTiles::rows, 2 * now.rows));
  add(with(&ProductTiles::columns, 2 * now.columns));
  add(with(&ProductTiles::columns,
           (now.columns / 2 + lanes - 1) / lanes * lanes));
  add(with(&ProductTiles::lines, (now.lines + 1) / 2));
  add(with(&ProductTiles::lines, 2 * now.lines));
  add(with(&ProductTiles::images, 2 * now.images));
  add(with(&ProductTiles::images, (now.images + 1) / 2));
  add(with(&ProductTiles::rows, 4 * now.rows));
  add(with(&ProductTiles::rows, (now.rows + 1) / 2));
  return list;
}

} // namespace nnc
