//===- runtime/dataset.cpp ------------------------------------------------===//
#include "runtime/dataset.h"
#include "runtime/csv.h"
#include "runtime/idx.h"
#include "runtime/image.h"
#include "runtime/npy.h"
#include "runtime/npz.h"
#include "runtime/value.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
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
    auto collectAll = [&](const char *prefix, const Evaluation *list,
                          int32_t count) {
      for (int32_t i = 0; i < count; ++i)
        for (int32_t k = 0; k < list[i].sourceCount; ++k)
          collect(prefix, program.sources[list[i].sources[k]]);
    };
    collectAll("metric.", train.metrics, train.metricCount);
    collectAll("picture.", train.pictures, train.pictureCount);
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

int64_t LoadedColumn::exampleSize() const {
  return elementCount(tensor.shape.extents + 1, tensor.shape.rank - 1);
}

const void *LoadedColumn::example(int64_t i) const {
  return static_cast<const char *>(tensor.data) +
         i * step * rawSize(tensor.type);
}

/// Whether the columns of such a source come from one file.
static bool sharesFile(SourceKind kind) {
  return kind == SourceKind::Csv || kind == SourceKind::Text ||
         kind == SourceKind::Npz;
}

/// The file of a column: the program's, or the command line's; empty for a
/// literal. Where columns
/// share a file, the name of any of them replaces it for all.
static bool findPath(const Source &source, const Column &column,
                     const char *prefix, const DataOptions &options, Text &path,
                     Error &error) {
  if (column.path)
    path.append(column.path);
  if (column.path && options.folder) {
    const char *slash = std::strrchr(column.path, '/');
    path.clear();
    path.append(options.folder).append("/");
    path.append(slash ? slash + 1 : column.path);
  }
  const DataOptions::Override *used = nullptr;
  for (int32_t i = 0; i < source.columnCount; ++i) {
    const Column &each = source.columns[i];
    if (&each != &column && !sharesFile(source.kind))
      continue;
    Text name(prefix);
    name.append(each.name);
    for (const DataOptions::Override &override : options.overrides) {
      if (!(override.name == name.c_str()))
        continue;
      if (used && !(used->path == override.path.c_str()))
        return error.set("--data %s and --data %s are two files, but both come "
                         "from one",
                         used->name.c_str(), name.c_str());
      used = &override;
    }
  }
  if (used)
    path = Text(used->path.c_str());
  return true;
}

static bool readFile(SourceKind kind, DataFile &file, Error &error) {
  const char *path = file.path.c_str();
  switch (kind) {
  case SourceKind::Idx:
    return readIdx(path, nullptr, file.tensor, error);
  case SourceKind::Csv:
    return readCsv(path, file.tensor, error);
  case SourceKind::Npy:
    return readNpy(path, file.tensor, error);
  case SourceKind::Image:
    return readImages(path, INT64_MAX, file.tensor, error);
  case SourceKind::Literal: {
    Value value;
    if (!readValue(path, false, value, error))
      return false;
    file.tensor = std::move(value.tensor);
    return file.tensor.shape.rank ||
           error.set("%s is one number, and data has an axis for the examples",
                     path);
  }
  default:
    return readWholeFile(path, int64_t(1) << 36, file.bytes, error);
  }
}

const DataFile *Dataset::read(SourceKind kind, const char *path, Error &error) {
  if (sharesFile(kind))
    for (const DataFile &file : files)
      if (file.kind == kind && file.path == path)
        return &file;
  DataFile file;
  file.kind = kind;
  file.path = Text(path);
  return readFile(kind, file, error) ? &files.push(std::move(file)) : nullptr;
}

/// The columns [from, to) of a table; one alone loses its axis.
static bool viewTable(const DataFile &file, const Column &column,
                      LoadedColumn &loaded, Error &error) {
  const Tensor &table = file.tensor;
  int64_t rows = table.shape.extents[0], width = table.shape.extents[1];
  if (column.from < 0 || column.to <= column.from || column.to > width)
    return error.set("%s: %s is columns %d to %d, but there are %" PRId64,
                     file.path.c_str(), column.name, column.from, column.to - 1,
                     width);
  int64_t taken = column.to - column.from;
  loaded.tensor.type = table.type;
  loaded.tensor.shape = {taken == 1 ? 1 : 2, {rows, taken}};
  loaded.tensor.data = static_cast<const double *>(table.data) + column.from;
  loaded.step = width;
  return true;
}

