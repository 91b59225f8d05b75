#include "frontend/verify_sizes.h"

#include "frontend/limitations.h"
#include "ir/check.h"
#include "ir/op_def.h"
#include "ir/verifier.h"

#include <limits>

namespace nnc {

/// Where in the sources an op's location is.
static Loc placeOf(const Location &location, const SourceManager &sources) {
  for (uint32_t id = 0; id < sources.size() && location.file; ++id) {
    const SourceFile &file = sources.file(id);
    if (file.name() != *location.file)
      continue;
    std::string_view line = file.line(static_cast<uint32_t>(location.line));
    if (!line.data())
      break;
    size_t place = 0;
    for (int column = 0; place < line.size(); ++place) {
      column += !isContinuationByte(line[place]);
      if (column == location.column)
        break;
    }
    size_t offset = static_cast<size_t>(line.data() - file.text().data());
    return {id, static_cast<uint32_t>(offset + place)};
  }
  return {};
}

static bool hasLongAxis(const Type &type) {
  for (const Dim &dim : type.shape())
    if (dim.isConstant() && dim.value() > std::numeric_limits<int32_t>::max())
      return true;
  return false;
}

/// The first type with an axis that is too long, and where it is.
static std::optional<std::pair<Type, Location>> longAxis(const Block &block,
                                                         Location location) {
  for (int64_t i = 0; i < block.argumentCount(); ++i)
    if (hasLongAxis(block.argument(i)->type()))
      return {{block.argument(i)->type(), location}};
  for (const auto &op : block.operations()) {
    for (int64_t i = 0; i < op->resultCount(); ++i)
      if (hasLongAxis(op->result(i)->type()))
        return {{op->result(i)->type(), op->location}};
    for (int64_t i = 0; i < op->regionCount(); ++i)
      if (auto found = longAxis(op->region(i), op->location))
        return found;
  }
  return std::nullopt;
}

bool verifySizes(const Module &module, const SourceManager &sources,
                 DiagnosticSink &sink) {
  if (auto wrong = verify(module, Graph)) {
    if (!wrong->message.ends_with("is too large"))
      internalError("elaboration made wrong IR: " + wrong->message);
    sink.error(placeOf(wrong->location, sources),
               wrong->message.substr(wrong->message.rfind(": ") + 2));
    return false;
  }
  for (const auto &function : module.functions) {
    if (auto found = longAxis(function->body, function->location)) {
      sink.unsupported(placeOf(found->second, sources),
                       std::string(limitations::longAxis) + ", " +
                           found->first.str() + ", is not supported yet");
      return false;
    }
  }
  return true;
}

} // namespace nnc
