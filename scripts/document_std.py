#!/usr/bin/env python3
"""Writes docs/std.md: what each file of std/ defines, with the comment above it.

usage: document_std.py FOLDER
"""
import os
import re
import sys

KINDS = [("layer", "Layers"), ("fn", "Functions"),
         ("optimizer", "Optimizers")]


def definitions(text):
    """(kind, name, comment, signature) for each definition of a file."""
    found = re.finditer(
        r"^((?:#[^\n]*\n)*)(fn|layer|optimizer) ([A-Za-z_0-9]+)(.*?) ?\{",
        text, re.M | re.S)
    for match in found:
        comment, kind, name, rest = match.groups()
        comment = re.sub(r"^# ?", "", comment, flags=re.M).strip()
        signature = re.sub(r"\s+", " ", f"{kind} {name}{rest}").strip()
        yield kind, name, comment, signature


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    pages = {}
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding="utf-8") as source:
            for kind, *entry in definitions(source.read()):
                pages.setdefault(kind, {}).setdefault(file, []).append(entry)
    print("# The standard library\n\n"
          "Made by `scripts/generate_docs.sh` from `std/`, where each can be "
          "read as a program.")
    for kind, title in KINDS:
        print(f"\n## {title}")
        for file, entries in pages[kind].items():
            print(f"\n### [std/{file}](../std/{file})")
            for name, comment, signature in entries:
                if not comment:
                    sys.exit(f"error: {file}: {name} has no comment")
                print(f"\n**`{signature}`**\n\n{comment}")


if __name__ == "__main__":
    main()
