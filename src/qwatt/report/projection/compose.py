"""Composes the page of a projection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qwatt.core.quantity import Quantity
from qwatt.projection.verdicts.rules import WORDS
from qwatt.report.numbers import rule_text
from qwatt.report.projection.amounts import digits, value_and_interval
from qwatt.report.projection.details import details, how, outlook
from qwatt.report.projection.enhancements import break_evens, groups, heat, milestones
from qwatt.report.projection.filed import filed_facts, life_lines
from qwatt.report.projection.heat_map import scale
from qwatt.report.projection.levers import (
    COLUMNS as LEVERS,
)
from qwatt.report.projection.levers import (
    QUANTUM_COLUMNS,
    headline,
    ordinary_rows,
    quantum_rows,
)
from qwatt.report.projection.money_table import COLUMNS, money_intro, money_note, money_rows
from qwatt.report.projection.near_or_worth import near_or_worth
from qwatt.report.projection.page import ClaimRow, Fact, LeverTables, Page
from qwatt.report.projection.ruler import far_of, limits_note, ruler
from qwatt.report.projection.stages import facility, share_cell, stage_picture, stage_rows

if TYPE_CHECKING:
    from qwatt.projection.project import Projection

Record = Mapping[str, Any]
TORNADO_NOTE = (
    "Each line moves one assumption from its low end (blue) to its high end (orange), everything else at "
    "its median, and shows quantum over classical joules in the last year, if a machine of any size were "
    "granted. Left of the dashed line the quantum method would win."
)


def compose(projection: Projection) -> Page:
    """Return the page of a projection."""
    record = projection.to_record()
    entries, assumptions = record["enhancements"], record["assumptions"]
    first, last = assumptions["years"]
    shown = milestones(range(first, last + 1))
    far = far_of(entries)
    return Page(
        name=record["name"],
        lead=lead(record, projection.scenario.deployment.years),
        facts=_facts(record),
        rule=rule_text(assumptions["rule"].items()),
        draws=digits(assumptions["draws"]),
        outlook=outlook(assumptions),
        milestones=shown,
        last_year=last,
        groups=groups(entries, shown),
        stages=stage_rows(record["stages"], record["total"]),
        plausible=projection.cycle.to_record()["plausible"],
        levers=LeverTables(
            headline(record["levers"]),
            LEVERS,
            ordinary_rows(record["levers"]),
            QUANTUM_COLUMNS,
            quantum_rows(record["levers"]),
        ),
        filed=life_lines(record),
        warnings=record["warnings"],
        life_picture=stage_picture(record["stages"]),
        heat_map=heat(entries),
        heat_scale=scale(),
        ruler=ruler(far),
        near_or_worth=near_or_worth(far),
        limits=limits_note(far),
        break_even=[
            break_evens(entries, "break_even", "Against the best classical method", first),
            break_evens(entries, "break_even_simulation", "Against simulating its own circuits", first),
        ],
        money_intro=money_intro(entries),
        money_columns=COLUMNS,
        money_rows=money_rows(entries),
        money_note=money_note(entries),
        tornado_note=TORNADO_NOTE,
        claims=[_claim(claim) for claim in record["claims"]],
        how=how(assumptions),
        details=details(projection),
        command=_command(record["scenario"], assumptions),
    )


def lead(record: Record, years: float) -> str:
    """Return the page's first sentences: what the life takes, and what the verdicts are."""
    value, interval = value_and_interval(facility(record["total"]))
    counts = Counter(entry["verdict"] for entry in record["enhancements"])
    words = ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word])
    spread = f" ({interval})" if interval else ""
    return (
        f"Trained, served for {years:g} years and watched, this model takes {value}{spread} of facility "
        f"energy. Verdicts on {sum(counts.values())} quantum enhancements: {words}."
    )


def _command(scenario: str, assumptions: Record) -> str:
    return f"qwatt project {scenario} --draws {assumptions['draws']} --seed {assumptions['seed']}"


def _facts(record: Record) -> list[Fact]:
    energy, interval = value_and_interval(facility(record["total"]))
    stages: Sequence[Record] = record["stages"]
    known = [stage for stage in stages if stage["share"]["value"] is not None]
    largest = max(known, key=lambda stage: float(stage["share"]["value"]), default=None)
    facts = [Fact("life-cycle energy", energy, interval), *filed_facts(record)]
    if largest is not None:
        share = share_cell(Quantity.from_record(largest["share"]))
        facts.append(Fact("largest stage", largest["stage"], f"{share[0]} of the energy"))
    counts = Counter(entry["verdict"] for entry in record["enhancements"])
    whole = sum(counts.values())
    return [*facts, *(Fact(word, str(counts[word]), f"of {whole} enhancements") for word in WORDS)]


def _claim(claim: Record) -> ClaimRow:
    evidence = claim["evidence"]
    if claim["kind"] == "row":
        parts = f"time scale {claim['time_scale_finding']}, potential {claim['potential_finding']}"
        evidence = f"{parts}; {evidence}"
    return ClaimRow(claim["text"], claim["source"], claim["finding"], evidence)
