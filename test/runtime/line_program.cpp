// The table that nnc would write for a small model, by hand:
//
//   net Line(x: f32[B, 2]) -> f32[B] { return x @ w + b }
//   net Ramp[T](start: i32) -> i32[T]
//   train Line { data x, y = ...  loss mse(Line(x), y)  optimizer Sgd(0.1) }
//
// NN_TARGET chooses among variants of its data and tests.
#include "runtime/all_commands.h"
#include "runtime/generated_code.h"
#include "runtime/program.h"

using namespace nnrt;

static const char *const axesB[] = {"B"}, *const axesB2[] = {"B", "2"};
static const char *const axesT[] = {"T"}, *const axes2[] = {"2"};
static const char *const axes2B[] = {"2*B"};
static const int32_t bindB[] = {0}, bindB2[] = {0, -1}, noBinding[] = {-1};
static const char *const nameB[] = {"B"}, *const nameT[] = {"T"};

// ---- Line ------------------------------------------------------------------
static const Slot wSlot = {"w",   SlotKind::Variable, ElemType::F32, 1, 0,
                           axes2, noBinding};
static const Slot bSlot = {
    "b", SlotKind::Variable, ElemType::F32, 0, 1, nullptr, nullptr};
static const Slot xSlot = {"x", SlotKind::Input, ElemType::F32, 2,
                           -1,  axesB2,          bindB2};
static const Slot ySlot = {"y", SlotKind::Input, ElemType::F32, 1,
                           -1,  axesB,           bindB};
static const Slot lineArgs[] = {wSlot, bSlot, xSlot};
static const Slot lineResults[] = {ySlot};

static void lineShapes(const int64_t *dims, int64_t *out) {
  const int64_t values[] = {2, dims[0], 2, dims[0], 0};
  for (int64_t value : values)
    *out++ = value;
}

static void line(const float *w, float b, const float *x, float *y,
                 int64_t from, int64_t to) {
  for (int64_t i = from; i < to; ++i)
    y[i] = x[2 * i] * w[0] + x[2 * i + 1] * w[1] + b;
}

static void lineRun(void *const *buffers, const int64_t *dims, void *,
                    int32_t thread, int32_t threads, Team *) {
  line((float *)buffers[0], *(float *)buffers[1], (float *)buffers[2],
       (float *)buffers[3], dims[0] * thread / threads,
       dims[0] * (thread + 1) / threads);
}

// ---- Ramp: a dimension that no input gives ---------------------------------
static const Slot rampArgs[] = {
    {"start", SlotKind::Input, ElemType::I32, 0, -1, nullptr, nullptr}};
static const Slot rampResults[] = {
    {"ramp", SlotKind::Input, ElemType::I32, 1, -1, axesT, bindB}};

static void rampShapes(const int64_t *dims, int64_t *out) {
  out[0] = dims[0];
  out[1] = 0;
}

static void rampRun(void *const *buffers, const int64_t *dims, void *,
                    int32_t thread, int32_t, Team *) {
  for (int64_t i = 0; i < dims[0] && thread == 0; ++i)
    ((int32_t *)buffers[1])[i] = *(int32_t *)buffers[0] + int32_t(i);
}

// ---- Pair: a computed axis, two results, an index that can be wrong ---------
static const Slot pairArgs[] = {
    {"u", SlotKind::Input, ElemType::F32, 1, -1, axesB, bindB},
    {"v", SlotKind::Input, ElemType::F32, 1, -1, axes2B, noBinding},
    {"i", SlotKind::Input, ElemType::I64, 0, -1, nullptr, nullptr}};
static const Slot pairResults[] = {
    {"last", SlotKind::Input, ElemType::F32, 0, -1, nullptr, nullptr},
    {"big", SlotKind::Input, ElemType::Bool, 1, -1, axesB, bindB}};

static void pairShapes(const int64_t *dims, int64_t *out) {
  const int64_t values[] = {dims[0], 2 * dims[0], dims[0], 0};
  for (int64_t value : values)
    *out++ = value;
}

static void pairRun(void *const *buffers, const int64_t *dims, void *,
                    int32_t thread, int32_t, Team *) {
  int64_t i = *(int64_t *)buffers[2];
  if (i < 0 || i >= 2 * dims[0])
    nnrt_index_error("pair.nn", 3, 9, i, 2 * dims[0]);
  if (thread)
    return;
  *(float *)buffers[3] = ((float *)buffers[1])[i];
  for (int64_t k = 0; k < dims[0]; ++k)
    ((uint8_t *)buffers[4])[k] = ((float *)buffers[0])[k] > 1;
}

