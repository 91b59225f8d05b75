#include "tools/processes.h"

#include "ir/check.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace nnc {

namespace {

struct Child {
  size_t work;
  pid_t process;
  int pipe; ///< From what it writes.
  std::string said;
};

Child start(size_t i, const std::function<int(size_t)> &work) {
  int ends[2];
  check(pipe(ends) == 0, "a pipe to another process");
  std::fflush(nullptr);
  pid_t process = fork();
  check(process >= 0, "another process");
  if (process > 0) {
    close(ends[1]);
    return {i, process, ends[0], ""};
  }
  dup2(ends[1], STDOUT_FILENO);
  dup2(ends[1], STDERR_FILENO);
  close(ends[0]);
  close(ends[1]);
  // It does not outlive who waits for it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  constexpr unsigned mostSeconds = 120;
  alarm(mostSeconds);
  int code = work(i);
  std::fflush(nullptr);
  _Exit(code);
}

/// Takes what it wrote; false once it has ended.
bool listen(Child &child) {
  char text[4096];
  ssize_t count = read(child.pipe, text, sizeof text);
  if (count > 0)
    child.said.append(text, static_cast<size_t>(count));
  return count > 0;
}

Outcome finish(Child &child) {
  close(child.pipe);
  int status = 0;
  waitpid(child.process, &status, 0);
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
          std::move(child.said)};
}

} // namespace

void inProcesses(size_t count, const std::function<int(size_t)> &work,
                 const std::function<void(size_t, Outcome)> &done) {
  const size_t most = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Child> children;
  for (size_t next = 0; next < count || !children.empty();) {
    while (next < count && children.size() < most)
      children.push_back(start(next++, work));
    std::vector<pollfd> pipes;
    for (const Child &child : children)
      pipes.push_back({child.pipe, POLLIN, 0});
    if (poll(pipes.data(), pipes.size(), -1) < 0)
      continue; // A signal came.
    for (size_t i = children.size(); i-- > 0;)
      if (pipes[i].revents && !listen(children[i])) {
        done(children[i].work, finish(children[i]));
        children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      }
  }
}

Outcome inProcess(const std::function<int()> &work) {
  Outcome outcome;
  inProcesses(
      1, [&](size_t) { return work(); },
      [&](size_t, Outcome ended) { outcome = std::move(ended); });
  return outcome;
}

} // namespace nnc
