"""Writes each program of a page, a block marked `nn`, to FOLDER/programN.nn.

usage: programs.py PAGE FOLDER
"""
import os
import re
import sys

page, folder = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    programs = re.findall(r"^```nn\n(.*?)^```$", file.read(), re.M | re.S)
for number, program in enumerate(programs, 1):
    path = os.path.join(folder, f"program{number}.nn")
    with open(path, "w", encoding="utf-8") as file:
        file.write(program)
