#include "ir/kernels/tuning.h"

#include "ir/kernels/kept.h"
#include "ir/kernels/product_columns.h"

#include <charconv>
#include <cstdio>
#include <optional>
#include <vector>

namespace nnc {

AttrDict expectedSizes(const Function &function) {
  const Attr *expected = function.attrs.find("expected");
  return expected ? expected->asDict() : AttrDict();
}

std::string kernelKey(const Op &kernel, const Function &function,
                      const Machine &machine) {
  AttrDict expected = expectedSizes(function);
  Op *first = tiledProduct(kernel);
  Nest nest(first);
  std::string key = machine.name + " " +
                    std::string(elemName(first->result()->type().elem()));
  // The program's names of axes would make equal kernels different.
  std::map<std::string, std::string, std::less<>> names;
  for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
    for (const NestAxis &axis : *list) {
      std::string name(1, static_cast<char>('a' + names.size() % 26));
      names[axis.name] = name;
      key += " " + name + "=" + std::to_string(estimate(axis.extent, expected));
    }
  auto canonical = [&](const Shape &map) {
    std::string text;
    for (const Dim &entry : map)
      text +=
          (text.empty() ? "" : ", ") +
          entry
              .substitute([&](std::string_view symbol) -> std::optional<Dim> {
                auto axis = names.find(symbol);
                if (axis != names.end())
                  return Dim::symbol(axis->second);
                return estimate(Dim::symbol(std::string(symbol)), expected);
              })
              .str();
    return "[" + text + "]";
  };
  key += ": " + canonical(nest.maps[0]) + " * " + canonical(nest.maps[1]) +
         " -> " + canonical(nest.results[0]);
  if (keepsB(kernel, nest, function))
    key += ", kept";
  for (const auto &op : kernel.region().operations()) {
    if (!op->is("nest") || op.get() == first)
      continue;
    Nest other(op.get());
    key += other.isProduct()     ? ", product"
           : other.isReduction() ? ", " + other.combine
                                 : ", map";
  }
  return key;
}

namespace {
struct Part {
  const char *name;
  int64_t ProductTiles::*tile;
};
} // namespace

static constexpr Part parts[] = {{"rows", &ProductTiles::rows},
                                 {"columns", &ProductTiles::columns},
                                 {"lines", &ProductTiles::lines},
                                 {"images", &ProductTiles::images}};

static std::string textOf(const ProductTiles &tiles) {
  std::string text;
  auto add = [&](const std::string &part) {
    text += (text.empty() ? "" : ", ") + part;
  };
  for (const Part &part : parts)
    if (int64_t tile = tiles.*part.tile)
      add(part.name + (" " + std::to_string(tile)));
  if (tiles.packsWhole)
    add("whole");
  return text;
}

std::string Tuning::print() const {
  std::string text = "# Schedules that nnc build --tune has measured: "
                     "KERNEL | SCHEDULE | ms, and ms of the model's schedule\n";
  for (const auto &[key, kernel] : kernels) {
    char times[64];
    std::snprintf(times, sizeof times, " | %.4g %.4g\n", kernel.ms,
                  kernel.modelMs);
    text += key + " | " + textOf(kernel.tiles) + times;
  }
  return text;
}

static std::string_view trim(std::string_view text) {
  size_t from = text.find_first_not_of(" \t\r"),
         to = text.find_last_not_of(" \t\r");
  return from == std::string_view::npos ? std::string_view()
                                        : text.substr(from, to - from + 1);
}

static std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> list;
  for (size_t from = 0; from <= text.size();) {
    size_t to = std::min(text.find(at, from), text.size());
    list.push_back(trim(text.substr(from, to - from)));
    from = to + 1;
  }
  return list;
}

template <typename Number>
static bool read(std::string_view text, Number &number) {
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() &&
         number >= 0;
}

/// What is wrong with a schedule, or "".
static std::string readTiles(std::string_view text, ProductTiles &tiles) {
  constexpr int64_t mostTile = 1 << 20;
  for (std::string_view each : split(text, ',')) {
    if (each == "whole") {
      tiles.packsWhole = true;
      continue;
    }
    size_t space = each.find(' ');
    auto part = std::find_if(std::begin(parts), std::end(parts),
                             [&](const Part &known) {
                               return space != std::string_view::npos &&
                                      each.substr(0, space) == known.name;
                             });
    int64_t tile = 0;
    if (part == std::end(parts) || !read(trim(each.substr(space)), tile) ||
        tile < 1 || tile > mostTile)
      return "'" + std::string(each) +
             "' is no part of a schedule, such as 'rows 14, columns 64, whole'";
    tiles.*part->tile = tile;
  }
  return "";
}

std::string Tuning::parse(std::string_view text) {
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() || line.front() == '#')
      continue;
    auto wrong = [&](const std::string &what) {
      return path + ":" + std::to_string(number) + ": error: " + what;
    };
    std::vector<std::string_view> columns = split(line, '|');
    TunedKernel kernel;
    kernel.line = number;
    if (columns.size() != 3 || columns[0].empty())
      return wrong("a line is 'KERNEL | SCHEDULE | MS MS'");
    if (std::string what = readTiles(columns[1], kernel.tiles); !what.empty())
      return wrong(what);
    std::vector<std::string_view> times = split(columns[2], ' ');
    if (times.size() != 2 || !read(times[0], kernel.ms) ||
        !read(times[1], kernel.modelMs))
      return wrong("'" + std::string(columns[2]) +
                   "' is no two times, in milliseconds");
    auto [known, isNew] =
        kernels.emplace(std::string(columns[0]), std::move(kernel));
    if (!isNew)
      return wrong("the kernel stands in line " +
                   std::to_string(known->second.line) + " too");
  }
  return "";
}

} // namespace nnc
