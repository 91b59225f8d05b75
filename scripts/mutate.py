#!/usr/bin/env python3
"""Breaks the code in one place at a time and sees whether a test fails.

usage: scripts/mutate.py [--count N] [--seed S] [--jobs N] [--tests REGEX]
                         [--limit SECONDS] [--only TEXT] [--kind TEXT] PATH...

Each PATH is a source file or a folder of them. All mutants (scripts/mutants.py
says which there are) are compiled into one build, in build-mutants/; one run of
the tests finds which test comes to which mutant; then N mutants, each file as
likely as another, are switched on one at a time, and the tests that come to it
run until one fails. What no test notices survives: a test is missing, or the
place does not matter. A later call with the same paths goes on, with new tests
and with the mutants that were not found.

The tests that hold a pass take seconds for all its mutants:
    scripts/mutate.py --tests ir/passes/cse --count 1000 --only cse ir/passes
Each guard once, which is each `if` never taken:
    scripts/mutate.py --kind never --count 10000 runtime
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import mutants as placing
import run_tests

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(SOURCE, "build-mutants")
BUILD = os.path.join(FOLDER, "build")
REACHED = os.path.join(FOLDER, "reached")
PLAN = os.path.join(FOLDER, "plan.json")
RESULTS = os.path.join(FOLDER, "results.json")


def write(path, text):
    """Only what changed is built again."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, encoding="latin-1", newline="") as file:
            if file.read() == text:
                return
    with open(path, "w", encoding="latin-1", newline="") as file:
        file.write(text)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="latin-1",
              newline="") as file:
        return file.read()


def tracked():
    return subprocess.run(["git", "ls-files"], cwd=SOURCE, text=True,
                          check=True, stdout=subprocess.PIPE).stdout.split()


def digest():
    """Of all that is built."""
    text = "".join(read(file) for file in tracked()
                   if file.endswith((".cpp", ".h", ".txt", ".g4", ".in")))
    return hashlib.sha256(text.encode("latin-1")).hexdigest()


def build():
    """What ninja says where it fails."""
    environment = dict(os.environ, CCACHE_BASEDIR=FOLDER, CCACHE_NOHASHDIR="1")
    subprocess.run(["cmake", "-S", FOLDER, "-B", BUILD, "-G", "Ninja",
                    "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"], check=True,
                   env=environment, stdout=subprocess.DEVNULL)
    done = subprocess.run(["ninja", "-C", BUILD, "-k", "0", "-j",
                           str(os.cpu_count())], text=True,
                          env=environment, stdout=subprocess.PIPE)
    return done.stdout if done.returncode else ""


def prepare(paths, kind):
    """Builds all mutants of a kind that compile, and finds what tests come to
    which."""
    files = tracked()
    broken = [file for path in paths for file in files
              if file.endswith(".cpp") and (file + "/").startswith(
                  path.rstrip("/") + "/")]
    for file in files:
        if file not in broken:
            write(os.path.join(FOLDER, file), read(file))
            os.chmod(os.path.join(FOLDER, file),
                     os.stat(os.path.join(SOURCE, file)).st_mode)
    of = {}
    for file in broken:
        number = sum(len(known) for known in of.values())
        of[file] = placing.find(file, read(file), number, kind)
    total = sum(len(known) for known in of.values())
    while True:
        for file in broken:
            write(os.path.join(FOLDER, file),
                  f'#include "{SOURCE}/scripts/mutant.h"\n#line 1\n'
                  + placing.place(read(file), of[file]))
        errors = build()
        if not errors:
            break
        # What does not compile is no mutant.
        failed = re.sub(r"CMakeFiles/[^/]*\.dir/", "", "".join(
            re.findall(r"FAILED: .*", errors)))
        if not any(f"{file}.o" in failed and of[file] for file in broken):
            sys.exit(errors[:3000])
        for file in broken:
            lines = {int(line) for line in re.findall(
                re.escape(file) + r":(\d+):\d+: +(?:error|required|note)",
                errors)}
            if f"{file}.o" not in failed:
                continue
            kept = [m for m in of[file] if not any(
                m.lines[0] <= line <= m.lines[1] for line in lines)]
            if len(kept) == len(of[file]):
                print(f"{file}: no mutant compiles:\n{errors[:3000]}")
                kept = []
            of[file] = kept
        print(sum(len(known) for known in of.values()), "of", total,
              "compile", flush=True)
    script = os.path.join("test", "limited_bash.sh")
    start, end = read(script).split("\n", 1)
    write(os.path.join(FOLDER, script), f'''{start}
export NNC_MUTANTS_REACHED="{REACHED}/$(echo "$1" | tr / _)"
truncate -s {total} "$NNC_MUTANTS_REACHED"
{end}''')
    plan = {"made of": [paths, kind, digest()], "tests": {}, "mutants": [
        dataclasses.asdict(m) for known in of.values() for m in known]}
    shutil.rmtree(REACHED, ignore_errors=True)
    write(PLAN, json.dumps(plan))
    write(RESULTS, "{}")
    return plan


