"""What the projection's page shows, ready to print, and its rendering; text is escaped by the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


@dataclass(frozen=True)
class Fact:
    """A headline number."""

    what: str
    value: str
    note: str


Cell = tuple[str, str]
"""A value, and its interval or a remark in small print."""


@dataclass(frozen=True)
class StageRow:
    """A stage's line of the life-cycle table; `total` marks the sum."""

    stage: str
    energy: Cell
    share: Cell
    carbon: Cell
    money: Cell
    note: str
    total: bool = False


@dataclass(frozen=True)
class Risk:
    """One line of an enhancement's risks."""

    what: str
    text: str


@dataclass(frozen=True)
class Enhancement:
    """One enhancement's line and card; `tornado` is a picture, `milestones` chances at the page's years."""

    stage: str
    name: str
    article: str
    verdict: str
    why: str
    milestones: Sequence[str]
    in_last_year: str
    tornado: str
    risks: Sequence[Risk]
    open: bool = False


@dataclass(frozen=True)
class StageGroup:
    """The enhancements of a stage."""

    stage: str
    rows: Sequence[Enhancement]


@dataclass(frozen=True)
class Picture:
    """A titled figure."""

    title: str
    svg: str


@dataclass(frozen=True)
class ClaimRow:
    """A claim beside what was found."""

    claim: str
    source: str
    finding: str
    evidence: str


@dataclass(frozen=True)
class Details:
    """A folded block of lines; `css` is "formula" for formulas."""

    title: str
    lines: Sequence[str]
    css: str = "note"


@dataclass(frozen=True)
class LeverTables:
    """What saves energy today, and what quantum computers could add to it."""

    headline: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    quantum_columns: Sequence[str]
    quantum_rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Page:
    """Everything the template prints; strings are plain text, except `svg`, pictures and tornados."""

    name: str
    lead: str
    facts: Sequence[Fact]
    rule: str
    draws: str
    outlook: str
    milestones: Sequence[int]
    last_year: int
    groups: Sequence[StageGroup]
    stages: Sequence[StageRow]
    plausible: Sequence[str]
    levers: LeverTables
    filed: Sequence[str]
    warnings: Sequence[str]
    life_picture: str
    heat_map: str
    heat_scale: str
    ruler: str
    near_or_worth: str
    limits: str
    break_even: Sequence[Picture]
    money_intro: str
    money_columns: Sequence[str]
    money_rows: Sequence[Sequence[Cell]]
    money_note: str
    tornado_note: str
    claims: Sequence[ClaimRow]
    how: str
    details: Sequence[Details]
    command: str


def render(page: Page) -> str:
    """Return the self-contained HTML of a page."""
    return _environment().get_template("projection.html.j2").render(page=page)


@cache
def _environment() -> jinja2.Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from qwatt.report.escaping import escaped

    return Environment(
        loader=PackageLoader("qwatt.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
    )
