"""The steps of random_graphs.py that take most room: products, convolutions, loops.
What a step is stands in random_steps.py.
"""


def is_fixed(size):
    return isinstance(size, int)


def contract(g, x, shape):
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
        size_of[f"r{i}"] = g.rng.choice([1, 2, 3, 4, 5, 16, 17])
        right.append(f"r{i}")
    if not summed or not right:
        return
    g.rng.shuffle(right)
    result = [name for name in letters + [r for r in right if r[0] == "r"]
              if name not in summed]
    if g.rng.random() < 0.3:
        g.rng.shuffle(result)
    operands = [x, g.argument([size_of[name] for name in right])]
    lists = [letters, right]
    if g.rng.random() < 0.3:
        operands.reverse()
        lists.reverse()
    names = [f"[{', '.join(each)}]" for each in lists + [result]]
    g.emit("contract", operands, f"left = {names[0]}, right = {names[1]}, "
           f"result = {names[2]}", [size_of[name] for name in result])


def conv(g, x, shape):
    """A convolution, or one of its two derivatives with x in the place of y."""
    spatial = shape[2:]
    if len(shape) not in (3, 4) or not all(map(is_fixed, shape[1:])):
        return
    how = g.rng.choice(["conv", "conv", "conv_input_grad", "conv_weight_grad"])
    groups = 2 if shape[1] % 2 == 0 and g.rng.random() < 0.3 else 1
    others = groups * g.rng.choice([1, 2, 3, 16])
    kernel, strides, low, high, dilations = [], [], [], [], []
    inner, outer = [], []  # The spatial sizes of x and of y.
    for size in spatial:
        r, stride = g.rng.randint(1, 3), g.rng.randint(1, 2)
        dilation = g.rng.choice([1, 1, 2])
        reach = (r - 1) * dilation + 1
        before, after = g.rng.randint(0, reach - 1), g.rng.randint(0, reach - 1)
        if how == "conv_input_grad":
            outer.append(size)
            size = (size - 1) * stride + reach - before - after
            if size < 1:
                return
            inner.append(size)
        else:
            if size + before + after < reach:
                return
            inner.append(size)
            outer.append((size + before + after - reach) // stride + 1)
        kernel.append(r)
        strides.append(stride)
        low.append(before)
        high.append(after)
        dilations.append(dilation)
    attrs = (f"strides = {strides}, padding_low = {low}, padding_high = {high}, "
             f"dilations = {dilations}, groups = {groups}")
    if how == "conv_input_grad":
        w = [shape[1], others // groups] + kernel
        g.emit(how, [x, g.argument(w)], attrs, [shape[0], others] + inner)
        return
    w, y = [others, shape[1] // groups] + kernel, [shape[0], others] + outer
    if how == "conv":
        g.emit(how, [x, g.argument(w)], attrs, y)
    else:
        g.emit(how, [x, g.argument(y)], attrs, w)


def loop(g, x, shape):
    """A scan along some axis, whose body is a graph too, perhaps with a loop."""
    if len(shape) < 2 or g.depth > 1:
        return
    axis = g.rng.randrange(len(shape))
    part = shape[:axis] + shape[axis + 1:]
    body = type(g)(g.rng, g)
    place, carry, element = body.fresh(), body.fresh(), body.fresh()
    body.values = [(carry, part, "f32"), (element, part, "f32")]
    parameters = [(place, [], "i32"), (carry, part, "f32"),
                  (element, part, "f32")]
    sequences, axes = [x], [axis]
    masked = g.rng.random() < 0.2
    if masked:
        parameters.append((body.fresh(), [], "bool"))
        sequences.append(g.argument([shape[axis]], "bool"))
        axes.append(0)
    start = g.argument(part)
    body.emit(g.rng.choice(["add", "sub", "mul"]), [carry, element], "", part)
    if g.rng.random() < 0.3:
        number = body.emit("cast", [place], "", [])
        body.emit("add", [body.values[-2][0], body.spread(number, [], part)],
                  "", part)
    body.grow(g.rng.randint(0, 3))
    ready = body.pick(lambda s: s == part)[0]
    following = body.emit("tanh", [ready], "", part)
    shown, shown_shape = body.pick()
    yields = [following, shown]
    until = not masked and g.rng.random() < 0.2
    if until:
        total = body.emit("sum", [following],
                          f"axes = {list(range(len(part)))}", [])
        limit = body.constant(0.7, [])
        yields.append(body.emit("compare", [total, limit],
                                'predicate = "gt"', [], "bool"))
    # What the body takes from outside.
    operands = [start] + sequences
    for name, of, elem in body.arguments:
        parameters.append((name, of, elem))
        operands.append(g.argument(of, elem))
    at = g.rng.randint(0, len(shown_shape))
    whole = shown_shape[:at] + [shape[axis]] + shown_shape[at:]

    def text(of, elem="f32"):
        return f"{elem}[{', '.join(map(str, of))}]" if of else elem

    last, together = g.fresh(), g.fresh()
    back = g.rng.choice(["true", "false"])
    flags = (", until = true" if until else "") + (
        ", masked = true" if masked else "")
    inside = ", ".join(f"{name}: {text(of, elem)}"
                       for name, of, elem in parameters)
    lines = "\n".join(body.lines + [f"yield {', '.join(yields)}"])
    g.lines.append(
        f"{last}, {together} = scan {', '.join(operands)} "
        f"{{carries = 1, sequences = {len(sequences)}, length = {shape[axis]}, "
        f"reverse = {back}, sequence_axes = {axes}, result_axes = [{at}]"
        f"{flags}}} : {text(part)}, {text(whole)} {{\n"
        f"^({inside}):\n{lines}\n}}")
    g.values += [(last, part, "f32"), (together, whole, "f32")]
