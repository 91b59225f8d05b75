//===- matching.cpp: the types of a signature against actual values -------===//
#include "frontend/expression_elaborator.h"

#include "frontend/limitations.h"

namespace nnc {

Elem ExpressionElaborator::elemOf(ast::ElementType type, Loc loc) {
  switch (type) {
  case ast::ElementType::F32:
    return floatElem();
  case ast::ElementType::F64:
    return Elem::F64;
  case ast::ElementType::I32:
    return Elem::I32;
  case ast::ElementType::I64:
    return Elem::I64;
  case ast::ElementType::Bool:
    return Elem::Bool;
  default:
    unsupported(loc, limitations::reservedType);
    return Elem::F32;
  }
}

/// Each is found within the one before, on the stack.
static constexpr size_t maxDimChain = 256;

const BoundDim *
ExpressionElaborator::findDim(Frame &where, const std::string &name, Loc loc) {
  auto bound = where.dims.find(name);
  if (bound != where.dims.end()) {
    usedLocalDim |= !bound->second.isFileConstant;
    return &bound->second;
  }
  if (where.callable)
    for (const auto &param : where.callable->dimParams)
      if (param.name.text == name)
        return nullptr; // Not bound yet, and hides the file's.
  auto entry = where.file->dims.find(name);
  if (entry == where.file->dims.end())
    return nullptr;
  BoundDim binding;
  binding.origin = entry->second->name.loc;
  auto defined = defines.find(entry->second);
  if (defined != defines.end()) {
    binding.size = Dim(defined->second);
    binding.isFileConstant = true;
  } else {
    if (!entry->second->value)
      return nullptr;
    if (!dimsInWork.insert(name).second) {
      error(loc, "the size of " + name + " depends on itself");
      binding.size = Dim(1);
      return &(where.dims[name] = binding);
    }
    if (dimsInWork.size() > maxDimChain) {
      error(loc, "the size of " + name + " hangs on more than " +
                     std::to_string(maxDimChain) +
                     " dimensions, one on the other");
      dimsInWork.erase(name);
      binding.size = Dim(1);
      return &(where.dims[name] = binding);
    }
    bool outer = usedLocalDim;
    usedLocalDim = false;
    Frame *saved = frame;
    frame = &where;
    std::optional<Dim> size = dimValue(*entry->second->value);
    frame = saved;
    binding.isFileConstant = !usedLocalDim;
    usedLocalDim |= outer;
    dimsInWork.erase(name);
    binding.size = size.value_or(Dim(1));
  }
  if (binding.size.isConstant() && binding.size.value() < 1)
    error(binding.origin, "dimension " + name + " is " + binding.size.str() +
                              ", and a size is at least 1");
  return &(where.dims[name] = binding);
}

std::optional<Dim> ExpressionElaborator::dimValue(const ast::Expr &expr) {
  if (auto *name = ast::as<ast::Name>(&expr); name && name->isSimple()) {
    const ast::Ident &ident = name->first();
    if (const BoundDim *dim = findDim(*frame, ident.text, ident.loc))
      return dim->size;
    if (ident.isCompileTime()) {
      bool declared = frame->file->dims.contains(ident.text);
      if (frame->callable)
        for (const auto &param : frame->callable->dimParams)
          declared |= param.name.text == ident.text;
      if (declared)
        error(ident.loc, "dimension " + ident.text + " has no size here");
      else
        unknownName(ident, "dimension");
      return std::nullopt;
    }
  }
  if (auto *chain = ast::as<ast::Chain>(&expr)) {
    std::optional<Dim> value = dimValue(*chain->first);
    for (const auto &link : chain->rest) {
      std::optional<Dim> right = dimValue(*link.operand);
      if (!value || !right)
        return std::nullopt;
      switch (link.op) {
      case ast::BinaryOp::Add:
        value = *value + *right;
        break;
      case ast::BinaryOp::Sub:
        value = *value - *right;
        break;
      case ast::BinaryOp::Mul:
        value = *value * *right;
        break;
      case ast::BinaryOp::Div:
        if (std::optional<Dim> quotient = value->divideExactly(*right)) {
          value = quotient;
          break;
        }
        error(link.opLoc, value->str() + " cannot be divided by " +
                              right->str() + " without a remainder");
        return std::nullopt;
      default:
        error(link.opLoc, std::string("`") + ast::spelling(link.op) +
                              "` does not make a size");
        return std::nullopt;
      }
    }
    return value;
  }
  size_t before = sink.errorCount();
  Val value = eval(expr);
  if (std::optional<Dim> size = sizeOf(value))
    return size;
  if (sink.errorCount() == before)
    error(expr.loc, "this must be a whole number known when compiling, not " +
                        value.describe());
  return std::nullopt;
}

std::optional<DimArg> ExpressionElaborator::dimArgument(const ast::Expr &expr) {
  DimArg arg;
  arg.loc = expr.loc;
  std::optional<Dim> size = dimValue(expr);
  if (!size)
    return std::nullopt;
  arg.size = *size;
  if (auto *name = ast::as<ast::Name>(&expr); name && name->isSimple())
    if (const BoundDim *dim = findDim(*frame, name->first().text, expr.loc))
      arg.axis = {frame->scopeOf(dim), name->first().text, expr.loc};
  return arg;
}

static const std::string *simpleName(const ast::Type::Dim &dim) {
  auto *name = ast::as<ast::Name>(dim.size);
  return name && name->isSimple() && name->first().isCompileTime()
             ? &name->first().text
             : nullptr;
}

std::optional<Type> ExpressionElaborator::typeOf(Frame &where,
                                                 const ast::Type &type,
                                                 AxisNames *axes) {
  Frame *saved = frame;
  frame = &where;
  Shape shape;
  bool ok = true;
  for (const ast::Type::Dim &dim : type.dims) {
    if (dim.isEllipsis()) {
      if (!where.leading) {
        error(dim.loc, "`..` stands for no axes here");
        ok = false;
        continue;
      }
      shape.insert(shape.end(), where.leading->shape.begin(),
                   where.leading->shape.end());
      if (axes)
        axes->insert(axes->end(), where.leading->axes.begin(),
                     where.leading->axes.end());
      continue;
    }
    std::optional<DimArg> arg = dimArgument(*dim.size);
    ok &= arg.has_value();
    if (!arg)
      continue;
    arg->axis.origin = dim.loc;
    shape.push_back(arg->size);
    if (axes)
      axes->push_back(arg->axis);
  }
  frame = saved;
  if (!ok)
    return std::nullopt;
  return Type::tensor(elemOf(type.element, type.loc), shape);
}

/// Which axes of a value a pattern's entries stand for; the `..` takes what
/// the others leave. Nothing if the rank does not fit.
static std::optional<std::vector<std::pair<size_t, size_t>>>
distribute(const ast::Type &type, size_t rank) {
  size_t fixed = 0;
  bool open = false;
  for (const ast::Type::Dim &dim : type.dims)
    dim.isEllipsis() ? (void)(open = true) : (void)++fixed;
  if (open ? rank < fixed : rank != fixed)
    return std::nullopt;
  std::vector<std::pair<size_t, size_t>> ranges;
  size_t place = 0;
  for (const ast::Type::Dim &dim : type.dims) {
    size_t count = dim.isEllipsis() ? rank - fixed : 1;
    ranges.push_back({place, count});
    place += count;
  }
  return ranges;
}

bool ExpressionElaborator::bindParameter(Frame &callee, const ast::Type &type,
                                         Val &value, const std::string &name,
                                         Loc loc) {
  if (value.isPoison())
    return false;
  if (type.kind != ast::Type::Tensor)
    return true;
  if (value.isLiteral() && value.literal->fresh)
    return true; // Its shape comes from the type, once the others are bound.
  Elem elem = elemOf(type.element, type.loc);
  bool wantsScalar = type.dims.empty();
  if (value.kind == Val::Size && wantsScalar && value.size.isConstant())
    value = Val::number(static_cast<double>(value.size.value()),
                        LiteralKind::Integer);
  if (value.isLiteral() && value.literal->isScalar() && wantsScalar &&
      !value.literal->named &&
      (value.literal->kind == LiteralKind::Bool) == (elem == Elem::Bool) &&
      !(value.literal->kind == LiteralKind::Float && isInteger(elem))) {
    auto typed = std::make_shared<Literal>(*value.literal);
    typed->elem = elem;
    value.literal = typed;
    return true;
  }
  if (!value.isNumber()) {
    typeError(loc, name + " must be " + ast::toSource(type) + ", and this is " +
                       value.describe());
    return false;
  }
  value = materialise(value, elem, loc);
  if (value.isPoison())
    return false;
  Elem actual = value.ir->type().elem();
  if (actual != elem) {
    std::string to(elemName(elem));
    typeError(loc, name + " must be " + ast::toSource(type) + ", and this is " +
                       value.describe() + "; " + to + "(...) converts")
        .note(type.loc, name + " gets its type here");
    return false;
  }
  auto ranges = distribute(type, value.axes.size());
  if (!ranges) {
    typeError(loc, name + " must be " + ast::toSource(type) + ", and this is " +
                       value.describe())
        .note(type.loc, name + " gets its type here");
    return false;
  }
  for (size_t i = 0; i < type.dims.size(); ++i) {
    auto [first, count] = (*ranges)[i];
    const ast::Type::Dim &dim = type.dims[i];
    const std::string *symbol = simpleName(dim);
    if (!symbol || findDim(callee, *symbol, dim.loc))
      continue;
    bool declared = callee.file->dims.contains(*symbol);
    if (callee.callable)
      for (const auto &param : callee.callable->dimParams)
        declared |= param.name.text == *symbol;
    if (!declared) {
      Frame *saved = frame;
      frame = &callee;
      unknownName({*symbol, dim.loc}, "dimension");
      frame = saved;
    }
    callee.dims[*symbol] = {value.ir->type().dim(first), value.axes[first], loc,
                            false};
  }
  return true;
}

bool ExpressionElaborator::checkParameter(Frame &callee, const ast::Type &type,
                                          Val &value, const std::string &name,
                                          Loc loc) {
  if (value.isLiteral() && value.literal->fresh &&
      type.kind == ast::Type::Tensor) {
    AxisNames axes;
    std::optional<Type> whole = typeOf(callee, type, &axes);
    if (!whole)
      return false;
    for (AxisName &axis : axes)
      axis = outward(callee, axis);
    resolveFresh(*value.literal, *whole, axes);
    value = Val::tensor(value.literal->value, axes);
  }
  if (type.kind != ast::Type::Tensor || !value.isTensor())
    return true;
  // That the rank fits bindParameter has seen.
  auto ranges = distribute(type, value.axes.size());
  AxisNames inner;
  const Shape shape = value.ir->type().shape();
  Frame *saved = frame;
  frame = &callee;
  bool ok = true;
  for (size_t i = 0; i < type.dims.size() && ok; ++i) {
    auto [first, count] = (*ranges)[i];
    const ast::Type::Dim &dim = type.dims[i];
    if (dim.isEllipsis()) {
      Frame::Leading leading{
          AxisNames(value.axes.begin() + first,
                    value.axes.begin() + first + count),
          Shape(shape.begin() + first, shape.begin() + first + count)};
      if (!callee.leading) {
        callee.leading = leading;
      } else {
        // The same axes as in earlier arguments, to which it may stretch.
        auto probe = [](const Frame::Leading &axes) {
          Val value = Val::number(0, LiteralKind::Float);
          value.literal->data.clear();
          value.literal->shape = axes.shape;
          value.literal->axes = axes.axes;
          return value;
        };
        std::optional<Aligned> aligned =
            align({probe(*callee.leading), probe(leading)}, loc);
        bool whole = type.dims.size() == 1;
        if (!aligned) {
          ok = false;
        } else if (!(aligned->shape == callee.leading->shape) ||
                   (!whole && !(leading.shape == callee.leading->shape))) {
          error(loc,
                "`..` is " +
                    describeAxes(callee.leading->axes, callee.leading->shape) +
                    " in an earlier argument but " +
                    describeAxes(leading.axes, leading.shape) + " in " + name);
          ok = false;
        } else if (whole) {
          at(loc);
          value = Val::tensor(stretch(value, aligned->shape), aligned->axes);
          leading = {aligned->axes, aligned->shape};
        }
      }
      inner.insert(inner.end(), leading.axes.begin(), leading.axes.end());
      continue;
    }
    std::optional<Dim> size = dimValue(*dim.size);
    if (!size) {
      ok = false;
      break;
    }
    const std::string *symbol = simpleName(dim);
    const AxisName &actual = value.axes[first];
    if (!(*size == shape[first])) {
      Diagnostic &message =
          error(loc, "axis " + (symbol ? *symbol : std::to_string(first)) +
                         " of " + name + " must be " + size->str() +
                         ", and is " + shape[first].str() + " here");
      if (symbol && callee.dims[*symbol].origin.valid())
        message.note(callee.dims[*symbol].origin,
                     *symbol + " is " + size->str() + " from here");
      else
        message.note(dim.loc, name + " gets its type here");
      // A name that the program does not have.
      if (!batch.isConstant() && shape[first] == batch &&
          !frame->file->dims.contains(batch.str()))
        message.note(loc,
                     batch.str() + " is the number of examples in a batch");
      ok = false;
      break;
    }
    if (!symbol) {
      inner.push_back({});
      continue;
    }
    BoundDim &binding = callee.dims[*symbol];
    if (!actual.none()) {
      // A constant of another file is a name that the caller cannot know.
      bool isConstant =
          binding.isFileConstant && saved && saved->file == callee.file;
      bool same = isConstant ? actual.text == *symbol
                             : binding.outer.none() || binding.outer == actual;
      if (!same) {
        std::string other = isConstant ? *symbol : binding.outer.text;
        Diagnostic &message = typeError(
            loc, "axis " + *symbol + " of " + name + " is axis " + other +
                     ", and this has axis " + actual.text + " in its place");
        message.note(isConstant ? dim.loc : binding.origin,
                     "axis " + other + " comes from here");
        ok = false;
        break;
      }
      if (!isConstant && binding.outer.none())
        binding.outer = actual;
    }
    inner.push_back({callee.scopeOf(&binding), *symbol, dim.loc});
  }
  frame = saved;
  if (ok)
    value.axes = inner;
  return ok;
}

AxisName ExpressionElaborator::outward(const Frame &callee,
                                       const AxisName &name) {
  bool isForeign = name.scope == callee.file->constants && callee.caller &&
                   callee.caller->file != callee.file;
  if (name.none() || (name.scope != callee.scope && !isForeign))
    return name;
  auto binding = callee.dims.find(name.text);
  return binding == callee.dims.end() ? AxisName() : binding->second.outer;
}

Val ExpressionElaborator::returnValue(Frame &callee, const ast::Type &type,
                                      Val value, Loc loc, bool toCaller) {
  if (value.isPoison())
    return value;
  if (type.kind == ast::Type::Tuple) {
    if (value.kind != Val::Tuple || value.items.size() != type.elements.size())
      return mistyped(loc, "the result must be " + ast::toSource(type) +
                               ", and this is " + value.describe());
    for (size_t i = 0; i < value.items.size(); ++i)
      value.items[i] =
          returnValue(callee, type.elements[i], value.items[i], loc, toCaller);
    return value;
  }
  std::string what = "the result";
  if (type.kind != ast::Type::Tensor) {
    return poison(type.loc, "a result cannot be an axis");
  }
  // A number known when compiling may take the declared shape.
  bool isConstant = value.kind == Val::Size ||
                    (value.isLiteral() && value.literal->isScalar());
  if (!bindParameter(callee, type, value, what, loc))
    return {};
  value = materialise(value, elemOf(type.element, type.loc), loc);
  auto ranges = distribute(type, value.axes.size());
  // Compare names here: a result's axes already carry the callee's own.
  for (size_t i = 0; i < type.dims.size(); ++i) {
    auto [first, count] = (*ranges)[i];
    if (type.dims[i].isEllipsis() && callee.leading && !isConstant) {
      AxisNames axes(value.axes.begin() + first,
                     value.axes.begin() + first + count);
      auto begin = value.ir->type().shape().begin() + first;
      Shape shape(begin, begin + count);
      if (shape == callee.leading->shape)
        continue;
      error(loc, "the result is " + value.describe() + ": its `..` is " +
                     describeAxes(axes, shape) +
                     ", and that of the arguments is " +
                     describeAxes(callee.leading->axes, callee.leading->shape))
          .note(type.dims[i].loc, "the result's type is here");
      return {};
    }
    const std::string *symbol = simpleName(type.dims[i]);
    if (!symbol)
      continue;
    AxisName &actual = value.axes[first];
    auto binding = callee.dims.find(*symbol); // by bindParameter at the latest
    AxisName declared{callee.scopeOf(&binding->second), *symbol,
                      type.dims[i].loc};
    if (binding->second.outer == actual && !actual.none() &&
        actual.scope == callee.scope) {
      // The body has just determined this dimension, by an axis of its own: by
      // that of an argument, or by one that a contraction made.
      binding->second.outer =
          actual == declared ? AxisName() : outward(callee, actual);
      actual = AxisName();
      continue;
    }
    if (!actual.none() && !(actual == declared) &&
        !(binding->second.outer == actual)) {
      typeError(loc, "the result has axis " + actual.text + " where " +
                         ast::toSource(type) + " says " + *symbol)
          .note(type.dims[i].loc, "the result's type is here");
      return {};
    }
    actual = AxisName();
  }
  if (!checkParameter(callee, type, value, what, loc))
    return {};
  if (toCaller)
    for (AxisName &axis : value.axes)
      axis = outward(callee, axis);
  return value;
}

} // namespace nnc
