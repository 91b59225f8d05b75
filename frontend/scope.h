//===- scope.h: which definition a name means -----------------------------===//
#ifndef NNC_FRONTEND_SCOPE_H
#define NNC_FRONTEND_SCOPE_H

#include "frontend/ast_def.h"
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
  std::map<std::string, const ast::Assign *> bindings; ///< `step = Step[V, E]`
  std::map<std::string, const ast::Dims::Entry *> dims;
  std::vector<const FileScope *> imports;
  std::map<std::string, const FileScope *> aliases; ///< `import … as A`
  /// What the paths of its nets and instances start with: "", or "A.".
  std::string prefix;
  /// Of the names of its constant axes (see AxisName): 0 in the program's own
  /// file, negative in others.
  int constants = 0;
};

/// A callable, or a layer that is bound at file level.
struct Definition {
  const ast::Callable *callable = nullptr;
  const ast::Assign *binding = nullptr;
  const FileScope *file = nullptr;
  explicit operator bool() const { return file; }
  Loc loc() const;
};

/// The files of a program, and those of std that it reaches by name.
class Scopes {
public:
  Scopes(SourceManager &sources, DiagnosticSink &sink)
      : sources(sources), sink(sink) {}

  /// Collects the definitions of a file and of what it imports.
  const FileScope *add(const ast::File &file, std::string prefix = "");
  /// What `name` means in `file`: its own definition or an imported one.
  /// Ambiguity is an error.
  Definition find(const FileScope &file, const ast::Ident &name);
  /// The file's own definition alone.
  static Definition findOwn(const FileScope &file, const std::string &name);
  /// std's definition alone.
  Definition findStd(const std::string &name);
  /// The names that can be called from `file`.
  std::vector<std::string> names(const FileScope &file) const;

private:
  /// Null if it cannot be had, which is reported.
  const FileScope *import(const FileScope &scope, const ast::Import &import);
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
