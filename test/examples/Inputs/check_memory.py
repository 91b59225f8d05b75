# check_memory.py SOURCE PROGRAM [NAME=SIZE...]
# Holds what `nnc explain` says of memory to what the program uses, at some batches:
# equal to the bytes, at most 1.15 times the bound, and at least the formula. A size
# may be `batch`. PROGRAM is where the program goes; `-`: only explain is asked.
import math
import re
import subprocess
import sys

source, program, *sizes = sys.argv[1:]
sizes = [size.split("=") for size in sizes]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, command
    return done.stdout


def number(text):
    return int((text or "0").replace(",", ""))


def explained(options):
    """The bytes of each net and step, after the checks that need no program."""
    told = {}
    for line in run("nnc", "explain", source, "--peak", "1,1", *options).splitlines():
        if head := re.match(r"((?:net|train) [\w, ]+?)(?:, for .*)?(?::|$)", line):
            what = head.group(1)
        elif line.startswith("metric "):
            what = line
        elif least := re.match(r"memory beside the variables: at least (.*) bytes, "
                               r"and of scratch for each thread (.*)$", line):
            formulas = least.groups()
        elif exact := re.match(r"  with one thread(?:, (.*))?: ([0-9,]+) bytes"
                               r"(?:; temporaries take ([0-9,]+) of them, "
                               r"where ([0-9,]+) are)?", line):
            at, everything, arena, alive = exact.groups()
            values = dict(pair.split(" = ") for pair in (at or "").split(", ") if pair)
            values = {name: int(size) for name, size in values.items()}
            values |= {"min": min, "max": max, "floor": math.floor}
            assert sum(eval(each, values) for each in formulas) <= number(everything), line
            assert number(arena) <= 1.15 * number(alive), f"{source}: {what}: {line}"
            told[what] = number(everything)
    return told


if program == "-":
    explained([f"--size={name}={size}" for name, size in sizes])
    sys.exit()
run("nnc", "build", source, "-o", program, "--march", "native")
for batch in "1", "5", "32":
    options = [[name, batch if size == "batch" else size] for name, size in sizes]
    told = explained([f"--size={name}={size}" for name, size in options])
    given = [f"--{name}={size}" for name, size in options]
    own = [f"--{name}={size}" for name, size in sizes if size != "batch"]
    checked = 0
    for row in run(program, "bench", "--threads", "1", "--ms", "0", "--csv",
                   f"--batch={batch}", *own).splitlines()[1:]:
        what, *_, used = row.rsplit(",", 5)
        if not what.startswith("update"):
            assert told[what] == int(used), (row, told)
            checked += what.startswith("train")
    # The same, as people read it.
    info = run(program, "info", "--threads", "1", *given)
    for name, text in re.findall(r"net (\w+).*\n  memory: (.*) for", info):
        amount, unit = text.split()
        factor = 1000 ** ["bytes", "kB", "MB", "GB"].index(unit)
        assert abs(float(amount) * factor / told["net " + name] - 1) < 0.005, (text, told)
        checked += 1
    assert checked >= 2, "too little was compared"
