//===- tools/remarks.h - What optimisations did, for people and programs --===//
#ifndef NNC_TOOLS_REMARKS_H
#define NNC_TOOLS_REMARKS_H

#include "ir/rewrite_log.h"

namespace nnc {

/// A line for each remark, those of one rule in one place of the source
/// together: "m.nn:12: collapse-linear: ...; multiply-adds 80 -> 40".
std::string remarksText(const RewriteLog &log, bool missed);
/// The same as a JSON array, one object for each remark.
std::string remarksJson(const RewriteLog &log);

} // namespace nnc

#endif // NNC_TOOLS_REMARKS_H
