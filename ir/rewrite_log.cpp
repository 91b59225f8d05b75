#include "ir/rewrite_log.h"

#include "ir/op_def.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

Work operator+(const Work &a, const Work &b) {
  return {a.multiplyAdds + b.multiplyAdds, a.bytes + b.bytes};
}

std::string placeOf(const Location &where, const std::string &function) {
  if (!where.file || !where.line)
    return "@" + function;
  return *where.file + ":" + std::to_string(where.line);
}

static Dim bytesOf(const Type &type) {
  return elementCount(type.shape()) * elemBytes(type.elem());
}

/// Of one turn of the loops around it.
static Work workOfTurn(const Op &op) {
  Work work;
  if (op.is("scan")) {
    ScanParts parts(op);
    for (const auto &inner : op.region().operations()) {
      Work turn = workOfTurn(*inner);
      work = work +
             Work{parts.length * turn.multiplyAdds, parts.length * turn.bytes};
    }
    return work;
  }
  // As explain has it: what only names its operand anew moves nothing.
  if (op.def().kind == OpKind::Structural || op.is("reshape") ||
      op.is("again") || op.is("stop_gradient"))
    return work;
  if (CostRule cost = op.def().multiplyAdds)
    work.multiplyAdds = cost(op);
  for (const Value *operand : op.operands())
    work.bytes = work.bytes + bytesOf(operand->type());
  for (int64_t i = 0; i < op.resultCount(); ++i)
    work.bytes = work.bytes + bytesOf(op.result(i)->type());
  return work;
}

Work workOf(const Op &op) {
  Work work = workOfTurn(op);
  for (const Op *loop = op.parentOp(); loop; loop = loop->parentOp())
    if (loop->is("scan")) {
      Dim turns = ScanParts(*loop).length;
      work = {turns * work.multiplyAdds, turns * work.bytes};
    }
  return work;
}

bool RewriteLog::allows(std::string_view rule) const {
  return (limit < 0 || rewrites < limit) && (only.empty() || rule == only) &&
         !disabled.contains(rule);
}

void RewriteLog::count(std::string_view rule, const Location &location) {
  ++rewrites;
  lastRule = rule;
  lastLocation = location;
  // Copied only where it is asked for.
  if (limit >= 0)
    lastFunction = function;
}

std::string RewriteLog::last() const {
  if (lastRule.empty())
    return "";
  return placeOf(lastLocation, lastFunction) + ": " + std::string(lastRule);
}

static std::string_view layerName(const Remark &remark) {
  return remark.location.layer ? *remark.location.layer : std::string_view();
}

void RewriteLog::record(Remark remark) {
  if (!records)
    return;
  remark.function = function;
  // A pass that runs again misses again what it has missed.
  bool isKnown =
      remark.missed &&
      std::any_of(kept.begin(), kept.end(), [&](const Remark &each) {
        return each.missed && each.rule == remark.rule &&
               each.function == remark.function && each.text == remark.text &&
               each.location.line == remark.location.line &&
               layerName(each) == layerName(remark) &&
               each.before.multiplyAdds == remark.before.multiplyAdds &&
               each.before.bytes == remark.before.bytes;
      });
  if (!isKnown)
    kept.push_back(std::move(remark));
}

} // namespace nnc
