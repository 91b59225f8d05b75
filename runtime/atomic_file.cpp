//===- runtime/atomic_file.cpp --------------------------------------------===//
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

AtomicFile::~AtomicFile() {
  if (file)
    std::fclose(file);
  if (!temporary.empty())
    unlink(temporary.c_str());
}

bool AtomicFile::fail(Error &error) {
  int reason = errno;
  if (file)
    std::fclose(file);
  file = nullptr;
  if (!temporary.empty())
    unlink(temporary.c_str());
  temporary.clear();
  return error.set("%s: cannot be written: %s", shown.c_str(),
                   std::strerror(reason));
}

bool AtomicFile::open(const char *path, Error &error, FileUse use) {
  shown = Text(path);
  // Behind a symbolic link it is the file that is replaced, not the link.
  char resolved[PATH_MAX];
  const char *real = realpath(path, resolved) ? resolved : path;
  struct stat status;
  bool exists = stat(real, &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    file = std::fopen(real, "wbe");
    return file || fail(error);
  }
  target = Text(real);
  Text name;
  name.format("%s.%ld.partial", real, long(getpid()));
  mode_t mode = (exists ? status.st_mode & 0777 : 0666) |
                (use == FileUse::Program ? 0111 : 0);
  int descriptor =
      ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0)
    return fail(error);
  temporary = std::move(name);
  // For removeAbandoned; the lock ends with the process, however that ends.
  flock(descriptor, LOCK_EX | LOCK_NB);
  file = fdopen(descriptor, "wb");
  return file || fail(error);
}

bool AtomicFile::write(const void *data, int64_t size, Error &error) {
  return std::fwrite(data, 1, size_t(size), file) == size_t(size) ||
         fail(error);
}

bool AtomicFile::commit(Error &error) {
  if (std::fflush(file))
    return fail(error);
  if (temporary.empty()) {
    FILE *closing = file;
    file = nullptr;
    return std::fclose(closing) == 0 || fail(error);
  }
  if (fsync(fileno(file)))
    return fail(error);
  FILE *closing = file;
  file = nullptr;
  if (std::fclose(closing) || rename(temporary.c_str(), target.c_str()))
    return fail(error);
  temporary.clear();
  // The folder's entry must reach the disk too; some file systems refuse
  // to sync folders, and the file is in place all the same.
  Text folder;
  const char *slash = std::strrchr(target.c_str(), '/');
  if (slash)
    folder.append(target.c_str(), slash - target.c_str() + 1);
  int descriptor = ::open(folder.empty() ? "." : folder.c_str(),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    fsync(descriptor);
    close(descriptor);
  }
  return true;
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
  char resolved[PATH_MAX];
  const char *real = realpath(path, resolved) ? resolved : path;
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

bool checkWritable(const char *path, Error &error) {
  if (!*path)
    return error.set("the name of a file is empty");
  AtomicFile probe;
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
      !S_ISDIR(status.st_mode))
    return true; // Opening a pipe would have effects.
  removeAbandoned(path);
  return probe.open(path, error);
}

} // namespace nnrt
