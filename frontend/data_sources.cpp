//===- data_sources.cpp: idx(…), csv(…), text(…), … -----------------------===//
#include "frontend/data_clause.h"
#include "frontend/train_state.h"

namespace nnc {

static const struct SourceForm {
  const char *name;
  DataSource::Kind kind;
  const char *usage;
} forms[] = {
    {"idx", DataSource::Idx, "idx takes a file for each name"},
    {"csv", DataSource::Csv,
     "csv takes a file and its columns, as in csv(\"f.csv\", x = 0:4, y = 4)"},
    {"text", DataSource::Text,
     "text takes a file and the length of its windows, as in text(\"f.txt\", "
     "window = 64)"},
    {"npy", DataSource::Npy, "npy takes a file for each name"},
    {"npz", DataSource::Npz,
     "npz takes one file, and the names of its arrays where they are others, "
     "as in npz(\"f.npz\", x = \"images\")"},
    {"image", DataSource::Image, "image takes a file for each name"},
};

static const SourceForm *findForm(const std::string &name) {
  for (const SourceForm &form : forms)
    if (name == form.name)
      return &form;
  return nullptr;
}

bool Elaborator::isDataCall(const ast::Expr &expr) {
  auto *call = ast::as<ast::Call>(&expr);
  auto *callee = call ? ast::as<ast::Name>(call->callee) : nullptr;
  if (!callee || !callee->isSimple())
    return false;
  return findForm(callee->first().text);
}

/// The path as seen from the folder in which the .nn file stands.
std::string besides(const std::string &file, const std::string &path) {
  size_t slash = file.rfind('/');
  if (slash == std::string::npos || (!path.empty() && path[0] == '/'))
    return path;
  return file.substr(0, slash + 1) + path;
}

/// A whole number that is known when compiling.
std::optional<int64_t> Elaborator::wholeNumber(const ast::ExprPtr &expr,
                                               int64_t least, Loc loc,
                                               const std::string &otherwise) {
  size_t before = sink.errorCount();
  std::optional<Dim> value = expr ? dimValue(*expr) : std::nullopt;
  if (value && value->isConstant() && value->value() >= least &&
      value->value() <= INT32_MAX)
    return value->value();
  if (sink.errorCount() == before)
    error(loc, otherwise);
  return std::nullopt;
}

/// `x = 0:4` is four columns, `y = 4` one that loses its axis.
bool Elaborator::csvColumns(const DataCall &call,
                            std::vector<SourceColumn> &columns) {
  for (const ast::Arg *arg : call.named) {
    const std::string counted = "columns are counted from 0, as in 0:4 or 4";
    const ast::Item &item = arg->item;
    bool slice = item.kind == ast::Item::Slice;
    auto from =
        wholeNumber(slice ? item.begin : item.value, 0, arg->loc(), counted);
    auto to =
        from && slice ? wholeNumber(item.end, 0, arg->loc(), counted) : from;
    if (!from || !to)
      return false;
    SourceColumn column;
    column.data.path = call.paths[0];
    column.data.from = *from;
    column.data.to = slice ? *to : *to + 1;
    column.rest.emplace();
    if (column.data.to <= column.data.from) {
      error(arg->loc(), "there are no columns in this range");
      return false;
    }
    if (slice) {
      column.rest->push_back(Dim(column.data.to - column.data.from));
      column.axes.resize(2);
    }
    columns.push_back(std::move(column));
  }
  return true;
}

/// The first name is a window of bytes, the second the same one byte later:
/// what follows each byte of the first. An axis of them is named as `window`
/// is, if that is one name.
bool Elaborator::textColumns(const DataCall &call, DataSource &source,
                             std::vector<SourceColumn> &columns) {
  const ast::Arg *window = nullptr, *stride = nullptr;
  for (const ast::Arg *arg : call.named)
    (arg->name.text == "window" ? window : stride) = arg;
  if (frame->dataClause->names.size() > 2) {
    error(call.loc, "text gives a window and what follows it, so it takes one "
                    "name or two");
    return false;
  }
  auto length = wholeNumber(window->item.value, 1, window->loc(),
                            "a window has a fixed length, at least 1");
  auto step = stride ? wholeNumber(stride->item.value, 1, stride->loc(),
                                   "the stride is a fixed number, at least 1")
                     : length;
  if (!length || !step)
    return false;
  source.stride = *step;
  AxisName name;
  if (std::optional<DimArg> arg = dimArgument(*window->item.value))
    name = arg->axis;
  for (size_t i = 0; i < frame->dataClause->names.size(); ++i) {
    SourceColumn column;
    column.data.path = call.paths[0];
    column.data.from = static_cast<int64_t>(i);
    column.data.to = column.data.from + *length;
    column.rest = {Dim(*length)};
    column.axes = {AxisName(), name};
    column.elem = Elem::I32;
    columns.push_back(std::move(column));
  }
  return true;
}

/// An array goes by the name that its data has, or by the one that is given.
bool Elaborator::npzColumns(const DataCall &call,
                            std::vector<SourceColumn> &columns) {
  std::vector<const ast::Arg *> unused = call.named;
  for (const ast::TrainItem::DataName *name : frame->dataClause->names) {
    SourceColumn column;
    column.data.path = call.paths[0];
    column.data.member = name->name.text;
    for (const ast::Arg *arg : call.named) {
      if (arg->name.text != name->name.text)
        continue;
      auto *member = ast::as<ast::String>(arg->item.value);
      if (!member || arg->item.kind != ast::Item::Value) {
        error(arg->loc(), "the name of an array is a text, as in " +
                              arg->name.text + " = \"arr_0\"");
        return false;
      }
      column.data.member = member->value;
      std::erase(unused, arg);
    }
    columns.push_back(std::move(column));
  }
  for (const ast::Arg *arg : unused) {
    error(arg->loc(), "there is no data named " + arg->name.text);
    return false;
  }
  return true;
}

/// Where nothing in the program says it, the file's header gives the shape.
bool Elaborator::readHeader(const DataCall &call, DataSource::Kind kind,
                            SourceColumn &column) {
  DataShape header;
  header.error = "nothing here can read it";
  if (options.readShape)
    header = options.readShape(kind, column.data);
  if (!header.error.empty() || header.extents.empty()) {
    const std::string &name = column.data.name;
    error(call.loc, "the shape of " + name + " comes from its file, and " +
                        column.data.path + " cannot be read: " + header.error +
                        "; or give a type, as in `data " + name +
                        ": f32[B, ...] =`");
    return false;
  }
  column.rest.emplace();
  for (size_t axis = 1; axis < header.extents.size(); ++axis)
    column.rest->push_back(Dim(header.extents[axis]));
  if (header.elements != DataShape::Float)
    column.elem = header.elements == DataShape::Whole ? Elem::I32 : Elem::Bool;
  return true;
}

/// Takes the arguments of a call apart, which are files and named ones.
bool Elaborator::dataArguments(const CallSite &site, DataSource::Kind kind,
                               const char *usage, DataCall &call) {
  call.loc = site.loc;
  const std::string &file = sources.file(site.loc.file).name();
  for (const ast::Arg &arg : *site.args) {
    if (!arg.name.text.empty()) {
      call.named.push_back(&arg);
      continue;
    }
    auto *text = arg.item.kind == ast::Item::Value
                     ? ast::as<ast::String>(arg.item.value)
                     : nullptr;
    if (!text) {
      error(arg.loc(), site.name + " takes the names of files, as in " +
                           site.name + "(\"file\")");
      return false;
    }
    call.paths.push_back(besides(file, text->value));
  }
  bool fits = false;
  switch (kind) {
  case DataSource::Csv:
    fits = call.paths.size() == 1 && !call.named.empty();
    break;
  case DataSource::Text: {
    bool window = false;
    for (const ast::Arg *arg : call.named) {
      window |= arg->name.text == "window";
      if (arg->name.text != "window" && arg->name.text != "stride") {
        error(arg->loc(), "text has no argument " + arg->name.text +
                              "; it takes window and stride");
        return false;
      }
    }
    fits = call.paths.size() == 1 && window;
    break;
  }
  case DataSource::Npz:
    fits = call.paths.size() == 1;
    break;
  default:
    fits = !call.paths.empty() && call.named.empty();
  }
  if (!fits)
    error(site.loc, usage);
  return fits;
}

Val Elaborator::dataCall(const CallSite &site) {
  if (!frame->dataClause)
    return poison(site.loc, site.name + "(...) reads data; it stands in a "
                                        "`data` clause or after `on`");
  const SourceForm *form = findForm(site.name);
  DataClause &clause = *frame->dataClause;
  DataCall call;
  DataSource source{form->kind, {}, 0};
  std::vector<SourceColumn> columns;
  if (!dataArguments(site, form->kind, form->usage, call))
    return {};
  bool done = true;
  if (form->kind == DataSource::Csv)
    done = csvColumns(call, columns);
  else if (form->kind == DataSource::Text)
    done = textColumns(call, source, columns);
  else if (form->kind == DataSource::Npz)
    done = npzColumns(call, columns);
  else
    for (const std::string &path : call.paths)
      columns.emplace_back().data.path = path;
  if (!done)
    return {};
  if (columns.size() != clause.names.size())
    return poison(site.loc, "there are " + std::to_string(clause.names.size()) +
                                " names for " + std::to_string(columns.size()) +
                                " columns of data");
  std::vector<Val> values;
  for (size_t i = 0; i < columns.size(); ++i) {
    const ast::TrainItem::DataName &name = *clause.names[i];
    SourceColumn &column = columns[i];
    column.data.name = name.name.text;
    std::optional<Type> type;
    AxisNames axes;
    if (clause.direct && typeOfData(name)) {
      type = typeOf(*frame, *typeOfData(name), &axes);
      if (!type || !checkRest(column, *type, name.name))
        return {};
    } else {
      if (!column.rest && !readHeader(call, form->kind, column))
        return {};
      Shape shape = {batch};
      shape.insert(shape.end(), column.rest->begin(), column.rest->end());
      type = Type::tensor(column.elem.value_or(floatElem()), shape);
      axes = column.axes;
    }
    values.push_back(dataInput(column.data.name, *type, axes));
    source.columns.push_back(std::move(column.data));
  }
  clause.made.push_back(std::move(source));
  return values.size() == 1 ? values[0] : Val::tuple(values);
}

/// Whether one example, as far as its size is known now, fits the stated type.
bool Elaborator::checkRest(const SourceColumn &column, const Type &type,
                           const ast::Ident &name) {
  if (type.rank() == 0) {
    error(name.loc, name.text + " is " + type.str() +
                        ", but data has an axis for the examples");
    return false;
  }
  Dim stated =
      elementCount(Shape(type.shape().begin() + 1, type.shape().end()));
  if (!column.rest || !stated.isConstant())
    return true;
  Dim have = elementCount(*column.rest);
  if (have == stated)
    return true;
  error(name.loc, name.text + " has " + have.str() +
                      (have == Dim(1) ? " element" : " elements") +
                      " an example, and its type " + type.str() + " " +
                      stated.str());
  return false;
}

} // namespace nnc
