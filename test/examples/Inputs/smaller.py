"""Prints an ImageNet network for images of SIZE x SIZE, with an eighth of the
channels: the same graph, small enough for the interpreter.

usage: smaller.py FILE SIZE
"""
import re
import sys

text = open(sys.argv[1]).read().replace("224, 224", "SIZE, SIZE")
text = re.sub(r"\b\d+\b",
              lambda n: str(int(n[0]) // 8)
              if int(n[0]) >= 16 and int(n[0]) % 8 == 0 else n[0], text)
print(text.replace("SIZE", sys.argv[2]), end="")
