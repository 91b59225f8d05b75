//===- op_pages.cpp -------------------------------------------------------===//
#include "tools/op_pages.h"
#include "ir/op_def.h"
#include "ir/pass.h"

#include <string>

namespace nnc {

namespace {
struct Section {
  OpKind kind;
  const char *title, *text;
};
} // namespace

static constexpr Section sections[] = {
    {OpKind::Elementwise, "Elementwise",
     "Element i of the result comes from element i of each operand. All have "
     "one shape: broadcasting is an op of its own."},
    {OpKind::Indexing, "Indexing",
     "Each element of the result is an element of an operand, or a constant."},
    {OpKind::Reduction, "Reductions", "The elements along axes are combined."},
    {OpKind::Contraction, "Contractions",
     "Products of two operands' elements are summed along axes."},
    {OpKind::Loop, "Loops", "A body runs many times."},
    {OpKind::Special, "Special", "What fits no other kind."},
    {OpKind::Structural, "Structural",
     "Constants, ends of regions, and what carries other ops."},
};

static const char *spelling(AttrForm form) {
  switch (form) {
  case AttrForm::Bool:
    return "true or false";
  case AttrForm::Int:
    return "a whole number";
  case AttrForm::Float:
    return "a number";
  case AttrForm::String:
    return "a string";
  case AttrForm::Dim:
    return "a size";
  case AttrForm::Type:
    return "a type";
  case AttrForm::List:
    return "a list";
  case AttrForm::Dict:
    return "a dictionary";
  case AttrForm::Any:
    return "any attribute";
  case AttrForm::Ints:
    return "a list of whole numbers";
  case AttrForm::Dims:
    return "a list of sizes";
  case AttrForm::Maps:
    return "a list of lists of sizes";
  case AttrForm::DimDict:
    return "a dictionary of sizes";
  }
  return "";
}

static std::string operands(const Arity &arity) {
  std::string text = std::to_string(arity.least);
  if (arity.most < 0)
    return text + " or more operands";
  if (arity.most != arity.least)
    text += " to " + std::to_string(arity.most);
  return text + (text == "1" ? " operand" : " operands");
}

static std::string stages(unsigned set) {
  std::string text;
  for (auto [stage, name] :
       {std::pair(Graph, "the graph"), {Kernels, "kernels"}, {Loops, "loops"}})
    if (set & stage)
      text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

static void documentOp(std::ostream &out, const OpDef &op) {
  out << "\n### `" << op.name << "`\n" << op.doc << "\n\n";
  out << operands(op.operands) << "; in " << stages(op.stages) << ".";
  if (!op.gradient && (op.stages & Graph))
    out << " No derivative: " << op.gradient.whyNot << ".";
  out << "\n";
  if (!op.attrs.empty()) {
    out << "\n| attribute | | |\n|---|---|---|\n";
    for (const AttrSpec &attr : op.attrs)
      out << "| `" << attr.name << "`"
          << (attr.required ? "" : ", may be left out") << " | "
          << spelling(attr.form) << " | " << attr.doc << " |\n";
  }
  if (op.examples.empty())
    return;
  std::string_view example = op.examples.front();
  example.remove_prefix(example.find_first_not_of('\n'));
  out << "```\n" << example << "```\n";
}

void documentOps(std::ostream &out) {
  out << "# The ops of the IR\n\n"
         "Made by `scripts/generate_docs.sh` from `ir/ops/`, one file an op. "
         "[ir.md](ir.md) says how\nIR is written.\n";
  for (const Section &section : sections) {
    out << "\n## " << section.title << "\n" << section.text << "\n";
    for (const OpDef *op : allOps())
      if (op->kind == section.kind)
        documentOp(out, *op);
  }
}

void documentRules(std::ostream &out) {
  out << "# Passes and rules\n\n"
         "Made by `scripts/generate_docs.sh` from `ir/passes/` and "
         "`ir/simplify/`. [optimiser.md](optimiser.md)\nsays how to watch "
         "them, and `ir/pipelines.cpp` in which order they run.\n";
  for (const Pass *pass : allPasses()) {
    out << "\n## `" << pass->name << "`\n" << pass->doc << "\n";
    if (!pass->rules.empty())
      out << "\n| rule | |\n|---|---|\n";
    for (std::span<const RewriteRule> group : pass->rules)
      for (const RewriteRule &rule : group)
        out << "| `" << rule.name << "` | " << rule.doc << " |\n";
  }
}

} // namespace nnc
