"""Two runs for the terminal."""

from __future__ import annotations

from qwatt.report.numbers import energy, short
from qwatt.report.table import console, print_table
from qwatt.report.two_runs.compared import TwoRuns
from qwatt.report.two_runs.methods import JOULES, MethodPair, repeat_margin

METHODS = ("method", "seeds", "quality", "quality is", "joules before", "joules after", "ratio", "joules are")


def print_two_runs(found: TwoRuns) -> None:
    """Print what changed, a line a method and task, and what must be said of them."""
    if found.changes:
        rows = [(c.what, c.name, c.before or "none", c.after or "none") for c in found.changes]
        print_table("What changed", ("what", "name", "before", "after"), rows)
    else:
        console().print("Study, data, machine and versions are the same.")
    for task in dict.fromkeys(pair.task for pair in found.methods):
        pairs = [pair for pair in found.methods if pair.task == task]
        title = f"{task} ({pairs[0].metric.replace('_', ' ')}): {found.second} against {found.first}"
        print_table(title, METHODS, [_cells(pair) for pair in pairs], drop=("joules before", "joules after"))
        for line in _remarks(pairs):
            console().print(line)
    if found.methods:
        console().print(
            f"not more: less than {repeat_margin():.0%} more joules, as two equal runs may differ by that"
        )
    for stage in found.recorded:
        before, after = (energy(q) for q in stage.energy)
        times = "" if stage.ratio is None else f", {short(stage.ratio)} times"
        console().print(f"recorded {stage.stage}: {before} before, {after} after{times}; {stage.remark}")
    for line in found.alone:
        console().print(line)


def _cells(pair: MethodPair) -> tuple[str, ...]:
    before, after = ("–" if q is None else f"{q:.4g}" for q in pair.quality)
    return (
        pair.method,
        str(len(pair.seeds)),
        f"{before} -> {after}",
        pair.judgement.outcome.value,
        *(energy(q, interval=False) for q in pair.energy),
        _ratio(pair.ratio),
        JOULES[pair.joules.outcome],
    )


def _ratio(ratio: tuple[float, float, float] | None) -> str:
    if ratio is None:
        return "–"
    low, value, high = ratio
    return f"{short(value)}" + (f" ({short(low)} to {short(high)})" if low != high else "")


def _remarks(pairs: list[MethodPair]) -> list[str]:
    """Return every remark once, with the methods that it is of."""
    said: dict[str, list[str]] = {}
    for pair in pairs:
        joules = "" if pair.joules.reason in ("", pair.judgement.reason) else f"joules: {pair.joules.reason}"
        for text in (pair.judgement.reason, joules, *pair.remarks):
            if text:
                said.setdefault(text, []).append(pair.method)
    every = {pair.method for pair in pairs}
    return [text if set(names) == every else f"{', '.join(names)}: {text}" for text, names in said.items()]
