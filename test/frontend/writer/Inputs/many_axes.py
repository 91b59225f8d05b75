"""Prints a function with 26 axes, each of another size."""
sizes = range(2, 28, 2)
print("func @many(" + ", ".join(
    f"%x{i}: f32[{i}], %x{i + 1}: f32[{i + 1}]" for i in sizes) + ") {")
for i in sizes:
    print(f"  %y{i} = contract %x{i}, %x{i + 1} {{left = [a], right = [b], "
          f"result = [a, b]}} : f32[{i}, {i + 1}]")
print("  return " + ", ".join(f"%y{i}" for i in sizes) + "\n}")
