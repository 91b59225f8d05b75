#include "frontend/scope.h"

#include "frontend/limitations.h"
#include "frontend/parse.h"

#include <cstring>

namespace nnc {

const FileScope *Scopes::add(const ast::File &file) {
  scopes.push_back(std::make_unique<FileScope>());
  FileScope &scope = *scopes.back();
  scope.file = &file;
  auto twice = [&](const ast::Ident &name, const ast::Ident &first) {
    sink.error(name.loc, name.text + " is defined twice")
        .note(first.loc, "the first definition is here");
  };
  for (const ast::DefPtr &def : file.defs) {
    if (auto *callable = ast::as<ast::Callable>(def)) {
      auto [place, fresh] =
          scope.callables.emplace(callable->name.text, callable);
      if (!fresh)
        twice(callable->name, place->second->name);
    } else if (auto *dims = ast::as<ast::Dims>(def)) {
      for (const ast::Dims::Entry &entry : dims->entries) {
        auto [place, fresh] = scope.dims.emplace(entry.name.text, &entry);
        if (!fresh)
          twice(entry.name, place->second->name);
      }
    } else if (auto *import = ast::as<ast::Import>(def)) {
      this->import(scope, *import);
    }
  }
  return &scope;
}

void Scopes::import(FileScope &scope, const ast::Import &import) {
  if (import.alias) {
    sink.unsupported(import.loc, std::string(limitations::importAlias) +
                                     " is not supported yet");
    return;
  }
  std::string path = import.path;
  const std::string &from = sources.file(import.loc.file).name();
  size_t slash = from.rfind('/');
  if (!path.empty() && path.front() != '/' && slash != std::string::npos)
    path = from.substr(0, slash + 1) + path;
  if (auto known = byPath.find(path); known != byPath.end()) {
    scope.imports.push_back(known->second);
    return;
  }
  if (!importing.insert(path).second) {
    sink.error(import.pathLoc, "\"" + import.path + "\" imports itself");
    return;
  }
  uint32_t id = sources.load(path);
  if (id == Loc::none) {
    sink.error(import.pathLoc, "cannot read " + path);
    return;
  }
  if (std::unique_ptr<ast::File> file = parseFile(sources, id, sink)) {
    owned.push_back(std::move(file));
    byPath[path] = add(*owned.back());
    scope.imports.push_back(byPath[path]);
  }
}

Definition Scopes::find(const FileScope &file, const ast::Ident &name) {
  auto own = file.callables.find(name.text);
  if (own != file.callables.end())
    return {own->second, &file};
  Definition found;
  for (const FileScope *import : file.imports) {
    auto theirs = import->callables.find(name.text);
    if (theirs == import->callables.end())
      continue;
    if (found) {
      sink.error(name.loc, name.text + " is in two imported files")
          .note(found.callable->name.loc, "one is here")
          .note(theirs->second->name.loc, "the other is here");
      break;
    }
    found = {theirs->second, import};
  }
  return found;
}

Definition Scopes::findStd(const std::string &name) {
  for (const StdName &entry : stdNameTable()) {
    if (name != entry.name)
      continue;
    const FileScope *&scope = stdFiles[entry.file];
    if (!scope)
      for (const StdFile &file : stdFileTable()) {
        if (std::strcmp(file.name, entry.file) != 0)
          continue;
        uint32_t id = sources.add(file.name, file.text);
        if (std::unique_ptr<ast::File> tree = parseFile(sources, id, sink)) {
          owned.push_back(std::move(tree));
          scope = add(*owned.back());
        }
      }
    if (scope)
      return {scope->callables.at(name), scope};
  }
  return {};
}

std::vector<std::string> Scopes::names(const FileScope &file) const {
  std::vector<std::string> names;
  for (const auto &[name, callable] : file.callables)
    names.push_back(name);
  for (const FileScope *import : file.imports)
    for (const auto &[name, callable] : import->callables)
      names.push_back(name);
  for (const StdName &entry : stdNameTable())
    names.push_back(entry.name);
  return names;
}

} // namespace nnc
