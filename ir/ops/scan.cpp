#include "ir/scan.h"

#include "ir/error_bound.h"
#include "ir/op_rules.h"

namespace nnc {

/// What is wrong with the attributes, if anything.
static std::string checkAttrs(const Op &op, std::span<const Type> results) {
  int64_t carries = op.attr("carries").asInt();
  int64_t sequences = op.attr("sequences").asInt();
  if (carries < 0 || sequences < 0 || carries + sequences > op.operandCount())
    return "there are fewer operands than carries and sequences";
  ScanParts parts(op);
  if (static_cast<int64_t>(parts.sequenceAxes.size()) != sequences)
    return "sequence_axes must have an entry for each sequence";
  if (carries + parts.resultAxes.size() != results.size())
    return "result types must be stated for the carries and for each entry of "
           "result_axes";
  auto hasLength = [&](const Type &type, int64_t axis) {
    return type.isTensor() && axis >= 0 && axis < type.rank() &&
           type.dim(axis) == parts.length;
  };
  for (int64_t i = 0; i < sequences; ++i)
    if (!hasLength(parts.sequence(i)->type(), parts.sequenceAxes[i]))
      return "sequence " + std::to_string(i) + " has no axis " +
             std::to_string(parts.sequenceAxes[i]) + " of size " +
             parts.length.str();
  if (parts.masked &&
      (sequences == 0 || !(parts.sequence(sequences - 1)->type() ==
                           Type::tensor(Elem::Bool, {parts.length}))))
    return "the last sequence of a masked scan must be a bool for each place";
  // Only derivatives make masked scans, and these run the whole mask.
  if (parts.masked && parts.until)
    return "a scan is until or masked, not both";
  for (int64_t i = 0; i < carries; ++i)
    if (!(results[i] == op.operand(i)->type()))
      return "carry " + std::to_string(i) + " starts as " +
             op.operand(i)->type().str() + " and ends as " + results[i].str();
  for (size_t i = 0; i < parts.resultAxes.size(); ++i)
    if (!hasLength(results[carries + i], parts.resultAxes[i]))
      return "result " + std::to_string(carries + i) + " has no axis " +
             std::to_string(parts.resultAxes[i]) + " of size " +
             parts.length.str();
  return "";
}

static Inference shape(const Op &op, std::span<const Type> stated) {
  if (std::string error = checkAttrs(op, stated); !error.empty())
    return Inference::fail(error);
  return std::vector<Type>(stated.begin(), stated.end());
}

static std::string verifyRegions(const Op &op) {
  ScanParts parts(op);
  const Block &body = op.region();
  std::vector<Type> arguments = parts.bodyArguments();
  if (body.argumentCount() != static_cast<int64_t>(arguments.size()))
    return "the body must have " + std::to_string(arguments.size()) +
           " arguments";
  for (int64_t i = 0; i < body.argumentCount(); ++i)
    if (!(body.argument(i)->type() == arguments[i]))
      return "argument " + std::to_string(i) + " of the body is " +
             body.argument(i)->type().str() + " and must be " +
             arguments[i].str();
  std::vector<Type> yields = parts.bodyResults();
  const Op &yield = *body.terminator();
  if (yield.operandCount() != static_cast<int64_t>(yields.size()))
    return "the body must yield " + std::to_string(yields.size()) + " values";
  for (int64_t i = 0; i < yield.operandCount(); ++i)
    if (!(yield.operand(i)->type() == yields[i]))
      return "the body yields " + yield.operand(i)->type().str() +
             " and must yield " + yields[i].str();
  return "";
}

/// Copies the part of `whole` at `place` along `axis` to `part`, or back.
static void copyPart(Tensor &whole, int64_t axis, int64_t place, Tensor &part,
                     bool back) {
  int64_t inner = 1;
  for (int64_t i = axis + 1; i < whole.rank(); ++i)
    inner *= whole.shape[i];
  for (int64_t i = 0; i < part.size(); ++i) {
    int64_t at = (i / inner * whole.shape[axis] + place) * inner + i % inner;
    if (back)
      whole.set(at, part.element(i));
    else
      part.set(i, whole.element(at));
  }
}

static Extents without(Extents shape, int64_t axis) {
  shape.erase(shape.begin() + axis);
  return shape;
}

static void evaluate(EvaluationContext &c) {
  ScanParts parts(c.op);
  std::vector<Tensor> operands;
  for (const Tensor *operand : c.operands)
    operands.push_back(*operand);
  std::vector<Tensor> carries(operands.begin(),
                              operands.begin() + parts.carries);
  int64_t length = c.dim(parts.length);
  bool isSure = true; // Which steps are run does not hang on a rounding.
  for (int64_t step = 0; step < length; ++step) {
    int64_t place = parts.reverse ? length - 1 - step : step;
    if (parts.masked) {
      Element runs = operands[parts.mask()].element(place);
      isSure &= runs.bound == 0;
      if (runs.value == 0)
        continue;
    }
    std::vector<Tensor> arguments = {
        Tensor(Elem::I32, {}, static_cast<double>(place))};
    arguments.insert(arguments.end(), carries.begin(), carries.end());
    for (int64_t i = 0; i < parts.sequences; ++i) {
      Tensor &whole = operands[parts.carries + i];
      int64_t axis = parts.sequenceAxes[i];
      Tensor part(whole.elem, without(whole.shape, axis));
      copyPart(whole, axis, place, part, false);
      arguments.push_back(std::move(part));
    }
    arguments.insert(arguments.end(),
                     operands.begin() + parts.carries + parts.sequences,
                     operands.end());
    std::vector<Tensor> yielded = c.run(c.op.region(), std::move(arguments));
    if (c.stopped())
      return;
    for (size_t i = 0; i < parts.resultAxes.size(); ++i)
      copyPart(c.results[parts.carries + i], parts.resultAxes[i], place,
               yielded[parts.carries + i], true);
    bool isLast = parts.until && yielded.back().data[0] != 0;
    isSure &= !parts.until || yielded.back().boundAt(0) == 0;
    yielded.resize(parts.carries);
    carries = std::move(yielded);
    if (isLast)
      break;
  }
  std::move(carries.begin(), carries.end(), c.results.begin());
  if (!isSure)
    for (Tensor &result : c.results)
      result.bound.assign(result.data.size(), unbounded);
}

static constexpr AttrSpec attrs[] = {
    {"carries", AttrForm::Int, true, "How many operands are carries."},
    {"sequences", AttrForm::Int, true, "How many operands are sequences."},
    {"length", AttrForm::Dim, true, "The number of steps."},
    {"reverse", AttrForm::Bool, true, "From the last place to the first."},
    {"sequence_axes", AttrForm::Ints, true,
     "For each sequence, the axis along which it is taken apart."},
    {"result_axes", AttrForm::Ints, true,
     "For each value put together, the axis along which the steps lie."},
    {"until", AttrForm::Bool, false,
     "The body yields a bool too, last: where it is true, no step follows."},
    {"masked", AttrForm::Bool, false,
     "The last sequence is bools: where one is false, the step is left out. Not "
     "together with `until`."}};

static constexpr std::string_view examples[] = {
    R"(
func @example_recurrence(%h0: f32[B, 2], %x: f32[B, T, 2], %w: f32[2, 2]) {
  %h, %hs = scan %h0, %x, %w {carries = 1, sequences = 1, length = T, reverse = false, sequence_axes = [1], result_axes = [1]} : f32[B, 2], f32[B, T, 2] {
  ^(%t: i32, %c: f32[B, 2], %e: f32[B, 2], %m: f32[2, 2]):
    %p = contract %c, %m {left = [b, i], right = [i, o], result = [b, o]} : f32[B, 2]
    %q = add %p, %e : f32[B, 2]
    %n = tanh %q : f32[B, 2]
    yield %n, %n
  }
  return %h, %hs
}
)",
    R"(
func @example_counts(%a: f32, %x: f32[3, T], %k: i32) {
  %b, %j, %ys = scan %a, %k, %x {carries = 2, sequences = 1, length = T, reverse = true, sequence_axes = [1], result_axes = [0]} : f32, i32, f32[T] {
  ^(%t: i32, %c: f32, %i: i32, %e: f32[3]):
    %one = constant {value = 1.0} : i32
    %n = add %i, %one : i32
    %s = sum %e {axes = [0]} : f32
    %d = mul %c, %s : f32
    %f = cast %t : f32
    %g = add %d, %f : f32
    yield %g, %n, %d
  }
  return %b, %j, %ys
}
)",
    R"(
