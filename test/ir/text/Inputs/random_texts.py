"""Feeds a tool random bytes and random damage to good text: exit 0, 1 or 2."""
import random
import subprocess
import sys

tool = sys.argv[1]
random.seed(1)
good = subprocess.run([tool, "--print-examples"], capture_output=True).stdout
functions = good.split(b"\n\n")


def damaged(text):
    text = bytearray(text)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text))
        what = random.randrange(4)
        if what == 0:
            del text[at:at + random.randint(1, 8)]
        elif what == 1:
            text[at] = random.choice(b"{}[]()%@^:,=-*\"#x0-B9 ")
        elif what == 2:
            other = random.choice(functions)
            start = random.randrange(len(other))
            text[at:at] = other[start:start + random.randint(1, 20)]
        else:
            text[at:at + 1] = random.choice(
                [b"-1", b"99999999999999999999", b"1e999", b"\"s\"", b"[]",
                 b"true", b"1000000"])
        if not text:
            break
    return bytes(text)


def run(text):
    done = subprocess.run([tool, "--verify-only"], input=text,
                          capture_output=True, timeout=100)
    if done.returncode not in (0, 1, 2):
        sys.exit(f"exit {done.returncode} for {text!r}\n"
                 f"{done.stderr.decode(errors='replace')}")


for i in range(60):
    run(random.randbytes(random.randint(0, 300)))
for i in range(600 if len(sys.argv) < 3 else int(sys.argv[2])):
    run(damaged(random.choice(functions)))
