#include "ir/kernels/kernel_tiles.h"

namespace nnc {

KernelTiles tilesOfKernel(const Op &kernel) {
  const AttrDict &tiles = kernel.attr("tile").asDict();
  KernelTiles result;
  for (const auto &[name, extent] : kernel.attr("axes").asDict())
    result.push_back({name, extent.asDim(), tiles.find(name)->asInt()});
  return result;
}

const TileAxis *findTile(const KernelTiles &tiles, std::string_view name) {
  for (const TileAxis &axis : tiles)
    if (axis.name == name)
      return &axis;
  return nullptr;
}

std::vector<AxisRange> rangesOf(const KernelTiles &tiles,
                                const std::vector<NestAxis> &axes) {
  std::vector<AxisRange> ranges;
  for (const NestAxis &axis : axes)
    if (const TileAxis *tiled = findTile(tiles, axis.name))
      ranges.push_back({axis.name, tiled->start, tiled->count,
                        Dim::min(tiled->extent, tiled->tile), tiled->tile});
    else
      ranges.push_back({axis.name, 0, axis.extent});
  return ranges;
}

KernelDepths depthsOf(const KernelTiles &tiles,
                      const std::vector<Nest> &nests) {
  KernelDepths depths;
  for (const Nest &nest : nests) {
    size_t &depth = depths[nest.op] = 1;
    for (size_t i = 0; i < tiles.size(); ++i)
      if (nest.findParallel(tiles[i].name))
        depth = i + 1;
    for (const Value *operand : nest.op->operands())
      if (operand->definingOp())
        depth = std::max(depth, depths.at(operand->definingOp()));
  }
  return depths;
}

} // namespace nnc
