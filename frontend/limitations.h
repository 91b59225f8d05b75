//===- limitations.h: what the language has and nnc cannot do yet ---------===//
//
// A program that uses one of these is right, and gets exit code 2. A feature
// that is done leaves this list. test/frontend/elaborate/limitations.test reads
// it and wants a case for every entry.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_LIMITATIONS_H
#define NNC_FRONTEND_LIMITATIONS_H

namespace nnc::limitations {

inline constexpr const char *accumulate = "`accumulate` in a train block";
inline constexpr const char *freeze = "`freeze`";
inline constexpr const char *keepBest = "keeping the best weights";
inline constexpr const char *metricSources =
    "a metric on data of several sources";
inline constexpr const char *optimizerGroups = "`optimizer` with `on`";
inline constexpr const char *reservedType = "an element type of 8 or 16 bits";
inline constexpr const char *start = "`start`";
inline constexpr const char *step = "`step` in a train block";

} // namespace nnc::limitations

#endif // NNC_FRONTEND_LIMITATIONS_H
