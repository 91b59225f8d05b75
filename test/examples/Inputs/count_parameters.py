"""Counts the numbers that are learned, in the graph IR on standard input.

What a batch norm keeps, and does not learn, is called mean and variance.
"""
import math
import re
import sys

text = sys.stdin.read()
arguments = text[text.index("func @"):text.index(") {\n")]
total = 0
for shape, path in re.findall(
        r'%\w+: f32(?:\[([^\]]*)\])? \{variable = "([^"]*)"', arguments):
    if path.rsplit(".", 1)[-1] not in ("mean", "variance"):
        total += math.prod(int(size) for size in shape.split(",") if size)
print(f"{total:,} parameters")
