"""The steps of random_graphs.py: each takes one of a graph's values, x of some
shape, and computes something with it. A step that does not suit does nothing.
"""
from random_structures import contract, conv, is_fixed, loop

UNARY = ["tanh", "sigmoid", "abs", "neg", "sin", "cos", "erf", "floor", "round",
         "sign", "stop_gradient", "again"]
BINARY = ["add", "sub", "mul", "max", "min"]
WHOLE = ["add", "sub", "mul", "max", "min", "int_div", "mod"]
PREDICATES = ["eq", "ne", "lt", "le", "gt", "ge"]


def unary(g, x, shape):
    g.emit(g.rng.choice(UNARY), [x], "", shape)


def binary(g, x, shape):
    other = g.pick(lambda s: s == shape)
    g.emit(g.rng.choice(BINARY), [x, other[0]], "", shape)


def away_from_zero(g, x, shape):
    """0.5 or more."""
    size = g.emit("abs", [x], "", shape)
    return g.emit("add", [size, g.constant(0.5, shape)], "", shape)


def careful(g, x, shape):
    """Functions that are not for every number."""
    how = g.rng.choice(["exp", "log", "sqrt", "div", "pow"])
    if how == "exp":
        g.emit("exp", [g.emit("sin", [x], "", shape)], "", shape)
    elif how in ("log", "sqrt"):
        g.emit(how, [away_from_zero(g, x, shape)], "", shape)
    elif how == "div":
        other = g.pick(lambda s: s == shape)[0]
        g.emit("div", [x, away_from_zero(g, other, shape)], "", shape)
    else:
        power = g.emit("tanh", [g.pick(lambda s: s == shape)[0]], "", shape)
        if g.rng.random() < 0.5:
            power = g.constant(g.rng.choice([2, 0.5, -1, 3]), shape)
        g.emit("pow", [away_from_zero(g, x, shape), power], "", shape)


def whole_numbers(g, x, shape):
    """From floats and back."""
    kind = g.rng.random()
    if kind < 0.5:
        number = g.emit("cast", [x], "", shape, "i32")
    else:
        axis = g.rng.randrange(len(shape))
        number = g.emit("iota", [], f"axis = {axis}", shape, "i32")
    other = g.pick(lambda s: s == shape, "i32")[0]
    result = g.emit(g.rng.choice(WHOLE), [number, other], "", shape, "i32")
    if g.rng.random() < 0.3:
        wide = g.emit("cast", [result], "", shape, "i64")
        result = g.emit("neg", [wide], "", shape, "i64")
    back = g.emit("cast", [result], "", shape)
    g.emit("mul", [back, x], "", shape)


def truth(g, x, shape):
    """Chooses by what is compared."""
    other = g.pick(lambda s: s == shape)[0]
    predicate = g.rng.choice(PREDICATES)
    holds = g.emit("compare", [x, other], f'predicate = "{predicate}"', shape,
                   "bool")
    if holds is None:
        return
    how = g.rng.choice(["", "not", "and", "or"])
    if how == "not":
        holds = g.emit("not", [holds], "", shape, "bool")
    elif how:
        second = g.pick(lambda s: s == shape, "bool")[0]
        holds = g.emit(how, [holds, second], "", shape, "bool")
    g.emit("select", [holds, x, other], "", shape)
    if g.rng.random() < 0.3:
        g.emit("cast", [holds], "", shape)


def bias(g, x, shape):
    """Along some axes, from an argument."""
    axes = sorted(g.rng.sample(range(len(shape)),
                               g.rng.randint(0, len(shape))))
    wide = g.spread(g.argument([shape[axis] for axis in axes]), axes, shape)
    g.emit(g.rng.choice(BINARY), [x, wide], "", shape)


def known(g, x, shape):
    """With constants, a size, or numbers from a seed."""
    how = g.rng.randrange(3)
    if how == 0 and is_fixed(shape[-1]):
        numbers = [round(g.rng.uniform(-1, 1), 3) for _ in range(shape[-1])]
        row = g.emit("constant", [],
                     f"value = dense[{', '.join(map(str, numbers))}]",
                     [shape[-1]])
        g.emit("mul", [x, g.spread(row, [len(shape) - 1], shape)], "", shape)
    elif how == 1:
        size = g.emit("size", [], "value = 2*B + T", [])
        g.emit("div", [x, g.spread(size, [], shape)], "", shape)
    else:
        seed, step = g.argument([], "i64"), g.argument([], "i32")
        op = g.rng.choice(["random_uniform", "random_normal"])
        noise = g.emit(op, [seed, step], f"place = {next(g.places)}", shape)
        g.emit("add", [x, noise], "", shape)


