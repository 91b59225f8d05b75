#include "frontend/ast.h"

namespace nnc::ast {

bool Ident::isCompileTime() const {
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z';
}

std::string Name::text() const {
  std::string result;
  for (const Ident &part : path)
    result += (result.empty() ? "" : ".") + part.text;
  return result;
}

const char *spelling(ElementType type) {
  constexpr const char *names[] = {"f32",  "f64",  "i32", "i64",
                                   "bool", "bf16", "f16", "i8"};
  return names[static_cast<int>(type)];
}

const char *spelling(BinaryOp op) {
  constexpr const char *names[] = {"||", "&&", "+", "-", "*", "/", "@", "^"};
  return names[static_cast<int>(op)];
}

const char *spelling(CompareOp op) {
  constexpr const char *names[] = {"==", "!=", "<", "<=", ">", ">="};
  return names[static_cast<int>(op)];
}

const char *spelling(LoopKind kind) {
  constexpr const char *names[] = {"scan", "fold", "repeat"};
  return names[static_cast<int>(kind)];
}

const char *spelling(CallableKind kind) {
  constexpr const char *names[] = {"fn", "layer", "net", "optimizer"};
  return names[static_cast<int>(kind)];
}

const char *spelling(TrainItem::Kind kind) {
  constexpr const char *names[] = {
      "data",       "loss",      "optimizer",    "clip norm",   "clip value",
      "batch",      "epochs",    "shuffle",      "seed",        "metric",
      "picture",    "hold",       "keep best", "keep highest", "keep lowest", "stop after",
      "accumulate", "freeze",    "start",        "step",        "bind",
      "print"};
  return names[kind];
}

} // namespace nnc::ast
