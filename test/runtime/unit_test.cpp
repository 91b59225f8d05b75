// The parts of the runtime that no command shows directly.
#include "test/runtime/unit_test.h"
#include "runtime/cpu.h"
#include "runtime/executor.h"
#include "runtime/generated_code.h"
#include "runtime/philox.h"
#include "runtime/plan.h"
#include "runtime/test_runner.h"
#include "runtime/threads.h"
#include "runtime/variables.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>

using namespace nnrt;

static bool same(PhiloxBlock a, PhiloxBlock b) {
  return !std::memcmp(&a, &b, sizeof a);
}

// The vectors of Random123's kat_vectors, philox4x32 with 10 rounds.
static void testPhilox() {
  CHECK(same(philox({{0, 0, 0, 0}}, 0, 0),
             {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
  CHECK(same(philox({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u),
             {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}));
  CHECK(same(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
                    0xa4093822, 0x299f31d0),
             {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));
}

static void testShuffle() {
  int64_t a[100], b[100];
  bool seen[100] = {};
  for (int i = 0; i < 100; ++i)
    a[i] = b[i] = i;
  shuffle(a, 100, 7, 1);
  shuffle(b, 100, 7, 2);
  CHECK(std::memcmp(a, b, sizeof a));
  for (int64_t item : a)
    seen[item] = true;
  for (bool each : seen)
    CHECK(each);
  // Each of the 6 orders of 3 comes about equally often.
  int counts[27] = {};
  for (int epoch = 0; epoch < 6000; ++epoch) {
    int64_t c[] = {0, 1, 2};
    shuffle(c, 3, 1, epoch);
    ++counts[c[0] * 9 + c[1] * 3 + c[2]];
  }
  for (int order : {5, 7, 11, 15, 19, 21})
    CHECK(counts[order] > 850 && counts[order] < 1150);
}

static void testPlan() {
  uint32_t draw = 0;
  auto random = [&](uint32_t bound) {
    return philox({{draw++, 0, 0, 0}}, 1, 2).words[0] % bound;
  };
  int64_t all = 0, bounds = 0;
  for (int round = 0; round < 200; ++round) {
    PlanItem items[40];
    int64_t offsets[40], count = random(41), sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      int32_t first = int32_t(random(30));
      items[i] = {int64_t(random(5000)), first, first + int32_t(random(8))};
      sum += (items[i].bytes + 63) / 64 * 64;
    }
    int64_t total = planMemory(items, count, offsets);
    CHECK(total >= planLowerBound(items, count) && total <= sum);
    all += total;
    bounds += planLowerBound(items, count);
    for (int64_t i = 0; i < count; ++i) {
      CHECK(offsets[i] + items[i].bytes <= total);
      CHECK(items[i].bytes < 512 || offsets[i] % 64 == 0);
      CHECK(items[i].bytes % 4 || offsets[i] % 4 == 0);
      for (int64_t j = 0; j < i; ++j)
        if (items[i].firstUse <= items[j].lastUse &&
            items[j].firstUse <= items[i].lastUse)
          CHECK(offsets[i] + items[i].bytes <= offsets[j] ||
                offsets[j] + items[j].bytes <= offsets[i]);
    }
  }
  // The bound has no gaps before multiples of 64.
  CHECK(double(all) <= 1.03 * double(bounds));
  // A chain needs its two widest neighbours and nothing more.
  PlanItem chain[] = {{640, 0, 1}, {640, 1, 2}, {640, 2, 3}, {640, 3, 4}};
  int64_t offsets[4];
  CHECK(planMemory(chain, 4, offsets) == 1280);
  // Taken by size, in this order, the second fills a gap that the last needs.
  PlanItem equal[] = {{64, 0, 0}, {64, 2, 2}, {64, 0, 1}, {64, 1, 4}};
  CHECK(planMemory(equal, 4, offsets) == 128);
  // Few bytes lie close, each at a multiple of its elements.
  PlanItem few[] = {{4, 0, 0}, {1, 0, 0}, {24, 0, 0}, {12, 0, 0}};
  CHECK(planMemory(few, 4, offsets) == 41);
  PlanItem huge[] = {{INT64_MAX - 100, 0, 0}, {INT64_MAX - 100, 1, 1}};
  CHECK(planMemory(huge, 2, offsets) == -1);
  CHECK(planLowerBound(huge, 2) == -1);
  huge[0].bytes = -1;
  CHECK(planMemory(huge, 1, offsets) == -1);
}

static void countRun(void *const *buffers, const int64_t *, void *,
                     int32_t thread, int32_t threads, Team *team) {
  // Every thread adds to what its neighbour left in the step before.
  int64_t *cells = static_cast<int64_t *>(buffers[0]);
  for (int step = 0; step < 200; ++step) {
    int64_t value = cells[(thread + 1) % threads];
    nnrt_barrier(team);
    cells[thread] = value + 1;
    nnrt_barrier(team);
  }
}

static void testThreads() {
  Function function = {};
  function.run = countRun;
  for (int threads : {1, 2, 3, 8}) {
    Team team(threads);
    int64_t cells[8] = {};
    void *buffers[] = {cells}, *scratch[8] = {};
    Error error;
    for (int run = 0; run < 5; ++run)
      CHECK(team.runFunction(function, buffers, nullptr, scratch,
                             team.threadsFor(0), error));
    for (int i = 0; i < threads; ++i)
      CHECK(cells[i] == 1000);
  }
  CHECK(Team(0).threadsFor(100) == 1);
}

static void runLoops(void *const *buffers, const int64_t *, void *,
                     int32_t thread, int32_t, Team *team) {
  // Threads meet after some loops: most begin while the last one still runs.
  auto *counts = static_cast<std::atomic<int32_t> *>(buffers[0]);
  for (int loop = 0; loop < 300; ++loop) {
    Turns turns = {0, -1};
    while (nnrt_take_turns(team, thread, loop, &turns))
      for (int64_t turn = turns.begin; turn < turns.end; ++turn)
        ++counts[turn];
    if (loop % 7 == 0)
      nnrt_barrier(team);
  }
}

static void testLoopShares() {
  Function function = {};
  function.run = runLoops;
  for (int threads : {2, 3, 8}) {
    Team team(threads);
    static std::atomic<int32_t> counts[300];
    for (auto &count : counts)
      count = 0;
    void *buffers[] = {counts}, *scratch[8] = {};
    Error error;
    for (int run = 0; run < 5; ++run)
      CHECK(team.runFunction(function, buffers, nullptr, scratch, threads,
                             error));
    for (int turn = 0; turn < 300; ++turn)
      CHECK(counts[turn] == 5 * (299 - turn));
  }
  // Thread 1 of 3 comes late: the others leave nothing to it.
  LoopShares shares(3);
  int64_t sum = 0, taken[2] = {};
  Turns turns[2] = {{0, -1}, {0, -1}};
  for (bool any = true; any;) {
    any = false;
    for (int64_t i : {0, 1})
      if (shares.take(2 * i, 10, turns[i])) {
        any = true;
        taken[i] += turns[i].end - turns[i].begin;
        for (int64_t turn = turns[i].begin; turn < turns[i].end; ++turn)
          sum += turn;
      }
  }
  CHECK(taken[0] + taken[1] == 10 && sum == 45);
  CHECK(taken[0] > 4 && taken[1] > 2);
  Turns late = {0, -1};
  CHECK(!shares.take(1, 10, late));
  // In the next loop the late one finds its own share.
  late = {0, -1};
  CHECK(shares.take(1, 10, late) && late.begin == 4 && late.end == 5);
  // A share without turns is not left behind, until it seems to be ahead.
  LoopShares two(2);
  auto takeAll = [&](int64_t thread, int64_t count) {
    int64_t all = 0;
    for (Turns each = {0, -1}; two.take(thread, count, each);)
      all += each.end - each.begin;
    return all;
  };
  for (int loop = 0; loop < 40000; ++loop)
    CHECK(takeAll(0, 1) == 1 && takeAll(1, 1) == 0);
  CHECK(takeAll(0, 8) == 8);
}

static bool isZero(const Buffer &buffer) {
  const char *bytes = static_cast<const char *>(buffer.data());
  return std::all_of(bytes, bytes + buffer.size(), [](char c) { return !c; });
}

static void testMemory() {
  int64_t product;
  int64_t large[] = {int64_t(1) << 40, int64_t(1) << 40}, zero[] = {0, 5, 7},
          hidden[] = {int64_t(3) << 61, 4, 0}, negative[] = {0, -1};
  CHECK(!checkedProduct(large, 2, 4, product));
  CHECK(checkedProduct(zero, 3, 4, product) && product == 0);
  CHECK(checkedProduct(hidden, 3, 4, product) && product == 0);
  CHECK(!checkedProduct(negative, 2, 4, product));
  Error error;
  Buffer buffer;
  for (int64_t size : {int64_t(-1), (int64_t(1) << 50) + 1, INT64_MAX}) {
    CHECK(!buffer.allocate(size, "it", error));
    CHECK(Text(error.message()) ==
          "out of memory: it would need more than a petabyte");
  }
  CHECK(!buffer.allocate(int64_t(1) << 50, "it", error) &&
        Text(error.message()) == "out of memory: it needs 1.13 PB");
  CHECK(buffer.allocate(0, "it", error) && buffer.data());
  guardBuffers = true;
  CHECK(buffer.allocate(100, "it", error));
  CHECK(uintptr_t(buffer.data()) % 64 == 0 && buffer.intact());
  static_cast<char *>(buffer.data())[100] = 0;
  CHECK(!buffer.intact());
  CHECK(buffer.allocate(100, "it", error, Contents::Zero) && isZero(buffer));
  guardBuffers = false;
  CHECK(buffer.allocate(100, "it", error) && buffer.intact());
  // What was freed comes back, of one size or another.
  Buffer several[8];
  for (Buffer &each : several) {
    CHECK(each.allocate(4000, "it", error));
    std::memset(each.data(), 7, 4000);
  }
  for (Buffer &each : several)
    each.allocate(0, "it", error);
  for (Buffer &each : several)
    CHECK(each.allocate(1000, "it", error, Contents::Zero) && isZero(each));
  // Small enough for malloc, and large enough for pages of its own.
  for (int64_t size : {1000, 3 << 20}) {
    CHECK(buffer.allocate(size, "it", error));
    CHECK(uintptr_t(buffer.data()) % 64 == 0 && buffer.size() == size);
    std::memset(buffer.data(), 7, size);
    CHECK(buffer.allocate(size, "it", error, Contents::Zero) && isZero(buffer));
  }
}

static void wasteful(const int64_t *, int64_t *out) {
  out[0] = out[1] = INT64_MAX / 2;
  out[2] = 0;
}

static void overrun(void *const *, const int64_t *, void *scratch, int32_t,
                    int32_t, Team *) {
  static_cast<char *>(scratch)[4] = 0;
}

static void testCalls() {
  Team team(1);
  Variables variables;
  Error error;
  Function function = {};
  function.name = "f";
  function.run = overrun;
  function.shapes = [](const int64_t *, int64_t *out) { *out = 4; };
  guardBuffers = true;
  CHECK(!runOnce(function, 0, variables, team, error) &&
        Text(error.message()) ==
            "guard: f wrote past the end of its scratch memory");
  guardBuffers = false;
  Temporary both[] = {{0, 0}, {0, 0}};
  function.temporaryCount = 2;
  function.temporaries = both;
  function.shapes = wasteful;
  CHECK(!runOnce(function, 0, variables, team, error) &&
        Text(error.message()) ==
            "out of memory: the size of the temporaries of f overflows");
}

static void testTargets() {
  CHECK(targetLevel("x86-64") == 1 && targetLevel("x86-64-v3") == 3);
  for (const char *other : {"arm-64", "arm-64-v3", "x86-64-v5", "x86-64-v33"})
    CHECK(targetLevel(other) == 0);
  Error error;
  CHECK(!chooseProgram(nullptr, 0, nullptr, error) &&
        Text(error.message()) == "this program holds no code");
}

static void testVariables() {
  int64_t three = 3, large = int64_t(1) << 49, most = int64_t(1) << 60,
          overflowing = int64_t(1) << 61;
  Variable list[] = {{"a", VariableKind::Parameter, ElemType::F32, 1, &three},
                     {"b", VariableKind::State, ElemType::F32, 1, &large},
                     {"c", VariableKind::State, ElemType::F32, 1, &three}};
  Program program = {};
  program.variables = list;
  program.variableCount = 3;
  Variables variables;
  Error error;
  CHECK(!variables.allocate(program, error));
  CHECK(Text(error.message()) ==
        "out of memory: the memory of b and of all variables like it would "
        "need more than a petabyte");
  list[1].shape = &overflowing;
  CHECK(!variables.allocate(program, error) &&
        Text(error.message()) == "the size of b overflows");
  list[0].shape = list[1].shape = &most;
  CHECK(!variables.allocate(program, error) &&
        Text(error.message()) == "the size of the memory of a and of all "
                                 "variables like it overflows");
  list[0].shape = list[1].shape = &three;
  guardBuffers = true;
  CHECK(variables.allocate(program, error));
  for (int i = 0; i < 3; ++i) {
    auto *data = static_cast<float *>(variables.data(i));
    CHECK((uintptr_t(data) + 64) % 4096 == 0 && data[0] == 0 && data[2] == 0);
  }
  guardBuffers = false;
}

static bool passes(Comparison comparison, double a, double b,
                   double within = -1) {
  Expect expect = {"", "", 1, 1, comparison, 0, 1, within >= 0, within};
  Side left = {ElemType::F64, 0, nullptr, &a},
       right = {ElemType::F64, 0, nullptr, &b};
  Text failure;
  return holds(expect, left, &right, failure);
}

static void testExpect() {
  CHECK(passes(Comparison::Eq, 1, 1) && !passes(Comparison::Eq, 1, 2));
  CHECK(passes(Comparison::Eq, 1, 1.05, 0.1));
  CHECK(passes(Comparison::Eq, INFINITY, INFINITY, 0.1));
  CHECK(passes(Comparison::Ne, 1, 2) && !passes(Comparison::Ne, NAN, 2));
  CHECK(!passes(Comparison::Eq, NAN, NAN, 1) &&
        !passes(Comparison::Le, 1, NAN));
  CHECK(passes(Comparison::Lt, 1, 2) && passes(Comparison::Ge, 2, 2));
  // Beyond 2^53 a double does not tell them apart.
  int64_t even = int64_t(1) << 53, odd = even + 1;
  Side large = {ElemType::I64, 0, nullptr, &even},
       larger = {ElemType::I64, 0, nullptr, &odd};
  Expect equal = {"", "", 1, 1, Comparison::Eq, 0, 1, false, 0};
  int64_t two = 2, three = 3;
  double ones[] = {1, 1, 1};
  Side left = {ElemType::F64, 1, &two, ones},
       right = {ElemType::F64, 1, &three, ones};
  Text failure;
  CHECK(holds(equal, large, &large, failure) &&
        !holds(equal, large, &larger, failure));
  failure.clear();
  CHECK(!holds(equal, left, &right, failure) &&
        failure == "left has the shape [2], right [3]");
}

int main() {
  testPhilox();
  testShuffle();
  testPlan();
  testThreads();
  testLoopShares();
  testMemory();
  testCalls();
  testTargets();
  testVariables();
  testExpect();
  return finish();
}
