#include "frontend/ast.h"

namespace nnc::ast {

namespace {

/// One line for each definition, statement and clause, with its place; an
/// expression stands on the line of what it belongs to, except loops, which
/// have a body.
class Printer {
public:
  explicit Printer(const SourceManager &sources) : sources(sources) {}

  void def(const Def &def);
  std::string out;

private:
  void line(Loc loc, const std::string &text) {
    LineColumn place = sources.lineColumn(loc);
    out += std::string(2 * depth, ' ') + text + "  @" +
           std::to_string(place.line) + ":" + std::to_string(place.column) +
           "\n";
  }

  /// ` label EXPR`, or nothing.
  static std::string labelled(const char *label, const ExprPtr &expr) {
    return expr ? std::string(" ") + label + " " + toSource(*expr) : "";
  }
  static std::string names(const std::vector<Ident> &idents) {
    std::string text;
    for (const Ident &each : idents)
      text += (text.empty() ? "" : ", ") + each.text;
    return text;
  }
  static std::string paths(const std::vector<Name> &all) {
    std::string text;
    for (const Name &each : all)
      text += (text.empty() ? "" : ", ") + each.text();
    return text;
  }

  void callable(const Callable &callable);
  void train(const std::vector<TrainItem> &items);
  void trainItem(const TrainItem &item);
  void block(const Block &block);
  void stmt(const Stmt &stmt);
  /// The loops in an expression, each with its body.
  void loops(const Expr &expr);
  void loops(const ExprPtr &expr) {
    if (expr)
      loops(*expr);
  }
  void loops(const std::vector<Item> &items) {
    for (const Item &each : items) {
      loops(each.value);
      loops(each.begin);
      loops(each.end);
      loops(each.stride);
    }
  }
  void loop(const Loop &loop);

