#!/usr/bin/env python3
"""Writes generated digit images under the names and in the format of MNIST.

usage: make_digits.py FOLDER [TRAIN_COUNT [TEST_COUNT]]

Each digit is a handful of strokes in the unit square. An image is one of them
turned, sheared, scaled and shifted at random, drawn with a pen of random width
on 28 x 28 pixels, with a little noise. A network has to learn the shapes: no
two images are equal. The same numbers come out on every machine.
"""
import gzip
import math
import os
import random
import struct
import sys

SIZE = 28


def arc(x, y, rx, ry, start, stop, steps=12):
    """Points on an ellipse; angles in turns, 0 at the right, clockwise."""
    turns = [start + (stop - start) * i / steps for i in range(steps + 1)]
    return [(x + rx * math.cos(2 * math.pi * a),
             y + ry * math.sin(2 * math.pi * a)) for a in turns]


# For each digit its strokes, in the unit square, y downwards.
STROKES = [
    [arc(0.5, 0.5, 0.28, 0.42, 0, 1, 20)],
    [[(0.35, 0.25), (0.52, 0.08), (0.52, 0.92)]],
    [arc(0.5, 0.32, 0.26, 0.24, -0.5, 0.1) + [(0.24, 0.9), (0.78, 0.9)]],
    [arc(0.46, 0.3, 0.26, 0.21, -0.45, 0.25),
     arc(0.46, 0.7, 0.29, 0.21, -0.25, 0.45)],
    [[(0.62, 0.92), (0.62, 0.08), (0.22, 0.64), (0.8, 0.64)]],
    [[(0.74, 0.1), (0.32, 0.1), (0.28, 0.46)]
     + arc(0.46, 0.66, 0.29, 0.25, -0.3, 0.4)],
    [[(0.66, 0.08), (0.4, 0.32), (0.25, 0.62)],
     arc(0.5, 0.68, 0.25, 0.23, 0, 1, 16)],
    [[(0.22, 0.1), (0.78, 0.1), (0.42, 0.92)]],
    [arc(0.5, 0.29, 0.22, 0.2, 0, 1, 16), arc(0.5, 0.7, 0.27, 0.22, 0, 1, 16)],
    [arc(0.5, 0.32, 0.24, 0.23, 0, 1, 16), [(0.74, 0.34), (0.66, 0.92)]],
]


def image(digit, rng):
    """28 x 28 bytes, 0 black, 255 white."""
    angle, shear = rng.gauss(0, 0.12), rng.gauss(0, 0.15)
    width, height = rng.uniform(14, 20), rng.uniform(17, 21)
    dx, dy = rng.uniform(-2.5, 2.5), rng.uniform(-2.5, 2.5)
    pen = rng.uniform(0.8, 1.6)
    cosine, sine = math.cos(angle), math.sin(angle)

    def place(point):
        x = (point[0] - 0.5 + rng.gauss(0, 0.012)) * width
        y = (point[1] - 0.5 + rng.gauss(0, 0.012)) * height
        x += shear * y
        return (cosine * x - sine * y + SIZE / 2 + dx,
                sine * x + cosine * y + SIZE / 2 + dy)

    pixels = [0.0] * (SIZE * SIZE)
    reach = pen + 1
    for stroke in STROKES[digit]:
        points = [place(point) for point in stroke]
        for (ax, ay), (bx, by) in zip(points, points[1:]):
            ux, uy = bx - ax, by - ay
            scale = 1 / (ux * ux + uy * uy + 1e-12)
            rows = range(max(0, int(min(ay, by) - reach)),
                         min(SIZE, int(max(ay, by) + reach) + 1))
            columns = range(max(0, int(min(ax, bx) - reach)),
                            min(SIZE, int(max(ax, bx) + reach) + 1))
            for row in rows:
                wy = row + 0.5 - ay
                for column in columns:
                    wx = column + 0.5 - ax
                    t = min(1.0, max(0.0, (wx * ux + wy * uy) * scale))
                    ink = pen + 0.5 - math.hypot(wx - t * ux, wy - t * uy)
                    at = row * SIZE + column
                    if ink > pixels[at]:
                        pixels[at] = ink
    return bytes(int(255 * min(1.0, ink) * rng.uniform(0.85, 1.0))
                 for ink in pixels)


def write(path, header, body):
    # No time stamp: the same bytes each time.
    with open(path, "wb") as file, gzip.GzipFile(
            filename="", mode="wb", fileobj=file, compresslevel=1,
            mtime=0) as packed:
        packed.write(header + body)


def write_set(folder, name, count, seed):
    rng = random.Random(seed)
    labels = bytes(rng.randrange(10) for _ in range(count))
    images = b"".join(image(label, rng) for label in labels)
    write(os.path.join(folder, f"{name}-images-idx3-ubyte.gz"),
          struct.pack(">4i", 0x803, count, SIZE, SIZE), images)
    write(os.path.join(folder, f"{name}-labels-idx1-ubyte.gz"),
          struct.pack(">2i", 0x801, count), labels)


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    folder = sys.argv[1]
    train, test = [int(text) for text in sys.argv[2:]] + \
        [10000, 2000][len(sys.argv) - 2:]
    os.makedirs(folder, exist_ok=True)
    write_set(folder, "train", train, 1)
    write_set(folder, "t10k", test, 2)
    print(f"{train} + {test} generated digits in {folder}")


if __name__ == "__main__":
    main()
