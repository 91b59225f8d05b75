//===- spelling.h: what a misspelt name was meant to be -------------------===//
#ifndef NNC_FRONTEND_SPELLING_H
#define NNC_FRONTEND_SPELLING_H

#include <string>
#include <vector>

namespace nnc {

/// The known name that `name` is most likely a misspelling of, or "" if none is
/// near. Capitals count little.
std::string nearest(const std::string &name,
                    const std::vector<std::string> &known);

/// The name with its first letter in the other case; "" if it has no letter
/// there.
std::string otherCase(std::string name);

/// "; did you mean near?", or nothing.
std::string didYouMean(const std::string &near);

} // namespace nnc

#endif // NNC_FRONTEND_SPELLING_H
