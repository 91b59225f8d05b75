"""usage: compare_explained.py TEXT JSON

Compares the memory of each net, step and metric, and the multiply-adds of
steps, in the two forms of `nnc explain`."""
import json
import re
import sys

text, lines = open(sys.argv[1]).read(), open(sys.argv[2]).read().splitlines()
told = []
for part in re.split(r"^(?=(?:net|train|metric) )", text, flags=re.M)[1:]:
    kind, name = re.match(r"(\w+) (.*?)(?:, for |: [\d,]+ multiply|$)", part, re.M).groups()
    products = re.search(r"([\d,]+) multiply-adds a step", part)
    least, scratch = re.search(r"at least (.*) bytes, and of scratch for each thread (.*)", part).groups()
    numbers = re.search(r": ([\d,]+) bytes(?:; temporaries take ([\d,]+) of them, where ([\d,]+))?", part).groups()
    numbers = [int((each or "0").replace(",", "")) for each in numbers]
    told.append([kind, name, products and int(products[1].replace(",", "")), least, scratch, *numbers])
found = []
for line in lines:
    entry = json.loads(line)
    kind = next(kind for kind in ("net", "train", "metric") if kind in entry)
    memory = entry["memory"]
    found.append([kind, entry[kind], entry.get("multiplyAdds"), memory["least"], memory["scratch"], memory["bytes"],
                  memory["temporaries"], memory["alive"]])
assert [each[0] for each in found] == ["net", "net", "train", "metric"], found
assert found == told, (found, told)
