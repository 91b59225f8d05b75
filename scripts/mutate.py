#!/usr/bin/env python3
"""Breaks the code in one place at a time and sees whether a check fails.

usage: scripts/mutate.py [--count N] [--seed S] [--tests FILTER] PATH...

Each PATH is a source file or a folder of them. A mutant that compiles and that
no check notices survives: either a test is missing, or the place does not matter.
The files are restored; run it in a checkout of its own.
"""
import argparse
import os
import random
import re
import subprocess
import sys

MUTATIONS = [
    (r'"add"', '"sub"'), (r'"sub"', '"add"'), (r'"mul"', '"add"'),
    (r'"div"', '"mul"'), (r'"max"', '"min"'), (r'"min"', '"max"'),
    (r'"sum"', '"reduce_max"'), (r'"neg"', '"abs"'),
    (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " + "),
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" == ", " != "), (r" != ", " == "), (r" && ", " || "),
    (r" \|\| ", " && "), (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"\b0\b", "1"), (r"\b1\b", "2"), (r"\bif \(!", "if ("),
    (r"\bmin\(", "max("), (r"\bmax\(", "min("),
]
# Messages and documentation say, and do not do.
SAID = re.compile(r"^\s*(//|#include|\.doc|\"|\.name|static_assert)|fail\(|"
                  r"internalError|check\(|error\(")


def sources(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
            continue
        for folder, _, files in sorted(os.walk(path)):
            for file in sorted(files):
                if file.endswith(".cpp"):
                    yield os.path.join(folder, file)


def places(path):
    """(line number, new line) of each mutant of a file."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    example = False
    for number, line in enumerate(lines):
        if 'R"(' in line:
            example = True
        if not example and not SAID.search(line):
            code = line.split(" //")[0]
            for pattern, replacement in MUTATIONS:
                for found in re.finditer(pattern, code):
                    yield number, (line[:found.start()] + replacement
                                   + line[found.end():])
        if ')"' in line:
            example = False


def fails(command, seconds):
    """Whether a command fails; one that hangs does."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              timeout=seconds).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def outcome(tests):
    if fails(["ninja", "-C", "build", "nnc-opt", "nnc"], 900):
        return "does not build"
    if fails(["build/tools/nnc-opt", "--check-ops"], 300):
        return "found by --check-ops"
    if fails([sys.executable, "scripts/run_tests.py", "build",
              "--max-failures=1", "--filter", tests], 1800):
        return "found by a test"
    return "SURVIVES"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", default="ir/|codegen/|std/")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    # Each file as likely as another, however long.
    mutants = {path: list(places(path)) for path in sources(options.paths)}
    files = [path for path in mutants if mutants[path]]
    counts = {}
    for _ in range(options.count):
        path = rng.choice(files)
        number, line = rng.choice(mutants[path])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        lines = text.split("\n")
        old, lines[number] = lines[number], line
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines))
            result = outcome(options.tests)
        finally:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        counts[result] = counts.get(result, 0) + 1
        print(f"{path}:{number + 1}: {result}\n  - {old.strip()}\n"
              f"  + {line.strip()}", flush=True)
    for result, count in sorted(counts.items()):
        print(f"{count} {result}")


main()
