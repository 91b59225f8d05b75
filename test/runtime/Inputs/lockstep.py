"""A program that writes at most one text that nobody has read yet, and then waits:
whoever has read a line of a training finds it training still."""
import fcntl
import os
import subprocess


def start(command, **options):
    """The process; its `stdout` gives one writing of it after another."""
    reads, writes = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 1)  # One page: one writing.
    process = subprocess.Popen(command, stdout=writes, **options)
    os.close(writes)
    process.stdout = os.fdopen(reads, "rb", buffering=0)
    return process


def read_until(process, text):
    """Reads up to where TEXT is written, or to the end."""
    said = b""
    while text not in said and (writing := process.stdout.read(4096)):
        said += writing
