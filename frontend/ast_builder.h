//===- ast_builder.h: from ANTLR's parse tree to ours ---------------------===//
//
// Private to the parsing half. The rules of NN.g4 are methods here, in the
// same order; what the grammar cannot say (a layer's name starts with an
// upper-case letter) is checked on the way.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_AST_BUILDER_H
#define NNC_FRONTEND_AST_BUILDER_H

#include "frontend/ast.h"
#include "frontend/tokens.h"

#include "NN/NNParser.h"

namespace nnc {

using grammar::NNParser;

class AstBuilder {
public:
  AstBuilder(const Tokens &tokens, DiagnosticSink &sink)
      : tokens(tokens), sink(sink) {}

  void file(NNParser::FileContext *context, ast::File &result);

private:
  // build_def.cpp
  ast::DefPtr definition(NNParser::DefinitionContext *context);
  ast::DefPtr import(NNParser::ImportDefContext *context);
  ast::DefPtr dims(NNParser::DimDefContext *context);
  ast::Dims::Entry dimEntry(NNParser::DimEntryContext *context);
  ast::DefPtr callable(NNParser::CallableDefContext *context);
  ast::DefPtr optimizer(NNParser::OptimizerDefContext *context);
  void dimParams(NNParser::DimParamsContext *context, ast::Callable &into);
  void params(NNParser::ParamsContext *context, ast::Callable &into);
  ast::Type type(NNParser::TypeContext *context);
  ast::ElementType elementType(NNParser::ElementTypeContext *context);
  ast::DefPtr test(NNParser::TestDefContext *context);

  // build_train.cpp
  ast::DefPtr train(NNParser::TrainDefContext *context);
  std::vector<ast::TrainItem> trainBlock(NNParser::TrainBlockContext *context);
  ast::TrainItem trainItem(NNParser::TrainItemContext *context);
  void dataNames(NNParser::DataNamesContext *context, ast::TrainItem &into);
  ast::Name path(NNParser::PathContext *context);

  // build_stmt.cpp
  ast::Block block(NNParser::BlockContext *context);
  ast::StmtPtr statement(NNParser::StatementContext *context);
  ast::StmtPtr assign(NNParser::AssignContext *context);
  ast::Target target(NNParser::TargetItemContext *context);
  ast::StmtPtr update(NNParser::UpdateContext *context);
  ast::StmtPtr param(NNParser::ParamStmtContext *context);
  ast::StmtPtr state(NNParser::StateStmtContext *context);
  ast::StmtPtr ifStmt(NNParser::IfStmtContext *context);
  ast::StmtPtr print(NNParser::PrintStmtContext *context);

  // build_expr.cpp
  ast::ExprPtr expr(NNParser::ExprContext *context);
  ast::ExprPtr andExpr(NNParser::AndExprContext *context);
  ast::ExprPtr notExpr(NNParser::NotExprContext *context);
  ast::ExprPtr compare(NNParser::CompareContext *context);
  ast::ExprPtr flow(NNParser::FlowContext *context);
  ast::ExprPtr pipe(ast::ExprPtr input, Loc pipeLoc,
                    NNParser::StageContext *context);
  ast::ExprPtr contraction(ast::ExprPtr product, Loc arrowLoc,
                           NNParser::AxesContext *context);
  ast::Axis axis(NNParser::AxisContext *context);
  ast::ExprPtr add(NNParser::AddContext *context);
  ast::ExprPtr mul(NNParser::MulContext *context);
  ast::ExprPtr unary(NNParser::UnaryContext *context);
  ast::ExprPtr power(NNParser::PowerContext *context);
  ast::ExprPtr prefix(ast::UnaryOp op,
                      const std::vector<antlr4::tree::TerminalNode *> &run,
                      ast::ExprPtr operand);
  ast::ExprPtr postfix(NNParser::PostfixContext *context);
  std::vector<ast::Item> items(NNParser::BracketsContext *context);
  ast::Item slice(NNParser::SliceContext *context);
  std::vector<ast::Arg> arguments(NNParser::ArgumentsContext *context);
  ast::ExprPtr primary(NNParser::PrimaryContext *context);
  ast::ExprPtr loop(NNParser::LoopContext *context);
  ast::ExprPtr repeat(NNParser::RepeatContext *context);
  void sequences(NNParser::SequencesContext *context, ast::Loop &into);

  // Tokens
  Loc loc(const antlr4::Token *token) const { return tokens.loc(token); }
  Loc loc(antlr4::tree::TerminalNode *node) const {
    return tokens.loc(node->getSymbol());
  }
  Loc loc(antlr4::ParserRuleContext *context) const {
    return tokens.loc(context->getStart());
  }
  std::string string(antlr4::tree::TerminalNode *node);
  ast::Ident ident(NNParser::NameContext *context) const;
  ast::Ident ident(const antlr4::Token *token) const;
  /// The name of a value or a function; says so if it is written as that of a
  /// dimension.
  ast::Ident valueName(NNParser::NameContext *context, const char *what);
  /// The name of a dimension, layer, net or optimizer.
  ast::Ident compileTimeName(NNParser::NameContext *context, const char *what);
  /// `(` and `[` that go on with the line above may be an oversight.
  void warnIfStartsLine(const antlr4::Token *token);

  template <class T, class Place> std::unique_ptr<T> make(Place *place) const {
    auto node = std::make_unique<T>();
    node->loc = loc(place);
    return node;
  }

  const Tokens &tokens;
  DiagnosticSink &sink;
};

} // namespace nnc

#endif // NNC_FRONTEND_AST_BUILDER_H