// ---- One step of gradient descent ------------------------------------------
static const Slot stepArgs[] = {
    wSlot,
    bSlot,
    xSlot,
    ySlot,
    {"count", SlotKind::Variable, ElemType::I32, 0, 2, nullptr, nullptr},
    {"t", SlotKind::Step, ElemType::I32, 0, -1, nullptr, nullptr}};
static const Slot stepResults[] = {
    wSlot,
    bSlot,
    stepArgs[4],
    {"loss", SlotKind::Loss, ElemType::F32, 0, -1, nullptr, nullptr}};
static const Temporary stepTemporaries[] = {{0, 1}, {1, 2}};

static void stepShapes(const int64_t *dims, int64_t *out) {
  const int64_t values[] = {2, dims[0],     2,           dims[0],
                            2, 4 * dims[0], 4 * dims[0], 16};
  for (int64_t value : values)
    *out++ = value;
}

static void descend(void *const *buffers, const int64_t *dims, int32_t thread,
                    int32_t threads, Team *team, float rate) {
  float *w = (float *)buffers[0], *b = (float *)buffers[1];
  const float *x = (float *)buffers[2], *y = (float *)buffers[3];
  int64_t n = dims[0], from = n * thread / threads,
          to = n * (thread + 1) / threads;
  float *value = (float *)buffers[10], *difference = (float *)buffers[11];
  line(w, *b, x, value, from, to);
  nnrt_barrier(team);
  for (int64_t i = from; i < to; ++i)
    difference[i] = value[i] - y[i];
  nnrt_barrier(team);
  if (thread)
    return;
  float loss = 0, dw0 = 0, dw1 = 0, db = 0;
  for (int64_t i = 0; i < n; ++i) {
    float d = difference[i];
    loss += d * d;
    dw0 += 2 * d * x[2 * i];
    dw1 += 2 * d * x[2 * i + 1];
    db += 2 * d;
  }
  w[0] -= rate * dw0 / float(n);
  w[1] -= rate * dw1 / float(n);
  *b -= rate * db / float(n);
  *(int32_t *)buffers[4] += 1;
  *(float *)buffers[9] = loss / float(n);
}

static void stepRun(void *const *buffers, const int64_t *dims, void *,
                    int32_t thread, int32_t threads, Team *team) {
  descend(buffers, dims, thread, threads, team, 0.1f);
}

static void divergingRun(void *const *buffers, const int64_t *dims, void *,
                         int32_t thread, int32_t threads, Team *team) {
  descend(buffers, dims, thread, threads, team, 1e9f);
}

// Writes one element too many, for --guard.
static void overrunRun(void *const *buffers, const int64_t *dims, void *,
                       int32_t thread, int32_t threads, Team *team) {
  descend(buffers, dims, thread, threads, team, 0.1f);
  if (thread == 0)
    ((float *)buffers[11])[dims[0]] = 0;
}

// ---- Initial values, a metric, tests ---------------------------------------
static const Slot initArgs[] = {
    {"seed", SlotKind::Seed, ElemType::I64, 0, -1, nullptr, nullptr}};
static const Slot initResults[] = {wSlot, bSlot};

static void initShapes(const int64_t *, int64_t *out) {
  out[0] = 2;
  out[1] = 0;
}

static void initRun(void *const *buffers, const int64_t *, void *,
                    int32_t thread, int32_t, Team *) {
  if (thread)
    return;
  ((float *)buffers[1])[0] = 0.5f + float(*(int64_t *)buffers[0]);
  ((float *)buffers[1])[1] = -0.5f;
  *(float *)buffers[2] = 0;
}

static const Slot metricArgs[] = {wSlot, bSlot, xSlot, ySlot};
static const Slot metricResults[] = {
    {"error", SlotKind::Input, ElemType::F64, 0, -1, nullptr, nullptr}};

static void metricShapes(const int64_t *dims, int64_t *out) {
  const int64_t values[] = {2, dims[0], 2, dims[0], 0};
  for (int64_t value : values)
    *out++ = value;
}

