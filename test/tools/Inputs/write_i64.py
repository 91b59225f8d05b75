"""A weight file with one integer that an f64 does not hold."""
import json
import struct
import sys

header = json.dumps({"A.n": {"dtype": "I64", "shape": [],
                             "data_offsets": [0, 8]}}).encode()
header += b" " * (-len(header) % 8)
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header
               + struct.pack("<q", 2**53 + 1))
