"""Runs a command whose output is a terminal: terminal.py COMMAND..."""
import os
import pty
import sys

status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status) & 255)
