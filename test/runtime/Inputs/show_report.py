"""Shows what a report says: show_report.py PAGE"""
import base64
import html.parser
import json
import struct
import sys
import zlib


class Page(html.parser.HTMLParser):
    """Collects the data, and whatever a page could load."""

    def __init__(self):
        super().__init__()
        self.data, self.in_data, self.loads = "", False, []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.in_data = attrs.get("id") == "data"
        self.loads += [attrs[name] for name in ("src", "href") if name in attrs]

    def handle_endtag(self, tag):
        self.in_data = False

    def handle_data(self, data):
        if self.in_data:
            self.data += data


def pixels(png):
    """Width, height and bytes of the rows, each after its filter."""
    width, height = struct.unpack(">II", png[16:24])
    at, packed = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            packed += png[at + 8 : at + 8 + size]
        at += size + 12
    return width, height, zlib.decompress(packed).hex()


def curve(c):
    assert len(c["x"]) == len(c["y"]) and c["x"] == sorted(c["x"])
    return f"{len(c['x'])} points from {c['x'][0]:g} to {c['x'][-1]:g}"


page = Page()
with open(sys.argv[1], encoding="utf-8") as file:
    page.feed(file.read())
data = json.loads(page.data)
print("loads", page.loads)
print("program", data["program"])
for block in data["blocks"]:
    print(f"block {block['name']}: {block['done']} of {block['epochs']} epochs, "
          f"{block['examples']} examples, {block['held']} held")
    for loss in block["losses"]:
        print(f"{loss['label']}: {curve(loss)}, first {loss['y'][0]:.4g}")
    for metric in block["metrics"]:
        if metric["x"]:
            print(f"metric {metric['label']}: {curve(metric)}, "
                  f"last {metric['y'][-1]:.4g}")
    for record in block["gradients"]:
        count = len(record["names"])
        assert len(record["norms"]) == count * len(record["epochs"])
        print(f"gradients at {len(record['epochs'])} times")
        for i, name in enumerate(record["names"]):
            first, last = record["norms"][i], record["norms"][i - count]
            print(f"{name}: {first:.4g} to {last}")
    for picture in block["pictures"]:
        for time in picture["shown"]:
            if isinstance(time, str):
                print("no picture:", time)
                continue
            drawn = [pixels(base64.b64decode(png, validate=True)) for png in time]
            print("pictures", *["{}x{} {}".format(*each) for each in drawn])
for net in data["nets"]:
    print("net", net["net"], [layer["name"] for layer in net["layers"]])
