# compare_memory.py FREE.csv TIGHT.csv EXPLAINED LIMIT
# The bytes of a step of training, as two programs measured them: the second keeps the
# limit, is at most half the first, and is what nnc explain said.
import re
import sys


def bytes_of_step(path):
    with open(path) as file:
        return next(int(line.rsplit(",", 1)[1]) for line in file if line.startswith("train"))


free, tight = (bytes_of_step(path) for path in sys.argv[1:3])
with open(sys.argv[3]) as file:
    said = re.search(r"\ntrain Deep(?:.*\n)*?  with one thread, B = 256: ([0-9,]+) bytes", file.read())
assert tight <= int(sys.argv[4]) and 2 * tight <= free, (free, tight)
assert int(said.group(1).replace(",", "")) == tight, (said.group(0), tight)
