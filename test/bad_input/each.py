"""Runs a command on each program of a file.

    each.py FILE FOLDER COMMAND...

A line `### name` starts a program. Each is written to FOLDER/name.nn, the
command runs on it, and what it says is printed under `name: exit CODE`.
"""
import os
import re
import subprocess
import sys

source, folder, command = sys.argv[1], sys.argv[2], sys.argv[3:]
os.makedirs(folder, exist_ok=True)
parts = re.split(r"^### (\w+)\n", open(source, encoding="utf-8").read(),
                 flags=re.M)
prelude = re.sub(r"^#.*\n", "", parts[0], flags=re.M)
for name, text in zip(parts[1::2], parts[2::2]):
    with open(f"{folder}/{name}.nn", "w", encoding="utf-8") as file:
        file.write(re.sub(r"^#.*\n", "", text, flags=re.M) + prelude)
    done = subprocess.run(command + [f"{name}.nn"], cwd=folder, text=True,
                          capture_output=True, timeout=60)
    print(f"{name}: exit {done.returncode}")
    print(done.stdout + done.stderr)
