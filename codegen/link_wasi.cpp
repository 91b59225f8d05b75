//===- codegen/link_wasi.cpp - From objects to a WASI command -------------===//
#include "codegen/link_wasi.h"

#include "codegen/lld.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

namespace nnc {

/// Debian's place, and that of wasi-sdk's sysroot.
std::optional<std::string> findWasiFolder(const std::string &sysroot) {
  for (const char *place :
       {"/usr/lib/wasm32-wasi", "/lib/wasm32-wasi", "/lib/wasm32-wasip1"})
    if (std::string folder = sysroot + place;
        llvm::sys::fs::exists(folder + "/crt1-command.o") &&
        llvm::sys::fs::exists(folder + "/libc.a"))
      return folder;
  return std::nullopt;
}

Status linkWasi(const LinkRequest &request) {
  std::optional<std::string> folder = findWasiFolder(request.sysroot);
  if (!folder)
    return Status::limitation(
        "cannot link the program: wasi-libc (crt1-command.o, libc.a) is not " +
        (request.sysroot.empty() ? "installed" : "in " + request.sysroot) +
        "; on Debian it is in wasi-libc");
  // A stack below the data ends in a trap where it overflows; of itself it
  // would be 64 KB.
  std::vector<std::string> arguments = {"wasm-ld",
                                        request.keepsSymbols ? "--strip-debug"
                                                             : "--strip-all",
                                        "--stack-first",
                                        "-z",
                                        "stack-size=1048576",
                                        "-o",
                                        request.output,
                                        "-L" + *folder,
                                        *folder + "/crt1-command.o"};
  llvm::append_range(arguments, request.inputs);
  for (const std::string &library : request.libraries)
    arguments.push_back("-l" + library);
  arguments.insert(arguments.end(), {"-lm", "-lc"});
  return runLld(arguments);
}

} // namespace nnc
