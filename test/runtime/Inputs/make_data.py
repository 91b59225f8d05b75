"""Writes good and damaged data files into the current folder."""
import gzip
import os
import struct


def idx(shape, data, code=8):
    return (bytes([0, 0, code, len(shape)]) +
            b"".join(struct.pack(">I", n) for n in shape) + data)


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


x = idx([4, 2], bytes([0, 0, 1, 0, 0, 1, 1, 1]))
packed = gzip.compress(x)
y = idx([4], struct.pack(">4f", 3, 5, 2, 4), 13)
write("x.idx", x)
write("y.idx", y)
write("y2.idx", idx([4, 1], struct.pack(">4h", 3, 5, 2, 4), 11))
write("x.gz", packed)
write("gzipped.idx", packed)
os.mkdir("folder")
write("folder/x.idx", x)
write("folder/y.idx", y)
write("line.csv", b"4,2,none\n0,0,3\n1,0,5\n0,1,2\n1,1,4\n")

os.mkdir("bad_folder.idx")
write("bad_empty.idx", b"")
write("bad_magic.idx", b"P5 28 28\n")
write("bad_rank.idx", bytes([0, 0, 8, 200]) + bytes(800))
write("bad_header.idx", x[:9])
write("bad_short.idx", x[:-1])
write("bad_long.idx", x + b"\0")
write("bad_overflow.idx", idx([2**32 - 1] * 3, b""))
write("bad_huge.gz", gzip.compress(idx([2**32 - 1, 2000], b"")))
write("bad_cut.gz", packed[:-10])
write("bad_checksum.gz", packed[:-8] + b"abcd" + packed[-4:])
stored = gzip.compress(x, 0)  # Its data begin at byte 15.
write("bad_start.gz", stored[:17])
write("bad_axes.gz", stored[:21])
write("bad_member.gz", packed + packed[:10] + b"\xff" * 9)
write("bad_count.idx", idx([3, 2], bytes(6)))
write("bad_shape.idx", idx([4, 3], bytes(12)))
write("bad_ragged.csv", b"a,b,c\n1,2,3\n4,5\n")
write("bad_word.csv", b"1,2,3\n1,2,abc\n")
write("bad_field.csv", b"1,2,3\n1,,3\n")
write("bad_large.csv", b"1e999,2,3\n")
write("bad_nan.csv", b"1,nan,3\n2,3,4\n")
write("bad_narrow.csv", b"1,2\n3,4\n")
write("bad_nothing.csv", b"")
rows = gzip.compress(b"1,2,3\n", mtime=0)
write("bad_zip.csv", rows[:10] + b"\xff" + rows[11:])
