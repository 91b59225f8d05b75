//===- ir/attribute.h - Compile-time facts attached to an op --------------===//
//
//   true  1.5  "text"  2*T + 1  f32[B]  [a, b]  {name = a, ...}  dense[...]
//
// An integer is a constant Dim. A dictionary keeps its order.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_ATTRIBUTE_H
#define NNC_IR_ATTRIBUTE_H

#include "ir/type.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nnc {

class Attr;
using AttrList = std::vector<Attr>;

/// Named attributes in the order in which they were set.
class AttrDict {
  using Entries = std::vector<std::pair<std::string, Attr>>;

public:
  AttrDict() = default;
  AttrDict(std::initializer_list<std::pair<std::string, Attr>> entries);

  /// Null if there is none of that name.
  const Attr *find(std::string_view name) const;
  void set(std::string name, Attr value);
  void erase(std::string_view name);
  // What needs to know an Attr is defined below it.
  bool empty() const;
  size_t size() const;
  Entries::const_iterator begin() const;
  Entries::const_iterator end() const;
  bool operator==(const AttrDict &other) const;

private:
  Entries entries;
};

/// The elements of a constant tensor, row major, every type as double. Shared,
/// since a program's constants may be large.
using DenseData = std::shared_ptr<const std::vector<double>>;

class Attr {
public:
  Attr(bool value) : data(value) {}
  Attr(double value) : data(value) {}
  Attr(const char *value) : data(std::string(value)) {}
  Attr(std::string value) : data(std::move(value)) {}
  Attr(std::string_view value) : data(std::string(value)) {}
  Attr(int value) : data(Dim(value)) {}
  Attr(int64_t value) : data(Dim(value)) {}
  Attr(Dim value) : data(std::move(value)) {}
  Attr(Type value) : data(std::move(value)) {}
  Attr(AttrList value) : data(std::move(value)) {}
  Attr(AttrDict value) : data(std::move(value)) {}
  Attr(DenseData value) : data(std::move(value)) {}
  /// A list of Dims, for shapes and index maps.
  Attr(const Shape &dims);
  static Attr ints(const std::vector<int64_t> &values);

  template <typename T> const T *getIf() const { return std::get_if<T>(&data); }
  template <typename T> const T &get() const { return std::get<T>(data); }

  /// Requires that the attribute is of this form; the verifier sees to it that
  /// an op's attributes are of the forms its definition states.
  int64_t asInt() const { return get<Dim>().value(); }
  const Dim &asDim() const { return get<Dim>(); }
  const AttrList &asList() const { return get<AttrList>(); }
  const AttrDict &asDict() const { return get<AttrDict>(); }
  const std::string &asString() const { return get<std::string>(); }
  bool asBool() const { return get<bool>(); }
  double asFloat() const { return get<double>(); }
  std::vector<int64_t> asInts() const;
  Shape asDims() const;

  bool operator==(const Attr &other) const;
  std::string str() const;

private:
  std::variant<bool, double, std::string, Dim, Type, AttrList, AttrDict,
               DenseData>
      data;
};

inline bool AttrDict::empty() const { return entries.empty(); }
inline size_t AttrDict::size() const { return entries.size(); }
inline AttrDict::Entries::const_iterator AttrDict::begin() const {
  return entries.begin();
}
inline AttrDict::Entries::const_iterator AttrDict::end() const {
  return entries.end();
}

/// The shortest text that reads back as the same double: "0.1", "1e-05",
/// "inf", "-inf", "nan"; always recognisable as a float.
std::string floatText(double value);
/// With quotes; `"` `\` and control characters are escaped.
std::string quoted(std::string_view text);

} // namespace nnc

#endif // NNC_IR_ATTRIBUTE_H