func @example_nested(%a: f32[2], %x: f32[T, 3, 2], %w: f32[2]) {
  %b, %ys = scan %a, %x, %w {carries = 1, sequences = 1, length = T, reverse = false, sequence_axes = [0], result_axes = [1]} : f32[2], f32[2, T] {
  ^(%t: i32, %c: f32[2], %e: f32[3, 2], %v: f32[2]):
    %d = scan %c, %e, %v {carries = 1, sequences = 1, length = 3, reverse = true, sequence_axes = [0], result_axes = []} : f32[2] {
    ^(%u: i32, %h: f32[2], %f: f32[2], %m: f32[2]):
      %p = mul %h, %m : f32[2]
      %q = add %p, %f : f32[2]
      %s = sin %q : f32[2]
      yield %s
    }
    %y = mul %d, %c : f32[2]
    yield %d, %y
  }
  return %b, %ys
}
)",
    R"(
func @example_until(%a: f32[2], %x: f32[T, 2], %w: f32[2]) {
  %b, %ys = scan %a, %x, %w {carries = 1, sequences = 1, length = T, reverse = true, sequence_axes = [0], result_axes = [0], until = true} : f32[2], f32[T, 2] {
  ^(%t: i32, %c: f32[2], %e: f32[2], %m: f32[2]):
    %p = mul %c, %m : f32[2]
    %q = add %p, %e : f32[2]
    %s = sin %q : f32[2]
    %one = constant {value = 1.0} : i32
    %l = compare %t, %one {predicate = "le"} : bool
    yield %s, %q, %l
  }
  return %b, %ys
}
)",
    R"(
