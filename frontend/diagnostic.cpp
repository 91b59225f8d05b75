#include "frontend/diagnostic.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace nnc {

Diagnostic &Diagnostic::note(Loc loc, std::string message) {
  notes.push_back({loc, std::move(message)});
  return *this;
}

Diagnostic &DiagnosticSink::add(Severity severity, Loc loc,
                                std::string message) {
  diagnostics.push_back({severity, loc, std::move(message), {}});
  failures += severity != Severity::Warning;
  return diagnostics.back();
}

Diagnostic &DiagnosticSink::error(Loc loc, std::string message) {
  return add(Severity::Error, loc, std::move(message));
}

Diagnostic &DiagnosticSink::unsupported(Loc loc, std::string message) {
  return add(Severity::Unsupported, loc, std::move(message));
}

Diagnostic &DiagnosticSink::warning(Loc loc, std::string message) {
  return add(Severity::Warning, loc, std::move(message));
}

void DiagnosticSink::rollBack(const Mark &mark) {
  diagnostics.resize(mark.diagnostics);
  failures = mark.failures;
}

int DiagnosticSink::exitCode() const {
  if (failures == 0)
    return 0;
  for (const Diagnostic &each : diagnostics)
    if (each.severity == Severity::Error)
      return 1;
  return 2;
}

/// The characters of a line, each as it can be printed: what is not UTF-8 and
/// what would move the cursor becomes '?', a tab a space.
static std::vector<std::string> printable(std::string_view line) {
  std::vector<std::string> characters;
  for (size_t i = 0; i < line.size();) {
    auto lead = static_cast<unsigned char>(line[i]);
    size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    size_t have = 1;
    while (have < length && i + have < line.size() &&
           isContinuationByte(line[i + have]))
      ++have;
    bool whole = have == length && lead != 0x7F &&
                 (lead < 0x80 || (lead >= 0xC2 && lead < 0xF5));
    if (lead == '\t')
      characters.emplace_back(" ");
    else if (lead < 0x20 || !whole)
      characters.emplace_back("?");
    else
      characters.emplace_back(line.substr(i, have));
    i += have;
    // A stray continuation byte has no column of its own.
    while (i < line.size() && isContinuationByte(line[i]))
      ++i;
  }
  return characters;
}

/// The source line with its number, and a caret below the column. Of a long
/// line, the part around the caret.
static std::string excerpt(const SourceFile &file, LineColumn place) {
  constexpr size_t width = 120;
  std::vector<std::string> line = printable(file.line(place.line));
  size_t caret = place.column - 1;
  size_t begin = 0, end = line.size();
  if (line.size() > width) {
    begin = caret > width / 2 ? caret - width / 2 : 0;
    begin = std::min(begin, line.size() - width);
    end = begin + width;
  }
  std::string text, number = std::to_string(place.line);
  text += std::string(number.size() < 5 ? 5 - number.size() : 0, ' ');
  text += number + " | ";
  std::string indent(text.size() - 2, ' ');
  indent += "| ";
  if (begin > 0) {
    text += "...";
    indent += "   ";
  }
  for (size_t i = begin; i < end; ++i)
    text += line[i];
  if (end < line.size())
    text += "...";
  return text + "\n" + indent + std::string(caret - begin, ' ') + "^\n";
}

static std::string message(const SourceManager &sources, Loc loc,
                           const char *kind, const std::string &text) {
  if (!loc.valid())
    return "nnc: " + std::string(kind) + ": " + text + "\n";
  const SourceFile &file = sources.file(loc.file);
  LineColumn place = file.lineColumn(loc.offset);
  return file.name() + ":" + std::to_string(place.line) + ":" +
         std::to_string(place.column) + ": " + kind + ": " + text + "\n" +
         excerpt(file, place);
}

std::string DiagnosticSink::render() const {
  std::vector<const Diagnostic *> order;
  for (const Diagnostic &each : diagnostics)
    order.push_back(&each);
  std::stable_sort(
      order.begin(), order.end(), [](const Diagnostic *a, const Diagnostic *b) {
        return a->loc.file != b->loc.file ? a->loc.file < b->loc.file
                                          : a->loc.offset < b->loc.offset;
      });
  std::string text;
  size_t errors = 0;
  // A definition that is elaborated for several calls fails in each.
  std::set<std::tuple<uint32_t, size_t, std::string>> said;
  for (const Diagnostic *each : order) {
    if (!said.emplace(each->loc.file, each->loc.offset, each->message).second)
      continue;
    const char *kind = each->severity == Severity::Error     ? "error"
                       : each->severity == Severity::Warning ? "warning"
                                                             : "unsupported";
    if (each->severity != Severity::Warning && ++errors > maxErrors)
      continue;
    text += message(sources, each->loc, kind, each->message);
    for (const Diagnostic::Note &note : each->notes)
      text += message(sources, note.loc, "note", note.message);
  }
  if (errors > maxErrors)
    text += "nnc: there are more errors\n";
  return text;
}

} // namespace nnc
