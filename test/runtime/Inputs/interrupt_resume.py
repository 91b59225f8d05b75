"""Interrupts a training in its midst, goes on, and compares with a run that nothing
interrupted.
    interrupt_resume.py SIGNAL TEXT WHOLE COMMAND...
The signal comes once TEXT is written; WHOLE is the file of the run without
interruption."""
import filecmp
import signal
import subprocess
import sys

import lockstep

name, text, whole, *command = sys.argv[1:]
process = lockstep.start(command + ["-o", f"{name}.safetensors"],
                         stderr=subprocess.PIPE, text=True)
lockstep.read_until(process, text.encode())
process.send_signal(getattr(signal, "SIG" + name))
process.stdout.readall()
print("exit", process.wait())
print(process.stderr.read(), flush=True)
subprocess.run(command[:2] + ["--resume", f"{name}.safetensors",
                              "-o", f"{name}.whole.safetensors"])
if filecmp.cmp(f"{name}.whole.safetensors", whole, shallow=False):
    print("the same")
