"""A part of the page: one file of `parts` and one template each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from qwatt.core.printable import printable
from qwatt.core.quantity import Quantity
from qwatt.data.names import shown
from qwatt.report.escaping import escaped, with_code
from qwatt.report.layout import untitled
from qwatt.report.marks import amount_of, basis_phrase, basis_word
from qwatt.report.numbers import energy, metric_words, powers, short, unbroken
from qwatt.report.subject import Subject

if TYPE_CHECKING:
    import jinja2


@dataclass(frozen=True)
class Part:
    """A section of the page.

    Args:
        anchor: its id, which links lead to.
        label: in the list of sections; empty for none.
        body: its HTML, in which every text that came from outside is escaped.
        script: JavaScript that it needs; the page must say everything without it.
    """

    anchor: str
    label: str
    body: Markup
    script: str = ""


PartOf = Callable[[Subject], Part | None]
"""Makes a part, or None where the subject has nothing for it."""


def fill(template: str, **values: Any) -> Markup:
    """Fill a template of `templates/parts`; what is not `Markup` is escaped, and `x` is code."""
    return Markup(with_code(environment().get_template(f"parts/{template}.html.j2").render(**values)))


@cache
def environment() -> jinja2.Environment:
    """Return where all templates live, with the filters that write numbers and names."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("qwatt.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        energy=_energy, short=short, amount=amount_of, metric=metric_words, plain=printable, name=_name
    )
    found.filters.update(
        basis_word=basis_word, basis_phrase=basis_phrase, untitled=untitled, powers=powers, unbroken=unbroken
    )
    return found


def _energy(quantity: Quantity | None) -> str:
    """Write an energy with its interval, value and unit on one line."""
    return unbroken(energy(quantity))


def _name(text: str) -> str:
    """Write the name of a document, which a user's file may choose."""
    return shown(text, 60)
