"""Places mutants into a source file: all of them, each with a number.

What a mutant breaks:
  if (c)            never taken
  a && b, a || b    without b
  c ? a : b         always b
  < <= > >= == !=   the other bound, the opposite
  + - * / %         another operator
  0, 1, true, "add" another constant
  f(x);  x = y;     left out

A file stays as it is until the environment chooses a mutant: see mutant.h.
"""
import re
import sys
from dataclasses import dataclass

CONSTANTS = {
    "0": "1", "1": "2", "true": "false", "false": "true",
    '"add"': '"sub"', '"sub"': '"add"', '"mul"': '"add"', '"div"': '"mul"',
    '"max"': '"min"', '"min"': '"max"', '"sum"': '"reduce_max"',
    '"reduce_max"': '"sum"', '"neg"': '"abs"', '"sin"': '"cos"',
    '"cos"': '"neg"', '"exp"': '"neg"', '"fma"': '"add"',
}
# A number's exponent is a part of it.
CONSTANT = re.compile(
    r'"\w+"|(?<![\w.\'])(?<!p[-+])(?:0|1|true|false)(?![\w.\'])')
OPERATOR = re.compile(r"(?<= )(?:[<>=!]=|[-+*/%<>])(?=[ \n])")
LOGICAL = re.compile(r"(?<= )(?:&&|\|\|)(?=[ \n])")
TERNARY = re.compile(r"(?<=[ \n])\?(?= )")
IF = re.compile(r"\bif \(")
# At the start of a line, after the end of a statement or of a condition.
STATEMENT = re.compile(
    r"(?<=[;{})])\n *(?!return\b|delete\b|case\b|default\b|if\b|for\b|while\b)"
    r"([A-Za-z_][\w.:>\[\]-]*(?:\([\w.:>, *&-]*\)[\w.>-]+)*"
    r"(?:\(| (?:[-+*/|&]?)= |\+\+;))")
DECLARATION = re.compile(r"^\s*(?:const )?[\w:<>, ]+[ *&]+\w+ = ")
# Messages and documentation say, and do not do; constants must be constant.
SAID = re.compile(r"^\s*(#|\.doc|\.name|static_assert)|constexpr|"
                  r"fail\(|internalError|check\(|error\(|template <|operator")


@dataclass
class Mutant:
    path: str
    line: int  # From 1.
    what: str
    number: int
    start: int
    end: int
    before: str
    after: str
    lines: tuple  # The first and the last.


def blanked(text):
    """The text with comments, raw strings, long strings and characters blanked:
    positions stay, and nothing in them is taken for code."""
    def blank(found):
        token = found.group()
        if re.fullmatch(r'"\w+"', token):
            return token
        return re.sub(r"[^\n]", "\x01", token)
    return re.sub(r'R"(\w*)\((?:.|\n)*?\)\1"|//[^\n]*|/\*(?:.|\n)*?\*/|'
                  r'"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\])+\'',
                  blank, text)


def operand_end(code, at):
    """The end of the operand of a logical operator that begins at a position."""
    depth = 0
    while at < len(code):
        c = code[at]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                return at
            depth -= 1
        elif depth == 0:
            if c in ";,?" or code.startswith(("&&", "||"), at):
                return at
            if c == ":" and code[at - 1] == " ":
                return at
        at += 1
    return at


def closing(code, at):
    """The position of the bracket that closes the one at a position."""
    depth = 0
    while at < len(code):
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return at


def statement_end(code, at):
    depth = 0
    while at < len(code):
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
        elif code[at] == ";" and depth == 0:
            return at
        if depth < 0:
            return -1
        at += 1
    return -1


def candidates(code):
    """(start, end, before, after, what): the text from start to end goes between
    `before` and `after`, in which `#` is the number; an empty range is an
    insertion."""
    for found in IF.finditer(code):
        start, end = found.end(), closing(code, found.end() - 1)
        init = code.rfind(";", start, end)
        if init >= 0 and code.count("(", start, init) == code.count(
                ")", start, init):
            start = init + 1
        if not DECLARATION.match(code[start:end]):
            yield start, end, "!ON(#) && (", ")", "never"
    for found in LOGICAL.finditer(code):
        start = found.end() + 1
        end = operand_end(code, start)
        while code[end - 1] in " \n":
            end -= 1
        sign, joint = ("", "||") if found.group() == "&&" else ("!", "&&")
        yield start, end, f"({sign}ON(#) {joint} (", "))", "without operand"
    for found in TERNARY.finditer(code):
        at = found.start() - 1
        yield at, at, " && !ON(#)", "", "always the other"
    for found in OPERATOR.finditer(code):
        yield (found.end(), found.end(), f" nnc_mutant::Mark<#>() "
               f"{found.group()}", "", "other operator")
    for found in CONSTANT.finditer(code):
        other = CONSTANTS.get(found.group())
        if other:
            yield (found.start(), found.end(), f"(ON(#) ? {other} : ", ")",
                   f"{other}")
    for found in STATEMENT.finditer(code):
        start = found.start(1)
        end = statement_end(code, start)
        if end > 0:
            yield start, end, "ON(#) ? void() : void(", ")", "left out"


def find(path, text, number, kind=""):
    """The mutants of a file, of the kinds that contain a text, numbered from
    `number`."""
    code = blanked(text)
    lines = code.split("\n")
    mutants = []
    for start, end, before, after, what in sorted(candidates(code)):
        line = code.count("\n", 0, start)
        last = code.count("\n", 0, end)
        if kind not in what or SAID.search(lines[line]) or "\x01#" in lines[line]:
            continue
        name = str(number + len(mutants))
        on = f"nnc_mutant::on({name})"
        before = before.replace("ON(#)", on).replace("#", name)
        mutants.append(Mutant(path, line + 1, what, int(name), start, end,
                              before, after, (line + 1, last + 1)))
    return mutants


def place(text, mutants):
    """The text with the mutants in it; lines keep their numbers."""
    # At one position: what ends there, the innermost first; what is inserted;
    # what begins there, the outermost first.
    edits = []
    for m in mutants:
        if m.start == m.end:
            edits.append(((m.start, 1, 0), m.before))
        else:
            edits.append(((m.start, 2, -m.end), m.before))
            edits.append(((m.end, 0, -m.start), m.after))
    result, done = [], 0
    for (at, _, _), inserted in sorted(edits, key=lambda edit: edit[0]):
        result += [text[done:at], inserted]
        done = at
    return "".join(result) + text[done:]


def main():
    """Prints a file with all its mutants."""
    with open(sys.argv[1], encoding="latin-1", newline="") as file:
        text = file.read()
    print(place(text, find(sys.argv[1], text, 0)), end="")


if __name__ == "__main__":
    main()
