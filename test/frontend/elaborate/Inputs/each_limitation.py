"""Compares frontend/limitations.h with what its cases made nnc say.

usage: each_limitation.py FRONTEND_FOLDER OUTPUT_OF_CASES ...
"""
import glob
import re
import sys

folder, outputs = sys.argv[1], sys.argv[2:]
with open(folder + "/limitations.h") as header:
    entries = re.findall(r'const char \*(\w+) =\s+"([^"]*)";', header.read())
said = []
for output in outputs:
    with open(output) as file:
        for line in file:
            if "error:" in line:
                print(f"{output}: an error, not a limitation: {line.strip()}")
            said += re.findall(r"unsupported: (.*) is not supported yet", line)


def says(message, text):
    """A message may name which of several is meant, after a comma."""
    return message == text or message.startswith(text + ", ")


for name, text in entries:
    if not any(says(message, text) for message in said):
        print(f"{name} has no case: '{text}' is never said")
for message in said:
    if not any(says(message, text) for _, text in entries):
        print(f"no entry says '{message}'")
for path in glob.glob(folder + "/*.cpp"):
    with open(path) as source:
        calls = re.findall(r"[^.:\w]unsupported\((.*?;)", source.read(),
                           re.DOTALL)
    for arguments in calls:
        if "limitations::" not in arguments:
            print(f"{path}: a limitation outside the list: {arguments}")
print(len(entries), "limitations")
