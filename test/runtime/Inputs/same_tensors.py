# Whether two weight files hold the same tensors; their metadata may differ.
# same_tensors.py A B [weights]: then those of the optimizer may too.
import json
import sys


def tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__")
    return {name: (entry["dtype"], entry["shape"],
                   data[start + entry["data_offsets"][0]:
                        start + entry["data_offsets"][1]])
            for name, entry in header.items()
            if len(sys.argv) == 3 or not name.startswith("optimizer")}


sys.exit(tensors(sys.argv[1]) != tensors(sys.argv[2]))
