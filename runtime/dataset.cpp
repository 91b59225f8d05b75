//===- runtime/dataset.cpp ------------------------------------------------===//
#include "runtime/dataset.h"
#include "runtime/csv.h"
#include "runtime/idx.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>

namespace nnrt {

bool checkOverrides(const Program &program, const DataOptions &options,
                    Error &error) {
  Array<Text> names;
  auto collect = [&](const char *prefix, const Source &source) {
    for (int32_t i = 0; i < source.columnCount; ++i)
      names.push(Text(prefix)).append(source.columns[i].name);
  };
  for (int32_t t = 0; t < program.trainCount; ++t) {
    const Train &train = program.trains[t];
    for (int32_t i = 0; i < train.sourceCount; ++i)
      collect("", program.sources[train.sources[i]]);
    for (int32_t i = 0; i < train.metricCount; ++i)
      if (train.metrics[i].source >= 0)
        collect("metric.", program.sources[train.metrics[i].source]);
  }
  Array<const char *> candidates;
  for (const Text &name : names)
    candidates.push(name.c_str());
  for (const DataOptions::Override &override : options.overrides) {
    bool known = false;
    for (const Text &name : names)
      known = known || name == override.name.c_str();
    if (known)
      continue;
    const char *near =
        nearest(override.name.c_str(), candidates.data(), candidates.size());
    return error.set("--data %s: this program has no such data%s%s%s",
                     override.name.c_str(), near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
  }
  return true;
}

const char *Dataset::pathOf(const char *name, const char *path,
                            const char *prefix, const DataOptions &options) {
  Text found(path);
  if (options.folder) {
    const char *slash = std::strrchr(path, '/');
    found.clear();
    found.append(options.folder).append("/").append(slash ? slash + 1 : path);
  }
  Text full(prefix);
  full.append(name);
  for (const DataOptions::Override &override : options.overrides)
    if (override.name == full.c_str())
      found = Text(override.path.c_str());
  // A Text that moves keeps its characters where they are.
  return names.push(std::move(found)).c_str();
}

bool Dataset::addColumn(const char *name, const char *origin, Tensor tensor,
                        Error &error) {
  int64_t count = tensor.shape.rank ? tensor.shape.extents[0] : 0;
  if (columns.empty())
    examples = count;
  else if (count != examples)
    return error.set(
        "%s (%s) has %" PRId64 " examples, but %s (%s) has %" PRId64, name,
        origin, count, columns[0].name, columns[0].origin, examples);
  if (count == 0)
    return error.set("%s (%s) has no examples", name, origin);
  columns.push({name, origin, std::move(tensor)});
  return true;
}

/// The columns [from, to) of a table; one alone loses its axis.
static bool selectColumns(const Tensor &table, const Column &column,
                          const char *path, Tensor &tensor, Error &error) {
  int64_t rows = table.shape.extents[0], width = table.shape.extents[1];
  if (column.from < 0 || column.to <= column.from || column.to > width)
    return error.set("%s: %s is columns %d to %d, but there are %" PRId64, path,
                     column.name, column.from, column.to - 1, width);
  int64_t taken = column.to - column.from;
  tensor.type = table.type;
  tensor.shape = {taken == 1 ? 1 : 2, {rows, taken}};
  if (!tensor.allocate(path, error))
    return false;
  const double *source = static_cast<const double *>(table.data) + column.from;
  double *target = static_cast<double *>(tensor.storage.data());
  for (int64_t row = 0; row < rows; ++row)
    std::copy_n(source + row * width, taken, target + row * taken);
  return true;
}

bool Dataset::add(const Source &source, const char *prefix,
                  const DataOptions &options, Error &error) {
  const char *tablePath = nullptr;
  Tensor table;
  for (int32_t i = 0; i < source.columnCount; ++i) {
    const Column &column = source.columns[i];
    Tensor tensor;
    const char *origin = "literal";
    if (source.kind == SourceKind::Literal) {
      if (column.rank < 1 || column.rank > maxRank)
        return error.limit("%s has %d axes; data has 1 to %d", column.name,
                           column.rank, maxRank);
      tensor.type = rawType(column.elem);
      tensor.shape.rank = column.rank;
      std::copy_n(column.shape, column.rank, tensor.shape.extents);
      tensor.data = column.data;
    } else {
      origin = pathOf(column.name, column.path, prefix, options);
      if (source.kind == SourceKind::Idx) {
        if (!readIdx(origin, tensor, error))
          return false;
      } else {
        // One file gives several columns; it is read once.
        if (!tablePath || std::strcmp(tablePath, origin)) {
          if (!readCsv(origin, table, error))
            return false;
          tablePath = origin;
        }
        if (!selectColumns(table, column, origin, tensor, error))
          return false;
      }
    }
    if (!addColumn(column.name, origin, std::move(tensor), error))
      return false;
  }
  return true;
}

/// Whether every element of a column has a value in the slot's type.
static bool checkElements(const LoadedColumn &column, ElemType elem,
                          Error &error) {
  const Tensor &tensor = column.tensor;
  int64_t count = tensor.count();
  int64_t bad = firstInconvertible(tensor.type, tensor.data, count, elem);
  if (bad < 0)
    return true;
  Text value;
  appendElement(value, tensor.type, tensor.data, bad);
  return error.set("%s: example %" PRId64 " of %s is %s, which is no %s",
                   column.origin, bad / (count / tensor.shape.extents[0]),
                   column.name, value.c_str(), typeName(elem));
}

bool Dataset::bind(const Function &function, int64_t count,
                   const Variables &variables, const Team &team, Call &call,
                   Array<int32_t> &columnOf, Error &error) const {
  Array<Offer> offers;
  offers.resize(function.argCount);
  columnOf.clear();
  for (int32_t i = 0; i < function.argCount; ++i) {
    const Slot &slot = function.args[i];
    columnOf.push(-1);
    if (slot.kind != SlotKind::Input)
      continue;
    for (int32_t j = 0; j < columns.size(); ++j)
      if (!std::strcmp(columns[j].name, slot.name))
        columnOf[i] = j;
    if (columnOf[i] < 0)
      return error.set("%s needs %s, which the data does not have",
                       function.name, slot.name);
    const LoadedColumn &column = columns[columnOf[i]];
    if (!checkElements(column, slot.elem, error))
      return false;
    offers[i] = {true, column.tensor.shape, false};
    offers[i].shape.extents[0] = count;
  }
  return call.bind(function, offers.data(), nullptr, variables, team, error);
}

void Dataset::gather(const Call &call, const Function &function,
                     const Array<int32_t> &columnOf, const int64_t *examples,
                     int64_t count) const {
  for (int32_t i = 0; i < function.argCount; ++i) {
    if (columnOf[i] < 0)
      continue;
    const Tensor &tensor = columns[columnOf[i]].tensor;
    ElemType elem = function.args[i].elem;
    int64_t elements =
        elementCount(tensor.shape.extents + 1, tensor.shape.rank - 1);
    const char *source = static_cast<const char *>(tensor.data);
    char *target = static_cast<char *>(call.argument(i));
    for (int64_t k = 0; k < count; ++k)
      convert(tensor.type,
              source + examples[k] * elements * rawSize(tensor.type), elem,
              target + k * elements * elemSize(elem), elements);
  }
}

} // namespace nnrt
