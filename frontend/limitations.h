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

inline constexpr const char *reservedType = "an element type of 8 or 16 bits";
/// Indices are i32.
inline constexpr const char *longAxis = "an axis of 2^31 elements or more";

/// Each is elaborated by itself.
inline constexpr const char *manyCalls =
    "a net, step, metric or test that makes more than 100,000 calls";

} // namespace nnc::limitations

#endif // NNC_FRONTEND_LIMITATIONS_H
