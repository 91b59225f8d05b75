//===- runtime/program.h - The tables a compiled program carries ----------===//
//
// nnc writes these tables, as constants, into every program it compiles; the
// runtime reads them. They are the whole interface between the two: plain
// structures, no constructors, no ownership. A change here is a change in
// codegen/program_table.cpp.
//
// One executable holds a `Program` for each instruction set it was compiled
// for; the runtime picks the best one the machine has. `nnc run` and `nnc
// test` hand the same table, made in memory, to the same runtime.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_PROGRAM_H
#define NNRT_PROGRAM_H

#include <cstdint>

namespace nnrt {

enum class ElemType : int32_t { Bool, I32, I64, F32, F64 };

/// Bytes of one element. A bool is one byte, 0 or 1.
constexpr int64_t elemSize(ElemType type) {
  constexpr int64_t sizes[] = {1, 4, 8, 4, 8};
  return sizes[static_cast<int>(type)];
}

/// What the runtime puts into an argument, or takes out of a result.
enum class SlotKind : int32_t {
  Input,    ///< The user's data, by name; a result of a net.
  Variable, ///< Program::variables[variable]; as a result, its new value,
            ///< written in place when an argument holds the same variable.
  Step,     ///< Scalar i32: the optimizer step, from 1.
  Epoch,    ///< Scalar i32: the epoch, from 1.
  Steps,    ///< Scalar i32: how many steps the training takes in all.
  Count,    ///< Scalar i32: the batches whose gradients were added up.
  Seed,     ///< Scalar i64.
  Loss,     ///< Result, scalar: the mean loss of the batch.
  Print,    ///< Result of `print`, shown after each run; its name says where.
  Gradient, ///< Result: the derivative of the loss by a variable.
};

/// One argument or result of a compiled function. A tensor is dense, row
/// major. Its extents are given by Function::shapes.
struct Slot {
  const char *name; ///< As the program names it: "x", "label".
  SlotKind kind;
  ElemType elem;
  int32_t rank;
  int32_t variable; ///< Index into Program::variables; -1 if it has none.
  const char *const *axes; ///< One text an axis, for messages: "B", "784".
  /// For each axis, the dimension of the function that is this axis and
  /// nothing more (so that the extent binds it), or -1 (so that the extent,
  /// computed by `shapes`, is checked).
  const int32_t *axisDims;
};

/// A buffer that lives only while the function runs. Steps are numbered from
/// 0; two buffers whose closed intervals [firstUse, lastUse] do not meet may
/// share memory.
struct Temporary {
  int32_t firstUse, lastUse;
};

class Team; // runtime/threads.h

struct Function {
  const char *name;
  int32_t dimCount, argCount, resultCount, temporaryCount;
  const char *const *dimNames;
  const Slot *args;
  const Slot *results;
  const Temporary *temporaries;
  /// From the values of the dimensions: the extents of every axis of every
  /// argument, then of every result, in order; then the bytes of each
  /// temporary; then the bytes of scratch memory that each thread needs.
  void (*shapes)(const int64_t *dims, int64_t *out);
  /// The code. All threads of the team call it together. `buffers` holds
  /// arguments, results, temporaries, in that order, each aligned to 64 bytes;
  /// `scratch` is this thread's own. `team` is null where one thread runs
  /// alone.
  void (*run)(void *const *buffers, const int64_t *dims, void *scratch,
              int32_t thread, int32_t threads, Team *team);
  bool alone; ///< For a team of one thread only.
  /// Some temporaries keep from one run to the next what hangs on variables
  /// alone. `run` takes one more dimension, behind the others: how often it has
  /// run before with the variables as they are, 2 if more often.
  bool keeps;
};

enum class VariableKind : int32_t {
  Parameter,   ///< Trained, saved, listed by `info`.
  State,       ///< Declared by `state` in a layer: updated by training, saved.
  Optimizer,   ///< An optimizer's state: kept in checkpoints only.
  GradientSum, ///< Zero when a step begins; never saved.
};

struct Variable {
  const char *path; ///< "Xor.dense1.w"
  VariableKind kind;
  ElemType elem;
  int32_t rank;
  const int64_t *shape;
};

/// A dataset named by the program: one source gives one or more columns, whose
/// first axis counts the examples.
enum class SourceKind : int32_t { Literal, Idx, Csv, Text, Npy, Npz, Image };

struct Column {
  const char *name; ///< "image"
  /// csv: the columns [from, to) of the file. text: the bytes [from, to) of an
  /// example, counted from where it begins.
  int32_t from, to;
  const char *path;
  const char *member; ///< npz: the array's name in the file.
  /// literal: a dense tensor with this shape.
  ElemType elem;
  int32_t rank;
  const int64_t *shape;
  const void *data;
};

struct Source {
  SourceKind kind;
  int32_t columnCount;
  const Column *columns;
  int64_t stride; ///< text: the bytes from one example to the next.
};

enum class EvaluationSet : int32_t {
  Trained, ///< The training data.
  Held,    ///< The part of it that is held back.
  Other,   ///< The sources of the evaluation.
};

/// `metric NAME(...) on ...` or `picture NET(...) on ...`: a function of
/// variables and columns. A metric is evaluated over the whole set at once, a
/// picture over its first examples.
struct Evaluation {
  const char *text; ///< As written: "accuracy(Digits(image / 255), label)"
  int32_t function;
  EvaluationSet set;
  int32_t sourceCount;
  const int32_t *sources; ///< Program::sources; they advance together.
};

/// One update of some parameters by the gradient of one loss.
struct Step {
  const char *name; ///< "Disc"; empty if it is the block's only one.
  /// Program::functions. It gives the loss of a batch and new values; or, if
  /// there is an update function, the new sums of the gradients.
  int32_t function;
  int32_t updateFunction; ///< Runs after the batches of a step; -1 if none.
  /// Gives the loss of a batch and its gradients alone; -1 if there is none.
  int32_t gradientFunction;
  int64_t every;    ///< It runs at every so many steps of the block.
  const char *file; ///< Of the loss.
  int32_t line, column;
};

/// `start PATH from FILE`: what is below the path has its first value there.
struct Start {
  const char *path, *file;
};

struct Train {
  const char *name; ///< The nets it trains, joined: "Enc, Dec"
  int32_t stepCount;
  const Step *steps;    ///< In order, on the same batches.
  int32_t initFunction; ///< Sets the optimizer's variables; -1 if none.
  int32_t sourceCount;
  const int32_t *sources; ///< They advance together.
  int32_t metricCount;
  const Evaluation *metrics;
  int32_t pictureCount;
  const Evaluation *pictures;
  int32_t startCount;
  const Start *starts;
  int64_t batch, epochs, seed;
  int64_t accumulate; ///< The batches of one step.
  int64_t patience;   ///< Ends after so many epochs that did not better the
                      ///< first metric; 0: does not.
  double hold;        ///< The part kept back from training, 0 to 1.
  bool shuffle, seedGiven;
  bool keepsBest;     ///< The weights of the epoch with the best first metric.
  bool highestIsBest; ///< Of the first metric.
  int32_t clauseCount;
  const char *const *clauses; ///< For `info`: loss, optimizer, as written.
};

enum class Comparison : int32_t { True, Eq, Ne, Lt, Le, Gt, Ge };

/// One `expect` of a test. It holds if it holds for every element. Its sides
/// are results of the test's function (`right` is -1 for True).
struct Expect {
  const char *text; ///< The condition as written.
  const char *file; ///< As given to nnc.
  int32_t line, column;
  Comparison comparison;
  int32_t left, right;
  bool hasWithin;
  double within; ///< Absolute; only with Eq.
};

struct Test {
  const char *name;
  int32_t function;
  int32_t expectCount;
  const Expect *expects;
  bool afterTrain; ///< Runs once every train block has run.
};

struct Net {
  const char *name;
  int32_t function;
  /// For each dimension of the function its value where nothing gives one, or
  /// -1; null: none has one.
  const int64_t *dimDefaults;
  /// For each argument a literal where the net gives it a default, or null;
  /// null: none has one.
  const char *const *inputDefaults;
  const char *graph; ///< Its layers as JSON, for reports; null: none.
};

struct Program;

/// What a program can do: `PROGRAM NAME ...`. Those that it has no use for are
/// not linked.
struct Command {
  const char *name, *help;
  /// Gets the arguments after the name and returns the exit code.
  int (*run)(const Program &program, int argc, char **argv);
};

struct Commands {
  int32_t count;
  const Command *const *list;
};

struct Program {
  const char *name; ///< The source file's stem.
  int32_t functionCount, variableCount, sourceCount;
  int32_t netCount, trainCount, testCount;
  const Function *functions;
  const Variable *variables;
  const Source *sources;
  const Net *nets;
  const Train *trains;
  const Test *tests;
  int32_t initFunction; ///< Gives every Parameter and State its first value,
                        ///< from a Seed; -1 if there is none.
  const char *target;   ///< The instruction set: "x86-64-v3"
  const char *producer; ///< "nnc 0.1.0"
};

} // namespace nnrt

#endif // NNRT_PROGRAM_H
