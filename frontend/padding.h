//===- frontend/padding.h - What `pad=` of a window says ------------------===//
#ifndef NNC_FRONTEND_PADDING_H
#define NNC_FRONTEND_PADDING_H

#include "frontend/ast_expr.h"

namespace nnc {

/// `same`, `valid`, or numbers: one for all axes, one for each, or two for
/// each, before it and behind it.
struct PaddingWords {
  PaddingWords(const ast::Arg *arg, size_t axes) : numbers(arg), count(axes) {
    if (!arg)
      return;
    if (auto *name = ast::as<ast::Name>(arg->item.value)) {
      isSame = name->text() == "same";
      if (isSame || name->text() == "valid")
        numbers = nullptr;
    }
    auto *list = ast::as<ast::List>(arg->item.value);
    if (list && list->items.size() == 2 * axes)
      count = 2 * axes;
    sides = count / axes;
  }

  bool isSame = false;
  const ast::Arg *numbers; ///< Null: there are none.
  size_t count, sides = 1; ///< How many numbers, in all and for an axis.
};

} // namespace nnc

#endif // NNC_FRONTEND_PADDING_H