static void metricRun(void *const *buffers, const int64_t *dims, void *,
                      int32_t thread, int32_t, Team *) {
  if (thread)
    return;
  double sum = 0;
  for (int64_t i = 0; i < dims[0]; ++i) {
    float value;
    line((float *)buffers[0], *(float *)buffers[1], (float *)buffers[2] + 2 * i,
         &value, 0, 1);
    double d = value - ((float *)buffers[3])[i];
    sum += d * d;
  }
  *(double *)buffers[4] = sum / double(dims[0]);
}

static const Slot testArgs[] = {wSlot};
static const Slot testResults[] = {
    {"left", SlotKind::Input, ElemType::F32, 1, -1, axes2, noBinding},
    {"start", SlotKind::Input, ElemType::F32, 1, -1, axes2, noBinding},
    {"end", SlotKind::Input, ElemType::F32, 1, -1, axes2, noBinding},
    {"nan", SlotKind::Input, ElemType::F32, 0, -1, nullptr, nullptr},
    {"truth", SlotKind::Input, ElemType::Bool, 1, -1, axes2, noBinding}};

static void testShapes(const int64_t *, int64_t *out) {
  const int64_t values[] = {2, 2, 2, 2, 2, 0};
  for (int64_t value : values)
    *out++ = value;
}

static void testRun(void *const *buffers, const int64_t *, void *,
                    int32_t thread, int32_t, Team *) {
  if (thread)
    return;
  const float *w = (float *)buffers[0];
  const float start[] = {0.5f, -0.5f}, end[] = {2, -1};
  for (int i = 0; i < 2; ++i) {
    ((float *)buffers[1])[i] = w[i];
    ((float *)buffers[2])[i] = start[i];
    ((float *)buffers[3])[i] = end[i];
    ((uint8_t *)buffers[5])[i] = i == 0;
  }
  *(float *)buffers[4] = __builtin_nanf("");
}

#define FUNCTION(name, dims, args, results, temporaries, code, shapes, run)    \
  {                                                                            \
    name, dims, sizeof(args) / sizeof(Slot), sizeof(results) / sizeof(Slot),   \
        temporaries, code, args, results,                                      \
        temporaries ? stepTemporaries : nullptr, shapes, run, false, false     \
  }
#define FUNCTIONS(stepCode)                                                    \
  {                                                                            \
    FUNCTION("Line", 1, lineArgs, lineResults, 0, nameB, lineShapes, lineRun), \
        FUNCTION("Ramp", 1, rampArgs, rampResults, 0, nameT, rampShapes,       \
                 rampRun),                                                     \
        FUNCTION("step", 1, stepArgs, stepResults, 2, nameB, stepShapes,       \
                 stepCode),                                                    \
        FUNCTION("init", 0, initArgs, initResults, 0, nullptr, initShapes,     \
                 initRun),                                                     \
        FUNCTION("metric", 1, metricArgs, metricResults, 0, nameB,             \
                 metricShapes, metricRun),                                     \
        FUNCTION("test", 0, testArgs, testResults, 0, nullptr, testShapes,     \
                 testRun),                                                     \
        FUNCTION("Pair", 1, pairArgs, pairResults, 0, nameB, pairShapes,       \
                 pairRun)                                                      \
  }
static const Function functions[] = FUNCTIONS(stepRun);
static const Function divergingFunctions[] = FUNCTIONS(divergingRun);
static const Function overrunFunctions[] = FUNCTIONS(overrunRun);

static const int64_t shape2[] = {2};
static const Variable variables[] = {
    {"Line.w", VariableKind::Parameter, ElemType::F32, 1, shape2},
    {"Line.b", VariableKind::Parameter, ElemType::F32, 0, nullptr},
    {"optimizer.count", VariableKind::Optimizer, ElemType::I32, 0, nullptr}};

// y = 2 * x0 - x1 + 3
static const float xs[] = {0, 0, 0, 1, 1, 0, 1, 1, 0.5f, 0.25f};
static const float ys[] = {3, 2, 5, 4, 3.75f};
static const int64_t shape5x2[] = {5, 2}, shape5[] = {5};
static const Column literals[] = {
    {"x", 0, 0, nullptr, nullptr, ElemType::F32, 2, shape5x2, xs},
    {"y", 0, 0, nullptr, nullptr, ElemType::F32, 1, shape5, ys}};
static const Column csvColumns[] = {
    {"x", 0, 2, "line.csv", nullptr, ElemType::F32, 0, nullptr, nullptr},
    {"y", 2, 3, "line.csv", nullptr, ElemType::F32, 0, nullptr, nullptr}};
