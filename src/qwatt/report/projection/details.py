"""What stands behind a projection: outlook, calibration, back-test, anchors, formulas, the scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from qwatt.report.projection.amounts import digits, percent
from qwatt.report.projection.rows import Details

if TYPE_CHECKING:
    from pydantic import BaseModel

    from qwatt.projection.project import Projection

Record = Mapping[str, Any]


def outlook(assumptions: Record) -> str:
    """Return the outlook on quantum machines in a sentence."""
    share = percent(assumptions["vendor_share"])
    return (
        f"Quantum machines: published ones extrapolated, and in {share} of the futures the vendors' roadmaps "
        "with slips and cancellations."
    )


def how(assumptions: Record) -> str:
    """Return how the draws were made and calibrated."""
    calibration, test = assumptions["calibration"], assumptions["backtest"]
    return (
        f"{digits(assumptions['draws'])} futures were drawn with seed {assumptions['seed']}: sizes, prices, "
        "circuits, machines, classical progress, and whether the method reaches equal quality at all. The "
        f"chance of a machine that breaks RSA-2048 by the experts' year was {calibration['note']} "
        f"({calibration['source']}). Extrapolated from data before {test['split']:.0f}, "
        f"{percent(test['coverage'])} of the machines since lie in their {percent(test['nominal'])} "
        "interval. Every number is modelled; every constant is in the catalogue with its source."
    )


def details(projection: Projection) -> list[Details]:
    """Return the folded blocks at the end of the page."""
    anchors = [_anchor(record) for record in projection.assumptions["anchors"]]
    blocks = [
        Details("Formulas of the life-cycle costs", list(_formulas(projection)), "formula"),
        Details(
            "Formulas of every enhancement and baseline",
            ["`qwatt list cards` names them; `qwatt show ID` prints formulas, symbols and sources."],
        ),
        Details(
            "Measured trials that anchor the projection", anchors or ["none: give a run folder by --run"]
        ),
        Details("Back-test of the roadmaps", [_prediction(p) for p in _predictions(projection)]),
        Details("Sources of the life-cycle costs", list(_sources(projection))),
        Details("The scenario", list(_values(projection.scenario)), "formula"),
    ]
    return [block for block in blocks if block.lines]


def _formulas(projection: Projection) -> Iterator[str]:
    for name, stage in projection.cycle.stages.items():
        for estimate in stage.estimates:
            yield f"{name}: {estimate.formula}"
            for symbol, meaning in estimate.symbols.items():
                yield f"\u00a0\u00a0{symbol}: {meaning}"


def _sources(projection: Projection) -> Iterator[str]:
    estimates = [e for stage in projection.cycle.stages.values() for e in stage.estimates]
    yield from dict.fromkeys(source for estimate in estimates for source in estimate.sources)


def _anchor(record: Record) -> str:
    factors = ", ".join(f"{name} x {digits(factor)}" for name, factor in record["factors"].items())
    reach = ", ".join(f"{name} {digits(factor)} times" for name, factor in record["reach"].items())
    quality = {True: "; reached the quality", False: "; did not reach the quality", None: ""}
    return (
        f"{record['card']}: {record['trials']} trials of size {record['size']}; measured over predicted: "
        f"{factors or 'nothing to rescale'}; the projection reaches beyond them by: {reach or 'nothing'}"
        f"{quality[record['reached']]}"
    )


def _predictions(projection: Projection) -> list[Record]:
    return list(projection.assumptions["backtest"]["predictions"])


def _prediction(record: Record) -> str:
    inside = "inside" if record["inside"] else "outside"
    return (
        f"{record['vendor']} {record['year']:.1f}, {record['what']}: {digits(record['actual'])}, {inside} "
        f"{digits(record['low'])} to {digits(record['high'])}"
    )


def _values(block: BaseModel, prefix: str = "") -> Iterator[str]:
    from pydantic import BaseModel

    for name, value in block:
        if isinstance(value, BaseModel):
            yield from _values(value, f"{prefix}{name}.")
        elif value is not None and value != "":
            yield f"{prefix}{name} = {value}"
