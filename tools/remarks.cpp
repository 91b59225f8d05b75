#include "tools/remarks.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <map>
#include <ranges>

namespace nnc {

/// "; multiply-adds A -> B", if they differ.
static std::string change(const char *what, const Dim &before,
                          const Dim &after) {
  if (before == after)
    return "";
  return std::string("; ") + what + " " + before.str() + " -> " + after.str();
}

static std::string changes(const Work &before, const Work &after) {
  return change("multiply-adds", before.multiplyAdds, after.multiplyAdds) +
         change("bytes", before.bytes, after.bytes);
}

/// "Net.dense1", as explain calls it: a line of std/ stands for many.
static std::string layerOf(const Location &location) {
  return location.layer ? *location.layer : "";
}

static std::string beginOf(const Remark &remark) {
  return placeOf(remark.location, remark.function) + ": " +
         std::string(remark.rule) + ": " + remark.text;
}

/// One line for each; the same is said once, with how often one function has
/// it: a net's layers are in its steps too.
static std::string appliedText(const RewriteLog &log) {
  struct Line {
    std::string text;
    std::map<std::string, int64_t> times; ///< By function.
  };
  std::vector<Line> lines;
  for (const Remark &remark : log.remarks()) {
    if (remark.missed)
      continue;
    std::string layer = layerOf(remark.location);
    std::string text = beginOf(remark) + changes(remark.before, remark.after) +
                       (layer.empty() ? "" : "; in " + layer);
    auto known = std::ranges::find(lines, text, &Line::text);
    if (known == lines.end())
      known = lines.insert(known, {std::move(text), {}});
    ++known->times[remark.function];
  }
  std::string all;
  for (const Line &line : lines) {
    int64_t times = std::ranges::max(std::views::values(line.times));
    all += line.text +
           (times > 1 ? " (" + std::to_string(times) + " times)" : "") + "\n";
  }
  return all;
}

/// "Net.dense2 (reads Net.dense1)"; of what is in no layer "reads
/// Net.dense1".
static std::string placeInNet(const Remark &remark) {
  std::string layer = layerOf(remark.location);
  if (!remark.source.line)
    return layer;
  std::string source = layerOf(remark.source);
  if (source.empty())
    source = "line " + std::to_string(remark.source.line);
  if (layer.empty())
    return "reads " + source;
  return source == layer ? layer : layer + " (reads " + source + ")";
}

namespace {

/// What is to be said of all layers that have the same code.
class MissedLine {
public:
  explicit MissedLine(std::string begin) : begin(std::move(begin)) {}

  std::string begin;

  void add(const Remark &remark) {
    std::string place = placeInNet(remark);
    if (!place.empty() && !std::ranges::count(places, place))
      places.push_back(std::move(place));
    auto found =
        std::ranges::find(functions, remark.function, &InFunction::name);
    if (found == functions.end())
      found = functions.insert(found, {remark.function, {}, {}, 0});
    found->before = found->before + remark.before;
    found->after = found->after + remark.after;
    ++found->layers;
  }

  /// With what one function takes: a net's layers are in its steps too.
  std::string text() const {
    auto most = std::ranges::max_element(functions, {}, &InFunction::layers);
    std::string text = begin + changes(most->before, most->after);
    constexpr size_t mostNamed = 2;
    size_t named = places.size() <= mostNamed + 1 ? places.size() : mostNamed;
    for (size_t i = 0; i < named; ++i) {
      bool isLayer = !places[i].starts_with("reads ");
      text += (i ? ", " : isLayer ? "; in " : "; ") + places[i];
    }
    if (named < places.size())
      text += " and " + std::to_string(places.size() - named) + " more";
    return text + "\n";
  }

private:
  struct InFunction {
    std::string name;
    Work before, after; ///< Of all layers.
    int64_t layers;
  };
  std::vector<InFunction> functions;
  std::vector<std::string> places;
};

} // namespace

static std::string missedText(const RewriteLog &log) {
  std::vector<MissedLine> lines;
  for (const Remark &remark : log.remarks()) {
    if (!remark.missed)
      continue;
    std::string begin = beginOf(remark);
    auto line = std::ranges::find(lines, begin, &MissedLine::begin);
    if (line == lines.end())
      line = lines.insert(line, MissedLine(std::move(begin)));
    line->add(remark);
  }
  std::string text;
  for (const MissedLine &line : lines)
    text += line.text();
  return text;
}

std::string remarksText(const RewriteLog &log, bool missed) {
  return missed ? missedText(log) : appliedText(log);
}

std::string remarksJson(const RewriteLog &log) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/1);
  auto pair = [&](const char *name, const Dim &before, const Dim &after) {
    json.attributeObject(name, [&] {
      json.attribute("before", before.str());
      json.attribute("after", after.str());
    });
  };
  json.array([&] {
    for (const Remark &remark : log.remarks())
      json.object([&] {
        json.attribute("rule", std::string(remark.rule));
        json.attribute("missed", remark.missed);
        json.attribute("function", remark.function);
        if (const Location &where = remark.location; where.file) {
          json.attribute("file", llvm::json::fixUTF8(*where.file));
          json.attribute("line", where.line);
        }
        if (remark.location.layer)
          json.attribute("layer", *remark.location.layer);
        if (remark.source.line)
          json.attributeObject("reads", [&] {
            json.attribute("line", remark.source.line);
            if (remark.source.layer)
              json.attribute("layer", *remark.source.layer);
          });
        json.attribute("text", remark.text);
        pair("multiply_adds", remark.before.multiplyAdds,
             remark.after.multiplyAdds);
        pair("bytes", remark.before.bytes, remark.after.bytes);
      });
  });
  return text + "\n";
}

} // namespace nnc
