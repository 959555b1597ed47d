"""The figures of a projection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from qwatt.report.gallery.figure import Figure, file_name
from qwatt.report.gallery.version import drawn_by
from qwatt.report.projection.amounts import digits
from qwatt.report.projection.enhancements import break_evens, heat, swings_of
from qwatt.report.projection.heat_map import scale
from qwatt.report.projection.near_or_worth import near_or_worth
from qwatt.report.projection.ruler import far_of, ruler
from qwatt.report.projection.stages import stage_picture

if TYPE_CHECKING:
    from qwatt.projection.project import Projection

BASIS = "modelled, intervals of 90 % unless the title says otherwise"
BREAK_EVEN = {
    "break_even": ("break-even-with-the-best-classical-method", "Against the best classical method"),
    "break_even_simulation": ("break-even-with-its-simulation", "Against simulating its own circuits"),
}


def projection_figures(projection: Projection) -> list[Figure]:
    """Return every figure of a projection that has something to show."""
    record = projection.to_record()
    settings = record["assumptions"]
    source = drawn_by(
        f"scenario {record['name']}, {digits(settings['draws'])} futures, seed {settings['seed']}"
    )
    return [
        Figure(name, title, BASIS, source, picture, key)
        for name, title, picture, key in _drawn(record)
        if picture
    ]


def _drawn(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, title, picture and key."""
    entries, (first, last) = record["enhancements"], record["assumptions"]["years"]
    far = far_of(entries)
    yield (
        "life-energy-by-stage",
        "Facility energy over the model's life by stage, with its share of the whole",
        stage_picture(record["stages"]),
        "",
    )
    yield (
        "distance-ruler",
        "Joules of the quantum method over the best classical method's, in powers of ten, on a machine of "
        f"any size: ring today, ticks between, dot {last}; bar from the tenth to the ninetieth percentile",
        ruler(far),
        "",
    )
    yield (
        "near-or-worth-much",
        f"Distance in {last} against the share of the life that a free QPU of any size would save",
        near_or_worth(far),
        "",
    )
    yield (
        "chance-of-an-advantage-by-year",
        "Probability that the enhancement has beaten the best classical method in energy at equal quality",
        heat(entries),
        scale(),
    )
    for key, (name, title) in BREAK_EVEN.items():
        found = break_evens(entries, key, title, first)
        yield name, f"Break-even years, tenth to ninetieth percentile. {found.title}", found.svg, ""
    for entry in entries:
        title = f"What moves the answer for {entry['name']}, {last}, machine of any size"
        yield f"what-moves-{file_name(entry['id'])}", title, swings_of(entry), ""
