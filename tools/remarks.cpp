#include "tools/remarks.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace nnc {

/// "; multiply-adds A -> B", if they differ.
static std::string change(const char *what, const Dim &before,
                          const Dim &after) {
  if (before == after)
    return "";
  return std::string("; ") + what + " " + before.str() + " -> " + after.str();
}

/// "; in Net.dense1", as explain calls it: a line of std/ stands for many.
static std::string layerOf(const Remark &remark) {
  return remark.location.layer ? "; in " + *remark.location.layer : "";
}

std::string remarksText(const RewriteLog &log, bool missed) {
  // The same line, however often, is said once.
  std::vector<std::pair<std::string, int64_t>> lines;
  for (const Remark &remark : log.remarks()) {
    if (remark.missed != missed)
      continue;
    std::string line =
        placeOf(remark.location, remark.function) + ": " +
        std::string(remark.rule) + ": " + remark.text +
        change("multiply-adds", remark.before.multiplyAdds,
               remark.after.multiplyAdds) +
        change("bytes", remark.before.bytes, remark.after.bytes) +
        layerOf(remark);
    auto known =
        std::find_if(lines.begin(), lines.end(),
                     [&](const auto &each) { return each.first == line; });
    if (known == lines.end())
      lines.emplace_back(std::move(line), 1);
    else
      ++known->second;
  }
  std::string text;
  for (const auto &[line, times] : lines)
    text += line + (times > 1 ? " (" + std::to_string(times) + " times)" : "") +
            "\n";
  return text;
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
        json.attribute("text", remark.text);
        pair("multiply_adds", remark.before.multiplyAdds,
             remark.after.multiplyAdds);
        pair("bytes", remark.before.bytes, remark.after.bytes);
      });
  });
  return text + "\n";
}

} // namespace nnc
