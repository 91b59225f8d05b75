#include "tools/library_path.h"

#include <filesystem>

namespace nnc {

static bool isOfHost(const Target &target) {
  return familyOf(target) == familyOf(*hostTargets().front());
}

std::optional<std::string> libraryFolder(const Target &target) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error)
    return std::nullopt;
  fs::path folder = self.parent_path().parent_path() / "lib" / "nnc";
  if (!isOfHost(target))
    folder /= familyOf(target).str();
  if (!fs::exists(folder / "libnnrt.a", error))
    return std::nullopt;
  return folder.string();
}

std::string whyNoLibraries(const Target &target) {
  if (isOfHost(target))
    return "the runtime's libraries are not beside nnc (lib/nnc)";
  std::string family = familyOf(target).str();
  std::string compiler = family == "wasm32"
                             ? "clang-19, wasi-libc and libc++ for wasm32"
                             : "a cross compiler, " + family + "-linux-gnu-g++";
  return "the runtime's libraries for " + family +
         " are not beside nnc (lib/nnc/" + family +
         "): they are made as nnc is built, if there is " + compiler;
}

} // namespace nnc
