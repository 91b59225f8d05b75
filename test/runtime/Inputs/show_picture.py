# Prints the pixels of PNG and PNM files, channels together: by Python's zlib,
# and checking every checksum, so by nothing of ours.
import re
import struct
import sys
import zlib


def png(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, rows = 8, b""
    while at < len(data):
        size, = struct.unpack(">I", data[at:at + 4])
        kind, part = data[at + 4:at + 8], data[at + 8:at + 8 + size]
        crc, = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
        assert crc == zlib.crc32(kind + part)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", part[:10])
            assert depth == 8
        rows += part if kind == b"IDAT" else b""
        at += 12 + size
    channels = {0: 1, 2: 3}[colour]
    rows, line = zlib.decompress(rows), width * channels + 1
    assert len(rows) == line * height and not any(rows[::line])
    return width, height, channels, b"".join(
        rows[y * line + 1:(y + 1) * line] for y in range(height))


def pnm(data):
    header = re.match(rb"P([56])\s(\d+)\s(\d+)\s255\s", data)
    kind, width, height = map(int, header.groups())
    return width, height, {5: 1, 6: 3}[kind], data[header.end():]


for name in sys.argv[1:]:
    data = open(name, "rb").read()
    width, height, channels, pixels = (
        png if name.endswith(".png") else pnm)(data)
    assert len(pixels) == width * height * channels
    print(name, "is", width, "x", height, "x", channels)
    for y in range(height):
        row = pixels[y * width * channels:(y + 1) * width * channels]
        print(*(",".join(map(str, row[x * channels:(x + 1) * channels]))
                for x in range(width)))
