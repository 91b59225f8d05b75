//===- defines.cpp: the sizes that -D gives -------------------------------===//
//
// `-D H=32` is for the program's own file. The dimensions of another file are
// its own, and stay there: `-D A.H=32` is for that of `import … as A`, and
// `-D layers.H=32` for that of `import "layers.nn"`.
//
//===----------------------------------------------------------------------===//
#include "frontend/elaborator.h"

namespace nnc {

/// "layers" of "models/layers.nn".
static std::string stem(const std::string &path) {
  std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

/// What stands before the point for each file that `file` imports.
static std::vector<std::pair<std::string, const FileScope *>>
modules(const FileScope &file, const SourceManager &sources) {
  std::vector<std::pair<std::string, const FileScope *>> found;
  for (const auto &[alias, scope] : file.aliases)
    if (scope)
      found.emplace_back(alias, scope);
  for (const FileScope *scope : file.imports)
    found.emplace_back(stem(sources.file(scope->file->id).name()), scope);
  return found;
}

void Elaborator::readDefines(const FileScope &file) {
  for (const auto &[define, value] : options.defines) {
    const FileScope *scope = &file;
    std::string rest = define;
    for (size_t point; scope && (point = rest.find('.')) != rest.npos;
         rest = rest.substr(point + 1)) {
      const FileScope *inner = nullptr;
      for (const auto &[name, module] : modules(*scope, sources))
        if (name == rest.substr(0, point))
          inner = module;
      scope = inner;
    }
    if (scope && scope->dims.contains(rest)) {
      defines[scope->dims.at(rest)] = value;
      continue;
    }
    std::vector<std::string> known;
    std::string elsewhere;
    for (const auto &[dim, entry] : file.dims)
      known.push_back(dim);
    for (const auto &[module, theirs] : modules(file, sources))
      for (const auto &[dim, entry] : theirs->dims) {
        known.push_back(module + "." + dim);
        if (dim == define)
          elsewhere = known.back();
      }
    if (elsewhere.empty())
      elsewhere = nearest(define, known);
    error({file.file->id, 0}, "there is no dimension " + define + " to define" +
                                  didYouMean(elsewhere));
  }
}

} // namespace nnc
