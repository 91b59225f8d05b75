"""Damages programs and checks that nnc takes each damage well.

    mutate.py NNC SEED COUNT FOLDER FILE...

Each mutant is a FILE with one to three tokens deleted, doubled, swapped, or
replaced (by another token of the files, or by a number at the edge of a range).
It is compiled as far as a chosen stage; the exit code must be 0, 1 or 2, within
ten seconds. What fails stays in FOLDER. The mutants depend on SEED alone.
"""
import os
import random
import re
import subprocess
import sys

nnc, seed, count, folder = sys.argv[1:5]
files = sorted(sys.argv[5:])
stages = [["check"], ["emit", "graph"], ["emit", "opt"]]
if os.environ.get("MUTATE_STAGES"):
    stages = [text.split() for text in os.environ["MUTATE_STAGES"].split(",")]
numbers = ["0", "1", "-1", "2", "3", "7", "0.5", "1e30", "2147483648",
           "9223372036854775807", "99999999999999999999", "1000000"]
token = re.compile(r'#[^\n]*|"[^"\n]*"|[A-Za-z_]\w*|\d[\w.]*(?:e-?\d+)?|\s+|'
                   r'\|>|->|==|!=|<=|>=|&&|\|\||\.\.|.', re.S)
texts = {name: token.findall(open(name, encoding="utf-8").read())
         for name in files}
solid = [t for text in texts.values() for t in text
         if not t.isspace() and not t.startswith("#")]


def damage(tokens, rng):
    tokens = list(tokens)
    for _ in range(rng.randint(1, 3)):
        places = [i for i, t in enumerate(tokens)
                  if not t.isspace() and not t.startswith("#")]
        i, j = rng.choice(places), rng.choice(places)
        kind = rng.randrange(6)
        if kind == 0:
            tokens[i] = " "
        elif kind == 1:
            tokens[i] += " " + tokens[i]
        elif kind == 2:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == 3:
            tokens[i] = rng.choice(solid)
        elif kind == 4:
            same = [k for k in places if tokens[k][0].isalpha() ==
                    tokens[i][0].isalpha() and tokens[k][0].isupper() ==
                    tokens[i][0].isupper()]
            tokens[i] = tokens[rng.choice(same)]
        else:
            digits = [k for k in places if tokens[k][0].isdigit()]
            if digits:
                tokens[rng.choice(digits)] = rng.choice(numbers)
    return "".join(tokens)


os.makedirs(folder, exist_ok=True)
bad = 0
codes = {}
for number in range(int(count)):
    rng = random.Random(f"{seed}/{number}")
    name = rng.choice(files)
    path = f"{folder}/mutant{seed}_{number}.nn"
    with open(path, "w", encoding="utf-8") as file:
        file.write(damage(texts[name], rng))
    command = [nnc] + rng.choice(stages) + [os.path.abspath(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=100,
                              cwd=os.path.dirname(os.path.abspath(name)))
        code, said = done.returncode, done.stderr[-400:].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        code, said = "none: it hangs", ""
    codes[code] = codes.get(code, 0) + 1
    if code in (0, 1, 2) and (code == 0 or said):
        os.remove(path)
        continue
    bad += 1
    print(f"{' '.join(command)}: exit {code}\n{said}", flush=True)
print(f"{count} mutants, {bad} bad")
print(codes, file=sys.stderr)
sys.exit(bad != 0)