def record(plan, wanted):
    """Runs the tests that are new or changed, to see which mutants they reach."""
    os.makedirs(REACHED, exist_ok=True)
    stale = []
    for folder, _, files in os.walk(os.path.join(SOURCE, "test")):
        for file in files:
            path = os.path.join(folder, file)
            name = os.path.relpath(path, os.path.join(SOURCE, "test"))
            copy = os.path.join(FOLDER, "test", name)
            if name != "limited_bash.sh" and "__pycache__" not in name:
                write(copy, read(path))
            if ("Inputs" in folder or not wanted.search(name)
                    or not file.endswith((".ir", ".nn", ".test"))):
                continue
            reached = reached_by(script_of(name))
            if (not os.path.exists(reached)
                    or os.path.getmtime(reached) < os.path.getmtime(copy)):
                stale.append(os.path.join(BUILD, "test", name))
    if not stale:
        return
    report = os.path.join(FOLDER, "lit.json")
    if os.path.exists(report):
        os.remove(report)
    subprocess.run([sys.executable, run_tests.lit_of(BUILD), "-sv", "-o",
                    report, *stale], cwd=FOLDER)
    with open(report) as file:
        for test in json.load(file)["tests"]:
            script = script_of(test["name"].split(" :: ")[1])
            # A mapped file keeps its time.
            if os.path.exists(reached_by(script)):
                os.utime(reached_by(script))
            plan["tests"].pop(script, None)
            if test["code"] == "PASS":
                plan["tests"][script] = test["elapsed"]
    write(PLAN, json.dumps(plan))


def script_of(name):
    """The script that lit makes of a test."""
    folder, file = os.path.split(name)
    return os.path.join(BUILD, "test", folder, "Output", file + ".script")


def reached_by(script):
    return os.path.join(REACHED, script.replace("/", "_"))


class Run:
    """Switches mutants on."""

    def __init__(self, plan, limit, wanted):
        self.seconds = plan["tests"]
        self.limit = limit
        self.reached = {}
        for test in self.seconds:
            if wanted.search(os.path.relpath(test, f"{BUILD}/test").replace(
                    "Output/", "")):
                with open(reached_by(test), "rb") as file:
                    self.reached[test] = file.read()
        # A test writes where it always does: one at a time.
        self.lock = {test: threading.Lock() for test in self.seconds}
        self.found = collections.Counter()
        self.found_in = collections.Counter()

    def fails(self, test, number):
        environment = dict(os.environ, NNC_MUTANT=str(number), NNC_SLOWNESS="9")
        environment["PATH"] = os.pathsep.join(
            [f"{BUILD}/tools", f"{BUILD}/test", "/usr/lib/llvm-19/bin",
             environment["PATH"]])
        with self.lock[test], subprocess.Popen(
                ["bash", test], env=environment, start_new_session=True,
                cwd=os.path.dirname(os.path.dirname(test)),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as process:
            try:
                return process.wait(10 + 10 * self.seconds[test]) != 0
            except subprocess.TimeoutExpired:
                return True
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def outcome(self, mutant):
        """Of one mutant: a word, and the test or the time."""
        number, path = mutant["number"], mutant["path"]

        name = os.path.splitext(os.path.basename(path))[0]

        def promise(test):
            return ((0.2 + self.found[test] + 5 * self.found_in[path, test]
                     + 5 * (name in test)) / (0.2 + self.seconds[test]))

        left = [test for test in self.reached if self.reached[test][number]]
        if not left:
            return "not reached", ""
        start, count = time.monotonic(), 0
        while left:
            test = max(left, key=promise)
            left.remove(test)
            if self.fails(test, number):
                self.found[test] += 1
                self.found_in[path, test] += 1
                return "found", os.path.relpath(
                    test, f"{BUILD}/test").replace("Output/", "")
            count += 1
            if time.monotonic() - start > self.limit:
                break
        return "survives", f"{count} tests, {len(left)} left"


def chosen(plan, results, options):
    """Each file as likely as another, however long."""
    rng = random.Random(options.seed)
    of = collections.defaultdict(list)
    for m in plan["mutants"]:
        known = results.get(str(m["number"]), [""])[0]
        if known != "found" and options.only in m["path"]:
            of[m["path"]].append(m)
    for known in of.values():
        rng.shuffle(known)
    mutants = []
    while of and len(mutants) < options.count:
        path = rng.choice(sorted(of))
        mutants.append(of[path].pop())
        if not of[path]:
            del of[path]
    return mutants


def summary(plan, results):
    table = collections.defaultdict(collections.Counter)
    for m in plan["mutants"]:
        word = results.get(str(m["number"]), ["not tried"])[0]
        table[os.path.dirname(m["path"])][word] += 1
    for folder, counts in sorted(table.items()):
        print(f"{folder}: " + ", ".join(
            f"{count} {word}" for word, count in sorted(counts.items())))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=1e9)
    parser.add_argument("--only", default="")
    parser.add_argument("--kind", default="")
    parser.add_argument("--tests", type=re.compile, default=re.compile(""))
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    plan = json.loads(read(PLAN)) if os.path.exists(PLAN) else None
    if not plan or plan["made of"] != [options.paths, options.kind, digest()]:
        plan = prepare(options.paths, options.kind)
    record(plan, options.tests)
    results = json.loads(read(RESULTS))
    run = Run(plan, options.limit, options.tests)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waited = {pool.submit(run.outcome, m): m
                  for m in chosen(plan, results, options)}
        for done in concurrent.futures.as_completed(waited):
            m, result = waited[done], done.result()
            results[str(m["number"])] = result
            write(RESULTS, json.dumps(results))
            line = read(m["path"]).split("\n")[m["line"] - 1].strip()
            print(f"{m['path']}:{m['line']}: {' '.join(result)} "
                  f"(mutant {m['number']}: {m['what']})\n  {line}", flush=True)
    summary(plan, results)


if __name__ == "__main__":
    main()
