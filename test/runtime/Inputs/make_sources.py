"""Writes data of every kind, good and damaged, into the current folder."""
import gzip
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
write("x.idx", struct.pack(">4B2I8f", 0, 0, 13, 2, 4, 2, *[0, 0, 0, 1, 1, 0, 1, 1]))
write("stored.npz", npz(zipfile.ZIP_STORED, {"x": x, "target": y}))
write("single.npz", npz(zipfile.ZIP_STORED, {"x": x}))
packed = npz(zipfile.ZIP_DEFLATED, {"x": x, "target": y})
write("packed.npz", packed)
write("fortran.npy", npy((2, 3), [1, 4, 2, 5, 3, 6], fortran=True))
write("bad_nan.npy", npy((4, 2), [0, 0, 0, 1, 1, float("nan"), 1, 1]))
write("bad_short.npy", x[:-1])
write("bad_long.npy", x + b"\0")
write("bad_empty.npy", b"")
write("bad_header.npy", x[:40])
write("bad_magic.npy", b"NUMPY" * 20)
write("bad_length.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + x[10:])
write("bad_start.npy", x[:9])
write("bad_shape.npy", x.replace(b"(4, 2)", b"[4, 2]"))
write("bad_digits.npy", npy((10**20,), []))
write("bad_key.npy", x.replace(b"'descr'", b"'order'"))
write("limit_version.npy", x[:6] + b"\4" + x[7:])
write("limit_type.npy", x.replace(b"<f4", b"<c8"))
write("bad_overflow.npy", npy((2**62, 2**62), []))
packed_x = gzip.compress(x, mtime=0)
write("bad_zip.npy.gz", packed_x[:10] + b"\xff" + packed_x[11:])
write("bad_rows.npy", npy((0, 2), []))
write("bad_scalar.npy", npy((), [1]))
write("bad_magic.npz", x)
write("bad_cut.npz", packed[:-30])
write("bad_missing.npz", npz(zipfile.ZIP_STORED, {"other": x}))
at = packed.index(b"x.npy") + 5
write("bad_data.npz", packed[:at] + b"\xff" * 8 + packed[at + 8:])
stored = npz(zipfile.ZIP_STORED, {"x": x, "target": y})
write("bad_checksum.npz", stored.replace(x, x[:-1] + b"\x3e"))


def edit(name, signature, at, bytes):
    """What the first record of a kind says, changed."""
    at += stored.index(signature)
    write(name, stored[:at] + bytes + stored[at + len(bytes):])


edit("bad_place.npz", b"PK\1\2", 42, b"\1")
edit("bad_directory.npz", b"PK\1\2", 0, b"PK\3\4")
edit("bad_count.npz", b"PK\5\6", 10, b"\3")
edit("bad_names.npz", b"PK\1\2", 28, b"\xff\xff")
edit("bad_packed.npz", b"PK\1\2", 20, b"\xff\xff\xff\x7f")
edit("limit_size.npz", b"PK\1\2", 20, b"\xff" * 8)
edit("limit_secret.npz", b"PK\1\2", 8, b"\1")
edit("limit_method.npz", b"PK\1\2", 10, b"\x0c")

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
write("ascii.pbm", b"P1\n3 1\n0 10 ")
write("deep.pgm", b"P5 1 1 65535\n\1\2")
write("bad_width.pgm", b"P5 2147483648 1 255\n\1")
write("bad_end.pgm", b"P5 2 # no height")
write("bad_word.pgm", b"P2 two 1 255\n1")
write("bad_none.pgm", b"P2 0 1 255\n")
write("bad_bits.pbm", b"P4 3 3\n\xa0\xa0")
write("bad_few.pbm", b"P1 2 1\n0 ")
write("bad_two.pbm", b"P1 2 1\n02")
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
start = b"\x89PNG\r\n\x1a\n"
write("bad_header.png", start + chunk(b"IHDR", bytes(12)))
write("bad_depth.png", png(1, 1, 3, 0, bytes([0, 1])))
write("bad_first.png", start + good[33:])
write("bad_chunk.png", start + struct.pack(">I", 2**31) + good[12:])
write("bad_palette.png", png(2, 1, 1, 3, bytes([0, 64]), 0,
                             chunk(b"PLTE", bytes(4))))
write("bad_lie.png", png(2**15, 2**15, 8, 2, colours))
write("bad_more.png", good + b"\0")
write("limit_part.png", png(1, 1, 8, 0, bytes([0, 1]), 0, chunk(b"ABCD", b"")))
write("text.png", png(1, 1, 8, 0, bytes([0, 9]), 0, chunk(b"tEXt", b"a\0b")))
write("bad_size.png", png(2**31 - 1, 2**31 - 1, 16, 6, colours))
