//===- codegen/link_wasi.h - From objects to a WASI command ---------------===//
#ifndef NNC_CODEGEN_LINK_WASI_H
#define NNC_CODEGEN_LINK_WASI_H

#include "codegen/link.h"

#include <optional>

namespace nnc {

/// Where wasi-libc is: crt1-command.o, libc.a, ...
std::optional<std::string> findWasiFolder(const std::string &sysroot);

/// Of what linkProgram does the part for WebAssembly.
Status linkWasi(const LinkRequest &request);

} // namespace nnc

#endif // NNC_CODEGEN_LINK_WASI_H
