#include "tools/function_diff.h"

#include "tools/line_diff.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace nnc {

namespace {

std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t from = 0; from < text.size();) {
    size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

/// Where the next name of a value begins, and behind it; npos if none does.
std::pair<size_t, size_t> nextName(const std::string &line, size_t from) {
  size_t begin = line.find('%', from);
  if (begin == std::string::npos)
    return {begin, begin};
  size_t end = begin + 1;
  while (end < line.size() &&
         (std::isalnum(static_cast<unsigned char>(line[end])) ||
          line[end] == '_' || line[end] == '.'))
    ++end;
  return {begin, end};
}

/// The line with another name for each.
template <typename Rename>
std::string renamed(const std::string &line, const Rename &rename) {
  std::string text;
  size_t done = 0;
  for (auto [begin, end] = nextName(line, 0); begin != std::string::npos;
       std::tie(begin, end) = nextName(line, end)) {
    text += line.substr(done, begin - done) +
            rename(line.substr(begin, end - begin));
    done = end;
  }
  return text + line.substr(done);
}

/// Without what the printer adds to tell equal hints apart: "%y_1" is "%y", and
/// "%12" is "%".
std::string hintOf(const std::string &name) {
  size_t last = name.find_last_not_of("0123456789");
  bool isNumbered = last != name.size() - 1 && last != std::string::npos &&
                    (name[last] == '_' || last == 0);
  return isNumbered ? name.substr(0, std::max<size_t>(last, 1)) : name;
}

/// Where the names end that a line gives to values; what follows it uses.
size_t endOfGiven(const std::string &line) {
  size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos)
    return 0;
  if (line.starts_with("func") || line[first] == '^')
    return line.size();
  return line[first] == '%' ? line.find(" = ") : 0;
}

struct Names {
  std::vector<std::string> given, used;

  explicit Names(const std::string &line) {
    size_t behind = endOfGiven(line);
    for (auto [begin, end] = nextName(line, 0); begin != std::string::npos;
         std::tie(begin, end) = nextName(line, end))
      (begin < behind ? given : used)
          .push_back(line.substr(begin, end - begin));
  }
};

/// What two lines must have alike to be the same op, whatever it reads.
std::string keyOf(const std::string &line) {
  size_t behind = std::min(endOfGiven(line), line.size());
  return renamed(line.substr(0, behind), hintOf) +
         renamed(line.substr(behind), [](const std::string &) { return "%"; });
}

class FunctionDiff {
public:
  FunctionDiff(const FunctionText &before, const FunctionText &after)
      : before(linesOf(before.shown)), after(linesOf(after.shown)),
        fullBefore(linesOf(before.full)), fullAfter(linesOf(after.full)) {}

  std::string run() {
    std::vector<std::pair<size_t, size_t>> pairs =
        sameLines(keysOf(before), keysOf(after));
    for (auto [i, j] : pairs) {
      Names old(before[i]), now(after[j]);
      for (size_t n = 0; n < old.given.size(); ++n)
        names[old.given[n]] = now.given[n];
    }
    size_t i = 0, j = 0;
    auto goTo = [&](size_t endBefore, size_t endAfter) {
      for (; i < endBefore; ++i)
        gone.push_back(i);
      for (; j < endAfter; ++j)
        come.push_back(j);
    };
    for (auto [a, b] : pairs) {
      goTo(a, b);
      if (isSame(a, b))
        unchanged(j);
      else
        goTo(a + 1, b + 1);
      i = a + 1;
      j = b + 1;
    }
    goTo(before.size(), after.size());
    flush();
    return text;
  }

private:
  static std::vector<std::string>
  keysOf(const std::vector<std::string> &lines) {
    std::vector<std::string> keys;
    for (const std::string &line : lines)
      keys.push_back(keyOf(line));
    return keys;
  }

  /// Of two lines with one key.
  bool isSame(size_t i, size_t j) const {
    Names old(before[i]), now(after[j]);
    for (size_t n = 0; n < old.used.size(); ++n)
      if (nameAfter(old.used[n]) != now.used[n])
        return false;
    // A constant has no operands, whose numbers may differ.
    if (before[i].find(" more]") == std::string::npos)
      return true;
    auto value = [](const std::string &line) {
      return std::string_view(line).substr(line.find(" = "));
    };
    return value(fullBefore[i]) == value(fullAfter[j]);
  }

  std::string nameAfter(const std::string &name) const {
    auto found = names.find(name);
    return found == names.end() ? name + "'" : found->second;
  }

  void unchanged(size_t line) {
    if (!gone.empty() || !come.empty()) {
      flush();
      text += "  " + after[line] + "\n";
      return;
    }
    leavesOut |= last.has_value();
    last = line;
    // The function's head is long, and its name has been said.
    if (line == 0) {
      leavesOut = true;
      last.reset();
    }
  }

  /// Writes what has changed, and the line before it.
  void flush() {
    if (gone.empty() && come.empty())
      return;
    if (leavesOut)
      text += "  ...\n";
    if (last)
      text += "  " + after[*last] + "\n";
    auto toAfter = [&](const std::string &name) { return nameAfter(name); };
    for (size_t line : gone)
      text += "- " + renamed(before[line], toAfter) + "\n";
    for (size_t line : come)
      text += "+ " + after[line] + "\n";
    gone.clear();
    come.clear();
    last.reset();
    leavesOut = false;
  }

  const std::vector<std::string> before, after, fullBefore, fullAfter;
  std::unordered_map<std::string, std::string> names; ///< Before, after.
  std::vector<size_t> gone, come;
  std::optional<size_t> last; ///< What is unchanged, and not written.
  bool leavesOut = false;     ///< Whether there is more before that.
  std::string text;
};

} // namespace

std::string functionDiff(const FunctionText &before,
                         const FunctionText &after) {
  if (before.full == after.full)
    return "";
  return FunctionDiff(before, after).run();
}

} // namespace nnc
