//===- tools/explain_page.h - The page of `nnc explain --html` ------------===//
#ifndef NNC_TOOLS_EXPLAIN_PAGE_H
#define NNC_TOOLS_EXPLAIN_PAGE_H

#include <string_view>

namespace nnc {

/// tools/explain.html, with `@DATA@` where the data goes, as JSON:
///   {"program": "lenet", "nets": [...], "steps": [...]}, as `netGraph` and
/// `stepGraph` give them.
extern const std::string_view explainPage;

} // namespace nnc

#endif // NNC_TOOLS_EXPLAIN_PAGE_H
