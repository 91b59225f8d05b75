"""How long a command takes from launch to exit, in ms: minimum and median.

usage: time_process.py REPEATS COMMAND [ARGUMENT ...]
"""
import os
import statistics
import sys
import time

nowhere = os.open(os.devnull, os.O_WRONLY)
quiet = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (1, 2)]
times = []
for _ in range(int(sys.argv[1]) + 2):
    start = time.perf_counter()
    # By itself subprocess.run would take as long as a small program.
    child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=quiet)
    _, status = os.waitpid(child, 0)
    times.append((time.perf_counter() - start) * 1e3)
    if status:
        sys.exit(f"{sys.argv[2]} failed")
# The first two fill the page cache.
print(f"{min(times[2:]):.2f} {statistics.median(times[2:]):.2f}")
