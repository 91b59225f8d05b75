"""Checks that the library says what each definition computes and where it is from.

    check_std.py GENERATOR FOLDER FILE...

Each definition of FOLDER has a comment; in each FILE, whose definitions others
have published, it names a source: a year or a number of arXiv, or begins with the
definition that it is a form of.
"""
import importlib.util
import os
import re
import sys

sys.dont_write_bytecode = True
generator, folder, *published = sys.argv[1:]
spec = importlib.util.spec_from_file_location("document_std", generator)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
count = wrong = 0
for file in sorted(os.listdir(folder)):
    with open(os.path.join(folder, file), encoding="utf-8") as source:
        text = source.read()
    definitions = list(module.definitions(text))
    names = {name for _, name, _, _ in definitions}
    for _, name, comment, _ in definitions:
        count += 1
        # arXiv 1706.03762, or a year.
        sourced = (re.search(r"arXiv \d{4}\.\d{4,5}|\b(19|20)\d\d\b", comment) or
                   re.match(r"\w*", comment).group() in names - {name})
        if not comment or (file in published and not sourced):
            wrong += 1
            print(f"{file}: {name} has no {'source' if comment else 'comment'}")
print(f"{count} definitions, {wrong} wrong")
