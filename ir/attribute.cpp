#include "ir/attribute.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace nnc {

AttrDict::AttrDict(std::initializer_list<std::pair<std::string, Attr>> list)
    : entries(list) {}

const Attr *AttrDict::find(std::string_view name) const {
  for (const auto &[key, value] : entries)
    if (key == name)
      return &value;
  return nullptr;
}

void AttrDict::set(std::string name, Attr value) {
  for (auto &[key, old] : entries)
    if (key == name) {
      old = std::move(value);
      return;
    }
  entries.emplace_back(std::move(name), std::move(value));
}

void AttrDict::erase(std::string_view name) {
  std::erase_if(entries,
                [&](const auto &entry) { return entry.first == name; });
}

bool AttrDict::operator==(const AttrDict &other) const {
  return entries == other.entries;
}

Attr::Attr(const Shape &dims) : data(AttrList(dims.begin(), dims.end())) {}

Attr Attr::ints(const std::vector<int64_t> &values) {
  return AttrList(values.begin(), values.end());
}

std::vector<int64_t> Attr::asInts() const {
  std::vector<int64_t> values;
  for (const Attr &attr : asList())
    values.push_back(attr.asInt());
  return values;
}

Shape Attr::asDims() const {
  Shape dims;
  for (const Attr &attr : asList())
    dims.push_back(attr.asDim());
  return dims;
}

/// Floats compare by their bits, so that a NaN equals itself and -0 is not 0.
static bool sameBits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

bool Attr::operator==(const Attr &other) const {
  if (data.index() != other.data.index())
    return false;
  if (const double *value = getIf<double>())
    return sameBits(*value, other.get<double>());
  if (const DenseData *dense = getIf<DenseData>()) {
    const auto &a = **dense, &b = *other.get<DenseData>();
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), sameBits);
  }
  return data == other.data;
}

std::string floatText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  char buffer[40];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static constexpr char hex[] = "0123456789abcdef";
      result += "\\x";
      result += hex[c >> 4];
      result += hex[c & 15];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string Attr::str() const {
  struct Printer {
    std::string operator()(bool value) { return value ? "true" : "false"; }
    std::string operator()(double value) { return floatText(value); }
    std::string operator()(const std::string &value) { return quoted(value); }
    std::string operator()(const Dim &value) { return value.str(); }
    std::string operator()(const Type &value) { return value.str(); }
    std::string operator()(const AttrList &list) {
      std::string text = "[";
      for (size_t i = 0; i < list.size(); ++i)
        text += (i ? ", " : "") + list[i].str();
      return text + "]";
    }
    std::string operator()(const AttrDict &dict) {
      std::string text = "{";
      for (const auto &[name, value] : dict)
        text += (text.size() > 1 ? ", " : "") + name + " = " + value.str();
      return text + "}";
    }
    std::string operator()(const DenseData &dense) {
      std::string text = "dense[";
      for (size_t i = 0; i < dense->size(); ++i)
        text += (i ? ", " : "") + floatText((*dense)[i]);
      return text + "]";
    }
  };
  return std::visit(Printer{}, data);
}

} // namespace nnc
