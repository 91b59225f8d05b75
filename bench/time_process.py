"""How long a command takes from launch to exit, in ms: minimum and median.

usage: time_process.py REPEATS COMMAND [ARGUMENT ...]
"""
import statistics
import subprocess
import sys
import time

times = []
for _ in range(int(sys.argv[1]) + 2):
    start = time.perf_counter()
    subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    times.append((time.perf_counter() - start) * 1e3)
# The first two fill the page cache.
print(f"{min(times[2:]):.2f} {statistics.median(times[2:]):.2f}")
