#include "tools/library_path.h"

#include <filesystem>

namespace nnc {

std::optional<std::string> libraryFolder() {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error)
    return std::nullopt;
  fs::path folder = self.parent_path().parent_path() / "lib" / "nnc";
  if (!fs::exists(folder / "libnnrt.a", error))
    return std::nullopt;
  return folder.string();
}

} // namespace nnc
