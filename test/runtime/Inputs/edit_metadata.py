# edit_metadata.py FROM KEY=VALUE TO: changes one entry; `-` removes them all.
import json
import sys

source, change, target = sys.argv[1:]
with open(source, "rb") as file:
    data = file.read()
start = 8 + int.from_bytes(data[:8], "little")
header = json.loads(data[8:start])
if change == "-":
    del header["__metadata__"]
else:
    key, value = change.split("=")
    header["__metadata__"][key] = value
text = json.dumps(header).encode()
with open(target, "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + data[start:])
