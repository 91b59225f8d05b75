//===- trained_parameters.cpp: which parameters a clause is about ---------===//
#include "frontend/train_state.h"

namespace nnc {

using Item = ast::TrainItem;

bool isBelowAny(const std::string &path,
                const std::vector<std::string> &wholes) {
  for (const std::string &whole : wholes)
    if (isBelow(path, whole))
      return true;
  return false;
}

/// Whether some parameter is, or is below, this path.
bool Elaborator::checkBelow(const ast::Name &path) {
  std::string text = path.text();
  std::set<std::string> known;
  for (const Variable &variable : program.variables) {
    if (variable.kind != Variable::Parameter)
      continue;
    if (isBelow(variable.path, text))
      return true;
    // The path and all before it.
    for (size_t end = variable.path.size(); end != std::string::npos && end;
         end = variable.path.rfind('.', end - 1))
      known.insert(variable.path.substr(0, end));
  }
  std::string near = nearest(text, {known.begin(), known.end()});
  error(path.loc, "there is no net, instance or parameter " + text +
                      (near.empty() ? "" : "; did you mean " + near + "?"));
  return false;
}

void Elaborator::resolveStarts(TrainState &train) {
  for (const Item &item : train.train.items)
    if (item.kind == Item::Start && checkBelow(item.paths[0]))
      train.entry.starts.push_back(
          {item.paths[0].text(),
           besides(sources.file(item.loc.file).name(), item.text)});
}

/// The parameters that the loss depends on and that the step may change.
std::vector<std::string> Elaborator::parametersOf(const TrainState &train,
                                                  const StepState &step) {
  std::vector<std::string> own;
  size_t before = sink.errorCount();
  if (step.item)
    for (const ast::Name &path : step.item->paths)
      if (checkBelow(path))
        own.push_back(path.text());
  std::vector<std::string> paths;
  bool anyFrozen = false;
  for (const Variable &variable : program.variables) {
    const std::string &path = variable.path;
    if (variable.kind != Variable::Parameter ||
        !state->variables.contains(path) ||
        (step.item ? !isBelowAny(path, own) : !isTrained(path)))
      continue;
    bool isFrozen = frozen.contains(path) || isBelowAny(path, train.frozen);
    anyFrozen |= isFrozen;
    if (step.item && !isTrained(path) && !isFrozen) {
      error(step.item->loc,
            path + " is not among what this block trains, " + train.entry.name);
      return {};
    }
    if (!isFrozen)
      paths.push_back(path);
  }
  if (paths.empty() && !sink.hasErrors() && sink.errorCount() == before) {
    std::string of = step.item ? step.entry.name : train.entry.name;
    error(step.clauses.find(Item::Loss)->value->loc,
          anyFrozen ? "every parameter of " + of +
                          " that the loss uses is "
                          "frozen"
                    : "the loss uses no parameter of " + of);
  }
  return paths;
}

/// `*` stands for any characters, `?` for one.
static bool matches(const std::string &pattern, const std::string &text) {
  size_t p = 0, t = 0, star = std::string::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

std::vector<const Item *> Elaborator::groups(const StepState &step) {
  std::vector<const Item *> result;
  std::set<const ast::String *> used;
  std::string left;
  for (const std::string &path : step.paths) {
    const Item *found = nullptr;
    for (const Item *optimizer : step.clauses.optimizers) {
      bool fits = optimizer->patterns.empty();
      for (const ast::String &pattern : optimizer->patterns)
        if (!fits && matches(pattern.value, path)) {
          fits = true;
          used.insert(&pattern);
        }
      if (fits) {
        found = optimizer;
        break;
      }
    }
    result.push_back(found);
    if (!found)
      left += (left.empty() ? "" : ", ") + path;
  }
  size_t before = sink.errorCount();
  if (!left.empty())
    error(step.clauses.optimizers.back()->loc,
          "no `optimizer` is for " + left +
              "; one without `on` takes what is left");
  for (const Item *optimizer : step.clauses.optimizers)
    for (const ast::String &pattern : optimizer->patterns)
      if (!used.contains(&pattern))
        error(pattern.loc, "\"" + pattern.value +
                               "\" is the path of no parameter that is left to "
                               "train");
  if (sink.errorCount() != before)
    result.clear();
  return result;
}

} // namespace nnc
