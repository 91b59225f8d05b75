#!/usr/bin/env python3
"""Shows an image of an idx file, and its label, in the terminal.

usage: show_digit.py IMAGES LABELS NUMBER
"""
import gzip
import struct
import sys

SHADES = " .:-=+*#%@"


def read(path):
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
        return file.read()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    images, labels, number = read(sys.argv[1]), read(sys.argv[2]), int(sys.argv[3])
    count, rows, columns = struct.unpack(">3i", images[4:16])
    if not 0 <= number < count:
        sys.exit(f"error: there are {count} images")
    start = 16 + number * rows * columns
    for row in range(rows):
        line = images[start + row * columns:start + (row + 1) * columns]
        if any(line):
            # Two characters a pixel: a terminal's are twice as high as wide.
            print("".join(2 * SHADES[p * len(SHADES) // 256]
                          for p in line).rstrip())
    print(f"labelled {labels[8 + number]}")


if __name__ == "__main__":
    main()
