"""Checks that nnc takes a program of 50,000 lines in under 5 s of processor time
(NNC_SLOWNESS times as much where the build is that much slower).

    large.py FILE COMMAND...

2500 functions, each called, and a net whose body has the rest of the lines.
"""
import os
import resource
import subprocess
import sys

path, command = sys.argv[1], sys.argv[2:]
functions, lines = 2500, 50000
with open(path, "w", encoding="utf-8") as file:
    file.write("dim B, D = 4\n")
    for i in range(functions):
        file.write(f"fn part{i}(x: f32[..]) -> f32[..] {{\n")
        file.writelines(f"  a{k} = x * {k} + tanh(x - {k})\n" for k in range(7))
        file.write("  return a0 + a6\n}\n")
    file.write("net N(x: f32[B, D]) -> f32[B, D] {\n  y = x\n")
    file.writelines(f"  y = part{i}(y)\n" for i in range(functions))
    rest = lines - 11 * functions - 5
    file.writelines(f"  y = y * 0.5 + x\n" for _ in range(rest))
    file.write("  return y\n}\n")
done = subprocess.run(command + [path], capture_output=True, text=True)
seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
limit = 5 * int(os.environ.get("NNC_SLOWNESS", "1"))
print(f"exit {done.returncode}, "
      + ("in time" if seconds < limit else f"{seconds:.1f} s"))
print(done.stderr[:1000])
