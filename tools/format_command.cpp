#include "tools/format_command.h"

#include "frontend/format.h"
#include "runtime/atomic_file.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>

namespace nnc {

namespace fs = std::filesystem;

static int fail(const std::string &message) {
  std::cerr << "nnc: error: " << message << "\n";
  return 1;
}

/// The .nn files below a folder, in the order of their names.
static std::vector<std::string> filesBelow(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code ignored;
  constexpr auto skip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator each(folder, skip, ignored), end;
       each != end; each.increment(ignored))
    if (each->path().extension() == ".nn" && each->is_regular_file(ignored))
      files.push_back(each->path().string());
  std::sort(files.begin(), files.end());
  return files;
}

static bool replaceFile(const std::string &path, const std::string &text) {
  nnrt::AtomicFile file;
  nnrt::Error error;
  if (file.open(path.c_str(), error) &&
      file.write(text.data(), static_cast<int64_t>(text.size()), error) &&
      file.commit(error))
    return true;
  fail(error.message());
  return false;
}

static int formatOne(const std::string &path, bool onlyCheck, bool colour) {
  SourceManager sources;
  bool isInput = path == "-";
  uint32_t id = Loc::none;
  if (isInput)
    id = sources.add("<stdin>",
                     std::string(std::istreambuf_iterator<char>(std::cin), {}));
  else
    id = sources.load(path);
  if (id == Loc::none)
    return fail("cannot read " + path);
  DiagnosticSink sink(sources);
  std::optional<std::string> text = formatFile(sources, id, sink);
  std::cerr << sink.render(colour);
  if (!text)
    return sink.exitCode();
  bool changes = *text != sources.file(id).text();
  if (isInput && !onlyCheck) {
    std::cout << *text << std::flush;
    return 0;
  }
  if (changes && !onlyCheck && !replaceFile(path, *text))
    return 1;
  if (changes)
    std::cout << sources.file(id).name() << "\n";
  return changes && onlyCheck ? 1 : 0;
}

int formatFiles(const std::vector<std::string> &paths, bool onlyCheck,
                bool colour) {
  int code = 0;
  auto one = [&](const std::string &path) {
    int result = formatOne(path, onlyCheck, colour);
    // A wrong program weighs more than one that is not supported.
    code = code == 1 || result == 1 ? 1 : std::max(code, result);
  };
  std::error_code ignored;
  for (const std::string &path : paths) {
    if (!fs::is_directory(path, ignored)) {
      one(path);
      continue;
    }
    for (const std::string &each : filesBelow(path))
      one(each);
  }
  return code;
}

} // namespace nnc
