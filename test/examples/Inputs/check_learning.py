"""Whether training went well, by what it printed.

usage: check_learning.py OUTPUT accuracy LEAST   each block's last is at least that
       check_learning.py OUTPUT loss PART        ... is that part of its first
"""
import re
import sys

path, what, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
blocks = {}
with open(path) as file:
    for line in file:
        if line.startswith("train "):
            name = line.split(":")[0]
        elif line.startswith("epoch "):
            value = re.search(rf" {what} (\S+)", line).group(1)
            blocks.setdefault(name, []).append(float(value))
assert blocks, "nothing was trained"
for name, values in blocks.items():
    good = (values[-1] >= limit if what == "accuracy"
            else values[-1] <= limit * values[0])
    print(name, what, *values, "good" if good else "bad")
    if not good:
        sys.exit(1)
