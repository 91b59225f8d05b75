//===- runtime/report_page.h - The page of `train --report` ---------------===//
#ifndef NNRT_REPORT_PAGE_H
#define NNRT_REPORT_PAGE_H

namespace nnrt {

/// runtime/report.html, with `@DATA@` where the data goes, as JSON.
extern const char reportPage[];

} // namespace nnrt

#endif // NNRT_REPORT_PAGE_H
