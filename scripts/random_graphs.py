#!/usr/bin/env python3
"""Writes random graphs as IR text, to compare what passes and code make of them
with their meaning:

    scripts/random_graphs.py SEED COUNT | nnc-opt --check-graphs --every-op

Graph number i, @gSEED+i, is made of the seed SEED+i alone: `random_graphs.py
1017 1` gives @g1017 again. Sizes are small and often 1, where maps and tiles
have their edges; values stay near 1, so that an error shows. What may be in a
graph stands in random_steps.py.
"""
import random
import re
import sys

from random_steps import STEPS, unary

SIZES = [1, 1, 2, 3, 4, 5, 16, 17, "B", "T"]
LARGEST = 3000  # elements of a value
SAMPLE = {"B": 3, "T": 4}


def extent(size):
    """What a size may be as a program runs."""
    return size if isinstance(size, int) else eval(size, {}, SAMPLE)


def elements(shape):
    count = 1
    for size in shape:
        count *= extent(size)
    return count


def type_text(shape, elem):
    return f"{elem}[{', '.join(map(str, shape))}]" if shape else elem


class Graph:
    """Values that are computed one after the other, in a function or in the
    body of a loop."""

    def __init__(self, rng, parent=None):
        self.rng, self.parent = rng, parent
        self.lines, self.values = [], []
        self.arguments = []  # (name, shape, elem)
        self.depth = parent.depth + 1 if parent else 0
        self.names = parent.names if parent else iter(range(10**9))
        self.places = parent.places if parent else iter(range(10**9))

    def fresh(self):
        return f"%v{next(self.names)}"

    def argument(self, shape, elem="f32"):
        """Of the function; in a loop's body, what stays the same in all turns.
        Gives its name."""
        name = f"%a{next(self.names)}"
        self.arguments.append((name, list(shape), elem))
        return name

    def emit(self, op, operands, attrs, shape, elem="f32"):
        """Gives the result's name, or None if it would be too large."""
        if elements(shape) > LARGEST:
            return None
        name = self.fresh()
        self.lines.append(f"{name} = {op} {', '.join(operands)}"
                          + (f" {{{attrs}}}" if attrs else "")
                          + f" : {type_text(shape, elem)}")
        self.values.append((name, list(shape), elem))
        return name

    def constant(self, value, shape, elem="f32"):
        return self.emit("constant", [], f"value = {float(value)}", shape, elem)

    def spread(self, name, axes, shape, elem="f32"):
        return self.emit("broadcast", [name], f"axes = {axes}", shape, elem)

    def pick(self, fits=lambda shape: True, elem="f32", scalar=False):
        """One of the values, rather a late one: name and shape, or None."""
        found = [(name, shape) for name, shape, of in self.values
                 if of == elem and (shape or scalar) and fits(shape)]
        if not found:
            return None
        return found[max(self.rng.randrange(len(found)),
                         self.rng.randrange(len(found)))]

    def grow(self, steps):
        for _ in range(steps):
            x, shape = self.pick()
            self.rng.choice(STEPS)(self, x, shape)


def random_shape(rng):
    shape = [rng.choice(SIZES) for _ in range(rng.randint(1, 4))]
    for symbol in SAMPLE:
        while shape.count(symbol) > 1:
            shape[shape.index(symbol)] = 2
    return shape


def depends(lines, result, argument):
    """Whether a value has a derivative by an argument."""
    from_argument = {argument}
    for line in lines:
        names, text = line.split(" = ", 1)
        if not text.startswith("stop_gradient") and any(
                word.strip(",") in from_argument for word in text.split()):
            from_argument.update(names.split(", "))
    return result in from_argument


def add_gradient(g, last, shape, again=True):
    """Gives the results' names: the derivatives of a sum; sometimes also those
    of their own."""
    loss = g.emit("sum", [last], f"axes = {list(range(len(shape)))}", [])
    wanted = [a for a in g.arguments
              if a[2] == "f32" and depends(g.lines, loss, a[0])]
    if not wanted:
        return []
    names = [g.fresh() for _ in wanted]
    types = ", ".join(type_text(shape, "f32") for _, shape, _ in wanted)
    g.lines.append(f"{', '.join(names)} = gradient {loss}, "
                   f"{', '.join(name for name, _, _ in wanted)} : {types}")
    _, shape, _ = wanted[0]
    if again and shape and g.rng.random() < 0.15:
        square = g.emit("mul", [names[0], names[0]], "", shape)
        names += add_gradient(g, square, shape, again=False)
    return names


def graph(name, rng):
    g = Graph(rng)
    for _ in range(rng.randint(1, 3)):
        shape = random_shape(rng)
        if elements(shape) <= LARGEST:
            g.values.append((g.argument(shape), shape, "f32"))
    if not g.values:
        g.values.append((g.argument([2, 3]), [2, 3], "f32"))
    g.grow(rng.randint(2, 8))
    unary(g, *g.pick())
    last, shape, _ = g.values[-1]
    results = [last]
    if rng.random() < 0.5:
        other, _, _ = rng.choice(g.values)
        if other not in results and other.startswith("%v"):
            results.append(other)
    if rng.random() < 0.5:
        results += add_gradient(g, last, shape)
    body = "\n".join("  " + line for line in g.lines)
    # A program gets its sizes from its inputs.
    for size in "BT":
        if re.search(rf"\b{size}\b", body) and not any(
                size in shape for _, shape, _ in g.arguments):
            g.argument([size])
    arguments = ", ".join(f"{name}: {type_text(shape, elem)}"
                          for name, shape, elem in g.arguments)
    return (f"func @{name}({arguments}) {{\n{body}\n"
            f"  return {', '.join(results)}\n}}\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for i in range(count):
        print(graph(f"g{seed + i}", random.Random(seed + i)))


if __name__ == "__main__":
    main()
