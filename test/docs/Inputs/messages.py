"""The messages in the sources of the front half, for check_messages.py.

A message is what a call of `error`, `warning` and the like is given; what is put
into it when the program runs is `…` here: "axis … stands twice in one list".
"""
import re

string = r'"(?:[^"\\]|\\.)*"'
calls = re.compile(
    r"(?<![\w:])(?:sink\.|state->)?(error|typeError|warning|unsupported|poison|mistyped|unknown)\(")


def arguments(text, at):
    """The arguments of the call whose `(` is before `at`."""
    parts, depth, begin = [], 0, at
    for match in re.compile(string + r"|'(?:[^'\\]|\\.)'|[()\[\]{},]"
                            ).finditer(text, at):
        word = match.group()
        if word in "([{":
            depth += 1
        elif word in ")]}" and depth:
            depth -= 1
        elif word == ")":
            return parts + [text[begin:match.start()]]
        elif word == "," and not depth:
            parts.append(text[begin:match.start()])
            begin = match.end()
    return parts


def split(text, operators):
    """Splits at operators that stand in no brackets and no string."""
    parts, depth, begin = [], 0, 0
    for match in re.compile(string + r"|'(?:[^'\\]|\\.)'|[()\[\]{}]|::|->|[?:+]"
                            ).finditer(text):
        word = match.group()
        depth += (word in "([{") - (word in ")]}")
        if word in operators and not depth:
            parts.append(text[begin:match.start()])
            begin = match.end()
    return [part.strip() for part in parts + [text[begin:]]]


def texts(expression):
    """The messages that an expression can be."""
    expression = re.sub(r"//[^\n]*", "", expression).strip()
    while expression.startswith("(") and arguments(expression, 1) and \
            len(arguments(expression, 1)[0]) == len(expression) - 2:
        expression = expression[1:-1].strip()
    choice = split(expression, "?")
    if len(choice) > 1:
        rest = expression[len(choice[0]) + 1:].lstrip(" ?\n")
        parts = split(rest, ":")
        return [each for part in parts for each in texts(part)]
    results = [""]
    for term in split(expression, "+"):
        wrapped = re.fullmatch(r"std::string\((.*)\)", term, flags=re.S)
        term = wrapped.group(1) if wrapped else term
        if re.fullmatch(rf"(?:{string}\s*)+", term):
            inner = "".join(each[1:-1] for each in re.findall(string, term))
            pieces = [re.sub(r"\\(.)", r"\1", inner)]
        elif "?" in term and term.startswith("("):
            pieces = texts(term)
        else:
            pieces = ["…"]
        results = [a + b for a in results for b in pieces]
    return [re.sub("…+", "…", each) for each in results]


def messages(path):
    """(line, kind, message) for each message of a source file."""
    text = open(path, encoding="utf-8").read()
    for call in calls.finditer(text):
        given = arguments(text, call.end())
        if len(given) < 2:
            continue
        line = text.count("\n", 0, call.start()) + 1
        for each in texts(given[1]):
            yield line, call.group(1), each


# In a table, or in a name that an error is later made of: a text that begins as a
# message does and has as many words.
loose = re.compile(rf"(?:{string}\s*)+")


def loose_messages(path):
    text = re.sub(r"//[^\n]*", "", open(path, encoding="utf-8").read())
    for match in loose.finditer(text):
        before = text[:match.start()].rstrip()
        if re.search(r"(?:note|check)\([^;]*$", before[-90:]):
            continue
        message = re.sub(r"\\(.)", r"\1", "".join(
            each[1:-1] for each in re.findall(string, match.group())))
        if re.match("[a-z]", message) and \
                len(re.findall(r"\b[a-z]{2,}\b", message)) > 5:
            yield text.count("\n", 0, match.start()) + 1, message


def command_messages(path):
    """(line, message) for each that `nnc` itself says, on the command line."""
    text = open(path, encoding="utf-8").read()
    for call in re.finditer(r"(?<![\w:])fail\(", text):
        for each in texts(arguments(text, call.end())[0]):
            yield text.count("\n", 0, call.start()) + 1, each


# What a built program says is a pattern of printf, perhaps behind other arguments
# or conditions: error.set("%s: is empty", path).
printed = re.compile(r'(?<!\w)(?:(?:\w+(?:\.|->))+(?:set|limit)|fail|corrupt)\('
                     rf'(?:\w[\w.()]*,\s*)*((?:{string}|PRI\w+|\s)+)'
                     rf'|fprintf\(\s*stderr,\s*((?:{string}|PRI\w+|\s)+)')


def runtime_messages(path):
    """(line, message) for each message of a source file of the runtime."""
    text = re.sub(r"//[^\n]*", "", open(path, encoding="utf-8").read())
    for call in printed.finditer(text):
        parts = re.findall(rf"{string}|PRI\w+", call.group(1) or call.group(2))
        # The macros of <cinttypes> end a conversion.
        pattern = "".join(part[1:-1] if part[0] == '"' else "d"
                          for part in parts)
        if call.group(2):
            if "error: " not in pattern:
                continue
            pattern = pattern[pattern.index("error: ") + 7:]
        pattern = re.sub(r"%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh?|ll?|[zjt])?"
                         r"[a-zA-Z]", "…", pattern.replace("%%", "\0"))
        # What follows on lines of its own are values.
        pattern = re.sub(r"\\n.*", "", pattern.replace("\0", "%"))
        pattern = re.sub(r"\\(.)", r"\1", pattern)
        yield (text.count("\n", 0, call.start()) + 1,
               re.sub("…+", "…", pattern))
