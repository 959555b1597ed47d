"""The report's tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.comparison import Comparison
from qwatt.core.method_row import MethodRow
from qwatt.core.printable import one_line
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.report import comparisons_of
from qwatt.report.marks import basis_phrase
from qwatt.report.method_warnings import method_warnings
from qwatt.report.numbers import energy, scaled, short
from qwatt.report.qpu_choice import QpuChoice
from qwatt.report.solved import solved_seeds
from qwatt.report.table import console, print_table
from qwatt.report.today import verdict_of

if TYPE_CHECKING:
    from qwatt.protocol.plan import PlanRow

_MOST_WARNINGS = 5
STYLES = {"classical": "blue", "quantum": "magenta", "inspired": "green", "control": "dim"}


def print_comparisons(path: Path) -> None:
    """Print a table a task, and the verdict of today on every quantum and inspired method."""
    from rich.text import Text

    out = console()
    for comparison in comparisons_of(RunFolder(path)):
        _print_comparison(comparison)
        judged = [row for row in comparison.rows if row.kind in ("quantum", "inspired")]
        verdicts = [(row.label, verdict_of(comparison, row)) for row in judged]
        for verdict in dict.fromkeys(verdict for _, verdict in verdicts):  # what is true of many is said once
            alike = ", ".join(label for label, own in verdicts if own == verdict)
            out.print(Text.assemble((verdict.word, "bold"), f"  {alike}. {verdict.sentence}"))
        _print_warnings(comparison)
        out.print()


def _print_warnings(c: Comparison) -> None:
    """Print what methods warn of, what many warn of once; the report has all."""
    from rich.text import Text

    found = method_warnings(c)
    texts = list(dict.fromkeys(warning.text for warning in found))
    for text in texts[:_MOST_WARNINGS]:
        alike = ", ".join(warning.label for warning in found if warning.text == text)
        console().print(Text.assemble(("warning", "bold yellow"), f"  {alike}: {one_line(text)}"))
    if (left := len(texts) - _MOST_WARNINGS) > 0:
        console().print(f"{left} further warnings stand in the report")


def _print_comparison(c: Comparison) -> None:
    """Print one task's table; the verdict of a method that shares work also needs its energy without it."""
    shared = any(row.own_ratio for row in c.rows)
    cells = [_cells(row, c.metric, shared) for row in c.rows]
    columns = list(cells[0])
    print_table(
        f"{c.task} on {c.source}, size {c.size}, backend {c.backend}",
        columns,
        [list(row.values()) for row in cells],
        drop=("interval", "simulating", "kind", "own energy", "own ratio"),
        whole=columns,
        styles=[STYLES[row.kind] for row in c.rows],
    )
    basis = sorted({basis_phrase(row.energy.basis.value) for row in c.rows if row.energy is not None})
    unable = "; * no catalogued QPU can run it today" if any("*" in r["cheapest QPU"] for r in cells) else ""
    if basis:
        words = f"Energy of one trial on this machine ({', '.join(basis)})"
        console().print(f"{words}; QPU energy is modelled{unable}.")
    if solved := solved_seeds(c.rows):
        console().print(solved, markup=False)


def _cells(row: MethodRow, metric: str, shared: bool) -> dict[str, str]:
    """Return a row's cells by column; every row has the same columns."""
    known = row.energy is not None and row.energy.known
    low, _, high = row.energy.to("J").interval if row.energy is not None and known else (0.0, 0.0, 0.0)
    qpu = row.qpu or row.qpu_any
    cells = {
        "method": row.label,
        "kind": row.kind,
        metric.replace("_", " "): f"{row.quality[1]:.4f}" if row.quality else "failed",
        "energy": _energy(row.energy),
        "interval": f"{scaled(low, 'J')} to {scaled(high, 'J')}" if known else "–",
        "ratio": _ratio(row),
    }
    if shared:
        cells["own energy"] = _energy(row.own)
        cells["own ratio"] = short(row.own_ratio[1]) if row.own_ratio else "–"
    return cells | {
        "simulating": _energy(row.simulation),
        "cheapest QPU": "–" if qpu is None else qpu[0] + ("" if row.qpu else "*"),
        "energy there": _energy(qpu[1]) if qpu else "–",
    }