/// Windows of a text. Every example needs all of its columns' bytes.
static bool viewText(const DataFile &file, const Source &source,
                     const Column &column, LoadedColumn &loaded, Error &error) {
  int64_t needed = 0, size = file.bytes.size();
  for (int32_t i = 0; i < source.columnCount; ++i)
    needed = std::max<int64_t>(needed, source.columns[i].to);
  if (size < needed)
    return error.set("%s: has %" PRId64 " bytes, but one example needs %" PRId64
                     ", a window of %d%s",
                     file.path.c_str(), size, needed, column.to - column.from,
                     source.columnCount > 1 ? " and what follows" : "");
  loaded.tensor.type = RawType::U8;
  loaded.tensor.shape = {
      2,
      {(size - needed) / source.stride + 1, int64_t(column.to) - column.from}};
  loaded.tensor.data = file.bytes.c_str() + column.from;
  loaded.step = source.stride;
  return true;
}

/// A number that is none would spread into every weight. (A csv has none.)
static bool checkFinite(const LoadedColumn &column, Error &error) {
  const Tensor &tensor = column.tensor;
  int64_t bad = firstNotFinite(tensor.type, tensor.data, tensor.count());
  if (bad < 0)
    return true;
  Text value;
  appendElement(value, tensor.type, tensor.data, bad);
  return error.set("%s: example %" PRId64 " of %s has the value %s",
                   column.origin, bad / column.exampleSize(), column.name,
                   value.c_str());
}

bool Dataset::addColumn(const Source &source, const Column &column,
                        const char *path, LoadedColumn &loaded, Error &error) {
  loaded.name = column.name;
  if (source.kind == SourceKind::Literal && !*path) {
    if (column.rank < 1 || column.rank > maxRank)
      return error.limit("%s has %d axes; data has 1 to %d", column.name,
                         column.rank, maxRank);
    loaded.origin = "literal";
    loaded.tensor.type = rawType(column.elem);
    loaded.tensor.shape.rank = column.rank;
    std::copy_n(column.shape, column.rank, loaded.tensor.shape.extents);
    loaded.tensor.data = column.data;
    loaded.step = loaded.exampleSize();
    return true;
  }
  const DataFile *file = read(source.kind, path, error);
  if (!file)
    return false;
  // A Text that moves keeps its characters where they are.
  loaded.origin = file->path.c_str();
  if (source.kind == SourceKind::Csv)
    return viewTable(*file, column, loaded, error);
  if (source.kind == SourceKind::Text)
    return viewText(*file, source, column, loaded, error);
  if (source.kind == SourceKind::Npz) {
    if (!parseNpz(path, file->bytes.c_str(), file->bytes.size(), column.member,
                  loaded.tensor, error))
      return false;
  } else {
    loaded.tensor.type = file->tensor.type;
    loaded.tensor.shape = file->tensor.shape;
    loaded.tensor.data = file->tensor.data;
  }
  loaded.step = loaded.exampleSize();
  return checkFinite(loaded, error);
}

bool Dataset::add(const Source &source, const char *prefix,
                  const DataOptions &options, Error &error) {
  for (int32_t i = 0; i < source.columnCount; ++i) {
    const Column &column = source.columns[i];
    LoadedColumn loaded = {};
    Text path;
    if (!findPath(source, column, prefix, options, path, error) ||
        !addColumn(source, column, path.c_str(), loaded, error))
      return false;
    int64_t count =
        loaded.tensor.shape.rank ? loaded.tensor.shape.extents[0] : 0;
    if (count == 0)
      return error.set("%s (%s) has no examples", loaded.name, loaded.origin);
    if (columns.empty())
      examples = count;
    else if (count != examples)
      return error.set("%s (%s) has %" PRId64
                       " examples, but %s (%s) has %" PRId64,
                       loaded.name, loaded.origin, count, columns[0].name,
                       columns[0].origin, examples);
    columns.push(std::move(loaded));
  }
  return true;
}

/// Whether every element of a column has a value in the slot's type.
static bool checkElements(const LoadedColumn &column, ElemType elem,
                          Error &error) {
  const Tensor &tensor = column.tensor;
  for (int64_t i = 0; i < tensor.shape.extents[0]; ++i) {
    int64_t bad = firstInconvertible(tensor.type, column.example(i),
                                     column.exampleSize(), elem);
    if (bad < 0)
      continue;
    Text value;
    appendElement(value, tensor.type, column.example(i), bad);
    return error.set("%s: example %" PRId64 " of %s is %s, which is no %s",
                     column.origin, i, column.name, value.c_str(),
                     typeName(elem));
  }
  return true;
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
                     int64_t count, Target target) const {
  for (int32_t i = 0; i < function.argCount; ++i) {
    if (columnOf[i] < 0)
      continue;
    const LoadedColumn &column = columns[columnOf[i]];
    ElemType elem = function.args[i].elem;
    int64_t elements = column.exampleSize();
    auto *to = static_cast<char *>(target == Target::Spare ? call.spare(i)
                                                           : call.argument(i));
    for (int64_t k = 0; k < count; ++k)
      convert(column.tensor.type, column.example(examples[k]), elem,
              to + k * elements * elemSize(elem), elements);
  }
}

} // namespace nnrt
