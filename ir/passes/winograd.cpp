//===- Winograd's convolution: a quarter of the products ------------------===//
//
// Of a 3x3 convolution with many channels and places (Note [Winograd]).
//
// Layers that are alike are turns of a loop. If their weights stay from run to
// run, u is computed before the loop for all of them, so that it stays too
// (Note [What hangs on weights alone]), and is one more sequence.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/kept.h"
#include "ir/kernels/winograd_nests.h"
#include "ir/pass.h"
#include "ir/scan_editor.h"

#include <algorithm>
#include <set>

namespace nnc {

extern const Pass pass_winograd;

namespace {

/// What a convolution takes, and would take.
class Convolution {
public:
  /// `images`: how many there will be. `keepsWeights`: from run to run,
  /// transformed.
  Convolution(const Op &conv, int64_t images, bool keepsWeights)
      : shape(conv, conv.operand(0)->type(), conv.operand(1)->type()),
        type(conv.result()->type()), images(images),
        keepsWeights(keepsWeights) {}

  /// A 3x3 of stride 1 in f32.
  bool isCandidate() const {
    auto areOnes = [](const std::vector<int64_t> &list) {
      return std::ranges::count(list, 1) == std::ssize(list);
    };
    return type.elem() == Elem::F32 && shape.spatialAxes() == 2 &&
           shape.groups.isConstant(1) && areOnes(shape.strides) &&
           areOnes(shape.dilations) && shape.w.dim(2).isConstant(kernel) &&
           shape.w.dim(3).isConstant(kernel);
  }

  /// Why it had better stay as it is: "" where there are so few channels or
  /// places that Winograd's way never comes near. Nothing if it pays.
  std::optional<std::string> whyNot() const {
    if (!areSizesKnown())
      return "sizes of its image are not known;" + openSizes();
    if (cost() < directCost() && areTilesSmall())
      return std::nullopt;
    if (cost() >= 2 * directCost())
      return "";
    return areTilesSmall()
               ? "for so few channels and places, to transform tiles and "
                 "weights takes longer than what it spares"
               : "the tiles of an image would leave the cache";
  }

private:
  static constexpr int64_t kernel = WinogradTiles::kernel;
  static constexpr int64_t elements = WinogradTiles::elements;

  int64_t in() const { return shape.w.dim(1).value(); }
  int64_t out() const { return shape.w.dim(0).value(); }
  int64_t rows() const { return type.dim(2).value(); }
  int64_t columns() const { return type.dim(3).value(); }
  int64_t tiles() const { return WinogradTiles(rows(), columns()).count(); }

  /// All but the batch.
  bool areSizesKnown() const {
    auto areKnown = [](const Type &type, int64_t first) {
      for (int64_t axis = first; axis < type.rank(); ++axis)
        if (!type.dim(axis).isConstant() || type.dim(axis).value() < 1)
          return false;
      return true;
    };
    return areKnown(type, 1) && areKnown(shape.w, 0);
  }

  /// " -D H=SIZE -D W=SIZE", of what is not known when nnc runs.
  std::string openSizes() const {
    std::set<std::string> names;
    for (int64_t axis = 1; axis < type.rank(); ++axis)
      type.dim(axis).forEachSymbol(
          [&](const std::string &name) { names.insert(name); });
    std::string text;
    for (const std::string &name : names)
      text += " -D " + name + "=SIZE";
    return text;
  }

  /// In multiply-adds of a product: to write an element of u takes as long as
  /// 36 of them, to read one that is kept, from memory, as 14; one of v or m
  /// as 30.
  int64_t cost() const {
    constexpr int64_t writingTiles = 30;
    int64_t forWeights = keepsWeights ? 14 : 36;
    return elements * (in() * out() * (tiles() * images + forWeights) +
                       (in() + out()) * tiles() * images * writingTiles);
  }

  int64_t directCost() const {
    return kernel * kernel * in() * out() * rows() * columns() * images;
  }

  /// What tiles take beside the image and the result, 9/4 of these, should stay
  /// in a large cache.
  bool areTilesSmall() const {
    constexpr int64_t mostBytes = 16 << 20;
    return elements * (in() + out()) * tiles() * elemBytes(type.elem()) <=
           mostBytes;
  }