func @example_masked(%a: f32[2], %x: f32[T, 2], %m: bool[T]) {
  %b, %ys = scan %a, %x, %m {carries = 1, sequences = 2, length = T, reverse = false, sequence_axes = [0, 0], result_axes = [1], masked = true} : f32[2], f32[2, T] {
  ^(%t: i32, %c: f32[2], %e: f32[2], %r: bool):
    %p = mul %c, %e : f32[2]
    %s = sin %p : f32[2]
    yield %s, %p
  }
  return %b, %ys
}
)"};

extern const OpDef op_scan;
const OpDef op_scan = {
    .name = "scan",
    .doc = "Runs its body once for each place along an axis, in order. "
           "Operands are the first carries, the sequences, and invariants. "
           "The body takes the place (an i32; it descends if `reverse`), the "
           "carries, the sequences' parts at the place, and the invariants; it "
           "yields the next carries and the parts of the results. Results are "
           "the last carries and the parts put together, which are zeros where "
           "no step was run.",
    .kind = OpKind::Loop,
    .stages = Graph | Kernels,
    .operands = {0, -1},
    .attrs = attrs,
    .regions = 1,
    .shape = shape,
    .verifyRegions = verifyRegions,
    .gradient = differentiateScan,
    .evaluate = evaluate,
    .lower = "it stays; the ops of its body are lowered",
    .examples = examples,
};

} // namespace nnc
