"""How many threads a command has 0.3 seconds after its first line.
    count_threads.py CORES COMMAND...        CORES: it may use, at most."""
import os
import subprocess
import sys
import time

cores = sorted(os.sched_getaffinity(0))[:int(sys.argv[1])]
process = subprocess.Popen(
    sys.argv[2:], stdout=subprocess.PIPE,
    preexec_fn=lambda: os.sched_setaffinity(0, cores))
process.stdout.readline()
time.sleep(0.3)
print(len(os.listdir(f"/proc/{process.pid}/task")), "threads")
process.kill()
process.wait()
