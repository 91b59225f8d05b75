"""Checks that each message of the front half is explained and tested.

    check_messages.py FRONTEND ERRORS_MD TESTS

A message stands in ERRORS_MD as the first column of a table, in backquotes,
with `…` for what is put into it; and in a test, after `error:`, `warning:` or
`unsupported:`.
"""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from messages import messages

frontend, page, tests = sys.argv[1:4]
# A message without words of its own is made elsewhere.
said = {}
for path in sorted(glob.glob(frontend + "/*.cpp")):
    for line, kind, message in messages(path):
        if re.search("[a-z]", message):
            said.setdefault(message, (f"{os.path.basename(path)}:{line}", kind))

explained = set()
for line in open(page, encoding="utf-8"):
    cell = re.match(r"\| ((?:[^|\\]|\\.)*) \|", line)
    for wide, narrow in re.findall("`` (.*?) ``|`([^`]+)`",
                                   cell.group(1) if cell else ""):
        explained.add((wide or narrow).replace(r"\|", "|"))

tested = set()
for path in glob.glob(tests + "/**/*", recursive=True):
    if os.path.isfile(path) and path.endswith((".nn", ".test")):
        text = open(path, encoding="utf-8", errors="replace").read()
        tested.update(re.findall(r"(?:error|warning|unsupported): (.*)", text))
tested = "\n".join(sorted(tested))

wrong = 0
for message, (place, kind) in said.items():
    if message not in explained:
        wrong += 1
        print(f"{place}: docs/errors.md does not explain `{message}`")
    # What is not supported is tested by elaborate/limitations.test.
    text = ".*".join(re.escape(part) for part in message.split("…"))
    if kind != "unsupported" and not re.search("^" + text, tested, flags=re.M):
        wrong += 1
        print(f"{place}: no test expects `{message}`")
for message in sorted(explained - set(said)):
    wrong += 1
    print(f"docs/errors.md explains `{message}`, which nothing says")
print(f"{len(said)} messages, {wrong} wrong")
