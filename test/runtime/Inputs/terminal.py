"""Runs a command whose output is a terminal:
    terminal.py [--interrupt TEXT COUNT] COMMAND...
--interrupt: by SIGINT, once it has written TEXT so often; says how often that was
in a second."""
import os
import pty
import signal
import sys
import time

command = sys.argv[1:]
text, count, rate = None, 0, 0
if command[0] == "--interrupt":
    text, count, *command = command[1:]
began = time.monotonic()
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
said = b""
while True:
    try:
        part = os.read(terminal, 1024)
    except OSError:  # Nobody writes to it any more.
        break
    sys.stdout.buffer.write(part)
    said += part
    if text and said.count(text.encode()) >= int(count):
        os.kill(pid, signal.SIGINT)
        rate = said.count(text.encode()) / (time.monotonic() - began)
        text = None
if command != sys.argv[1:]:
    print(f"\n{rate:.0f} in a second")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
