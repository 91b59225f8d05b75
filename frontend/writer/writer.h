//===- writer.h: one function of the graph as a net in .nn ----------------===//
//
// A walk over the ops in their order. A value that one op reads stands in that
// op's expression if it is short; every other one gets a name and a line. For
// each value the writer keeps what the front end will know of it, names of axes
// above all, so that what is written fits together when it is read.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_WRITER_WRITER_H
#define NNC_FRONTEND_WRITER_WRITER_H

#include "frontend/write.h"
#include "frontend/writer/axis_labels.h"
#include "frontend/writer/value_names.h"
#include "frontend/writer/written.h"

#include <functional>

namespace nnc {

class Writer {
public:
  /// `symbols`: the sizes of all nets of the file.
  Writer(const Function &function, const std::set<std::string> &symbols);

  /// The net's text, or a failure.
  std::string net(const std::string &name);
  /// The function's arguments that the net takes.
  std::vector<int64_t> arguments;
  std::optional<NoSpelling> failure;

  using Spelling = void (Writer::*)(const Op &);
  /// How each op is written: write_nets.cpp.
  static const std::map<std::string_view, Spelling> &spellings();

private:
  //===-- values (writer.cpp) --------------------------------------------===//
  void fail(const Op &op, const std::string &why);
  std::string signature(const std::string &name);
  void block(const Block &body);
  /// Gives a value its text, in the lines or in what reads it.
  void define(const Value *value, Written written, bool mayInline = true);
  void line(const std::string &text);
  /// How many ops read it.
  int64_t readers(const Value *value) const;

  //===-- what readers get (write_value.cpp) -----------------------------===//
  /// The value as an expression that stands for itself, with its own shape.
  Written plain(const Value *value);
  /// The same, as a name.
  Written named(const Value *value);
  /// The elements in another shape.
  Written reshaped(const Value *from, const Shape &shape);
  /// As named as a reshape leaves it: each axis after its size.
  Written normalised(const Written &written) const;
  bool isNormal(const Written &written) const;
  /// Gives those of two that have differing names of axes the names of sizes.
  void reconcile(Written &a, Written &b) const;
  /// A tensor of one number.
  Written filled(double value, const Type &type) const;
  Written explicitBroadcast(const Written &from, const Shape &shape) const;

  //===-- element by element (write_elementwise.cpp) ---------------------===//
  /// A value whose readers all want axes of 1 in it, as a mean beside what it
  /// is the mean of: it has `rank` axes, and its own are these.
  struct Kept {
    int64_t rank;
    std::vector<int64_t> axes;
    bool operator==(const Kept &) const = default;
  };
  void findKept(const Block &body);
  std::optional<Kept> wantedForm(const Value *value) const;
  Written elementwiseOperand(const Value *value, const Kept *form);
  std::vector<Written> aligned(const Op &op, std::vector<const Value *> values);
  void elementwise(const Op &op);
  void defineElementwise(const Op &op, const std::vector<Written> &operands,
                         std::string text, Binding binding);
  void unaryFunction(const Op &op);
  void callOfTwo(const Op &op);
  void negation(const Op &op);
  void cast(const Op &op);
  void select(const Op &op);
  void stopGradient(const Op &op);

  //===-- moving elements (write_indexing.cpp) ---------------------------===//
  void constant(const Op &op);
  void size(const Op &op);
  void empty(const Op &op);
  void broadcast(const Op &op);
  void concat(const Op &op);
  void iota(const Op &op);
  void pad(const Op &op);
  void reshape(const Op &op);
  void reverse(const Op &op);
  void slice(const Op &op);
  void gather(const Op &op);
  void scatterAdd(const Op &op);
  void update(const Op &op);
  void random(const Op &op);

  //===-- sums (write_contraction.cpp, write_convolution.cpp) -------------===//
  /// `over=` and an axis, by its name where that is clear.
  std::string over(const Written &x, const std::vector<int64_t> &axes) const;
  void reduction(const Op &op);
  void alongAxis(const Op &op);
  void contract(const Op &op);
  void transpose(const Op &op);
  bool asMatrixProduct(const Op &op);
  /// Labels of a list for the axes of operands: `indices` says which go
  /// together, the result's come first and are chosen by its sizes.
  struct Lists {
    std::vector<std::string> operands, labels;
    std::string result;
    bool isFound = false;
  };
  Lists lists(const std::vector<Written> &operands,
              const std::vector<std::vector<std::string>> &indices,
              const std::vector<std::string> &result);
  Written transposed(const Written &from,
                     const std::vector<int64_t> &permutation);
  void convolution(const Op &op);
  void gradient(const Op &op);

  //===-- loops (write_scan.cpp) -----------------------------------------===//
  struct Loop;
  void scan(const Op &op);
  void planSequences(Loop &loop);
  void writeBody(Loop &loop);
  void bindResults(Loop &loop);

  const Function &function;
  AxisLabels labels;
  ValueNames names;
  std::map<const Value *, Written> values;
  /// Constants whose elements are one number, and what stands for them.
  std::map<const Value *, double> numbers;
  std::map<const Value *, Kept> kept;
  /// Results of a loop whose turns lie along this axis, and not where the
  /// graph has them: for what goes through them turn by turn.
  std::map<const Value *, int64_t> turned;
  /// Names for results of the function.
  std::map<const Value *, std::string> wishes;
  std::vector<std::string> lines;
  std::string indent = "  ";
};

} // namespace nnc

#endif // NNC_FRONTEND_WRITER_WRITER_H
