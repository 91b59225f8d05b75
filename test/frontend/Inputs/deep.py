"""Prints a program around `before * n  x  after * n`."""
import sys

before, count, after = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print("net A(x: f32) -> f32 { return " + before * count + "x" + after * count
      + " }")