  const SourceManager &sources;
  unsigned depth = 0;
};

std::string targetText(const Target &target) {
  if (!target.isTuple())
    return target.name.text;
  std::string text;
  for (const Target &each : target.elements)
    text += (text.empty() ? "" : ", ") + targetText(each);
  return "(" + text + ")";
}

void Printer::def(const Def &def) {
  if (!def.doc.empty()) {
    size_t end = def.doc.find('\n');
    line(def.loc, "doc \"" + def.doc.substr(0, end) + "\"");
  }
  if (auto *import = as<Import>(&def)) {
    line(def.loc, "import \"" + import->path + "\"" +
                      (import->alias ? " as " + import->alias->text : ""));
  } else if (auto *dims = as<Dims>(&def)) {
    for (const Dims::Entry &each : dims->entries)
      line(each.name.loc,
           "dim " + each.name.text +
               (each.value ? " = " + toSource(*each.value) : " (runtime)"));
  } else if (auto *function = as<Callable>(&def)) {
    callable(*function);
  } else if (auto *training = as<Train>(&def)) {
    line(def.loc, "train " + paths(training->nets));
    train(training->items);
  } else if (auto *test = as<Test>(&def)) {
    line(def.loc, "test \"" + test->name + "\"" +
                      (test->afterTrain ? " after train" : "") +
                      (test->training ? " training" : ""));
    block(test->body);
  } else {
    stmt(*static_cast<const Binding &>(def).assign);
  }
}

void Printer::callable(const Callable &callable) {
  std::string head = spelling(callable.callable);
  head += " " + callable.name.text;
  line(callable.loc,
       head + (callable.result ? " -> " + toSource(*callable.result) : ""));
  ++depth;
  for (const Callable::DimParam &each : callable.dimParams)
    line(each.name.loc, "bracket " + each.name.text + labelled("=", each.init));
  for (const Callable::Param &each : callable.params)
    line(each.name.loc, "argument " + each.name.text +
                            (each.type ? ": " + toSource(*each.type) : "") +
                            labelled("=", each.init));
  --depth;
  block(callable.body);
}

void Printer::train(const std::vector<TrainItem> &items) {
  ++depth;
  for (const TrainItem &each : items)
    trainItem(each);
  --depth;
}

void Printer::trainItem(const TrainItem &item) {
  if (item.statement) {
    stmt(*item.statement);
    return;
  }
  std::string text = spelling(item.kind);
  if (!item.paths.empty())
    text += " " + paths(item.paths);
  if (item.value)
    text += (item.kind == TrainItem::Step ? " every " : " ") +
            toSource(*item.value);
  if (item.kind != TrainItem::Data && (item.onHeld || !item.names.empty()))
    text += item.onHeld ? " on held" : " on";
  for (size_t i = 0; i < item.names.size(); ++i)
    text += (i ? ", " : " ") + item.names[i].name.text +
            (item.names[i].type ? ": " + toSource(*item.names[i].type) : "");
  for (size_t i = 0; i < item.values.size(); ++i)
    text += (i ? ", " : " = ") + toSource(*item.values[i]);
  for (size_t i = 0; i < item.patterns.size(); ++i)
    text += (i ? ", " : " on ") + toSource(item.patterns[i]);
  if (item.kind == TrainItem::Start)
    text += " from \"" + item.text + "\"";
  line(item.loc, text);
  train(item.items);
}

void Printer::block(const Block &block) {
  ++depth;
  for (const StmtPtr &each : block)
    stmt(*each);
  --depth;
}

void Printer::stmt(const Stmt &stmt) {
  if (auto *assign = as<Assign>(&stmt)) {
    std::string text;
    for (const Target &each : assign->targets)
      text += (text.empty() ? "" : ", ") + targetText(each);
    line(stmt.loc, text + " = " + toSource(*assign->value));
    loops(assign->value);
  } else if (auto *update = as<Update>(&stmt)) {
    line(stmt.loc, update->target.text + " <- " + toSource(*update->value));
    loops(update->value);
  } else if (auto *param = as<ParamStmt>(&stmt)) {
    line(stmt.loc, "param " + names(param->names) + ": " +
                       toSource(param->type) + labelled("=", param->init) +
                       (param->frozen ? " frozen" : ""));
  } else if (auto *state = as<StateStmt>(&stmt)) {
    line(stmt.loc, "state " + names(state->names) +
                       (state->type ? ": " + toSource(*state->type) : "") +
                       labelled("=", state->init));
  } else if (auto *result = as<Return>(&stmt)) {
    line(stmt.loc, "return " + toSource(*result->value));
    loops(result->value);
  } else if (auto *yield = as<Yield>(&stmt)) {
    line(stmt.loc,
         "yield " + toSource(*yield->value) + labelled("final", yield->final));
    loops(yield->value);
  } else if (auto *branch = as<If>(&stmt)) {
    for (const If::Arm &arm : branch->arms) {
      line(arm.loc, "if " + toSource(*arm.condition));
      block(arm.body);
    }
    if (branch->hasElse) {
      line(stmt.loc, "else");
      block(branch->elseBody);
    }
  } else if (auto *repeat = as<Repeat>(&stmt)) {
    loop(static_cast<const Loop &>(*repeat->loop));
  } else if (auto *print = as<Print>(&stmt)) {
    for (const ExprPtr &each : print->values)
      line(each->loc, "print " + toSource(*each));
  } else {
    auto &expect = static_cast<const Expect &>(stmt);
    line(stmt.loc, "expect " + toSource(*expect.condition) +
                       labelled("within", expect.within));
    loops(expect.condition);
  }
}

void Printer::loop(const Loop &loop) {
  std::string text = spelling(loop.loop);
  text += labelled("times", loop.count);
  for (size_t i = 0; i < loop.elements.size(); ++i)
    text += (i ? ", " : " ") + loop.elements[i].text + " in " +
            toSource(*loop.sequences[i]);
  text += labelled("along", loop.along);
  text += loop.backward ? " backward" : "";
  text += labelled("until", loop.until);
  line(loop.loc, text);
  ++depth;
  for (const Loop::Carry &each : loop.carries)
    line(each.name.loc,
         "carry " + each.name.text + " = " + toSource(*each.init));
  --depth;
  block(loop.body);
}

void Printer::loops(const Expr &expr) {
  if (auto *found = as<Loop>(&expr)) {
    ++depth;
    loop(*found);
    --depth;
  } else if (auto *list = as<List>(&expr)) {
    for (const ExprPtr &each : list->items)
      loops(each);
  } else if (auto *tuple = as<Tuple>(&expr)) {
    for (const ExprPtr &each : tuple->items)
      loops(each);
  } else if (auto *unary = as<Unary>(&expr)) {
    loops(unary->operand);
  } else if (auto *chain = as<Chain>(&expr)) {
    loops(chain->first);
    for (const Chain::Link &each : chain->rest)
      loops(each.operand);
  } else if (auto *compare = as<Compare>(&expr)) {
    loops(compare->lhs);
    loops(compare->rhs);
  } else if (auto *call = as<Call>(&expr)) {
    loops(call->bracketArgs);
    for (const Arg &each : call->args) {
      loops(each.item.value);
      loops(each.item.begin);
      loops(each.item.end);
      loops(each.item.stride);
    }
  } else if (auto *cast = as<Cast>(&expr)) {
    loops(cast->operand);
  } else if (auto *index = as<Index>(&expr)) {
    loops(index->base);
    loops(index->items);
  } else if (auto *member = as<Member>(&expr)) {
    loops(member->base);
  } else if (auto *contraction = as<Contraction>(&expr)) {
    for (const Contraction::Operand &each : contraction->operands)
      loops(each.value);
  }
}

} // namespace

std::string print(const File &file, const SourceManager &sources) {
  Printer printer(sources);
  for (const DefPtr &each : file.defs)
    printer.def(*each);
  return std::move(printer.out);
}

} // namespace nnc::ast
