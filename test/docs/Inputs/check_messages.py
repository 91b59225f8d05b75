"""Checks that each message of nnc and of built programs is explained and tested.

    check_messages.py FRONTEND TOOLS RUNTIME ERRORS_MD TESTS

A message stands in ERRORS_MD as the first column of a table, in backquotes,
with `…` for what is put into it; and in a test, one of the front half after
`error:`, `warning:` or `unsupported:`.
"""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from messages import (command_messages, loose_messages, messages,
                      runtime_messages)

frontend, tools, runtime, page, tests = sys.argv[1:6]
# What no test leads to: faults of nnc, what is refused before, what needs another
# machine or gigabytes, and what the system refuses.
unreached = {
    "this program holds no code",
    "NN_TARGET=…: this machine cannot execute that",
    "this program holds code for …, which this machine cannot execute",
    "… needs …, which the data does not have",
    "… needs a value for …",
    "train …: its step gives no loss",
    "train …: every example is held back",
    "…: cannot start decompression",
    "…: its size … overflows",
    "out of memory: the size of … overflows",
    "out of memory: … more are needed",
    "guard: … wrote past the end of its scratch memory",
    "…: holds more than …",
    "…, which is too large for a picture",
    "…: is not a PNG file",
    "…: is not a PPM, PGM or PBM file",
    "this machine cannot run … code",
    "this machine cannot run … code, and so cannot measure it; "
    "--peak GFLOP/s,GB/s says what it can do",
}
# A message without words of its own is made elsewhere.
said = {}
for path in sorted(glob.glob(frontend + "/*.cpp")):
    for line, kind, message in messages(path):
        if re.search("[a-z]", message):
            said.setdefault(message, (f"{os.path.basename(path)}:{line}", kind))

for path in sorted(glob.glob(frontend + "/*.cpp")):
    for line, message in loose_messages(path):
        # What may be expected there is no message of its own.
        if not path.endswith("/syntax_error.cpp") and not any(message.strip() in each for each in said):
            said[message] = (f"{os.path.basename(path)}:{line}", "loose")
# The verifier of the IR says it, which is no part of the front half.
said["… is too large"] = ("verifier.cpp", "loose")
for path in sorted(glob.glob(tools + "/*_command.cpp") + [tools + "/driver.cpp"]):
    for line, message in command_messages(path):
        if re.search("[a-z]", message):
            said.setdefault(message, (f"{os.path.basename(path)}:{line}",
                                      "runtime"))
for path in sorted(glob.glob(runtime + "/*.cpp")):
    for line, message in runtime_messages(path):
        if re.search("[a-z]", message):
            said.setdefault(message, (f"{os.path.basename(path)}:{line}",
                                      "runtime"))

explained = set()
for line in open(page, encoding="utf-8"):
    cell = re.match(r"\| ((?:[^|\\]|\\.)*) \|", line)
    for wide, narrow in re.findall("`` (.*?) ``|`([^`]+)`",
                                   cell.group(1) if cell else ""):
        explained.add((wide or narrow).replace(r"\|", "|"))

tested, anywhere = set(), []
for path in glob.glob(tests + "/**/*", recursive=True):
    if os.path.isfile(path) and path.endswith((".nn", ".test", ".cpp")):
        text = open(path, encoding="utf-8", errors="replace").read()
        anywhere.append(text)
        if not path.endswith(".cpp"):
            tested.update(
                re.findall(r"(?:error|warning|unsupported): (.*)", text))
anywhere = "\n".join(anywhere)
tested = "\n".join(sorted(tested))

wrong = 0
for message, (place, kind) in said.items():
    if message not in explained:
        wrong += 1
        print(f"{place}: docs/errors.md does not explain `{message}`")
    # What is not supported is tested by elaborate/limitations.test.
    text = ".*".join(re.escape(part) for part in message.split("…"))
    if kind == "runtime":
        if message not in unreached and not re.search(text, anywhere):
            wrong += 1
            print(f"{place}: no test expects `{message}`")
    elif kind != "unsupported" and not re.search("^" + text, tested, flags=re.M):
        wrong += 1
        print(f"{place}: no test expects `{message}`")
for message in sorted(explained - set(said)):
    wrong += 1
    print(f"docs/errors.md explains `{message}`, which nothing says")
print(f"{len(said)} messages, {wrong} wrong")
