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

} // namespace nnc
