//===- Small images side by side in the lanes of vectors ------------------===//
//
// Note [Images in the lanes]
// Places of a small image fill vectors badly: panels of 10 or 14 places to a
// row are not full, windows are packed or lie across lines of the cache, and
// places that are computed together cannot leave out the zeros that lie around
// the image for one of them. Where there are many images,
//   y[b, k, p, q] = sum over c, r, s of x[b, c, p + r, q + s] w[k, c, r, s]
// is computed with image b = 16 g + l of group g in lane l, as
//   y'[g, k, p, q, l] = sum over c, r, s of x'[g, c, p + r, q + s, l] w[k, c,
//   r, s],
// where an element of a window is one whole vector, and r and s take only what
// lies inside. What else goes from image to image goes with it (bias, pools,
// their derivatives, sums over the batch), so that few tensors are turned. If
// the last group is not full, images of zeros fill it up; a sum over the batch
// is computed so only where these add zeros.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/lane_region.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/tuning.h"
#include "ir/pass.h"

#include <algorithm>
#include <set>

namespace nnc {

extern const Pass pass_images_to_lanes;

namespace {

/// The elements of one image.
double elementsOf(const Type &type) {
  double count = 1;
  for (int64_t i = 1; i < type.rank(); ++i)
    count *= static_cast<double>(estimate(type.dim(i), {}));
  return count;
}

class ImagesToLanes {
public:
  explicit ImagesToLanes(const LaneRegion &region) : region(region) {}

  /// Whether it saves more than to turn what comes in and goes out takes, in
  /// what a multiply-add of vectors takes, and what a product goes through for
  /// one group stays in the cache.
  bool pays(const Machine &machine) const {
    // To turn a vector takes as long as 12. A product that calls the
    // micro-kernel for so few terms takes a fifth longer.
    constexpr double turning = 12, calling = 0.2;
    double saved = 0, turned = 0;
    std::set<const Value *> seen;
    for (Op *op : region.nests()) {
      double bytes = 0;
      forEachOfImages(op, [&](Value *value) {
        const Type &type = value->type();
        double vectors = elementsOf(type);
        bytes += vectors * static_cast<double>(lanes * elemBytes(type.elem()));
        if (seen.insert(value).second && isTurned(value))
          turned += turning * vectors;
      });
      if (!Nest(op).isContraction())
        continue;
      if (bytes > static_cast<double>(machine.cacheL2))
        return false;
      saved += calling * productsOf(Nest(op));
    }
    return turned < saved;
  }

  void apply() {
    for (Op *op : region.nests())
      forEachOfImages(op, [&](Value *value) {
        if (!region.contains(value->definingOp()) && !inside.contains(value))
          bringIn(value);
      });
    for (Op *op : region.nests()) {
      const std::string &axis = region.axisOf(op);
      Nest nest = inLanes(Nest(op), axis);
      for (int64_t k = 0; k < nest.loadCount(); ++k)
        if (auto found = inside.find(op->operand(k));
            found != inside.end() && isOfImages(nest.maps[k], axis))
          op->setOperand(k, found->second);
      substituteBody(nest.body(), lookupIn({{axis, imageInLane(axis)}}));
      nest.write();
      for (int64_t k = 0; k < op->resultCount(); ++k)
        if (isOfImages(nest.results[k], axis))
          bringOut(op->result(k));
    }
  }

private:
  void forEachOfImages(Op *op,
                       const std::function<void(Value *)> &visit) const {
    Nest nest(op);
    for (int64_t k = 0; k < nest.loadCount(); ++k)
      if (isOfImages(nest.maps[k], region.axisOf(op)))
        visit(op->operand(k));
    for (int64_t k = 0; k < op->resultCount(); ++k)
      if (isOfImages(nest.results[k], region.axisOf(op)))
        visit(op->result(k));
  }

  bool isTurned(const Value *value) const {
    return !region.contains(value->definingOp()) ||
           std::ranges::any_of(value->uses(), [&](const Value::Use &use) {
             return !region.contains(use.op);
           });
  }

  /// Of one image.
  double productsOf(const Nest &nest) const {
    double count = 1;
    for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
      for (const NestAxis &axis : *list)
        if (axis.name != region.axisOf(nest.op))
          count *= static_cast<double>(estimate(axis.extent, {}));
    return count;
  }

  /// Where the elements of a tensor of images lie, for axes of one in lanes.
  static Shape placeOfImages(const Shape &inLanes) {
    Shape map(inLanes.begin(), inLanes.end() - 1);
    map[0] = lanes * inLanes[0] + inLanes.back();
    return map;
  }

  /// Makes a copy of the images, as soon as they are there.
  void bringIn(Value *value) {
    Op *giving = value->definingOp();
    Builder builder(giving ? giving->next()
                           : value->owner()->operations().front().get());
    builder.location = region.nests().front()->location;
    Type type = inLanes(value->type());
    NestSpec copy;
    copy.parallel = LoweringContext::axesOf(type.shape());
    Shape map = LoweringContext::identity(copy.parallel);
    copy.operands = {{value, placeOfImages(map)}};
    if (!region.isWhole())
      copy.operands[0].fill = 0;
    copy.results = {{type, map}};
    inside[value] = buildCopy(builder, std::move(copy));
  }

  /// Gives a copy of the images to others that read a result.
  void bringOut(Value *value) {
    std::vector<Value::Use> outside;
    for (const Value::Use &use : value->uses())
      if (!region.contains(use.op))
        outside.push_back(use);
    Type type = value->type();
    value->setType(inLanes(type));
    if (outside.empty())
      return;
    Builder builder(value->definingOp()->next());
    builder.location = value->definingOp()->location;
    NestSpec copy;
    copy.parallel = LoweringContext::axesOf(
        region.isWhole() ? value->type().shape() : type.shape());
    Shape from = LoweringContext::identity(copy.parallel), to = from;
    if (region.isWhole()) {
      to = placeOfImages(from);
    } else {
      from[0] = to[0].floorDiv(lanes);
      from.push_back(to[0] - lanes * from[0]);
    }
    copy.operands = {{value, from}};
    copy.results = {{type, to}};
    Value *images = buildCopy(builder, std::move(copy));
    std::swap(images->hint, value->hint);
    for (const Value::Use &use : outside)
      use.op->setOperand(use.operand, images);
  }

  const LaneRegion &region;
  std::map<Value *, Value *> inside; ///< Of what comes in.
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  const AttrDict expected = expectedSizes(function);
  std::vector<Op *> ops;
  for (const auto &op : function.body.operations())
    ops.push_back(op.get());
  std::set<const Op *> seen;
  for (Op *op : ops) {
    if (seen.contains(op) ||
        !LaneRegion::isSeed(*op, expected, context.machine))
      continue;
    LaneRegion region(*op);
    seen.insert(region.nests().begin(), region.nests().end());
    ImagesToLanes change(region);
    if (!region.contains(op) || !change.pays(context.machine) ||
        !context.allows(pass_images_to_lanes.name))
      continue;
    context.applied({.rule = pass_images_to_lanes.name,
                     .text = "images are computed 16 at a time, in the lanes "
                             "of vectors",
                     .location = op->location});
    change.apply();
  }
  return std::nullopt;
}

const Pass pass_images_to_lanes = {
    .name = "images-to-lanes",
    .doc = "Computes convolutions of many small images, and what goes with "
           "them, with 16 images in the lanes of vectors.",
    .from = Kernels,
    .to = Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