def _energy(quantity: Quantity | None) -> str:
    """Write an energy without its interval; the report says why one is unknown."""
    if quantity is not None and not quantity.known:
        return "unknown"
    return energy(quantity, interval=False)


def _ratio(row: MethodRow) -> str:
    if row.ratio:
        return short(row.ratio[1])
    return "–" if row.outcome.passed or not row.quality else row.outcome.value


def print_plan(rows: list[PlanRow], choice: QpuChoice) -> None:
    """Print a table a task: what each method would execute, and the chosen QPUs for it."""
    out = console()
    for task in dict.fromkeys(row.task for row in rows):
        cells = [_plan_cells(row, choice) for row in rows if row.task == task]
        print_table(
            f"Plan of {task}: one trial a method, tuning included (nothing was executed)",
            PLAN_COLUMNS,
            cells,
            drop=("host", "reads", "qubits", "2q gates", "shots"),
            whole=PLAN_COLUMNS,
        )
        if any("*" in row[-1] for row in cells):
            out.print("* this QPU cannot run it today")
        for why in _why_none(rows, task, choice):
            out.print(why, markup=False)
        for note in dict.fromkeys(row.note for row in rows if row.task == task and row.note):
            same = dict.fromkeys(row.method for row in rows if row.task == task and row.note == note)
            every = len(same) == len(cells) > 1
            out.print(f"{'all methods' if every else ', '.join(same)}: {note}", markup=False)
        out.print()


PLAN_COLUMNS = ("method", "circuits", "shots", "qubits", "2q gates", "reads", "host", "cheapest QPUs")


def _plan_cells(row: PlanRow, choice: QpuChoice) -> tuple[str, ...]:
    demand = row.demand
    counts = (demand.circuits, demand.shots, demand.qubits, demand.gates_2q, demand.anneal_reads)
    exact = " (exact)" if row.shots is None else ""
    return (
        f"{row.method}{exact}",
        *(short(n) if n else "–" for n in counts),
        _energy(row.host_energy),
        "\n".join(_cheapest(row, choice)) or "–",
    )


def _why_none(rows: Sequence[PlanRow], task: str, choice: QpuChoice) -> list[str]:
    """Return which methods no QPU of those asked for can take over, and why."""
    methods: dict[str, list[str]] = {}
    for row in rows if choice.only else ():
        if row.task == task and row.qpu and not _cheapest(row, choice):
            for record in choice.of(row.qpu).values():
                reasons = [record["why"], (record["energy_j"] or {}).get("reason")]
                why = "; ".join(dict.fromkeys(filter(None, reasons))) or "its energy is unknown"
                methods.setdefault(why, []).append(row.method)
    return [f"{', '.join(dict.fromkeys(names))}: {why}" for why, names in methods.items()]


def _cheapest(row: PlanRow, choice: QpuChoice) -> list[str]:
    """Return lines of QPU, time, energy and money; those that can run it first."""
    priced = {name: r for name, r in row.qpu.items() if r["energy_j"] and r["energy_j"]["value"] is not None}
    lines = []
    for name, record in list(choice.of(priced).items())[: choice.count]:
        parts = [scaled(_value(record["seconds"]) or 0.0, "s"), scaled(record["energy_j"]["value"], "J")]
        usd = _value(record["usd"])
        parts += [] if usd is None else [f"{short(usd)} USD"]
        lines.append(f"{name}{'' if record['executable'] else '*'} {', '.join(parts)}")
    return lines


def _value(record: dict[str, Any] | float | None) -> float | None:
    return record.get("value") if isinstance(record, dict) else record
