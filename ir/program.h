//===- ir/program.h - A whole program: functions and what they are for ----===//
//
// The front end makes it, the passes work on its functions one by one, and code
// generation turns it into the tables of runtime/program.h, which say more on
// what each part means at run time.
//
// What an argument or result of a function is stands in its attributes:
//   argument  {input = "x", axes = ["B", "2"]}     the user's data, by name
//             {variable = "Xor.dense1.w"}          a parameter or state
//             {role = "step" | "epoch" | "steps" | "count"}  scalar i32
//             {role = "seed"}                      scalar i64
//   result    {output = "y", axes = ["B", "1"]}    of a net
//             {variable = "Xor.dense1.w"}          its new value
//             {role = "loss"}                      scalar
//             {gradient = "Xor.dense1.w"}          of the loss by a parameter
//             {print = "m.nn:12: h"}, {}     shown; of a test, by position
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_PROGRAM_H
#define NNC_IR_PROGRAM_H

#include "ir/op.h"
#include "ir/tensor.h"

#include <optional>
#include <string>
#include <vector>

namespace nnc {

struct Variable {
  /// A GradientSum is the sum of a parameter's gradients over some batches.
  enum Kind { Parameter, State, Optimizer, GradientSum } kind;
  std::string path; ///< "Xor.dense1.w"
  Type type;        ///< Its shape is constant.
};

struct DataColumn {
  std::string name;
  std::string path;         ///< The file, as found from the .nn file.
  std::string member;       ///< npz: the array's name in the file.
  int64_t from = 0, to = 0; ///< csv: columns [from, to). text: bytes.
  Tensor literal;
};

struct DataSource {
  enum Kind { Literal, Idx, Csv, Text, Npy, Npz, Image } kind;
  std::vector<DataColumn> columns;
  int64_t stride = 0; ///< text: from one example to the next.
};

/// What a `metric` or a `picture` shows of the networks and a set of data.
struct Evaluation {
  std::string text;     ///< As written.
  std::string function; ///< Its inputs are columns of the set.
  enum Set { Trained, Held, Other } set;
  std::vector<int64_t> sources; ///< Of another set: into Program::sources.
};

/// One update of some parameters by the gradient of one loss.
struct StepEntry {
  std::string name; ///< "Disc"; empty if the block has no `step`.
  /// Gives the loss of a batch and the new values of all that it changes; or,
  /// if there is an update function, adds its gradients to their sums.
  std::string function;
  std::string updateFunction; ///< From the sums of `count` batches; or empty.
  /// The loss of a batch and its gradients alone; empty where none was added.
  std::string gradientFunction;
  int64_t every = 1; ///< It runs at every so many steps.
  Location lossLocation;
};

/// `start PATH from FILE`.
struct StartEntry {
  std::string path, file;
};

struct TrainEntry {
  std::string name; ///< "Enc, Dec"
  std::vector<StepEntry> steps;
  std::string initFunction; ///< Gives the optimizer's variables; or empty.
  std::vector<int64_t> sources;
  std::vector<Evaluation> metrics, pictures;
  std::vector<StartEntry> starts;
  int64_t batch = 32, epochs = 1, seed = 0;
  int64_t accumulate = 1; ///< The batches of one step.
  int64_t patience = 0;   ///< Epochs without a better first metric; 0: all.
  bool seedGiven = false, shuffle = false;
  bool keepsBest = false;     ///< By the first metric.
  bool highestIsBest = false; ///< Of the first metric.
  double hold = 0;
  std::vector<std::string> clauses; ///< For people: the rest, as written.
};

struct ExpectEntry {
  enum Comparison { True, Eq, Ne, Lt, Le, Gt, Ge } comparison;
  std::string text; ///< The condition as written.
  Location location;
  int64_t left = 0, right = -1; ///< Results of the test's function.
  std::optional<double> within;
};

struct TestEntry {
  std::string name;
  std::string function;
  std::vector<ExpectEntry> expects;
  bool afterTrain = false;
};

struct NetEntry {
  std::string name;
  std::string function;
  /// Its layers, what they take and what they cost, as JSON, for reports; or
  /// empty.
  std::string graph;
};

struct Program {
  std::string name; ///< The file's stem.
  Module module;
  std::vector<Variable> variables;
  std::string initFunction; ///< Parameters and states from a seed; or empty.
  std::vector<DataSource> sources;
  std::vector<NetEntry> nets;
  std::vector<TrainEntry> trains;
  std::vector<TestEntry> tests;
};

} // namespace nnc

#endif // NNC_IR_PROGRAM_H
