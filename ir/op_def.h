//===- ir/op_def.h - What there is to know about an op --------------------===//
//
// Each op is one file, ir/ops/NAME.cpp, that defines one `const OpDef op_NAME`:
// documentation, shape rule, derivative, reference meaning, lowering and
// examples stand together. The build collects the folder into the table, so
// adding an op touches no other file. Members without a default must be given:
// an op that has no derivative or no lowering says why.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_OP_DEF_H
#define NNC_IR_OP_DEF_H

#include "ir/op.h"
#include "ir/tensor.h"

#include <span>
#include <string_view>

namespace nnc {

class Builder;
class GradientContext;   // ir/autodiff/gradient_context.h
class EvaluationContext; // ir/interpreter.h
class LoweringContext;   // ir/kernels/lowering.h

enum class OpKind {
  Elementwise, ///< Result element i from operand elements i. All operands and
               ///< results have one shape. Also on scalars, and on vectors.
  Indexing,    ///< Each result element is an operand's element, or a constant.
  Reduction,   ///< Combines the elements along axes.
  Contraction, ///< Sums products of two operands' elements along axes.
  Loop,        ///< Has a body that it runs many times.
  Special,
  Structural, ///< Constants, terminators and what carries other ops.
};

/// The stages at which an op may stand; a set of bits.
enum Stage : unsigned { Graph = 1, Kernels = 2, Loops = 4 };

enum class Effect {
  None,   ///< A function of its operands: may be merged, moved, removed.
  Memory, ///< Reads or writes buffers.
  Stop,   ///< May stop the program (a computed index out of range); may be
          ///< removed if its result is not used.
  Keep,   ///< Must stay where it is (terminators, print).
};

/// The form that an attribute must have.
enum class AttrForm {
  Bool,
  Int,
  Float,
  String,
  Dim,
  Type,
  List,
  Dict,
  Any,
  Ints,    ///< A list of integers.
  Dims,    ///< A list of Dims.
  Maps,    ///< A list of lists of Dims.
  DimDict, ///< A dictionary of Dims.
};

struct AttrSpec {
  std::string_view name;
  AttrForm form;
  bool required;
  std::string_view doc;
};

/// What a shape rule found: the result types, or what is wrong, as a sentence
/// without a full stop: "operands have shapes f32[2] and f32[3]".
struct Inference {
  std::vector<Type> types;
  std::string error;
  bool ok() const { return error.empty(); }

  Inference(Type type) : types{std::move(type)} {}
  Inference(std::vector<Type> types) : types(std::move(types)) {}
  static Inference fail(std::string why) {
    Inference result(std::vector<Type>{});
    result.error = std::move(why);
    return result;
  }
};

/// The result types of `op` from its operands and attributes. `stated` holds
/// the types that the text or the builder gave; it is empty where the caller
/// asks the rule to find them, and rules that cannot say so.
using ShapeRule = Inference (*)(const Op &op, std::span<const Type> stated);

/// A rule, or the reason why there is none. Not default-constructible, so that
/// a definition without it does not compile.
template <typename Function> struct Rule {
  Rule(Function *rule) : rule(rule) {}
  Rule(const char *whyNot) : whyNot(whyNot) {}
  explicit operator bool() const { return rule; }
  Function *rule = nullptr;
  const char *whyNot = nullptr;
};

/// Adds, for each operand that wants one, its share of the derivative.
using GradientRule = Rule<void(GradientContext &)>;
/// The reference meaning, in f64.
using EvaluationRule = Rule<void(EvaluationContext &)>;
/// Rewrites the op as nests.
using LoweringRule = Rule<void(LoweringContext &)>;

/// How many products an op adds up.
using CostRule = Dim (*)(const Op &op);

struct Arity {
  int64_t least, most; ///< `most` is -1 for any number.
};

struct OpDef {
  std::string_view name;
  std::string_view doc; ///< Markdown; the first sentence is the summary.
  OpKind kind;
  unsigned stages;
  Effect effect = Effect::None;
  Arity operands;
  std::span<const AttrSpec> attrs = {};
  int64_t regions = 0;
  /// The regions may use values from outside.
  bool captures = false;
  ShapeRule shape;
  /// Checks the regions; empty if all is well. Called by the verifier, after
  /// the shape rule.
  std::string (*verifyRegions)(const Op &op) = nullptr;
  GradientRule gradient;
  EvaluationRule evaluate;
  /// How often a compiled element is rounded if the operands are exact: 0 if it
  /// is exact; of a reduction or contraction, for each term. See
  /// ir/error_bound.h.
  double rounding = 1;
  LoweringRule lower;
  CostRule multiplyAdds = nullptr; ///< None where it is null.
  /// Functions in IR text, named @example...; `--check-ops` takes each through
  /// every check. At least one, except for structural ops.
  std::span<const std::string_view> examples;
};

/// Every op, sorted by name.
std::span<const OpDef *const> allOps();
/// Null if there is none.
const OpDef *findOp(std::string_view name);
/// Requires that there is one.
const OpDef &opNamed(std::string_view name);

/// Checks the number of operands and the attributes against the definition,
/// then asks the shape rule.
Inference inferTypes(const Op &op, std::span<const Type> stated);

} // namespace nnc

#endif // NNC_IR_OP_DEF_H
