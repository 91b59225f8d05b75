"""The threads of a training, and the cores that each may use, once it has said
how an epoch went.
    show_threads.py CORES COMMAND...        CORES: how many it is given."""
import os
import signal
import subprocess
import sys

cores = sorted(os.sched_getaffinity(0))[:int(sys.argv[1])]
process = subprocess.Popen(
    sys.argv[2:], stdout=subprocess.PIPE,
    preexec_fn=lambda: os.sched_setaffinity(0, cores))
for line in process.stdout:
    if line.startswith(b"epoch"):
        break
process.send_signal(signal.SIGSTOP)
tasks = sorted(map(int, os.listdir(f"/proc/{process.pid}/task")))
print(len(tasks), "threads")
for task in tasks:
    print("on", *map(cores.index, sorted(os.sched_getaffinity(task))))
process.kill()
process.wait()