def statistics(g, x, shape):
    """Subtracts, from each, a sum or a largest one along some axes."""
    axes = sorted(g.rng.sample(range(len(shape)),
                               g.rng.randint(1, len(shape))))
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    rest = [shape[axis] for axis in kept]
    op = g.rng.choice(["sum", "sum", "reduce_max", "reduce_min", "product"])
    if op == "product":
        x = g.emit("cos", [x], "", shape)
    total = g.emit(op, [x], f"axes = {axes}", rest)
    if g.rng.random() < 0.7:
        wide = g.spread(total, kept, shape)
        g.emit(g.rng.choice(["sub", "min"]), [x, wide], "", shape)


def place_of_largest(g, x, shape):
    axis = g.rng.randrange(len(shape))
    rest = shape[:axis] + shape[axis + 1:]
    place = g.emit("argmax", [x], f"axis = {axis}", rest, "i32")
    if g.rng.random() < 0.5:
        g.emit("cast", [place], "", rest)
    else:
        g.emit("gather", [x, place], f"axis = {axis}",
               shape[:axis] + rest + shape[axis + 1:])


def looked_up(g, x, shape):
    """By indices 0 and 1, from an argument."""
    axis = g.rng.randrange(len(shape))
    if shape[axis] == 1:
        return
    how = g.rng.choice(["gather", "scatter_add", "update"])
    if how == "update":
        index = g.argument([], "i32")
        part = g.argument(shape[:axis] + shape[axis + 1:])
        g.emit("update", [x, index, part], f"axis = {axis}", shape)
        return
    ids = [g.rng.choice([1, 2, 5, "B"]) for _ in range(g.rng.randint(0, 2))]
    if how == "gather":
        g.emit("gather", [x, g.argument(ids, "i32")], f"axis = {axis}",
               shape[:axis] + ids + shape[axis + 1:])
    else:
        size = g.rng.choice([2, 3, "T"])
        g.emit("scatter_add", [g.argument([shape[axis]], "i32"), x],
               f"axis = {axis}", shape[:axis] + [size] + shape[axis + 1:])


def transpose(g, x, shape):
    order = list(range(len(shape)))
    g.rng.shuffle(order)
    g.emit("transpose", [x], f"permutation = {order}",
           [shape[axis] for axis in order])


def reshape(g, x, shape):
    """Ones come and go; neighbours become one."""
    new = []
    for size in shape:
        if new and g.rng.random() < 0.4:
            if is_fixed(new[-1]) and is_fixed(size):
                new[-1] *= size
            else:
                new[-1] = f"({new[-1]})*({size})"
        elif size != 1 or g.rng.random() < 0.5:
            new.append(size)
        if g.rng.random() < 0.2:
            new.append(1)
    if new and len(new) <= 5:
        g.emit("reshape", [x], "", new)


def sliced(g, x, shape):
    starts, sizes, steps = [], [], []
    for size in shape:
        if not is_fixed(size) or g.rng.random() < 0.4:
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
        here = g.rng.random() < 0.4
        low.append(g.rng.randint(0, 2) if here else 0)
        high.append(g.rng.randint(0, 2) if here else 0)
        more = low[-1] + high[-1]
        new.append(size + more if is_fixed(size) else
                   f"{size} + {more}" if more else size)
    g.emit("pad", [x], f"low = {low}, high = {high}, value = 0.5", new)


def reverse(g, x, shape):
    g.emit("reverse", [x], f"axis = {g.rng.randrange(len(shape))}", shape)


def cumsum(g, x, shape):
    axis = g.rng.randrange(len(shape))
    back = g.rng.choice(["", ", reverse = true"])
    g.emit("cumsum", [x], f"axis = {axis}{back}", shape)


def concat(g, x, shape):
    axis = g.rng.randrange(len(shape))
    if not is_fixed(shape[axis]):
        return
    other = g.pick(lambda s: len(s) == len(shape) and is_fixed(s[axis]) and all(
        i == axis or a == b for i, (a, b) in enumerate(zip(s, shape))))
    new = list(shape)
    new[axis] += other[1][axis]
    g.emit("concat", [x, other[0]], f"axis = {axis}", new)


STEPS = [unary, unary, binary, binary, careful, careful, whole_numbers, truth,
         truth, bias, bias, known, statistics, statistics, place_of_largest,
         looked_up, looked_up, transpose, reshape, sliced, padded, reverse,
         cumsum, concat, contract, contract, conv, conv, loop, loop]
