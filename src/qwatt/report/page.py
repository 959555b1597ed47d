"""The self-contained report: one HTML file without network access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any

from qwatt.core.comparison import Comparison
from qwatt.core.method_row import MethodRow
from qwatt.core.printable import printable
from qwatt.core.run_folder import RunFolder
from qwatt.data.names import shown
from qwatt.projection.verdicts.rules import MEASURED, written
from qwatt.report.escaping import escaped
from qwatt.report.figures import quality_against_energy, three_energies, where_the_joules_went
from qwatt.report.machines import MethodOnQpu, Record, all_on_qpus
from qwatt.report.method_warnings import MethodWarning, method_warnings
from qwatt.report.numbers import energy, rule_text, scaled, short
from qwatt.report.result import results_of
from qwatt.report.solved import solved_seeds
from qwatt.report.today import Verdict, verdict_of

if TYPE_CHECKING:
    import jinja2


@dataclass(frozen=True)
class Section:
    """What the page shows of one task."""

    comparison: Comparison
    verdicts: list[tuple[MethodRow, Verdict]]
    figures: list[tuple[str, str]]
    metrics: list[str]
    further: list[tuple[str, list[str]]]
    machines: list[MethodOnQpu]
    solved: str
    warnings: list[MethodWarning]


def render(folder: RunFolder, comparisons: list[Comparison], others: Sequence[str] = ()) -> str:
    """Return the page; every text that comes from data or records is escaped.

    Args:
        folder: the run.
        comparisons: of its study.
        others: what the folder holds besides.
    """
    template = _environment().get_template("report.html.j2")
    sections = [_section(comparison) for comparison in comparisons]
    return template.render(
        study=(folder.path / "study.toml").read_text(encoding="utf-8"),
        name=folder.path.name,
        machines=[_machine(facts) for facts in folder.environments().values()],
        rule=rule_text(written(MEASURED)),
        results=results_of(comparisons),
        sections=sections,
        verdicts=Counter(verdict.word for section in sections for _, verdict in section.verdicts),
        left_out=list(dict.fromkeys(text for t in folder.trials() for text in t.data)),
        others=others,
        failed=[t for c in comparisons for r in c.rows for t in _failures(folder, c, r)],
    )


def _machine(facts: Any) -> dict[str, Any]:
    """Return what is known of a machine; a damaged record of it is no reason to have no report."""
    known = facts if isinstance(facts, dict) else {}
    found = {name: known.get(name, "unknown") for name in ("cpu", "cores", "memory_gb", "system", "python")}
    packages = known.get("packages")
    return found | {
        "commit": known.get("commit"),
        "packages": packages if isinstance(packages, dict) else {},
    }


@cache
def _environment() -> jinja2.Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("qwatt.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(energy=energy, short=short, amount=_amount, plain=printable, name=_name)
    return environment


def _name(text: str) -> str:
    """Write the name of a document, which a user's file may choose."""
    return shown(text, 60)


def _amount(record: Record, unit: str) -> str:
    """Write a modelled number with its interval; unknown is a dash."""
    value, low, high = (record[end] for end in ("value", "low", "high"))
    if value is None:
        return "–"

    def write(number: float) -> str:
        return scaled(number, unit) if unit in ("J", "s") else f"{short(number)} {unit}".strip()

    spread = (
        f" ({write(low)} to {write(high)})" if low is not None and high is not None and low != high else ""
    )
    return write(value) + spread


def _section(comparison: Comparison) -> Section:
    judged = [row for row in comparison.rows if row.kind in ("quantum", "inspired")]
    figures = [
        ("Quality against measured energy", quality_against_energy(comparison)),
        ("Three energies, never to be mixed up", three_energies(comparison)),
        ("Where the joules went (first seed)", where_the_joules_went(comparison)),
    ]
    return Section(
        comparison,
        [(row, verdict_of(comparison, row)) for row in judged],
        [(title, picture) for title, picture in figures if picture],
        *_further_metrics(comparison),
        all_on_qpus(comparison),
        solved_seeds(comparison.rows),
        method_warnings(comparison.rows),
    )


def _further_metrics(comparison: Comparison) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return the names of the further metrics, and by method their medians over seeds."""
    values: dict[str, dict[str, list[float]]] = {}
    for row in comparison.rows:
        found = values.setdefault(row.label, {})
        for trial in row.trials:
            for name, value in trial.extras.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    found.setdefault(name, []).append(value)
    names = list(dict.fromkeys(name for found in values.values() for name in found))
    lines = [
        (label, [short(median(found[name])) if name in found else "–" for name in names])
        for label, found in values.items()
    ]
    return names, lines


def _failures(folder: RunFolder, comparison: Comparison, row: MethodRow) -> list[dict[str, Any]]:
    if not row.failed:
        return []
    return [
        {"task": t.spec.task, "method": t.spec.method, "seed": t.spec.seed, "error": t.error}
        for t in folder.trials()
        if not t.done and (t.spec.task, t.spec.method) == (comparison.task, row.method)
    ]