  const rules::ConvShape shape;
  const Type type;
  const int64_t images;
  const bool keepsWeights;
};

/// A loop and the sequences that it is to have besides.
struct Loop {
  Op &scan;
  std::vector<ScanEditor::Sequence> more = {};
};

/// u in each turn of a loop around, of whose sequences the weights are a part:
/// a part of one more.
Value *weightsBefore(const Op &conv, Loop &loop, Work &work) {
  WinogradNests before(conv, loop.scan);
  Value *sequence = loop.scan.operand(conv.operand(1)->index() - 1);
  Value *all = before.transformedWeights(sequence);
  work = before.work();
  Value *part = loop.scan.region().addArgument(withoutAxis(all->type(), 0), "");
  loop.more.push_back({all, 0, part});
  return part;
}

/// Gives what it takes from now on. `loop`: that transforms weights before it.
Work replace(Op &conv, Loop *loop) {
  WinogradNests nests(conv, conv);
  Value *v = nests.transformedImage();
  Work before;
  Value *u = loop ? weightsBefore(conv, *loop, before)
                  : nests.transformedWeights(conv.operand(1));
  Value *y = nests.result(u, v);
  y->hint = conv.result()->hint;
  // As often as the loops around run it.
  Dim turns = workOf(conv)
                  .multiplyAdds
                  .divideExactly(rules::multiplyAdds(conv.operand(1)->type(),
                                                     conv.result()->type()))
                  .value_or(1);
  conv.result()->replaceAllUsesWith(y);
  conv.erase();
  return {turns * nests.work().multiplyAdds + before.multiplyAdds,
          turns * nests.work().bytes + before.bytes};
}

class Replacement {
public:
  Replacement(Function &function, const PassContext &context)
      : function(function), context(context) {}

  void run() { visit(function.body, nullptr); }

private:
  /// `loop`: of which the block is the body.
  void visit(Block &block, Loop *loop) {
    std::vector<Op *> ops;
    for (const auto &op : block.operations())
      ops.push_back(op.get());
    for (Op *op : ops)
      if (op->is("scan"))
        visitLoop(*op);
      else if (op->is("conv"))
        visitConvolution(*op, loop);
      else
        for (int64_t i = 0; i < op->regionCount(); ++i)
          visit(op->region(i), nullptr);
  }

  void visitLoop(Op &scan) {
    Loop loop{scan};
    visit(scan.region(), &loop);
    if (loop.more.empty())
      return;
    ScanEditor editor(scan);
    // The mask stays the last.
    editor.sequences.insert(editor.sequences.end() - editor.masked,
                            loop.more.begin(), loop.more.end());
    editor.finish();
    scan.erase();
  }

  void visitConvolution(Op &conv, Loop *loop) {
    bool keeps = isOfKeptWeights(conv.operand(1), function);
    Convolution convolution(conv, likelyImages(conv), keeps);
    if (!convolution.isCandidate() || !context.allows(pass_winograd.name))
      return;
    if (std::optional<std::string> why = convolution.whyNot()) {
      if (!why->empty())
        context.record({.rule = pass_winograd.name,
                        .missed = true,
                        .text = "a 3x3 convolution stays direct: " + *why,
                        .location = conv.location});
      return;
    }
    Remark remark{
        .rule = pass_winograd.name,
        .text = "a convolution becomes 36 products, as F(4x4, 3x3) has it",
        .location = conv.location,
        .before = workOf(conv)};
    remark.after = replace(conv, keeps ? loop : nullptr);
    context.applied(std::move(remark));
  }

  /// As many as the function states, or one.
  int64_t likelyImages(const Op &conv) const {
    const Attr *expected = function.attrs.find("expected");
    return conv.result()
        ->type()
        .dim(0)
        .evaluate([&](std::string_view name) -> std::optional<int64_t> {
          const Attr *known =
              expected ? expected->asDict().find(name) : nullptr;
          return known ? known->asInt() : 1;
        })
        .value_or(1);
  }

  Function &function;
  const PassContext &context;
};

} // namespace

/// In a step of training it would gain next to nothing, since derivatives stay
/// direct, and their differences of large numbers would lose its digits.
static bool hasDerivatives(const Block &block) {
  for (const auto &op : block.operations()) {
    if (op->is("conv_input_grad") || op->is("conv_weight_grad"))
      return true;
    for (int64_t i = 0; i < op->regionCount(); ++i)
      if (hasDerivatives(op->region(i)))
        return true;
  }
  return false;
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  if (hasDerivatives(function.body))
    return std::nullopt;
  Replacement(function, context).run();
  return std::nullopt;
}

const Pass pass_winograd = {
    .name = "winograd",
    .doc = "Convolves with kernels of 3x3 by a quarter of the products, where "
           "channels and places are many.",
    .from = Graph,
    .to = Graph | Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
