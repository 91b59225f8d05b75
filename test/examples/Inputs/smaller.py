"""Prints an ImageNet network for images of SIZE x SIZE, with a part of the
channels: the same graph, small enough for the interpreter.

usage: smaller.py FILE SIZE DIVISOR
"""
import re
import sys

path, size, divisor = sys.argv[1], sys.argv[2], int(sys.argv[3])
text = open(path).read().replace("224, 224", "SIZE, SIZE")
text = re.sub(r"\b\d+\b",
              lambda n: str(int(n[0]) // divisor)
              if int(n[0]) >= 16 and int(n[0]) % 8 == 0 else n[0], text)
print(text.replace("SIZE", size), end="")
