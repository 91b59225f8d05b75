"""Writes data of every kind, good and damaged, into the current folder."""
import io
import struct
import zipfile
import zlib


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


def npy(shape, values, descr="<f4", code="f", fortran=False):
    header = repr({"descr": descr, "fortran_order": fortran, "shape": shape})
    header += " " * (-(11 + len(header)) % 64) + "\n"
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) +
            header.encode() + struct.pack("<%d%s" % (len(values), code), *values))


def npz(method, arrays):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in arrays.items():
            entry = zipfile.ZipInfo(name + ".npy")
            entry.comment = b"by hand"
            archive.writestr(entry, data, method)
    return file.getvalue()


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


def png(width, height, depth, colour, rows, interlaced=0, more=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
                         interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


write("abc.txt", b"abcdefghij")
write("short.txt", b"abc")

x, y = npy((4, 2), [0, 0, 0, 1, 1, 0, 1, 1]), npy((4,), [0, 1, 2, 3])
write("x.npy", x)
write("y.npy", y)
write("stored.npz", npz(zipfile.ZIP_STORED, {"x": x, "target": y}))
packed = npz(zipfile.ZIP_DEFLATED, {"x": x, "target": y})
write("packed.npz", packed)
write("fortran.npy", npy((2, 3), [1, 4, 2, 5, 3, 6], fortran=True))
write("bad_nan.npy", npy((4, 2), [0, 0, 0, 1, 1, float("nan"), 1, 1]))
write("bad_short.npy", x[:-1])
write("bad_long.npy", x + b"\0")
write("bad_empty.npy", b"")
write("bad_header.npy", x[:40])
write("bad_magic.npy", b"NUMPY" * 20)
write("bad_overflow.npy", npy((2**62, 2**62), []))
write("bad_rows.npy", npy((0, 2), []))
write("bad_scalar.npy", npy((), [1]))
write("bad_magic.npz", x)
write("bad_cut.npz", packed[:-30])
write("bad_missing.npz", npz(zipfile.ZIP_STORED, {"other": x}))
at = packed.index(b"x.npy") + 5
write("bad_data.npz", packed[:at] + b"\xff" * 8 + packed[at + 8:])
stored = npz(zipfile.ZIP_STORED, {"x": x, "target": y})
write("bad_checksum.npz", stored.replace(x, x[:-1] + b"\x3e"))

# Row 1 is stored as it is, row 2 as the difference to the row above.
colours = bytes([0, 1, 2, 3, 4, 5, 6]) + bytes([2, 1, 1, 1, 1, 1, 1])
good = png(2, 2, 8, 2, colours)
write("colours.png", good)
write("interlaced.png", png(2, 2, 8, 0, bytes([0, 10, 0, 20, 0, 30, 40]), 1))
write("palette.png", png(2, 1, 1, 3, bytes([0, 64]), 0,
                         chunk(b"PLTE", bytes([1, 2, 3, 7, 8, 9]))))
# Row 2 is stored as the difference to what Paeth's filter predicts: above, corner.
write("paeth.png", png(2, 2, 8, 0, bytes([0, 20, 10, 4, 10, 30])))
write("deep.png", png(1, 1, 16, 0, bytes([0, 1, 2])))
write("ascii.ppm", b"P3 # comment\n2 1\n255\n1 2 3 4 5 6\n")
write("grey.pgm", b"P5 3 2 255\n\1\2\3\4\5\6")
write("bits.pbm", b"P4 3 1\n\xa0")
write("bad_magic.ppm", b"GIF89a")
write("bad_short.ppm", b"P5 3 2 255\n\1\2\3\4\5")
write("bad_long.ppm", b"P5 3 2 255\n\1\2\3\4\5\6\7")
write("bad_huge.ppm", b"P6 2147483647 2147483647 255\n\1")
write("bad_value.ppm", b"P2 1 1 7 8")
write("bad_checksum.png", good.replace(b"IDAT", b"IDAU"))
write("bad_cut.png", good[:-20])
write("bad_rows.png", png(2, 3, 8, 2, colours))
write("bad_filter.png", png(1, 1, 8, 0, bytes([9, 1])))
write("bad_index.png", png(2, 1, 1, 3, bytes([0, 64]), 0,
                           chunk(b"PLTE", bytes([1, 2, 3]))))
write("bad_size.png", png(2**31 - 1, 2**31 - 1, 16, 6, colours))
