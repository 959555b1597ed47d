"""How each path grows with qubits and batch, and the picture of it."""

from __future__ import annotations

from pathlib import Path

from engine_peers.rounds import curve
from engine_peers.table import FLOOR, LIGHTNING, MODULES, PL_CHUNKS, PL_TORCH, QWATT, TC
from engine_peers.work import Size

QAOA_TITLE = "QAOA energy + gradient, p=1, fields"


def panels(cap_s: float, limit_s: float) -> list[dict]:
    """Measure four families of curves; `cap_s` ends a curve, `limit_s` bounds its wall time."""
    wide = [Size(n, 1, 1, True) for n in range(4, 27, 2)]
    asked = [
        (QAOA_TITLE, "qubits", "qaoa", wide, (QWATT, FLOOR, LIGHTNING, TC)),
        (
            "kernel, 256 samples",
            "qubits",
            "kernel",
            [Size(n, 256) for n in range(4, 17, 2)],
            (QWATT, FLOOR, PL_CHUNKS),
        ),
        (
            "network step, batch 32",
            "qubits",
            "network",
            [Size(n, 32) for n in range(4, 19, 2)],
            (QWATT, FLOOR, PL_TORCH),
        ),
        (
            "network step, 8 qubits",
            "batch",
            "network",
            [Size(8, 4**k) for k in range(7)],
            (QWATT, FLOOR, PL_TORCH),
        ),
    ]
    return [
        {
            "title": title,
            "axis": axis,
            "curves": {
                name: curve(MODULES[name][0], kind + MODULES[name][1], sizes, cap_s, limit_s)
                for name in names
            },
        }
        for title, axis, kind, sizes, names in asked
    ]


def draw(found: list[dict], path: Path) -> None:
    """Write one SVG with a panel per family: CPU seconds of a step, logarithmic."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.fonttype"] = "none"
    mpl.rcParams["svg.hashsalt"] = "engine"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8))
    for axis, panel in zip(axes.flat, found, strict=True):
        key = "n" if panel["axis"] == "qubits" else "batch"
        for name, points in panel["curves"].items():
            style = "--" if name == FLOOR else "-"
            axis.plot(
                [p[key] for p in points], [p["cpu_s"] for p in points], style, marker="o", ms=3, label=name
            )
        axis.set_yscale("log")
        if key == "batch":
            axis.set_xscale("log", base=4)
        axis.set(title=panel["title"], xlabel=panel["axis"], ylabel="CPU seconds per step, one thread")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
