#include "frontend/scope.h"

#include "frontend/parse.h"

#include <cstring>
#include <filesystem>

namespace nnc {

Loc Definition::loc() const {
  return callable ? callable->name.loc : binding->targets[0].loc;
}

static std::string normalPath(const std::filesystem::path &path) {
  return path.lexically_normal().string();
}

const FileScope *Scopes::add(const ast::File &file, std::string prefix) {
  scopes.push_back(std::make_unique<FileScope>());
  FileScope &scope = *scopes.back();
  scope.file = &file;
  scope.prefix = std::move(prefix);
  scope.constants = 1 - static_cast<int>(scopes.size());
  importing.insert(normalPath(sources.file(file.id).name()));
  // A value and a callable share no name, nor do an alias and a dimension.
  std::map<std::string, Loc> names;
  auto define = [&](const ast::Ident &name) {
    auto [place, fresh] = names.emplace(name.text, name.loc);
    if (!fresh)
      sink.error(name.loc, name.text + " is defined twice")
          .note(place->second, "the first definition is here");
    return fresh;
  };
  for (const ast::DefPtr &def : file.defs) {
    if (auto *callable = ast::as<ast::Callable>(def)) {
      if (define(callable->name))
        scope.callables[callable->name.text] = callable;
    } else if (auto *dims = ast::as<ast::Dims>(def)) {
      for (const ast::Dims::Entry &entry : dims->entries)
        if (define(entry.name))
          scope.dims[entry.name.text] = &entry;
    } else if (auto *binding = ast::as<ast::Binding>(def)) {
      auto *assign = ast::as<ast::Assign>(binding->assign);
      for (const ast::Target &target : assign->targets)
        if (!target.isTuple() && define(target.name))
          scope.bindings[target.name.text] = assign;
    } else if (auto *import = ast::as<ast::Import>(def)) {
      const FileScope *imported = this->import(scope, *import);
      if (import->alias && define(*import->alias))
        scope.aliases[import->alias->text] = imported;
      else if (!import->alias && imported)
        scope.imports.push_back(imported);
    }
  }
  return &scope;
}

const FileScope *Scopes::import(const FileScope &scope,
                                const ast::Import &import) {
  std::filesystem::path path = import.path;
  const std::string &from = sources.file(import.loc.file).name();
  if (path.is_relative())
    path = std::filesystem::path(from).parent_path() / path;
  std::string name = normalPath(path);
  if (auto known = byPath.find(name); known != byPath.end())
    return known->second;
  if (importing.contains(name)) {
    sink.error(import.pathLoc, "\"" + import.path + "\" imports itself");
    return nullptr;
  }
  uint32_t id = sources.load(name);
  if (id == Loc::none) {
    sink.error(import.pathLoc, "cannot read " + name);
    return nullptr;
  }
  std::unique_ptr<ast::File> file = parseFile(sources, id, sink);
  if (!file)
    return nullptr;
  owned.push_back(std::move(file));
  std::string prefix =
      scope.prefix + (import.alias ? import.alias->text + "." : "");
  return byPath[name] = add(*owned.back(), prefix);
}

Definition Scopes::findOwn(const FileScope &file, const std::string &name) {
  if (auto own = file.callables.find(name); own != file.callables.end())
    return {own->second, nullptr, &file};
  if (auto own = file.bindings.find(name); own != file.bindings.end())
    return {nullptr, own->second, &file};
  return {};
}

Definition Scopes::find(const FileScope &file, const ast::Ident &name) {
  if (Definition own = findOwn(file, name.text))
    return own;
  Definition found;
  for (const FileScope *import : file.imports) {
    Definition theirs = findOwn(*import, name.text);
    if (!theirs || theirs.file == found.file)
      continue;
    if (found) {
      sink.error(name.loc, name.text +
                               " is in two imported files; import one "
                               "of them with `as`, as in `import "
                               "\"a.nn\" as A`, and write A." +
                               name.text)
          .note(found.loc(), "one is here")
          .note(theirs.loc(), "the other is here");
      break;
    }
    found = theirs;
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
      return {scope->callables.at(name), nullptr, scope};
  }
  return {};
}

std::vector<std::string> Scopes::names(const FileScope &file) const {
  std::vector<std::string> names;
  auto add = [&](const FileScope &scope, const std::string &before) {
    for (const auto &[name, callable] : scope.callables)
      names.push_back(before + name);
    for (const auto &[name, binding] : scope.bindings)
      names.push_back(before + name);
  };
  add(file, "");
  for (const FileScope *import : file.imports)
    add(*import, "");
  for (const auto &[alias, scope] : file.aliases)
    if (scope)
      add(*scope, alias + ".");
  for (const StdName &entry : stdNameTable())
    names.push_back(entry.name);
  return names;
}

} // namespace nnc
