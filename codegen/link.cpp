//===- codegen/link.cpp - From objects to a program -----------------------===//
#include "codegen/link.h"

#include "codegen/link_wasi.h"
#include "codegen/lld.h"
#include "codegen/target.h"
#include "ir/check.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <optional>

namespace nnc {
namespace {

using Arguments = std::vector<std::string>;

/// What differs between families of machines: the psABIs name the interpreters.
struct Family {
  const char *name;
  const char *emulation;   ///< As ld's -m takes it.
  const char *interpreter; ///< Of a program that is linked dynamically.
  const char *package;     ///< Debian's, with the C library's link files.
};
constexpr Family families[] = {
    {"x86_64", "elf_x86_64", "/lib64/ld-linux-x86-64.so.2", "libc6-dev"},
    {"aarch64", "aarch64linux", "/lib/ld-linux-aarch64.so.1",
     "libc6-dev-arm64-cross"}};

const Family &familyNamed(const std::string &name) {
  auto *found = llvm::find_if(
      families, [&](const Family &each) { return each.name == name; });
  check(found != std::end(families), "a program's family is known");
  return *found;
}

bool isForWasi(const LinkRequest &request) {
  return request.family == "wasm32";
}

bool isForHost(const LinkRequest &request) {
  return request.family == familyOf(*hostTargets().front());
}

/// Where the C library's own files are: crt1.o, libc.so, libm.a, ... Debian has
/// those for another family in a folder of its own.
std::optional<std::string> findLibraryFolder(const LinkRequest &request) {
  if (isForWasi(request))
    return findWasiFolder(request.sysroot);
  Arguments places = {"/usr/lib/" + request.family + "-linux-gnu",
                      "/usr/" + request.family + "-linux-gnu/lib"};
  if (isForHost(request) || !request.sysroot.empty())
    places.insert(places.end(), {"/usr/lib64", "/usr/lib"});
  for (const std::string &place : places)
    if (std::string folder = request.sysroot + place;
        llvm::sys::fs::exists(folder + "/crt1.o"))
      return folder;
  return std::nullopt;
}

/// The folder of the newest GCC: libgcc.a, which a static libc needs.
std::string findGccFolder(const LinkRequest &request) {
  std::string best;
  unsigned bestVersion = 0;
  std::error_code error;
  for (const std::string &root : {"gcc/" + request.family + "-linux-gnu",
                                  "gcc-cross/" + request.family + "-linux-gnu",
                                  "gcc/" + request.family + "-redhat-linux",
                                  "gcc/" + request.family + "-pc-linux-gnu"})
    for (llvm::sys::fs::directory_iterator
             i(request.sysroot + "/usr/lib/" + root, error),
         end;
         !error && i != end; i.increment(error)) {
      unsigned version = 0;
      llvm::StringRef name = llvm::sys::path::filename(i->path());
      name.split('.').first.getAsInteger(10, version);
      if (version > bestVersion &&
          llvm::sys::fs::exists(i->path() + "/libgcc.a")) {
        bestVersion = version;
        best = i->path();
      }
    }
  return best;
}

Arguments lldArguments(const LinkRequest &request, const std::string &folder) {
  std::string gcc = findGccFolder(request);
  const Family &family = familyNamed(request.family);
  Arguments arguments = {"ld.lld",
                         "--build-id=none",
                         "--gc-sections",
                         "--hash-style=gnu",
                         "-O2", // Texts that end alike are one.
                         "--eh-frame-hdr",
                         "-z",
                         "relro",
                         "-z",
                         "noexecstack",
                         "-m",
                         family.emulation,
                         "-o",
                         request.output,
                         "-L" + folder};
  if (!gcc.empty())
    arguments.push_back("-L" + gcc);
  if (std::string more =
          request.sysroot + "/lib/" + request.family + "-linux-gnu";
      llvm::sys::fs::exists(more))
    arguments.push_back("-L" + more);
  // libc.so is a text that names files: they are meant inside the folder.
  if (!request.sysroot.empty())
    arguments.push_back("--sysroot=" + request.sysroot);
  if (!request.keepsSymbols)
    arguments.push_back("--strip-all");
  if (request.isStatic) {
    arguments.push_back("-static");
    arguments.push_back(folder + "/crt1.o");
  } else {
    arguments.insert(
        arguments.end(),
        {"-pie", "-dynamic-linker", family.interpreter, folder + "/Scrt1.o"});
  }
  arguments.push_back(folder + "/crti.o");
  llvm::append_range(arguments, request.inputs);
  arguments.push_back("--start-group");
  for (const std::string &library : request.libraries)
    arguments.push_back("-l" + library);
  arguments.insert(arguments.end(), {"-lm", "-lc"});
  if (!gcc.empty()) {
    arguments.push_back("-lgcc");
    if (request.isStatic)
      arguments.push_back("-lgcc_eh");
  }
  arguments.insert(arguments.end(), {"--end-group", folder + "/crtn.o"});
  return arguments;
}

Status linkWithCc(const LinkRequest &request, const std::string &cc) {
  Arguments arguments = {cc, "-o", request.output, "-Wl,--gc-sections"};
  if (!request.sysroot.empty())
    arguments.push_back("--sysroot=" + request.sysroot);
  if (!request.keepsSymbols)
    arguments.push_back("-s");
  if (request.isStatic)
    arguments.push_back("-static");
  llvm::append_range(arguments, request.inputs);
  for (const std::string &library : request.libraries)
    arguments.push_back("-l" + library);
  arguments.push_back("-lm");
  std::vector<llvm::StringRef> references(arguments.begin(), arguments.end());
  std::string error;
  if (llvm::sys::ExecuteAndWait(cc, references, std::nullopt, {}, 0, 0,
                                &error) != 0)
    return Status::limitation("cannot link the program with " + cc +
                              (error.empty() ? "" : ": " + error));
  return Status::success();
}

} // namespace

bool hasLibrary(const LinkRequest &request, const std::string &name) {
  std::optional<std::string> folder = findLibraryFolder(request);
  if (!folder)
    return true;
  std::string file = *folder + "/lib" + name;
  return llvm::sys::fs::exists(file + ".a") ||
         (!request.isStatic && llvm::sys::fs::exists(file + ".so"));
}

Status linkProgram(const LinkRequest &request) {
  if (isForWasi(request))
    return linkWasi(request);
  std::optional<std::string> folder = findLibraryFolder(request);
  if (folder && llvm::sys::fs::exists(
                    *folder + (request.isStatic ? "/libc.a" : "/libc.so")))
    return runLld(lldArguments(request, *folder));
  std::string compiler =
      isForHost(request) ? "cc" : request.family + "-linux-gnu-gcc";
  if (llvm::ErrorOr<std::string> cc = llvm::sys::findProgramByName(compiler))
    return linkWithCc(request, *cc);
  std::string place =
      request.sysroot.empty() ? "installed" : "in " + request.sysroot;
  return Status::limitation("cannot link the program: the C library's link "
                            "files (crt1.o, libc) are not " +
                            place + ", and there is no " + compiler +
                            "; on Debian they are in " +
                            familyNamed(request.family).package);
}

} // namespace nnc
