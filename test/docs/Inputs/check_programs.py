"""Writes each program of a page, a block marked `nn`, to a file and compiles it,
with and without optimisation, in single and in double precision.

usage: check_programs.py PAGE FOLDER
"""
import os
import re
import subprocess
import sys

page, folder = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    programs = re.findall(r"^```nn\n(.*?)^```$", file.read(), re.M | re.S)
os.makedirs(folder, exist_ok=True)
failed = 0
for number, program in enumerate(programs, 1):
    path = os.path.join(folder, f"program{number}.nn")
    with open(path, "w", encoding="utf-8") as file:
        file.write(program)
    failed += any(
        subprocess.run(["nnc", "emit", "obj", path, "-o", path + ".o", level,
                        "--precision", precision]).returncode
        for level in ("-O0", "-O2") for precision in ("f32", "f64"))
print(f"{len(programs)} programs, {failed} wrong")
sys.exit(failed != 0)
