//===- runtime/partial_file.cpp - PATH.PID.partial ------------------------===//
#include "runtime/partial_file.h"
#include "runtime/atomic_file.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nnrt {

Text resolvePath(const char *path) {
  char resolved[PATH_MAX];
  return Text(realpath(path, resolved) ? resolved : path);
}

int openPartial(const char *path, mode_t mode, Text &name) {
  Text partial;
  partial.format("%s.%ld.partial", path, long(getpid()));
  int descriptor =
      open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0)
    return -1;
  // For removeAbandoned; the lock ends with the process, however that ends.
  flock(descriptor, LOCK_EX | LOCK_NB);
  name = std::move(partial);
  return descriptor;
}

/// Whether a file is `BASE.PID.partial`; gives the PID.
static bool isPartial(const char *name, const char *base, pid_t &process) {
  size_t length = std::strlen(base);
  if (std::strncmp(name, base, length) || name[length] != '.')
    return false;
  const char *digits = name + length + 1;
  size_t count = std::strspn(digits, "0123456789");
  if (!count || count > 9 || std::strcmp(digits + count, ".partial"))
    return false;
  process = pid_t(std::strtol(digits, nullptr, 10));
  return process > 0;
}

void removeAbandoned(const char *path) {
  Text resolved = resolvePath(path);
  const char *real = resolved.c_str();
  const char *slash = std::strrchr(real, '/');
  const char *base = slash ? slash + 1 : real;
  Text folder;
  folder.append(real, base - real);
  DIR *entries = opendir(folder.empty() ? "." : folder.c_str());
  if (!entries)
    return;
  while (const dirent *entry = readdir(entries)) {
    pid_t process;
    if (!isPartial(entry->d_name, base, process) || kill(process, 0) == 0 ||
        errno != ESRCH)
      continue;
    // Its process may be another machine's, or another container's.
    int file = openat(dirfd(entries), entry->d_name,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        flock(file, LOCK_EX | LOCK_NB) == 0)
      unlinkat(dirfd(entries), entry->d_name, 0);
    if (file >= 0)
      close(file);
  }
  closedir(entries);
}

} // namespace nnrt
