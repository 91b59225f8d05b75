"""The page of networks.py, in Markdown."""
import statistics

import wanted

TOLERANCE = 2e-3
LIBRARIES = ("OpenBLAS", "oneDNN", "libxsmm")  # One column, of the best.


def label(workload):
    kind, name, batch = workload.split(":")
    return f"{name}, {'training step, ' * (kind == 'train')}batch {batch}"


def table(heads, rows):
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def medians(times, workload, threads):
    """By column, of the rounds."""
    return {column: statistics.median(found)
            for (one, column, other), found in times.items()
            if (one, other) == (workload, threads) and found}


def ratio(times, workload, threads):
    """The best peer's time by ours; None where there is no peer."""
    found = medians(times, workload, threads)
    ours = found.pop("nnc")
    return min(found.values()) / ours if found else None


def cell(times, workload, column, threads):
    found = medians(times, workload, threads)
    known = [each for each in (LIBRARIES if column == "libraries" else [column])
             if each in found]
    if not known:
        return "-"
    best = min(known, key=found.get)
    return (f"{found[best]:.3g}, {min(times[workload, best, threads]):.3g}"
            + f" {best}" * (best != column))


def of_time(workloads, columns, times):
    heads = [""] + [f"{name}, {threads} thread{'s' * (threads != '1')}"
                    for threads in ("1", "2") for name in [*columns, "ratio"]]
    rows = []
    for workload in workloads:
        cells = [label(workload)]
        for threads in ("1", "2"):
            cells += [cell(times, workload, column, threads) for column in columns]
            quotient = ratio(times, workload, threads)
            cells.append("-" if quotient is None else f"{quotient:.2f}")
        rows.append(cells)
    return table(heads, rows)


def percent(amount, ms, giga):
    """Of `giga` a second."""
    return f"{amount / ms / 1e6 / giga * 100:.0f} %" if amount else "-"


def of_machine(session, work):
    heads = ["", "multiply-adds, M", "bytes moved, MB", "memory, MB"] + [
        f"of the {what}, {threads} thread{'s' * (threads != '1')}"
        for threads in ("1", "2") for what in ("FMA peak", "bandwidth")]
    rows = []
    for workload in session.workloads:
        adds, moved = work[workload]
        cells = [label(workload)] + [
            f"{amount / 1e6:.3g}" if amount else "-"
            for amount in (adds, moved, session.memory[workload])]
        for threads in ("1", "2"):
            ms = min(session.times[workload, "nnc", threads])
            flops, bandwidth = session.peaks[threads]
            cells += [percent(2 * adds, ms, flops), percent(moved, ms, bandwidth)]
        rows.append(cells)
    return table(heads, rows)


def of_shortfalls(session, work):
    """Where a ratio is less than is wanted. At the FMA peak: what the ratio would
    be if the multiply-adds took all of the time."""
    rows = []
    for workload in session.workloads:
        for threads, least in zip(session.peaks, wanted.WANTED.get(workload, ())):
            found = ratio(session.times, workload, threads)
            if found is None or round(found, 2) >= least:
                continue
            ms = medians(session.times, workload, threads)["nnc"]
            at_peak = 2 * work[workload][0] / session.peaks[threads][0] / 1e6
            rows.append([label(workload), threads, f"{found:.2f}", f"{least:g}",
                         f"{found * ms / at_peak:.2f}" if at_peak else "-",
                         wanted.HELD.get(workload, "")])
    return table(["", "threads", "ratio", "wanted", "ratio at the FMA peak",
                  "what holds it back"], rows) if rows else ["Nothing."]


def of_programs(built):
    return table(["program", "size, kB", "nnc build, s"],
                 [[file, f"{size / 1e3:.0f}", f"{seconds:.2f}"]
                  for file, (size, seconds) in built.items()])


def differs(found):
    return any(not difference <= TOLERANCE for _, difference in found)


def of_agreement(agreement):
    rows = [[label(workload), ", ".join(f"{what} {difference:.1e}"
                                        for what, difference in found),
             "**no**" if differs(found) else "yes"]
            for workload, found in agreement.items()]
    return table(["", "largest difference", "agrees"], rows)


def page(title, session, agreement, work, chart):
    """Its lines; `work` has multiply-adds and bytes by workload."""
    yield from ["# Networks", "", title, ""]
    if chart:
        yield from [f"![The best peer's time by ours]({chart})", ""]
    yield from of_time(session.workloads, ["nnc", *session.found], session.times)
    if session.found:
        yield from ["", "## What falls short", ""]
        yield from of_shortfalls(session, work)
    yield from ["", "## Of what the machine can do", "", (
        "In the fastest round. Peaks, the best that `nnc explain` measured between "
        "the rows: " + "; ".join(
            f"{flops:.0f} GFLOP/s and {bandwidth:.1f} GB/s with {threads} "
            f"thread{'s' * (threads != '1')}"
            for threads, (flops, bandwidth) in session.peaks.items())
        + ". More than 100 % of the bandwidth: what is read stays in caches. Bytes "
        "are not counted for steps of training. Memory: what the program keeps for "
        "one call, beside the weights, as its `bench` says with one thread."), ""]
    yield from of_machine(session, work)
    yield from ["", "## Programs", "",
                "With code for three instruction sets, without weights.", ""]
    yield from of_programs(session.built)
    yield from ["", "## Agreement", ""]
    if not agreement:
        yield "PyTorch is not installed: outputs are not compared."
        return
    yield ("From the same weights and inputs, relative to the largest element; "
           f"{TOLERANCE} is allowed. For training: the loss, the gradients, and how "
           "far the step moved the weights. What a step leaves in batch norms as the "
           "running variance is not compared: PyTorch divides by n - 1.")
    yield ""
    yield from of_agreement(agreement)
