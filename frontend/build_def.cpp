#include "frontend/ast_builder.h"

#include "frontend/spelling.h"

namespace nnc {

using namespace ast;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

std::string AstBuilder::string(antlr4::tree::TerminalNode *node) {
  std::string_view quoted = tokens.text(node->getSymbol());
  std::string result;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      result += quoted[i];
      continue;
    }
    char escape = quoted[++i];
    if (escape == 'n')
      result += '\n';
    else if (escape == 't')
      result += '\t';
    else if (escape == '"' || escape == '\\')
      result += escape;
    else
      sink.error(loc(node), "a string knows the escapes \\n, \\t, \\\" and "
                            "\\\\ only");
  }
  return result;
}

Ident AstBuilder::ident(const antlr4::Token *token) const {
  return {std::string(tokens.text(token)), loc(token)};
}

Ident AstBuilder::ident(NNParser::NameContext *context) const {
  return ident(context->getStart());
}

Ident AstBuilder::valueName(NNParser::NameContext *context, const char *what) {
  Ident name = ident(context);
  if (name.isCompileTime())
    sink.error(name.loc, "'" + name.text +
                             "' starts with an upper-case letter, as "
                             "dimensions and layers do; the name of " +
                             what + " starts with a lower-case one")
        .fix(name.loc, name.text.size(), otherCase(name.text));
  return name;
}

Ident AstBuilder::compileTimeName(NNParser::NameContext *context,
                                  const char *what) {
  Ident name = ident(context);
  if (!name.isCompileTime())
    sink.error(name.loc, "'" + name.text +
                             "' starts with a lower-case letter, as values "
                             "and functions do; the name of " +
                             what + " starts with an upper-case one")
        .fix(name.loc, name.text.size(), otherCase(name.text));
  return name;
}

void AstBuilder::warnIfStartsLine(const antlr4::Token *token) {
  if (!tokens.startsLine(token))
    return;
  std::string bracket(tokens.text(token));
  sink.warning(loc(token), "this '" + bracket +
                               "' goes on with the line above; put it at the "
                               "end of that line");
}

//===----------------------------------------------------------------------===//
// Definitions
//===----------------------------------------------------------------------===//

void AstBuilder::file(NNParser::FileContext *context, File &result) {
  for (NNParser::DefinitionContext *each : context->definition()) {
    DefPtr def = definition(each);
    def->doc = tokens.docAbove(each->getStart());
    result.defs.push_back(std::move(def));
  }
}

DefPtr AstBuilder::definition(NNParser::DefinitionContext *context) {
  if (context->importDef())
    return import(context->importDef());
  if (context->dimDef())
    return dims(context->dimDef());
  if (context->callableDef())
    return callable(context->callableDef());
  if (context->optimizerDef())
    return optimizer(context->optimizerDef());
  if (context->trainDef())
    return train(context->trainDef());
  if (context->testDef())
    return test(context->testDef());
  auto node = make<Binding>(context);
  node->assign = assign(context->assign());
  return node;
}

DefPtr AstBuilder::import(NNParser::ImportDefContext *context) {
  auto node = make<Import>(context);
  node->path = string(context->STRING());
  node->pathLoc = loc(context->STRING());
  if (context->name())
    node->alias = compileTimeName(context->name(), "an imported file");
  return node;
}

DefPtr AstBuilder::dims(NNParser::DimDefContext *context) {
  auto node = make<Dims>(context);
  for (NNParser::DimEntryContext *each : context->dimEntry())
    node->entries.push_back(dimEntry(each));
  return node;
}

Dims::Entry AstBuilder::dimEntry(NNParser::DimEntryContext *context) {
  return {compileTimeName(context->name(), "a dimension"),
          context->expr() ? expr(context->expr()) : nullptr};
}

DefPtr AstBuilder::callable(NNParser::CallableDefContext *context) {
  auto node = make<Callable>(context);
  switch (context->kind->getType()) {
  case NNLexer::FN:
    node->callable = CallableKind::Fn;
    node->name = valueName(context->name(), "a function");
    break;
  case NNLexer::LAYER:
    node->callable = CallableKind::Layer;
    node->name = compileTimeName(context->name(), "a layer");
    break;
  default:
    node->callable = CallableKind::Net;
    node->name = compileTimeName(context->name(), "a net");
  }
  if (context->dimParams())
    dimParams(context->dimParams(), *node);
  if (context->params())
    params(context->params(), *node);
  for (const Callable::Param &each : node->params)
    if (!each.type)
      sink.error(each.name.loc, "'" + each.name.text +
                                    "' needs a type, as in '" + each.name.text +
                                    ": f32[..]'");
  node->result = type(context->type());
  node->body = block(context->block());
  node->bodyEnd = loc(context->block()->RBRACE());
  return node;
}

DefPtr AstBuilder::optimizer(NNParser::OptimizerDefContext *context) {
  auto node = make<Callable>(context);
  node->callable = CallableKind::Optimizer;
  node->name = compileTimeName(context->name(), "an optimizer");
  if (context->dimParams())
    sink.error(loc(context->dimParams()),
               "an optimizer has no bracket arguments: it serves parameters "
               "of every shape");
  if (context->params())
    params(context->params(), *node);
  node->body = block(context->block());
  node->bodyEnd = loc(context->block()->RBRACE());
  return node;
}

void AstBuilder::dimParams(NNParser::DimParamsContext *context,
                           Callable &into) {
  for (NNParser::DimEntryContext *each : context->dimEntry()) {
    Dims::Entry entry = dimEntry(each);
    into.dimParams.push_back({std::move(entry.name), std::move(entry.value)});
  }
}

void AstBuilder::params(NNParser::ParamsContext *context, Callable &into) {
  for (NNParser::ParamContext *each : context->param()) {
    Callable::Param param;
    param.name = valueName(each->name(), "an argument");
    if (each->type())
      param.type = type(each->type());
    if (each->expr())
      param.init = expr(each->expr());
    into.params.push_back(std::move(param));
  }
}

Type AstBuilder::type(NNParser::TypeContext *context) {
  Type result;
  result.loc = loc(context);
  if (context->AXIS() || context->AXES()) {
    result.kind = context->AXIS() ? Type::Axis : Type::Axes;
    return result;
  }
  if (!context->elementType()) {
    result.kind = Type::Tuple;
    for (NNParser::TypeContext *each : context->type())
      result.elements.push_back(type(each));
    return result;
  }
  result.element = elementType(context->elementType());
  if (!context->typeDims())
    return result;
  for (NNParser::TypeDimContext *each : context->typeDims()->typeDim())
    result.dims.push_back(
        {loc(each), each->expr() ? expr(each->expr()) : nullptr});
  return result;
}

ElementType AstBuilder::elementType(NNParser::ElementTypeContext *context) {
  switch (context->getStart()->getType()) {
  case NNLexer::F64:
    return ElementType::F64;
  case NNLexer::I32:
    return ElementType::I32;
  case NNLexer::I64:
    return ElementType::I64;
  case NNLexer::BOOL:
    return ElementType::Bool;
  case NNLexer::BF16:
    return ElementType::BF16;
  case NNLexer::F16:
    return ElementType::F16;
  case NNLexer::I8:
    return ElementType::I8;
  default:
    return ElementType::F32;
  }
}

DefPtr AstBuilder::test(NNParser::TestDefContext *context) {
  auto node = make<Test>(context);
  node->name = string(context->STRING());
  for (NNParser::TestMarkContext *each : context->testMark())
    (each->AFTER() ? node->afterTrain : node->training) = true;
  node->body = block(context->block());
  return node;
}

} // namespace nnc
