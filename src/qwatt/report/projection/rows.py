"""What the projection's tables and pictures hold, ready to print; templates escape the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """One enhancement's card; `tornado` is a picture, `milestones` chances at the page's years."""

    id: str
    task: str
    stage: str
    name: str
    article: str
    verdict: str
    why: str
    milestones: Sequence[str]
    in_last_year: str
    tornado: str
    tornado_narrow: str
    risks: Sequence[Risk]
    open: bool = False

    @property
    def anchor(self) -> str:
        """Id of its verdict on the page."""
        return "verdict-" + self.id.replace("/", "-")

    @property
    def card_anchor(self) -> str:
        """Id of its catalogue entry on the page."""
        return "card-" + self.id.replace("/", "-")


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
