"""Types that two files define under one name: the linker keeps one of what is made
of each, such as a std::vector's functions, whatever their sizes.
    one_definition.py SOURCE_FOLDER...
What stands in a namespace without a name is a file's own."""
import pathlib
import re
import sys

OPENS = re.compile(r"^namespace (\w*) ?{|^(?:struct|class|enum class|union) "
                   r"(?:alignas\(\d+\) )?(\w+)(?: final)?(?: :[^:].*)?\s*{", re.M)
ANONYMOUS = re.compile(r"^namespace {$.*?^} // namespace$", re.M | re.S)

places = {}
for folder in sys.argv[1:]:
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        inside = ""
        for space, name in OPENS.findall(ANONYMOUS.sub("", path.read_text())):
            inside = space or inside
            if name:
                places.setdefault(f"{inside}::{name}", set()).add(path)
for name, files in sorted(places.items()):
    if len(files) > 1:
        print(f"{name} is defined in", *sorted(files))
print(len(places), "types")
