"""The report's tables for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.comparison import Comparison, Row
from qwatt.core.run_folder import RunFolder
from qwatt.report import comparisons_of
from qwatt.report.numbers import energy, scaled, short
from qwatt.report.today import verdict_of

if TYPE_CHECKING:
    from qwatt.protocol.plan import PlanRow

STYLES = {"classical": "blue", "quantum": "magenta", "inspired": "green", "control": "dim"}


def print_comparisons(path: Path) -> None:
    """Print a table a task, and the verdict of today on every quantum and inspired method."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for comparison in comparisons_of(RunFolder(path)):
        console.print(_table(comparison))
        for row in comparison.rows:
            if row.kind in ("quantum", "inspired"):
                verdict = verdict_of(comparison, row)
                console.print(Text.assemble((verdict.word, "bold"), f"  {row.label}. {verdict.sentence}"))
        console.print()


def _table(comparison: Comparison) -> object:
    from rich.table import Table

    c = comparison
    table = Table(title=f"{c.task} on {c.source}, size {c.size}", title_justify="left")
    for name in (
        "method",
        "kind",
        c.metric.replace("_", " "),
        "energy",
        "ratio",
        "simulating",
        "cheapest QPU",
    ):
        table.add_column(name, overflow="fold")
    for row in comparison.rows:
        table.add_row(*_cells(row), style=STYLES[row.kind])
    basis = {row.energy.basis.value for row in c.rows if row.energy is not None}
    table.caption = (
        f"Energy of one trial on this machine ({', '.join(sorted(basis))}); QPU energy is modelled."
    )
    return table


def _cells(row: Row) -> list[str]:
    quality = f"{row.quality[1]:.4f}" if row.quality else "failed"
    if row.ratio:
        ratio = f"{short(row.ratio[1])}"
    elif row.reached is False:
        ratio = "not reached"
    else:
        ratio = "too few seeds" if row.quality and row.reached is None else "–"
    qpu = row.qpu or row.qpu_any
    cost = "–" if qpu is None else f"{qpu[0]}: {energy(qpu[1], interval=False)}"
    if qpu is not None and row.qpu is None:
        cost += " (not executable)"
    return [
        row.label,
        row.kind,
        quality,
        energy(row.energy),
        ratio,
        energy(row.simulation, interval=False),
        cost,
    ]


def print_plan(rows: list[PlanRow]) -> None:
    """Print what each method would execute, and the three cheapest QPUs for it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Plan of one trial a method (nothing was executed)", title_justify="left")
    columns = ("method", "circuits", "shots", "qubits", "2-qubit gates", "reads", "host", "QPUs")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        demand = row.demand
        counts = (demand.circuits, demand.shots, demand.qubits, demand.gates_2q, demand.anneal_reads)
        table.add_row(
            f"{row.task} {row.method}",
            *(short(n) if n else "–" for n in counts),
            energy(row.host_energy) if row.host_energy.known else "unknown",
            "\n".join(_cheapest(row)) or "–",
        )
    Console(highlight=False).print(table)


def _cheapest(row: PlanRow, count: int = 3) -> list[str]:
    """Return lines of QPU, time, energy and money; those that can run it first, then by energy."""
    priced = {name: r for name, r in row.qpu.items() if r["energy_j"] and r["energy_j"]["value"] is not None}
    order = sorted(
        priced, key=lambda name: (not priced[name]["executable"], priced[name]["energy_j"]["value"])
    )
    lines = []
    for name in order[:count]:
        record = priced[name]
        parts = [scaled(_value(record["seconds"]) or 0.0, "s"), scaled(record["energy_j"]["value"], "J")]
        usd = _value(record["usd"])
        parts += [] if usd is None else [f"{short(usd)} USD"]
        parts += [] if record["executable"] else ["cannot run it"]
        lines.append(f"{name}: {', '.join(parts)}")
    return lines


def _value(record: dict[str, Any] | float | None) -> float | None:
    return record.get("value") if isinstance(record, dict) else record
