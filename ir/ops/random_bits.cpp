#include "ir/random_rules.h"

namespace nnc {

/// All scalars, or all vectors of as many lanes.
static Inference shape(const Op &op, std::span<const Type>) {
  const Type &index = op.operand(0)->type();
  if (index.isBuffer() || index.rank() != 0 || index.elem() != Elem::I64 ||
      !(op.operand(1)->type() == index) ||
      !(op.operand(2)->type() == index.withElem(Elem::I32)))
    return Inference::fail("operands must be the index, i64, the seed, i64, "
                           "and the step, i32");
  int64_t word = op.attr("word").asInt();
  if (word < 0 || word > 3)
    return Inference::fail("word must be 0 to 3");
  return index.withElem(Elem::I32);
}

static void evaluate(EvaluationContext &c) {
  for (int64_t lane = 0; lane < c.results[0].size(); ++lane) {
    auto operand = [&](int64_t i) {
      return static_cast<int64_t>(c.operands[i]->data[lane]);
    };
    c.results[0].data[lane] =
        randomBits(operand(0), operand(1), operand(2),
                   c.op.attr("place").asInt(), c.op.attr("word").asInt());
  }
}

static constexpr AttrSpec attrs[] = {
    {"place", AttrForm::Int, true, "The last word of the counter."},
    {"word", AttrForm::Int, true, "Which of the four words, 0 to 3."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%seed: i64, %step: i32) {
  %y = nest %seed, %step {parallel = {i = B}, maps = [[], []], results = [[i]]} : i32[B] {
  ^(%s: i64, %t: i32):
    %p = axis {value = i} : i64
    %q = random_bits %p, %s, %t {place = 1, word = 2} : i32
    yield %q
  }
  return %y
}
)"};

extern const OpDef op_random_bits;
const OpDef op_random_bits = {
    .name = "random_bits",
    .doc =
        "The upper 24 bits, as a number from 0 to 2^24 - 1, of a random word: "
        "Philox4x32-10 of the counter (index low, index high, step, place) and "
        "the "
        "key seed. Scalars or vectors.",
    .kind = OpKind::Elementwise,
    .stages = Kernels | Loops,
    .operands = {3, 3},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .lower = "it stands in nests and loops",
    .examples = examples,
};

} // namespace nnc
