"""The self-contained page of a run, of a projection, or of both: one HTML file without network access."""

from __future__ import annotations

import base64
from hashlib import sha256

from markupsafe import Markup

from qwatt.report.colours import DARK, LIGHT, declarations
from qwatt.report.gallery.saving import saving_script, with_links
from qwatt.report.part import Part, PartOf, environment
from qwatt.report.parts import (
    answer,
    break_even,
    chances,
    claims,
    distance,
    found,
    how,
    levers,
    life,
    measured,
    money,
    needs,
    recorded,
    risk,
    sources,
    to_file,
    undecided,
    verdicts,
    what_if,
)
from qwatt.report.subject import Subject

PARTS: tuple[PartOf, ...] = (
    answer.part,
    life.part,
    levers.part,
    distance.part,
    needs.part,
    what_if.part,
    verdicts.part,
    chances.part,
    break_even.part,
    money.part,
    risk.part,
    claims.part,
    found.part,
    measured.part,
    recorded.part,
    undecided.part,
    to_file.part,
    sources.part,
    how.part,
)
"""The page from top to bottom: the answer, the figures behind it, the evidence, the method."""


def render(subject: Subject) -> str:
    """Return the page; every text that comes from data or records is escaped.

    A policy in its head lets the browser run only the scripts that stand in the package, and fetch nothing.
    """
    parts = [found for make in PARTS if (found := make(subject)) is not None]
    script = _script(parts)
    template = environment().get_template("page.html.j2")
    page = template.render(
        title=subject.title,
        parts=parts,
        script=Markup(script),
        allowed=" ".join(f"'{_digest(text)}'" for text in (script, saving_script())),
        light=Markup(declarations(LIGHT)),
        dark=Markup(declarations(DARK)),
    )
    return with_links(page, subject.figures)


def _script(parts: list[Part]) -> str:
    """Return the page's one script: the theme, copying, and what the parts bring."""
    own = environment().get_template("page.js").render()
    return "\n".join([own, *(part.script for part in parts if part.script)])


def _digest(script: str) -> str:
    """Return the digest by which the page's policy knows its script."""
    return "sha256-" + base64.b64encode(sha256(script.encode()).digest()).decode()
