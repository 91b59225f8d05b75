"""Writes a weight file with one scalar: FILE NAME F32|I64 VALUE."""
import json
import struct
import sys

path, name, dtype, value = sys.argv[1:]
data = struct.pack("<f", float(value)) if dtype == "F32" else struct.pack(
    "<q", int(value))
header = json.dumps({name: {"dtype": dtype, "shape": [],
                            "data_offsets": [0, len(data)]}}).encode()
header += b" " * (-len(header) % 8)
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + data)
