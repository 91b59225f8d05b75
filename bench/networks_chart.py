"""The chart of networks.py, an SVG: a bar for each workload and number of threads,
the best peer's time by ours on a scale of logarithms, with a line at 1. Its grey
can be read on white and on black."""
import html
import math

LEFT, WIDTH, ROW, TOP = 250, 420, 24, 46
COLOURS = {"1": "#3b82f6", "2": "#f59e0b"}
GREY = "#7d7d7d"


def text(x, y, content, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{html.escape(content)}</text>')


def line(x, bottom, width):
    return (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{bottom}" '
            f'stroke="{GREY}" stroke-width="{width}"/>')


def svg(rows):
    """`rows`: a label, and the ratio by number of threads."""
    ratios = [ratio for _, found in rows for ratio in found.values()]
    low = min([0.5, *ratios]) / 1.05
    high = max([2, *ratios]) * 1.05

    def at(ratio):
        return LEFT + WIDTH * math.log(ratio / low) / math.log(high / low)

    bottom = TOP + ROW * len(rows)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 '
             f'{LEFT + WIDTH + 50} {bottom + 10}" font-family="sans-serif" '
             f'font-size="12" fill="{GREY}">',
             "<title>The best peer's time by nnc's; beyond 1 nnc is faster"
             "</title>"]
    for i, (threads, colour) in enumerate(COLOURS.items()):
        x = 10 + 90 * i
        lines += [f'<rect x="{x}" y="8" width="10" height="10" fill="{colour}"/>',
                  text(x + 15, 17, f"{threads} thread{'s' * (threads != '1')}")]
    lines.append(text(at(1) + 6, 17, "nnc is faster \u2192"))
    lines.append(text(at(1) - 6, 17, "\u2190 the best peer is faster", "end"))
    for tick in (0.25, 0.5, 1, 2, 4, 8):
        if low <= tick <= high:
            lines += [line(at(tick), bottom, 1.5 if tick == 1 else 0.3),
                      text(at(tick), TOP - 9, f"{tick:g}", "middle")]
    for i, (label, found) in enumerate(rows):
        y = TOP + ROW * i
        lines.append(text(LEFT - 10, y + 15, label, "end"))
        for j, (threads, ratio) in enumerate(found.items()):
            left, right = sorted((at(1), at(ratio)))
            lines.append(
                f'<rect x="{left:.1f}" y="{y + 2 + 10 * j}" '
                f'width="{right - left:.1f}" height="9" fill="{COLOURS[threads]}">'
                f"<title>{html.escape(label)}: {ratio:.2f}</title></rect>")
    return "\n".join(lines + ["</svg>", ""])
