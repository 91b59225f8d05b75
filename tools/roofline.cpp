#include "tools/roofline.h"

#include "codegen/brgemm.h"
#include "ir/check.h"
#include "tools/linked_symbols.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <sched.h>
#include <thread>
#include <vector>

namespace nnc {

double Roofline::seconds(int64_t multiplyAdds, int64_t bytesMoved) const {
  return std::max(2 * static_cast<double>(multiplyAdds) / flops,
                  static_cast<double>(bytesMoved) / bytes);
}

std::optional<Roofline> parseRoofline(const std::string &text) {
  size_t comma = text.find(',');
  if (comma == std::string::npos)
    return std::nullopt;
  auto number = [&](size_t from, size_t to) {
    double value = 0;
    auto [end, error] =
        std::from_chars(text.data() + from, text.data() + to, value);
    bool whole = error == std::errc() && end == text.data() + to;
    return whole && std::isfinite(value) ? value * 1e9 : 0;
  };
  Roofline result{number(0, comma), number(comma + 1, text.size()),
                  "given by --peak"};
  if (!(result.flops > 0 && result.bytes > 0))
    return std::nullopt;
  return result;
}

static double secondsOf(const std::function<void()> &work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
      .count();
}

/// Has each of `threads` threads call `work` with its number.
static void together(unsigned threads,
                     const std::function<void(unsigned)> &work) {
  std::vector<std::thread> team;
  for (unsigned i = 1; i < threads; ++i)
    team.emplace_back(work, i);
  work(0);
  for (std::thread &each : team)
    each.join();
}

static double measureFlops(const Target &target, Elem elem, unsigned threads) {
  using Kernel =
      void (*)(const void *a, const void *b, void *c, const int64_t *fields);
  Kernel kernel = nullptr;
  for (const RuntimeSymbol &symbol : linkedSymbols())
    if (symbol.name == brgemmName(target, elem))
      kernel = reinterpret_cast<Kernel>(symbol.address);
  check(kernel, "a target has no micro-kernel");
  constexpr int64_t lanes = 16, depth = 256, calls = 5, tries = 80;
  const int64_t rows = 2 * brgemmTileRows(target, elem),
                panels = 2 * brgemmTileColumns(target, elem) / lanes;
  int64_t fields[BrgemmFields] = {};
  fields[BrgemmRows] = rows;
  fields[BrgemmPanels] = panels;
  fields[BrgemmARow] = depth;
  fields[BrgemmBPanel] = depth * lanes;
  fields[BrgemmCRow] = panels * lanes;
  fields[BrgemmCount0] = fields[BrgemmCount1] = 1;
  fields[BrgemmDepth] = depth;
  fields[BrgemmADepth] = 1;
  fields[BrgemmBDepth] = lanes;
  // Each thread's best try counts: in others the machine did something else.
  std::vector<double> best(threads, INFINITY);
  together(threads, [&](unsigned thread) {
    // Zeros, in either element type: sums stay as they are.
    std::vector<double> a(rows * depth), b(panels * depth * lanes),
        c(rows * panels * lanes);
    for (int64_t i = 0; i < tries; ++i)
      best[thread] = std::min(best[thread], secondsOf([&] {
                                for (int64_t call = 0; call < calls; ++call)
                                  kernel(a.data(), b.data(), c.data(), fields);
                              }));
  });
  double sum = 0;
  for (double seconds : best)
    sum += 2 * static_cast<double>(rows * panels * lanes * depth * calls) /
           seconds;
  return sum;
}

static double measureBytes(unsigned threads) {
  // Together more than the caches hold. The first try finds the pages.
  const size_t size = std::max<size_t>((size_t(64) << 20) / threads, 4 << 20);
  std::vector<std::unique_ptr<char[]>> from(threads), to(threads);
  for (unsigned i = 0; i < threads; ++i) {
    from[i] = std::make_unique<char[]>(size);
    to[i] = std::make_unique<char[]>(size);
  }
  double best = INFINITY;
  for (int i = 0; i < 4; ++i)
    best = std::min(best, secondsOf([&] {
                      together(threads, [&](unsigned thread) {
                        std::memcpy(to[thread].get(), from[thread].get(), size);
                      });
                    }));
  return 2 * static_cast<double>(size) * threads / best;
}

unsigned coresHere() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set))
    return 1;
  return std::max(1, CPU_COUNT(&set));
}

Roofline measureRoofline(const Target &target, Elem elem, unsigned threads) {
  Roofline result;
  result.flops = measureFlops(target, elem, threads);
  result.bytes = measureBytes(threads);
  result.source = "measured with " + std::to_string(threads) +
                  (threads == 1 ? " thread" : " threads");
  return result;
}

} // namespace nnc
