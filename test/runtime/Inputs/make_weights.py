"""Writes weight files, most of them damaged, into the current folder."""
import gzip
import json
import struct


def write(name, header, data=bytes(12)):
    if not isinstance(header, bytes):
        header = json.dumps(header).encode()
    with open(name + ".safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)


def tensor(begin, end, shape, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


w, b = tensor(0, 8, [2]), tensor(8, 12, [])
write("f64", json.dumps(
    {"Line.w": tensor(0, 16, [2], "F64"), "Line.b": tensor(16, 24, [], "F64")},
    indent="\t").replace("\n", "\r\n").encode(), struct.pack("<3d", 1, 2, 3))
with open("bad_short.safetensors", "wb") as file:
    file.write(b"abc")
with open("bad_length.safetensors", "wb") as file:
    file.write(b"\xff" * 100)
with open("bad_header.safetensors", "wb") as file:
    file.write(struct.pack("<Q", 100) + b"{}")
write("bad_json", b'{"Line.w" 1}')
write("bad_comma", b'{"Line.w":{"dtype":"F32" "shape":[2]}}')
write("bad_open", b'{"Line.w')
write("bad_hex", rb'{"\u00g0":1}')
write("bad_key", b'{Line.w:1}')
write("bad_control", b'{"Line\n":1}')
write("bad_escape", rb'{"\q":1}')
write("bad_half", rb'{"\ud800":1}')
write("bad_zero", rb'{"\u0000":1}')
write("bad_number", b'{"Line.w":{"dtype":"F32","shape":[99999999999999999999]}}')
write("bad_negative", b'{"Line.w":{"dtype":"F32","shape":[-2]}}')
write("bad_value", b'{"Line.w":{"more":?}}')
write("bad_deep", b'{"x":{"more":' + b"[" * 100000 + b"}}")
write("bad_truncated", {"Line.w": w, "Line.b": b}, bytes(11))
write("bad_overlap", {"Line.w": w, "Line.b": tensor(4, 8, [])}, bytes(8))
write("bad_hole", {"Line.w": w, "Line.b": tensor(12, 16, [])}, bytes(16))
write("bad_size", {"Line.w": tensor(0, 4, [2])})
write("bad_overflow", {"Line.w": tensor(0, 4, [2**62, 2**62])})
write("bad_axes", {"Line.w": tensor(0, 4, [1] * 17)})
write("bad_dtype", {"Line.w": tensor(0, 8, [2], "F33")})
write("bad_no_dtype", {"Line.w": {"shape": [2], "data_offsets": [0, 8]}})
write("bad_no_shape", {"Line.w": {"dtype": "F32", "data_offsets": [0, 8]}})
write("bad_offsets", {"Line.w": {"dtype": "F32", "shape": [2],
                                 "data_offsets": [0, 8, 8]}})
write("bad_long", {"Line.w": w, "Line.b": b}, bytes(13))
write("bad_order", {"Line.w": tensor(8, 0, [2])}, bytes(8))
write("bad_object", b"[]")
write("bad_end", json.dumps({"Line.w": w, "Line.b": b}).encode() + b"x")
write("bad_twice", b'{"Line.b":' + json.dumps(b).encode() + b',"Line.b":' +
      json.dumps(b).encode() + b"}")
write("bad_missing", {"Other": tensor(0, 12, [3])})
# Training keeps the first three for itself.
write("bad_names", {"optimizer.adam.m.Line.w": tensor(0, 4, [1]),
                    "optimizer2.adam.t": tensor(4, 8, [1]),
                    "last.Line.b": tensor(8, 12, [1]),
                    "optimizers": tensor(12, 16, [1]),
                    "line.w": tensor(16, 20, [1])}, bytes(20))
write("bad_shape", {"Line.w": tensor(0, 8, [2, 1]), "Line.b": b})
with open("bad_truncated.safetensors", "rb") as file:
    whole = file.read()
# How long a compressed file is, only its end tells.
packed = gzip.compress(whole, mtime=0)
for name, data in (("bad_packed", packed),
                   ("bad_damaged", packed[:10] + b"\xff" + packed[11:]),
                   ("bad_middle", packed[:40] + b"\xff" * 9 + packed[49:])):
    with open(name + ".safetensors", "wb") as file:
        file.write(data)
