"""The page's first sentence, made by rule from what was found."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.report.first.best_levers import to_use
from qwatt.report.projection.amounts import amount, chance, percent
from qwatt.report.projection.enhancements import chances
from qwatt.report.projection.levers import ordinary
from qwatt.report.subject import Record, Subject
from qwatt.report.today import verdict_of


def of_life(record: Record) -> tuple[str, str]:
    """Return the headline of a projection and the sentence below it."""
    last = record["assumptions"]["years"][1]
    return (
        f"{_levers(record)} {_quantum(record, last)}",
        f"{_first_three(record)} {_best_chance(record, last)}".strip(),
    )


def of_run(subject: Subject) -> tuple[str, str]:
    """Return the headline of a run without a scenario and the sentence below it."""
    judged = [
        (c, row, verdict_of(c, row)) for c in subject.comparisons for row in c.rows if row.kind == "quantum"
    ]
    winners = [f"{row.label} ({c.task})" for c, row, verdict in judged if verdict.word == "use now"]
    tasks = len(subject.comparisons)
    of = "this task" if tasks == 1 else f"{tasks} tasks"
    if winners:
        head = f"Quantum methods that need less energy at equal quality: {', '.join(winners)}."
    elif judged:
        head = f"No quantum method needs less energy than the best classical one at equal quality in {of}."
    elif not tasks:
        head = "What your own work took."
    else:
        head = f"What each method of {of} takes at equal quality."
    scope = "without a scenario nothing is said of a model's life: `qwatt report DIR --scenario NAME` adds it"
    return head, f"Measured here; {scope}."


def _levers(record: Record) -> str:
    found = to_use(record["levers"])
    life = record["total"]["energy_kwh"]["facility"]["value"]
    if not found:
        kept = [lever for lever in ordinary(record["levers"]) if lever["in_place"]]
        return (
            "Every lever that saves energy on this model today is in place."
            if kept
            else "No lever of any kind saves on this model today."
        )
    saved = found[0]["saved_kwh"]["value"]
    share = f"{percent(saved / life)} of" if life else f"{amount(saved, 'kWh')} of"
    return f"One {found[0]['kind']} lever would save {share} this model's energy now."


def _quantum(record: Record, last: int) -> str:
    words: Sequence[tuple[str, str]] = (
        ("use now", "to be used now"), ("pilot", "worth a pilot"), ("watch", "to be watched"),
    )  # fmt: skip
    quantum = [e for e in record["enhancements"] if e["kind"] == "quantum"]
    for word, meaning in words:
        count = sum(entry["verdict"] == word for entry in quantum)
        if count:
            return f"{count} quantum lever{'s are' if count > 1 else ' is'} {meaning}."
    return f"No quantum lever is likely to pay by {last}."


def _first_three(record: Record) -> str:
    found = to_use(record["levers"])[:3]
    if not found:
        return ""
    names = "; ".join(f"{lever['name']}, {amount(lever['saved_kwh']['value'], 'kWh')}" for lever in found)
    overlap = " They overlap: together they save less than their sum." if len(found) > 1 else ""
    return f"To be used: {names}.{overlap}"


def _best_chance(record: Record, last: int) -> str:
    quantum = [e for e in record["enhancements"] if e["kind"] == "quantum"]
    best = max(quantum, key=lambda e: chances(e)[last], default=None)
    if best is None:
        return ""
    return f"The best quantum chance by {last} is {chance(chances(best)[last])}: {best['name']}."
