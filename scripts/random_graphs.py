#!/usr/bin/env python3
"""Writes random graphs as IR text, to compare what passes and code make of them
with their meaning:

    scripts/random_graphs.py SEED COUNT | nnc-opt --check-compiled
    scripts/random_graphs.py SEED COUNT | nnc-opt -p kernels --check-each-pass

Sizes are small and often 1, where maps and tiles have their edges; values stay
near 1, so that an error shows.
"""
import math
import random
import sys

SIZES = [1, 1, 2, 3, 4, 5, 16, 17, "B"]
UNARY = ["tanh", "sigmoid", "abs", "neg", "sin", "cos"]
BINARY = ["add", "sub", "mul", "max", "min"]
LARGEST = 6000  # elements of a value


class Graph:
    def __init__(self, name, rng):
        self.name, self.rng = name, rng
        self.arguments, self.lines, self.values = [], [], []
        self.count = 0

    def argument(self, shape):
        name = f"%a{len(self.arguments)}"
        self.arguments.append((name, shape))
        return name, shape

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    def emit(self, op, operands, attrs, shape):
        if elements(shape) > LARGEST:
            return None
        name = self.fresh()
        dims = ", ".join(str(size) for size in shape)
        self.lines.append(f"  {name} = {op} {', '.join(operands)}"
                          + (f" {{{attrs}}}" if attrs else "")
                          + f" : f32[{dims}]")
        self.values.append((name, shape))
        return name

    def constant(self, value, shape):
        return self.emit("constant", [], f"value = {value}", shape)

    def pick(self, fits=lambda shape: True):
        """One of the values, rather a late one."""
        found = [v for v in self.values if v[1] and fits(v[1])]
        if not found:
            return None
        return found[max(self.rng.randrange(len(found)),
                         self.rng.randrange(len(found)))]

    def text(self):
        arguments = ", ".join(
            f"{name}: f32[{', '.join(map(str, shape))}]"
            for name, shape in self.arguments)
        return (f"func @{self.name}({arguments}) {{\n"
                + "\n".join(self.lines) + "\n}\n")


def elements(shape):
    return math.prod(3 if size == "B" else size for size in shape)


def unary(g, x, shape):
    g.emit(g.rng.choice(UNARY), [x], "", shape)


def binary(g, x, shape):
    other = g.pick(lambda s: s == shape)
    g.emit(g.rng.choice(BINARY), [x, other[0]], "", shape)


def bias(g, x, shape):
    """Along some axes, from an argument."""
    axes = sorted(g.rng.sample(range(len(shape)),
                               g.rng.randint(0, len(shape))))
    b, _ = g.argument([shape[axis] for axis in axes])
    wide = g.emit("broadcast", [b], f"axes = {axes}", shape)
    g.emit(g.rng.choice(BINARY), [x, wide], "", shape)


def statistics(g, x, shape):
    """Subtracts, from each, a sum or a largest one along some axes."""
    axes = sorted(g.rng.sample(range(len(shape)),
                               g.rng.randint(1, len(shape))))
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    rest = [shape[axis] for axis in kept]
    op = g.rng.choice(["sum", "reduce_max", "reduce_min"])
    total = g.emit(op, [x], f"axes = {axes}", rest)
    if g.rng.random() < 0.7:
        wide = g.emit("broadcast", [total], f"axes = {kept}", shape)
        g.emit(g.rng.choice(["sub", "min"]), [x, wide], "", shape)


def transpose(g, x, shape):
    order = list(range(len(shape)))
    g.rng.shuffle(order)
    g.emit("transpose", [x], f"permutation = {order}",
           [shape[axis] for axis in order])


def reshape(g, x, shape):
    """Ones come and go; neighbours of fixed size become one."""
    new = []
    for size in shape:
        fixed = new and new[-1] != "B" and size != "B"
        if fixed and g.rng.random() < 0.4:
            new[-1] *= size
        elif size != 1 or g.rng.random() < 0.5:
            new.append(size)
        if g.rng.random() < 0.2:
            new.append(1)
    if new and len(new) <= 5:
        g.emit("reshape", [x], "", new)


