//===- codegen/link.cpp - From objects to a program -----------------------===//
#include "codegen/link.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>

LLD_HAS_DRIVER(elf)

namespace nnc {
namespace {

using Arguments = std::vector<std::string>;

/// Where the C library's own files are: crt1.o, libc.so, libm.a, ...
std::optional<std::string> findLibraryFolder(const std::string &sysroot) {
  for (const char *place :
       {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"})
    if (std::string folder = sysroot + place;
        llvm::sys::fs::exists(folder + "/crt1.o"))
      return folder;
  return std::nullopt;
}

/// The folder of the newest GCC: libgcc.a, which a static libc needs.
std::string findGccFolder(const std::string &sysroot) {
  std::string best;
  unsigned bestVersion = 0;
  std::error_code error;
  for (const char *root :
       {"/usr/lib/gcc/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-redhat-linux",
        "/usr/lib/gcc/x86_64-pc-linux-gnu"})
    for (llvm::sys::fs::directory_iterator i(sysroot + root, error), end;
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
  std::string gcc = findGccFolder(request.sysroot);
  Arguments arguments = {"ld.lld",
                         "--build-id=none",
                         "--gc-sections",
                         "--eh-frame-hdr",
                         "-z",
                         "relro",
                         "-z",
                         "noexecstack",
                         "-m",
                         "elf_x86_64",
                         "-o",
                         request.output,
                         "-L" + folder};
  if (!gcc.empty())
    arguments.push_back("-L" + gcc);
  if (std::string more = request.sysroot + "/lib/x86_64-linux-gnu";
      llvm::sys::fs::exists(more))
    arguments.push_back("-L" + more);
  // libc.so is a text that names files: they are meant inside the folder.
  if (!request.sysroot.empty())
    arguments.push_back("--sysroot=" + request.sysroot);
  if (request.isStatic) {
    arguments.push_back("-static");
    arguments.push_back(folder + "/crt1.o");
  } else {
    arguments.insert(arguments.end(),
                     {"-pie", "-dynamic-linker", "/lib64/ld-linux-x86-64.so.2",
                      folder + "/Scrt1.o"});
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

Status linkWithLld(const LinkRequest &request, const std::string &folder) {
  Arguments arguments = lldArguments(request, folder);
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string errors;
  llvm::raw_string_ostream stream(errors);
  lld::Result result = lld::lldMain(pointers, llvm::nulls(), stream,
                                    {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return Status::limitation("cannot link the program: " + stream.str());
  return Status::success();
}

Status linkWithCc(const LinkRequest &request, const std::string &cc) {
  Arguments arguments = {cc, "-o", request.output, "-Wl,--gc-sections"};
  if (!request.sysroot.empty())
    arguments.push_back("--sysroot=" + request.sysroot);
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

Status linkProgram(const LinkRequest &request) {
  std::optional<std::string> folder = findLibraryFolder(request.sysroot);
  if (folder && llvm::sys::fs::exists(
                    *folder + (request.isStatic ? "/libc.a" : "/libc.so")))
    return linkWithLld(request, *folder);
  if (llvm::ErrorOr<std::string> cc = llvm::sys::findProgramByName("cc"))
    return linkWithCc(request, *cc);
  std::string place =
      request.sysroot.empty() ? "installed" : "in " + request.sysroot;
  return Status::limitation("cannot link the program: the C library's link "
                            "files (crt1.o, libc) are not " +
                            place +
                            ", and there is no cc; on Debian they are in "
                            "libc6-dev");
}

} // namespace nnc
