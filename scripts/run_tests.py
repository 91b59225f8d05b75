#!/usr/bin/env python3
"""Runs lit over a build's tests and ends with a line "N passed, N failed".

usage: run_tests.py BUILD_FOLDER [LIT_OPTION ...]
"""
import json
import os
import subprocess
import sys
import tempfile

LIT_PLACES = ["/usr/lib/llvm-19/build/utils/lit/lit.py"]


def lit_of(build):
    """The lit that CMake found."""
    with open(os.path.join(build, "CMakeCache.txt")) as cache:
        for line in cache:
            if line.startswith("NNC_LIT:"):
                return line.split("=", 1)[1].strip()
    return LIT_PLACES[0]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "lit.json")
        status = subprocess.run(
            [sys.executable, lit_of(build), "-sv", "-o", report]
            + sys.argv[2:] + [os.path.join(build, "test")]).returncode
        tests = []
        if os.path.exists(report):
            with open(report) as file:
                tests = json.load(file)["tests"]
    codes = [test["code"] for test in tests]
    passed = sum(code in ("PASS", "XFAIL", "FLAKYPASS") for code in codes)
    skipped = sum(code in ("UNSUPPORTED", "SKIPPED", "EXCLUDED")
                  for code in codes)
    failed = len(codes) - passed - skipped
    for test in tests:
        if test["code"] in ("FAIL", "XPASS", "UNRESOLVED", "TIMEOUT"):
            print(f"{test['code']}: {test['name']}")
    if not passed:
        print("error: no test ran")
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or status or not passed else 0)


if __name__ == "__main__":
    main()