def sliced(g, x, shape):
    starts, sizes, steps = [], [], []
    for size in shape:
        if size == "B" or g.rng.random() < 0.4:
            start, step, count = 0, 1, size
        else:
            step = g.rng.choice([1, 1, 2])
            start = g.rng.randrange(size)
            count = g.rng.randint(1, (size - start + step - 1) // step)
        starts.append(start)
        sizes.append(count)
        steps.append(step)
    sizes_text = ", ".join(map(str, sizes))
    g.emit("slice", [x], f"starts = {starts}, sizes = [{sizes_text}], "
           f"steps = {steps}", sizes)


def padded(g, x, shape):
    low, high, new = [], [], []
    for size in shape:
        here = size != "B" and g.rng.random() < 0.5
        low.append(g.rng.randint(0, 2) if here else 0)
        high.append(g.rng.randint(0, 2) if here else 0)
        new.append(size if size == "B" else size + low[-1] + high[-1])
    g.emit("pad", [x], f"low = {low}, high = {high}, value = 0.5", new)


def reversed_(g, x, shape):
    g.emit("reverse", [x], f"axis = {g.rng.randrange(len(shape))}", shape)


def cumsum(g, x, shape):
    axis = g.rng.randrange(len(shape))
    g.emit("cumsum", [x], f"axis = {axis}", shape)


def concat(g, x, shape):
    axis = g.rng.randrange(len(shape))
    if shape[axis] == "B":
        return
    other = g.pick(lambda s: len(s) == len(shape) and s[axis] != "B" and all(
        i == axis or a == b for i, (a, b) in enumerate(zip(s, shape))))
    new = list(shape)
    new[axis] += other[1][axis]
    g.emit("concat", [x, other[0]], f"axis = {axis}", new)


def product(g, x, shape):
    """With an argument: some axes summed, some shared, some its own."""
    letters = [f"l{i}" for i in range(len(shape))]
    size_of = dict(zip(letters, shape))
    right, summed = [], []
    for letter in letters:
        role = g.rng.random()
        if role < 0.3:
            right.append(letter)
            summed.append(letter)
        elif role < 0.45:
            right.append(letter)
    for i in range(g.rng.randint(0, 2)):
        size_of[f"r{i}"] = g.rng.choice(SIZES[:-1])
        right.append(f"r{i}")
    if not summed or not right:
        return
    g.rng.shuffle(right)
    result = [name for name in letters + [r for r in right if r[0] == "r"]
              if name not in summed]
    if g.rng.random() < 0.3:
        g.rng.shuffle(result)
    w, _ = g.argument([size_of[name] for name in right])
    operands, lists = [x, w], [letters, right]
    if g.rng.random() < 0.3:
        operands.reverse()
        lists.reverse()
    names = [f"[{', '.join(each)}]" for each in lists + [result]]
    g.emit("contract", operands, f"left = {names[0]}, right = {names[1]}, "
           f"result = {names[2]}", [size_of[name] for name in result])


def recurrence(g, x, shape):
    """A scan along some axis whose carry meets each slice and perhaps a
    product."""
    if len(shape) < 2:
        return
    axis = g.rng.randrange(len(shape))
    part = shape[:axis] + shape[axis + 1:]
    start, _ = g.argument(part)
    dims = ", ".join(map(str, part))
    size = part[-1]
    weighs = size != "B" and g.rng.random() < 0.6
    operands, parameters, body = [start, x], [], []
    parameters = [f"%c: f32[{dims}]", f"%e: f32[{dims}]"]
    now = "%c"
    if weighs:
        w, _ = g.argument([size, size])
        operands.append(w)
        parameters.append(f"%m: f32[{size}, {size}]")
        letters = ", ".join(f"l{i}" for i in range(len(part) - 1))
        comma = ", " if letters else ""
        body.append(f"%p = contract %c, %m {{left = [{letters}{comma}k], "
                    f"right = [k, n], result = [{letters}{comma}n]}} "
                    f": f32[{dims}]")
        now = "%p"
    op = g.rng.choice(["add", "sub", "mul"])
    body.append(f"%q = {op} {now}, %e : f32[{dims}]")
    body.append(f"%n = tanh %q : f32[{dims}]")
    seen = g.rng.choice(["%n", "%q", "%c"])
    back = g.rng.choice(["true", "false"])
    whole = ", ".join(map(str, shape))
    last, all_of_them = g.fresh(), g.fresh()
    g.lines.append(
        f"  {last}, {all_of_them} = scan {', '.join(operands)} "
        f"{{carries = 1, sequences = 1, length = {shape[axis]}, "
        f"reverse = {back}, sequence_axes = [{axis}], "
        f"result_axes = [{axis}]}} : f32[{dims}], f32[{whole}] {{\n"
        f"  ^(%t: i32, {', '.join(parameters)}):\n    "
        + "\n    ".join(body) + f"\n    yield %n, {seen}\n  }}")
    g.values += [(last, part), (all_of_them, shape)]


def conv(g, x, shape):
    spatial = shape[2:]
    if len(shape) not in (3, 4) or "B" in shape[1:]:
        return
    groups = 2 if shape[1] % 2 == 0 and g.rng.random() < 0.3 else 1
    outputs = groups * g.rng.choice([1, 2, 3, 16])
    kernel, strides, low, high, dilations, new = [], [], [], [], [], []
    for size in spatial:
        r, stride = g.rng.randint(1, 3), g.rng.randint(1, 2)
        dilation = g.rng.choice([1, 1, 2])
        reach = (r - 1) * dilation + 1
        before, after = g.rng.randint(0, reach - 1), g.rng.randint(0, reach - 1)
        if size + before + after < reach:
            return
        kernel.append(r)
        strides.append(stride)
        low.append(before)
        high.append(after)
        dilations.append(dilation)
        new.append((size + before + after - reach) // stride + 1)
    w, _ = g.argument([outputs, shape[1] // groups] + kernel)
    g.emit("conv", [x, w], f"strides = {strides}, padding_low = {low}, "
           f"padding_high = {high}, dilations = {dilations}, "
           f"groups = {groups}", [shape[0], outputs] + new)


STEPS = [unary, unary, binary, binary, bias, bias, statistics, statistics,
         transpose, reshape, sliced, padded, reversed_, cumsum, concat,
         product, product, conv, conv, recurrence]


def graph(name, rng):
    g = Graph(name, rng)
    for _ in range(rng.randint(1, 3)):
        shape = [rng.choice(SIZES) for _ in range(rng.randint(1, 4))]
        if shape.count("B") > 1:
            shape = [2 if size == "B" else size for size in shape]
        if elements(shape) <= LARGEST:
            g.values.append(g.argument(shape))
    if not g.values:
        g.values.append(g.argument([2, 3]))
    for _ in range(rng.randint(3, 12)):
        x, shape = g.pick()
        rng.choice(STEPS)(g, x, shape)
    unary(g, *g.pick())
    last, shape = g.values[-1]
    results = [last]
    if rng.random() < 0.5:
        other = g.pick()
        if other[0].startswith("%v") and other[0] != last:
            results.append(other[0])
    if rng.random() < 0.5:
        axes = list(range(len(shape)))
        loss = g.fresh()
        g.lines.append(f"  {loss} = sum {last} {{axes = {axes}}} : f32")
        wanted = [a for a in g.arguments if depends(g.lines, loss, a[0])]
        if wanted:
            names = [g.fresh() for _ in wanted]
            types = ", ".join(f"f32[{', '.join(map(str, s))}]".replace(
                "f32[]", "f32") for _, s in wanted)
            g.lines.append(f"  {', '.join(names)} = gradient {loss}, "
                           f"{', '.join(a for a, _ in wanted)} : {types}")
            results += names
    g.lines.append(f"  return {', '.join(results)}")
    return g.text().replace("f32[]", "f32")


def depends(lines, result, argument):
    """Whether a value is computed from an argument."""
    from_argument = {argument}
    for line in lines:
        names, text = line.strip().split(" = ", 1)
        if any(word.strip(",") in from_argument for word in text.split()):
            from_argument.update(names.split(", "))
    return result in from_argument


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for i in range(count):
        print(graph(f"g{seed + i}", random.Random(seed + i)))


main()
