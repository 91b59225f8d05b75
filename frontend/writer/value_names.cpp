#include "frontend/writer/value_names.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

namespace nnc {

/// Words of the grammar that cannot be names, and functions with sizes in
/// brackets, which would be indices of a value of that name.
static bool isReserved(const std::string &name) {
  static const std::set<std::string> words = {
      "_",     "dim",    "fn",    "layer",  "net",   "optimizer", "train",
      "test",  "import", "param", "return", "yield", "repeat",    "scan",
      "fold",  "if",     "else",  "true",   "false", "training",  "bool",
      "i8",    "i32",    "i64",   "bf16",   "f16",   "f32",       "f64",
      "zeros", "ones",   "range"};
  return words.contains(name);
}

std::string ValueNames::unique(const std::string &wish) {
  std::string base;
  for (char c : wish)
    base += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  if (base.empty() || std::isdigit(static_cast<unsigned char>(base[0])))
    base = "v" + base;
  base[0] =
      static_cast<char>(std::tolower(static_cast<unsigned char>(base[0])));
  if (isReserved(base))
    base += "_";
  if (taken.insert(base).second)
    return base;
  // A number touches a name that ends in one.
  std::string stem =
      base + (std::isdigit(static_cast<unsigned char>(base.back())) ? "_" : "");
  for (int64_t &number = next.try_emplace(stem, 1).first->second;;) {
    std::string name = stem + std::to_string(++number);
    if (!isReserved(name) && taken.insert(name).second)
      return name;
  }
}

std::string ValueNames::forValue(const Value &value) {
  if (!value.hint.empty())
    return unique(value.hint);
  static const std::map<std::string_view, const char *> letters = {
      {"contract", "p"},   {"conv", "p"},       {"exp", "e"},
      {"reduce_max", "m"}, {"reduce_min", "m"}, {"sigmoid", "s"},
      {"sqrt", "r"},       {"sum", "t"},        {"tanh", "h"},
      {"gather", "rows"},  {"scan", "turns"},   {"constant", "c"}};
  const Op *op = value.definingOp();
  auto letter = op ? letters.find(op->name()) : letters.end();
  return unique(letter == letters.end() ? "v" : letter->second);
}

std::map<int64_t, std::string>
variableNames(const Function &function, const std::vector<int64_t> &arguments) {
  std::map<int64_t, std::vector<std::string>> paths;
  for (int64_t i : arguments)
    if (const Attr *path = function.argAttrs[i].find("variable")) {
      std::stringstream stream(path->asString());
      std::vector<std::string> &parts = paths[i];
      for (std::string part; std::getline(stream, part, '.');)
        parts.push_back(part);
    }
  // What all paths begin with says nothing.
  size_t common = 0;
  auto shareOne = [&] {
    return !paths.empty() &&
           std::all_of(paths.begin(), paths.end(), [&](const auto &each) {
             const auto &parts = each.second, &first = paths.begin()->second;
             return common + 1 < parts.size() && parts[common] == first[common];
           });
  };
  while (shareOne())
    ++common;
  std::map<int64_t, std::string> names;
  for (const auto &[place, parts] : paths)
    for (size_t i = common; i < parts.size(); ++i)
      names[place] += (i == common ? "" : "_") + parts[i];
  for (auto &[place, name] : names)
    name[0] =
        static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
  return names;
}

} // namespace nnc
