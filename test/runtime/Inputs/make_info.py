# Weight files for info.nn, and the data of its metric.
import json
import struct


def save(name, tensors):
    header, data = {}, b""
    for path, (shape, values) in tensors.items():
        begin = len(data)
        data += struct.pack("<%df" % len(values), *values)
        header[path] = {"dtype": "F32", "shape": shape,
                        "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    with open(name, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


save("w.safetensors", {
    "Tag.table.w": ([6, 4], range(1, 25)),
    "Tag.dense1.w": ([4, 6], [0] * 24),
    "Tag.dense1.b": ([6], [0] * 6),
    "Gen.dense1.w": ([6, 4], [0] * 24),
    "Gen.dense1.b": ([4], [0] * 4),
    "Disc.dense1.w": ([4, 1], [0] * 4),
    "Disc.dense1.b": ([1], [0])})
save("other.safetensors", {"Other.w": ([1], [0])})
with open("other.npy", "wb") as file:
    fields = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }"
    fields += " " * (117 - len(fields)) + "\n"
    file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(fields)) +
               fields.encode() + struct.pack("<3i", 1, 2, 3))
