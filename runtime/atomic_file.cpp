//===- runtime/atomic_file.cpp --------------------------------------------===//
#include "runtime/atomic_file.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
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
  if (exists && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return fail(error);
  }
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

bool checkWritable(const char *path, Error &error) {
  AtomicFile probe;
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
      !S_ISDIR(status.st_mode))
    return true; // Opening a pipe would have effects.
  return probe.open(path, error);
}

} // namespace nnrt
