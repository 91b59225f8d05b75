#include "frontend/diagnostic.h"

#include "frontend/characters.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace nnc {

Diagnostic &Diagnostic::note(Loc loc, std::string message) {
  notes.push_back({loc, std::move(message)});
  return *this;
}

Diagnostic &Diagnostic::fix(Loc loc, size_t length, std::string text) {
  if (!text.empty())
    fixes.push_back({loc, length, std::move(text)});
  return *this;
}

Diagnostic &DiagnosticSink::add(Severity severity, Loc loc,
                                std::string message) {
  diagnostics.push_back({severity, loc, std::move(message), {}, {}, false});
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

/// The characters of a line, at most so many, each as it can be printed: what
/// is not UTF-8 and what would move the cursor becomes '?', a tab a space.
static std::vector<std::string> printable(std::string_view line, size_t most) {
  std::vector<std::string> characters;
  for (size_t i = 0; i < line.size() && characters.size() < most;) {
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

/// Escape sequences of a terminal, or nothing.
struct Colours {
  explicit Colours(bool on) : on(on) {}

  std::string in(const char *code, const std::string &text) const {
    return on ? std::string("\033[") + code + "m" + text + "\033[0m" : text;
  }
  std::string bold(const std::string &text) const { return in("1", text); }
  std::string green(const std::string &text) const { return in("1;32", text); }
  std::string kind(const std::string &kind) const {
    return in(kind == "note"      ? "1;36"
              : kind == "warning" ? "1;35"
                                  : "1;31",
              kind + ":");
  }

  bool on;
};

/// The fixes that belong below the caret's line, each at its column.
static std::string fixLine(const SourceFile &file, LineColumn place,
                           const std::vector<Diagnostic::Fix> &fixes) {
  std::string text;
  size_t width = 0;
  for (const Diagnostic::Fix &each : fixes) {
    LineColumn at = file.lineColumn(each.loc.offset);
    if (at.line != place.line || at.column - 1 < width)
      continue;
    text += std::string(at.column - 1 - width, ' ') + each.text;
    width = at.column - 1 + characterCount(each.text);
  }
  return text;
}

/// The source line with its number, and a caret below the column. Of a long
/// line, the part around the caret.
static std::string excerpt(const SourceFile &file, LineColumn place,
                           const std::vector<Diagnostic::Fix> &fixes,
                           const Colours &colours) {
  constexpr size_t width = 120;
  size_t caret = place.column - 1;
  std::vector<std::string> line =
      printable(file.line(place.line), caret + width + 1);
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
  text += "\n" + indent + std::string(caret - begin, ' ') + colours.green("^") +
          "\n";
  std::string fix = fixLine(file, place, fixes);
  // A fix out of sight would stand at the wrong place.
  if (!fix.empty() && begin == 0)
    text += indent + colours.green(fix) + "\n";
  return text;
}

static std::string message(const SourceManager &sources, Loc loc,
                           const char *kind, const std::string &text,
                           const std::vector<Diagnostic::Fix> &fixes,
                           const Colours &colours) {
  std::string said = colours.kind(kind) + " " + colours.bold(text) + "\n";
  if (!loc.valid())
    return colours.bold("nnc:") + " " + said;
  const SourceFile &file = sources.file(loc.file);
  LineColumn place = file.lineColumn(loc.offset);
  return colours.bold(file.name() + ":" + std::to_string(place.line) + ":" +
                      std::to_string(place.column) + ":") +
         " " + said + excerpt(file, place, fixes, colours);
}

std::string DiagnosticSink::render(bool inColour) const {
  Colours colours(inColour);
  std::vector<const Diagnostic *> order;
  for (const Diagnostic &each : diagnostics)
    order.push_back(&each);
  std::stable_sort(
      order.begin(), order.end(), [](const Diagnostic *a, const Diagnostic *b) {
        return a->loc.file != b->loc.file ? a->loc.file < b->loc.file
                                          : a->loc.offset < b->loc.offset;
      });
  std::string text;
  size_t errors = 0, warnings = 0;
  // A definition that is elaborated for several calls fails in each.
  std::set<std::tuple<uint32_t, size_t, std::string>> said;
  for (const Diagnostic *each : order) {
    if (!said.emplace(each->loc.file, each->loc.offset, each->message).second)
      continue;
    const char *kind = each->severity == Severity::Error     ? "error"
                       : each->severity == Severity::Warning ? "warning"
                                                             : "unsupported";
    size_t &count = each->severity == Severity::Warning ? warnings : errors;
    if (++count > maxOfEach)
      continue;
    text +=
        message(sources, each->loc, kind, each->message, each->fixes, colours);
    for (const Diagnostic::Note &note : each->notes)
      text += message(sources, note.loc, "note", note.message, {}, colours);
  }
  if (errors > maxOfEach)
    text += "nnc: there are more errors\n";
  if (warnings > maxOfEach)
    text += "nnc: there are more warnings\n";
  return text;
}

} // namespace nnc
