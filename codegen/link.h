//===- codegen/link.h - From objects to a program -------------------------===//
#ifndef NNC_CODEGEN_LINK_H
#define NNC_CODEGEN_LINK_H

#include "codegen/status.h"

#include "llvm/ADT/ArrayRef.h"

namespace nnc {

struct LinkRequest {
  /// Object files and archives, in the order of the command line.
  llvm::ArrayRef<std::string> inputs;
  /// Libraries beyond libm and libc: "z", "pthread".
  llvm::ArrayRef<std::string> libraries;
  std::string output;
  bool isStatic = false;     ///< Even libc is linked into the program.
  bool keepsSymbols = false; ///< The names of functions, for a profiler.
  /// familyOf() its code: "x86_64", or "wasm32" for a WASI command.
  std::string family;
  /// The folder in which to look for the C library and GCC, instead of /.
  std::string sysroot;
};

/// Whether the link finds lib`name`, as far as can be said beforehand.
bool hasLibrary(const LinkRequest &request, const std::string &name);

/// Writes an executable with lld, inside this process. The objects of the C
/// library that every program starts with are looked for where Debian and its
/// like have them, those of another family where its cross compilers have them;
/// where that fails, `cc` links. A WASI command is linked with wasi-libc. If
/// there is no C library to link with, that is a limitation.
Status linkProgram(const LinkRequest &request);

} // namespace nnc

#endif // NNC_CODEGEN_LINK_H
