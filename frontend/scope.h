//===- scope.h: which definition a name means -----------------------------===//
#ifndef NNC_FRONTEND_SCOPE_H
#define NNC_FRONTEND_SCOPE_H

#include "frontend/ast.h"
#include "frontend/diagnostic.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace nnc {

/// The definitions of one file.
struct FileScope {
  const ast::File *file = nullptr;
  std::map<std::string, const ast::Callable *> callables;
  std::map<std::string, const ast::Dims::Entry *> dims;
  std::vector<const FileScope *> imports;
};

struct Definition {
  const ast::Callable *callable = nullptr;
  const FileScope *file = nullptr;
  explicit operator bool() const { return callable; }
};

/// The files of a program, and those of std that it reaches by name.
class Scopes {
public:
  Scopes(SourceManager &sources, DiagnosticSink &sink)
      : sources(sources), sink(sink) {}

  /// Collects the definitions of a file and of what it imports.
  const FileScope *add(const ast::File &file);
  /// The callable that `name` means in `file`: its own, an imported one, or
  /// std's. Ambiguity is an error.
  Definition find(const FileScope &file, const ast::Ident &name);
  /// std's definition alone.
  Definition findStd(const std::string &name);
  /// The names that can be called from `file`.
  std::vector<std::string> names(const FileScope &file) const;

private:
  void import(FileScope &scope, const ast::Import &import);
  SourceManager &sources;
  DiagnosticSink &sink;
  std::vector<std::unique_ptr<FileScope>> scopes;
  std::vector<std::unique_ptr<ast::File>> owned;
  std::map<std::string, const FileScope *> byPath, stdFiles;
  std::set<std::string> importing;
};

/// The texts of std/, embedded by the build.
struct StdFile {
  const char *name; ///< "std/dense.nn"
  const char *text;
};
struct StdName {
  const char *name; ///< "Dense"
  const char *file;
};
std::vector<StdFile> stdFileTable();
std::vector<StdName> stdNameTable();

} // namespace nnc

#endif // NNC_FRONTEND_SCOPE_H
