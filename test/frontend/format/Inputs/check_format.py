"""Checks that `nnc fmt` keeps the meaning and the comments, and is idempotent.

    check_format.py FOLDER FILE...

The programs are the files and, of Markdown files, their ```nn blocks; each as it
is, and with its white space replaced: every token on a line of its own, all on
one line, and by chance. What does not parse is left out.
"""
import os
import random
import re
import subprocess
import sys

folder, files = sys.argv[1], sys.argv[2:]
os.makedirs(folder, exist_ok=True)
token = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*|\d+(?:\.\d+)?(?:'
                   r'[eE][+-]?\d+)?|\|>|->|==|!=|<=|>=|&&|\|\||\.\.|\S')


def spaced(words, rng, kind):
    out = ""
    for word in words:
        out += word
        lines = {"lines": True, "line": False,
                 "chance": rng.random() < 0.2}[kind]
        if word.startswith("#") or lines:
            out += "\n" * rng.randint(1, 3)
        elif kind == "chance" and rng.random() < 0.05:
            out += "# by chance\n"
        else:
            out += " "
    return out


def variants(text):
    yield text
    words = token.findall(text)
    for number, kind in enumerate(["lines", "line", "chance", "chance"]):
        yield spaced(words, random.Random(number), kind)


def nnc(*arguments):
    done = subprocess.run(["nnc", *arguments], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"nnc {arguments}: exit {done.returncode}\n{done.stderr}")
    return done


def tree(path):
    """The tree without places; white space does not change it."""
    done = nnc("emit", "ast", path)
    return None if done.returncode else re.sub(r"  @\d+:\d+|^ *doc .*\n", "",
                                               done.stdout, flags=re.M)


def content(text):
    return [word.rstrip() for word in token.findall(text) if word != ";"]


programs = []
for name in files:
    text = open(name, encoding="utf-8", errors="replace").read()
    if name.endswith(".md"):
        programs += re.findall(r"^```nn\n(.*?)^```", text, flags=re.M | re.S)
    else:
        programs.append(text)

batch, trees = [], {}
for number, program in enumerate(programs):
    for kind, text in enumerate(variants(program)):
        path = f"{folder}/{number}_{kind}.nn"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if kind == 0:
            trees[path] = tree(path)
            if trees[path] is None:
                break
        batch.append((path, text))
nnc("fmt", *(path for path, _ in batch))
once = {path: open(path, encoding="utf-8").read() for path, _ in batch}
nnc("fmt", *(path for path, _ in batch))
wrong = 0
for path, text in batch:
    twice = open(path, encoding="utf-8").read()
    reasons = [what for what, holds in (
        ("is not idempotent", once[path] == twice),
        ("changes the tree", path not in trees or tree(path) == trees[path]),
        ("changes words or comments", content(text) == content(twice)),
        ("leaves white space at the end of a line",
         not re.search(r"[ \t\r]$|\n\n\n|\A\n|\n\n\Z", twice, flags=re.M)),
    ) if not holds]
    if reasons:
        wrong += 1
        print(f"{path}: {', '.join(reasons)}")
print(f"{len(batch)} programs, {wrong} wrong")