static const Column idxColumns[] = {
    {"x", 0, 0, "x.idx", nullptr, ElemType::F32, 0, nullptr, nullptr},
    {"y", 0, 0, "y.idx", nullptr, ElemType::F32, 0, nullptr, nullptr}};
static const Source sources[] = {{SourceKind::Literal, 2, literals, 0},
                                 {SourceKind::Csv, 2, csvColumns, 0},
                                 {SourceKind::Idx, 2, idxColumns, 0}};

static const Net nets[] = {{"Line", 0, nullptr, nullptr, nullptr},
                           {"Ramp", 1, nullptr, nullptr, nullptr},
                           {"Pair", 6, nullptr, nullptr, nullptr}};
static const int32_t literalSource[] = {0}, csvSource[] = {1},
                     idxSource[] = {2};
static const Evaluation metrics[] = {
    {"mse(Line(x), y)", 4, EvaluationSet::Other, 1, literalSource}};
static const Evaluation heldMetrics[] = {
    {"mse(Line(x), y)", 4, EvaluationSet::Held, 0, nullptr},
    {"own(Line(x), y)", 4, EvaluationSet::Trained, 0, nullptr}};
static const Step steps[] = {{"", 2, -1, -1, 1, "line.nn", 5, 8}};
static const char *const clauses[] = {"loss mse(Line(x), y)",
                                      "optimizer Sgd(lr = 0.1)"};
#define TRAIN(source, metricCount, metrics, epochs, seed, hold, seedGiven)     \
  {                                                                            \
    "Line", 1, steps, -1, 1, source, metricCount, metrics, 0, nullptr, 0,      \
        nullptr, 2, epochs, seed, 1, 0, hold, true, seedGiven, false, false,   \
        2, clauses                                                             \
  }
static const Train literalTrain =
    TRAIN(literalSource, 1, metrics, 300, 1, 0, true);
static const Train csvTrain = TRAIN(csvSource, 1, metrics, 3, 1, 0, true);
static const Train idxTrain = TRAIN(idxSource, 1, metrics, 3, 1, 0, true);
static const Train heldTrain =
    TRAIN(literalSource, 2, heldMetrics, 2, 0, 0.4, false);

static const Expect startExpects[] = {
    {"Line.w == [0.5, -0.5]", "line.nn", 9, 3, Comparison::Eq, 0, 1, false, 0}};
static const Expect endExpects[] = {{"Line.w == [2, -1] within 1e-2", "line.nn",
                                     12, 3, Comparison::Eq, 0, 2, true, 1e-2}};
static const Expect badExpects[] = {
    {"Line.w == [2, -1] within 1e-2", "line.nn", 15, 3, Comparison::Eq, 0, 2,
     true, 1e-2},
    {"nan != Line.w", "line.nn", 16, 3, Comparison::Ne, 3, 0, false, 0},
    {"truth", "line.nn", 17, 3, Comparison::True, 4, -1, false, 0}};
static const Test goodTests[] = {{"learned", 5, 1, endExpects, true},
                                 {"start", 5, 1, startExpects, false}};
static const Test badTests[] = {{"start", 5, 1, startExpects, false},
                                {"wrong", 5, 3, badExpects, false}};

#define PROGRAM(functions, train, tests, target)                               \
  {                                                                            \
    "line", 7, 3, 3, 3, 1, 2, functions, variables, sources, nets, &train,     \
        tests, 3, target, "nnc"                                                \
  }
static const Program program =
    PROGRAM(functions, literalTrain, goodTests, "x86-64");
static const Program csvProgram =
    PROGRAM(functions, csvTrain, goodTests, "csv");
static const Program idxProgram =
    PROGRAM(functions, idxTrain, goodTests, "idx");
static const Program heldProgram =
    PROGRAM(functions, heldTrain, badTests, "bad");
static const Program divergingProgram =
    PROGRAM(divergingFunctions, literalTrain, goodTests, "diverging");
static const Program overrunProgram =
    PROGRAM(overrunFunctions, literalTrain, goodTests, "overrun");

extern "C" {
extern const Program *const nnrt_programs[];
extern const int32_t nnrt_program_count;
const Program *const nnrt_programs[] = {&csvProgram,       &program,
                                        &idxProgram,       &heldProgram,
                                        &divergingProgram, &overrunProgram};
const int32_t nnrt_program_count = 6;
extern const Commands nnrt_commands;
const Commands nnrt_commands = allCommands;
}
