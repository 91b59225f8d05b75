//===- ir/program.h - A whole program: functions and what they are for ----===//
//
// The front end makes it, the passes work on its functions one by one, and code
// generation turns it into the tables of runtime/program.h, which say more on
// what each part means at run time.
//
// What an argument or result of a function is stands in its attributes:
//   argument  {input = "x", axes = ["B", "2"]}     the user's data, by name
//             {variable = "Xor.dense1.w"}          a parameter or state
//             {role = "step" | "epoch" | "steps"}  scalar i32
//             {role = "seed"}                      scalar i64
//   result    {output = "y", axes = ["B", "1"]}    of a net
//             {variable = "Xor.dense1.w"}          its new value
//             {role = "loss"}                      scalar
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
  enum Kind { Parameter, State, Optimizer } kind;
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

struct MetricEntry {
  std::string text;     ///< As written.
  std::string function; ///< Its inputs are columns of the source.
  /// Index into Program::sources; -1: the training data; -2: the part held
  /// back.
  int64_t source;
};

struct TrainEntry {
  std::string name;         ///< "Enc, Dec"
  std::string stepFunction; ///< One optimizer step on one batch.
  std::string initFunction; ///< Gives the optimizer's variables; or empty.
  std::vector<int64_t> sources;
  std::vector<MetricEntry> metrics;
  int64_t batch = 32, epochs = 1, seed = 0;
  bool seedGiven = false, shuffle = false;
  double hold = 0;
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
