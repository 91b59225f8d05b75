// A call gets the batch that it is given, whatever was begun before.
#include "runtime/batch_loader.h"
#include "test/runtime/unit_test.h"

using namespace nnrt;

// As long as to be gathered by a thread of its own.
static constexpr int64_t length = 1 << 15;

static const int32_t firstDim[] = {0, -1};
static const char *const axes[] = {"B", "32768"};
static const char *const dims[] = {"B"};
static const Slot args[] = {
    {"x", SlotKind::Input, ElemType::F32, 2, -1, axes, firstDim}};

static void shapes(const int64_t *dims, int64_t *out) {
  out[0] = dims[0];
  out[1] = length;
  out[2] = 0; // Scratch memory.
}

static Function gatheredFor() {
  Function function = {};
  function.name = "f";
  function.dimCount = function.argCount = 1;
  function.dimNames = dims;
  function.args = args;
  function.shapes = shapes;
  return function;
}

/// All elements of an example are its number.
static float elements[3 * length];

static bool load(Dataset &set, Error &error) {
  static const int64_t shape[] = {3, length};
  static Column column = {};
  column.name = "x";
  column.elem = ElemType::F32;
  column.rank = 2;
  column.shape = shape;
  column.data = elements;
  for (int64_t i = 0; i < 3 * length; ++i)
    elements[i] = float(i / length);
  return set.add({SourceKind::Literal, 1, &column, 0}, "", {}, error);
}

static bool has(const Call &call, int64_t example) {
  auto *x = static_cast<const float *>(call.argument(0));
  return x[0] == float(example) && x[length - 1] == float(example);
}

int main() {
  Error error;
  Dataset set;
  CHECK(load(set, error));
  Function function = gatheredFor();
  Variables variables;
  Team team(1);
  Call call, other;
  Array<int32_t> columnOf;
  BatchLoader loader(set);
  for (Call *each : {&call, &other})
    CHECK(set.bind(function, 1, variables, team, *each, columnOf, error) &&
          loader.prepare(*each, error));
  CHECK(call.hasSpares() == (onlineCores() > 1));

  int64_t one = 1, two = 2;
  Batch ofOne = {&call, &function, &columnOf, &one, 1};
  Batch ofTwo = {&call, &function, &columnOf, &two, 1};
  loader.load(ofOne);
  CHECK(has(call, 1));
  loader.begin(ofTwo);
  CHECK(has(call, 1)); // While the call runs.
  loader.load(ofTwo);
  CHECK(has(call, 2));

  // It was begun once, not for good.
  two = 0;
  loader.load(ofTwo);
  CHECK(has(call, 0));
  // Others than begun; for another call.
  two = 2;
  loader.begin(ofTwo);
  loader.load(ofOne);
  CHECK(has(call, 1));
  Batch ofOther = ofTwo;
  ofOther.call = &other;
  loader.begin(ofTwo);
  loader.load(ofOther);
  CHECK(has(other, 2) && has(call, 1));
  // What is forgotten is not loaded.
  loader.begin(ofTwo);
  loader.forget();
  two = 0;
  loader.load(ofTwo);
  CHECK(has(call, 0));
  return finish();
}
