"""What if: a form that recomputes life, levers and distances in the page, without a server."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup

from qwatt.projection.whatif.answer import answered
from qwatt.projection.whatif.levers import HELD as LEVERS_HELD
from qwatt.projection.whatif.life import HELD as LIFE_HELD
from qwatt.projection.whatif.median import MedianFuture, why_not
from qwatt.report.part import Part, fill
from qwatt.report.script import data_script
from qwatt.report.subject import Subject
from qwatt.report.whatif.controls import CONTROLS, ROADMAP_WORDS
from qwatt.report.whatif.data import page_data
from qwatt.report.whatif.rows import far_rows, followed, lever_rows, life_rows

HELD = (
    *LIFE_HELD,
    LEVERS_HELD,
    "whether an enhancement reaches the quality, its symbols, and every chance, verdict and payback",
    "how much better the machines of a year are than today's, but for the factors above and the roadmap",
)
SHOWN = 8
"""Enhancements that are shown at once, the nearest."""


def part(subject: Subject) -> Part | None:
    """Return the what-if; None without a projection."""
    projection = subject.projection
    if projection is None:
        return None
    why = why_not(projection)
    if why:
        return Part("what-if", "", fill("no_what_if", why=why))
    levers = followed(projection)
    future = MedianFuture(projection, levers)
    answer = answered(future.compute(future.arrays(future.own)))
    body = fill(
        "what_if",
        controls=CONTROLS,
        own=future.own,
        years=(future.years[0], future.years[-1]),
        roadmaps=ROADMAP_WORDS,
        life=life_rows(answer, money=future.life.usd_known),
        levers=lever_rows(levers, answer),
        far=far_rows(future, answer),
        shown=SHOWN,
        held=HELD,
        data=Markup(data_script("what-if-data", page_data(future))),
    )
    return Part("what-if", "What if", body, script())


def script() -> str:
    """Return the script that recomputes the answers."""
    return (files("qwatt.report") / "templates" / "what_if.js").read_text(encoding="utf-8")
