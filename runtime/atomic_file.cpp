//===- runtime/atomic_file.cpp --------------------------------------------===//
#include "runtime/atomic_file.h"
#include "runtime/partial_file.h"

#include <cerrno>
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
  Text resolved = resolvePath(path);
  const char *real = resolved.c_str();
  struct stat status;
  bool exists = stat(real, &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    file = std::fopen(real, "wbe");
    return file || fail(error);
  }
  target = std::move(resolved);
  mode_t mode = (exists ? status.st_mode & 0777 : 0666) |
                (use == FileUse::Program ? 0111 : 0);
  int descriptor = openPartial(target.c_str(), mode, temporary);
  if (descriptor < 0)
    return fail(error);
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
