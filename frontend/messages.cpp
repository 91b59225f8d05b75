#include "frontend/elaborator.h"

#include <algorithm>

namespace nnc {

Diagnostic &Elaborator::error(Loc loc, const std::string &message) {
  Diagnostic &result = sink.error(loc, message);
  // An error inside another file's definition comes from a call of this one.
  const Frame *inner = frame;
  while (inner && inner->callLoc.valid() && inner->callLoc.file == loc.file)
    inner = inner->caller;
  if (inner && inner->callable && inner->callLoc.valid() &&
      inner->callable->loc.file == loc.file)
    result.note(inner->callLoc, inner->callable->name.text + " is called here");
  return result;
}

Val Elaborator::unsupported(Loc loc, const char *limitation,
                            const std::string &which) {
  sink.unsupported(loc, limitation + (which.empty() ? "" : ", " + which + ",") +
                            " is not supported yet");
  return {};
}

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

std::string Elaborator::nearest(const std::string &name,
                                const std::vector<std::string> &known) {
  std::string best;
  size_t least = name.size() / 3 + 1;
  if (name.size() > 64)
    return best;
  for (const std::string &each : known) {
    if (each == name || each.size() < 2 || each.size() > 64)
      continue;
    if (size_t d = distance(name, each); d < least + (best.empty() ? 1 : 0)) {
      best = each;
      least = d;
    }
  }
  return best;
}

void Elaborator::unknownName(const ast::Ident &name, const std::string &what) {
  std::vector<std::string> known;
  for (const auto &[each, value] : frame->values)
    known.push_back(each);
  for (const auto &[each, value] : frame->dims)
    known.push_back(each);
  for (const auto &[each, value] : frame->file->dims)
    known.push_back(each);
  for (const std::string &each : scopes.names(*frame->file))
    known.push_back(each);
  for (const std::string &each : builtinNames())
    known.push_back(each);
  std::string near = nearest(name.text, known);
  error(name.loc, "there is no " + what + " " + name.text +
                      (near.empty() ? "" : "; did you mean " + near + "?"));
}

Location Elaborator::location(Loc loc) {
  if (!loc.valid())
    return {};
  auto &name = fileNames[loc.file];
  if (!name)
    name = std::make_shared<const std::string>(sources.file(loc.file).name());
  LineColumn place = sources.lineColumn(loc);
  return {name, static_cast<int>(place.line), static_cast<int>(place.column)};
}

} // namespace nnc
