"""run_plain.py PROGRAM...: the net Plain of all gives the same bits."""
import array
import random
import subprocess
import sys


def write(path, rows, columns):
    header = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d)}"
              % (rows, columns)).ljust(117) + "\n"
    data = array.array("f", (random.uniform(-1, 1) for _ in range(rows * columns)))
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
                   + header.encode() + data.tobytes())


def result(program):
    subprocess.run(["./" + program, "run", "Plain", "--a", "a.npy", "--b", "b.npy",
                    "-o", program + ".npy"], check=True)
    with open(program + ".npy", "rb") as file:
        return file.read()


random.seed(1)
write("a.npy", 40, 200)
write("b.npy", 200, 100)
results = [result(program) for program in sys.argv[1:]]
assert len(results[0]) > 4 * 40 * 100, "a result is too small"
assert all(each == results[0] for each in results), "results differ"
