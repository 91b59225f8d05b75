"""Two files hold the same numbers, but for the last bits of a float.

usage: near.py FILE FILE
"""
import re
import sys

texts = [open(path).read() for path in sys.argv[1:]]
number = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
a, b = ([float(n) for n in re.findall(number, text)] for text in texts)
assert a and len(a) == len(b), texts
assert all(abs(x - y) <= 1e-5 * max(abs(x), abs(y)) for x, y in zip(a, b)), texts
