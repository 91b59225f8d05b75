#include "frontend/spelling.h"

#include <algorithm>
#include <cctype>

namespace nnc {

/// The Levenshtein distance.
static size_t distance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1,
                         diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

static std::string lowerCase(std::string text) {
  for (char &each : text)
    each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return text;
}

std::string nearest(const std::string &name,
                    const std::vector<std::string> &known) {
  std::string best;
  size_t least = name.size() / 3 + 1;
  if (name.size() > 64)
    return best;
  for (const std::string &each : known) {
    if (each == name || each.size() < 2 || each.size() > 64)
      continue;
    if (size_t d = distance(lowerCase(name), lowerCase(each));
        d < least + (best.empty() ? 1 : 0)) {
      best = each;
      least = d;
    }
  }
  return best;
}

std::string otherCase(std::string name) {
  if (name[0] == '_')
    return "";
  name[0] = static_cast<char>(name[0] ^ ('a' ^ 'A'));
  return name;
}

std::string didYouMean(const std::string &near) {
  return near.empty() ? "" : "; did you mean " + near + "?";
}

} // namespace nnc
