"""Counts, in loop IR on standard input, the scalar multiply-adds of products:
sums of `mul`s, or `muladd`s, of two scalars that were loaded."""
import re
import sys

products, brgemms, loaded, multiplied = 0, 0, set(), set()
for line in sys.stdin:
    brgemms += line.lstrip().startswith("brgemm")
    if line.startswith("func"):
        loaded, multiplied = set(), set()
    op = re.match(r"\s*(%\w+) = (\w+) (.*?)(?: \{.*\})? : (f32|f64)$", line)
    if not op:
        continue
    name, kind, operands = op[1], op[2], op[3].split(", ")
    if kind == "load":
        loaded.add(name)
    elif kind == "mul" and loaded.issuperset(operands):
        multiplied.add(name)
    elif kind == "add" and multiplied.intersection(operands):
        products += 1
    elif kind == "muladd" and loaded.issuperset(operands[:2]):
        products += 1
print(f"{brgemms} micro-kernel calls, {products} scalar multiply-adds")
