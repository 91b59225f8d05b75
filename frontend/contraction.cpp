//===- contraction.cpp: q[B, T, K] * k[B, S, K] -> [B, T, S] --------------===//
#include "frontend/expression_elaborator.h"

#include <algorithm>
#include <set>

namespace nnc {

namespace {
/// An operand with a label for each axis. Labels are the names as written,
/// `..0`, `..1`, ... for the axes of `..`, and "" for an axis of size 1.
struct Labelled {
  Val value;
  std::vector<std::string> labels;
};
} // namespace

static Attr symbols(const std::vector<std::string> &labels,
                    std::vector<std::string> &known) {
  AttrList list;
  for (const std::string &label : labels) {
    size_t i = std::find(known.begin(), known.end(), label) - known.begin();
    if (i == known.size())
      known.push_back(label);
    std::string name(1, static_cast<char>('a' + i % 26));
    list.push_back(Dim::symbol(i < 26 ? name : name + std::to_string(i / 26)));
  }
  return Attr(list);
}

static size_t placeOf(const std::vector<std::string> &labels,
                      const std::string &label) {
  return std::find(labels.begin(), labels.end(), label) - labels.begin();
}

Val ExpressionElaborator::evalContraction(const ast::Contraction &contraction) {
  std::vector<Labelled> operands;
  std::map<std::string, Dim> sizes;
  std::map<std::string, AxisName> names;
  std::map<std::string, std::pair<std::string, Loc>> firstSeen;
  std::vector<Val> scalars;
  bool ok = true;

  for (const auto &operand : contraction.operands) {
    Val value;
    bool listed = operand.hasBrackets;
    auto *name = ast::as<ast::Name>(operand.value);
    if (listed && name && takesBrackets(*name)) {
      static const std::vector<ast::Arg> none;
      CallSite site{operand.value.get(), name->loc, name->text(), true,
                    &operand.brackets,   &none};
      value = callNamed(site, *name);
      listed = false;
    } else {
      value = eval(*operand.value);
    }
    value = materialise(value, std::nullopt, operand.value->loc);
    if (value.isPoison()) {
      ok = false;
      continue;
    }
    std::string text = ast::toSource(*operand.value);
    if (!listed) {
      if (value.ir->type().rank() != 0) {
        error(operand.value->loc, text +
                                      " needs a list of its axes left of "
                                      "`->`, as in " +
                                      text + "[...]");
        ok = false;
      }
      scalars.push_back(value);
      continue;
    }
    // Spread the list over the axes.
    int64_t rank = value.ir->type().rank(), fixed = 0;
    bool open = false;
    for (const ast::Item &item : operand.brackets)
      item.kind == ast::Item::Ellipsis ? (void)(open = true) : (void)++fixed;
    if (open ? fixed > rank : fixed != rank) {
      typeError(operand.bracketLoc, text + " is " + value.describe() +
                                        " and has " + std::to_string(rank) +
                                        " axes, not " + std::to_string(fixed));
      ok = false;
      continue;
    }
    Labelled made{value, {}};
    Shape shape;
    AxisNames axes;
    std::set<std::string> own;
    int64_t axis = 0;
    auto add = [&](const std::string &label, const Dim &size,
                   const AxisName &axisName, Loc loc) {
      if (!own.insert(label).second) {
        error(loc, "axis " + label + " stands twice in one list");
        ok = false;
      }
      auto [known, fresh] = sizes.emplace(label, size);
      if (!fresh && !(known->second == size)) {
        const auto &[first, where] = firstSeen[label];
        error(loc, "axis " + label + " is " + known->second.str() + " in " +
                       first + " but " + size.str() + " in " + text)
            .note(where, first + " has its axis " + label + " here");
        ok = false;
      }
      firstSeen.emplace(label, std::pair(text, loc));
      names.emplace(label, axisName);
      made.labels.push_back(label);
      shape.push_back(size);
      axes.push_back(axisName);
    };
    for (const ast::Item &item : operand.brackets) {
      if (item.kind == ast::Item::Ellipsis) {
        for (int64_t i = 0; i < rank - fixed; ++i, ++axis)
          add(".." + std::to_string(rank - fixed - 1 - i),
              value.ir->type().dim(axis), value.axes[axis], item.loc);
        continue;
      }
      const AxisName &actual = value.axes[axis];
      const Dim &size = value.ir->type().dim(axis++);
      std::vector<const ast::Ident *> factors;
      bool named = item.kind == ast::Item::Value;
      if (named) {
        if (auto *single = ast::as<ast::Name>(item.value)) {
          factors = {&single->first()};
        } else if (auto *chain = ast::as<ast::Chain>(item.value)) {
          auto *first = ast::as<ast::Name>(chain->first);
          named = first;
          if (first)
            factors.push_back(&first->first());
          for (const auto &link : chain->rest) {
            auto *next = ast::as<ast::Name>(link.operand);
            named &= next && link.op == ast::BinaryOp::Mul;
            if (next)
              factors.push_back(&next->first());
          }
        } else if (size.isConstant(1) && actual.none() &&
                   ast::as<ast::Number>(item.value)) {
          continue; // A literal 1: the axis goes.
        } else {
          named = false;
        }
      }
      if (!named) {
        error(item.loc, "left of `->` stands a list of axes: names, products "
                        "of names, and 1");
        ok = false;
        continue;
      }
      if (factors.size() > 1) {
        // A product splits the axis; all but one size must be known.
        Dim rest = size;
        const ast::Ident *open = nullptr;
        std::vector<Dim> parts;
        for (const ast::Ident *factor : factors) {
          const BoundDim *dim = findDim(*frame, factor->text, factor->loc);
          parts.push_back(dim ? dim->size : Dim(0));
          if (!dim && open) {
            error(factor->loc, "the sizes of " + open->text + " and " +
                                   factor->text + " are not known");
            ok = false;
          }
          if (!dim)
            open = factor;
          else if (auto quotient = rest.divideExactly(dim->size))
            rest = *quotient;
          else
            rest = Dim(0);
        }
        bool fits = open ? !rest.isConstant(0) : rest.isConstant(1);
        if (!fits) {
          error(item.loc, "an axis of size " + size.str() + " in " + text +
                              " is not " + ast::toSource(*item.value));
          ok = false;
          continue;
        }
        for (size_t i = 0; i < factors.size(); ++i) {
          const BoundDim *dim =
              findDim(*frame, factors[i]->text, factors[i]->loc);
          add(factors[i]->text, factors[i] == open ? rest : parts[i],
              {frame->scopeOf(dim), factors[i]->text, item.loc}, item.loc);
        }
        continue;
      }
      const std::string &label = factors[0]->text;
      bool sameName = actual.text == label;
      AxisName axisName = actual;
      if (!sameName) {
        // Known to this definition: by its signature or an earlier rename.
        auto bound = frame->dims.find(label);
        auto renamed = frame->renamed.find(label);
        bool known =
            bound != frame->dims.end() && !bound->second.isFileConstant;
        const Dim *expected = known ? &bound->second.size
                              : renamed != frame->renamed.end()
                                  ? &renamed->second.size
                                  : nullptr;
        // A new name may be given up for the one that it replaced.
        auto newName = frame->renamed.find(actual.text);
        bool isBack = newName != frame->renamed.end() &&
                      actual.scope == frame->scope &&
                      newName->second.base.text == label;
        bool mayRename =
            actual.none() || isBack ||
            (!known && renamed != frame->renamed.end() &&
             (renamed->second.base == actual || renamed->second.base.none())) ||
            !expected;
        if (expected && !mayRename) {
          typeError(item.loc, "axis " + label + " of " + text + " is axis " +
                                  actual.text + " in " + value.describe())
              .note(actual.origin, "axis " + actual.text + " comes from here");
          ok = false;
          continue;
        }
        if (expected && !(*expected == size) && !firstSeen.contains(label)) {
          Loc where = known ? bound->second.origin : renamed->second.origin;
          error(item.loc, "axis " + label + " is " + expected->str() + " but " +
                              size.str() + " in " + text)
              .note(where, "axis " + label + " comes from here");
          ok = false;
          continue;
        }
        if (!expected)
          frame->renamed[label] = {size, actual, item.loc};
        axisName = {known || !frame->file->dims.contains(label) ||
                            !findDim(*frame, label, item.loc)
                        ? frame->scope
                        : 0,
                    label, item.loc};
      }
      add(label, size, axisName, item.loc);
    }
    if (!ok)
      continue;
    at(operand.bracketLoc);
    made.value = reshapeTo(value, shape, axes);
    operands.push_back(std::move(made));
  }

  // The result's axes, products spread.
  std::vector<std::string> wanted;
  Shape resultShape;
  AxisNames resultAxes;
  std::set<std::string> seen;
  for (const ast::Axis &axis : contraction.result) {
    if (axis.isEllipsis) {
      int64_t count = 0;
      while (sizes.contains(".." + std::to_string(count)))
        ++count;
      for (int64_t i = count; i-- > 0;) {
        std::string label = ".." + std::to_string(i);
        wanted.push_back(label);
        resultShape.push_back(sizes.at(label));
        resultAxes.push_back(names.at(label));
      }
      continue;
    }
    Dim size = 1;
    AxisName name;
    for (const ast::Ident &factor : axis.factors) {
      if (!sizes.contains(factor.text)) {
        if (ok)
          typeError(factor.loc, "axis " + factor.text +
                                    " is in no operand left "
                                    "of `->`");
        ok = false;
        continue;
      }
      if (!seen.insert(factor.text).second) {
        error(factor.loc, "axis " + factor.text + " stands twice in one list");
        ok = false;
      }
      wanted.push_back(factor.text);
      size = size * sizes.at(factor.text);
      name = names.at(factor.text);
    }
    resultShape.push_back(size);
    resultAxes.push_back(axis.factors.size() == 1 ? name : AxisName());
  }
  if (!ok)
    return {};
  at(contraction.arrowLoc);
  if (operands.empty())
    return poison(contraction.arrowLoc, "`->` needs an operand with axes");

  std::vector<std::string> letters;
  Labelled total = operands[0];
  for (size_t i = 1; i < operands.size(); ++i) {
    const Labelled &next = operands[i];
    if (total.value.ir->type().elem() != next.value.ir->type().elem() ||
        total.value.ir->type().elem() == Elem::Bool)
      return poison(contraction.loc, "a product needs the same numbers, not " +
                                         total.value.describe() + " and " +
                                         next.value.describe());
    std::vector<std::string> kept;
    auto needed = [&](const std::string &label) {
      bool found = std::count(wanted.begin(), wanted.end(), label) > 0;
      for (size_t j = i + 1; j < operands.size(); ++j)
        found |= placeOf(operands[j].labels, label) < operands[j].labels.size();
      return found;
    };
    if (i + 1 == operands.size()) {
      // The last product makes the result's own order.
      for (const std::string &label : wanted)
        kept.push_back(label);
    } else {
      for (const std::vector<std::string> *labels :
           {static_cast<const std::vector<std::string> *>(&total.labels),
            &next.labels})
        for (const std::string &label : *labels)
          if (needed(label) && placeOf(kept, label) == kept.size())
            kept.push_back(label);
    }
    Attr left = symbols(total.labels, letters);
    Attr right = symbols(next.labels, letters);
    Attr result = symbols(kept, letters);
    total.value = Val::tensor(
        builder().op("contract", {total.value.ir, next.value.ir},
                     {{"left", left}, {"right", right}, {"result", result}}));
    total.labels = kept;
  }
  // What is left to sum, when there is one operand.
  std::vector<int64_t> summed;
  std::vector<std::string> rest;
  for (size_t i = 0; i < total.labels.size(); ++i) {
    if (placeOf(wanted, total.labels[i]) == wanted.size())
      summed.push_back(static_cast<int64_t>(i));
    else
      rest.push_back(total.labels[i]);
  }
  if (!summed.empty()) {
    if (total.value.ir->type().elem() == Elem::Bool)
      return poison(contraction.arrowLoc, "a sum needs numbers, not bool");
    total.value = Val::tensor(
        builder().op("sum", {total.value.ir}, {{"axes", Attr::ints(summed)}}));
    total.labels = rest;
  }
  std::vector<int64_t> permutation;
  for (const std::string &label : wanted)
    permutation.push_back(static_cast<int64_t>(placeOf(total.labels, label)));
  Val result = transpose(total.value, permutation);
  result = reshapeTo(result, resultShape, resultAxes);
  for (const Val &scalar : scalars)
    result = binary(ast::BinaryOp::Mul, scalar, result, contraction.arrowLoc);
  return result;
}

} // namespace nnc
