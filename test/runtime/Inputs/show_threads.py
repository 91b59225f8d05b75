"""The threads of a training, in the order of their start, and the cores that each
may use, once it has said how an epoch went.
    show_threads.py CORES COMMAND...        CORES: how many it is given."""
import os
import sys

import lockstep

cores = sorted(os.sched_getaffinity(0))[:int(sys.argv[1])]
process = lockstep.start(
    sys.argv[2:], preexec_fn=lambda: os.sched_setaffinity(0, cores))
lockstep.read_until(process, b"\nepoch")
tasks = [int(task) for task in os.listdir(f"/proc/{process.pid}/task")]
print(len(tasks), "threads")
for task in tasks:
    print("on", *map(cores.index, sorted(os.sched_getaffinity(task))))
process.kill()
process.wait()
