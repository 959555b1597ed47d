"""A picture that stands on its own: shown in a notebook, or saved as SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.report.gallery.figure import Figure as Drawn


@dataclass(frozen=True)
class Figure:
    """A picture.

    Args:
        name: of a file, such as "life-energy-by-stage".
        title: what it shows, in a sentence.
        svg: the whole SVG, with title, basis, source and style in it.
    """

    name: str
    title: str
    svg: str = field(repr=False)

    def save(self, file: str | Path) -> Path:
        """Write the picture into a file, as PNG where its name ends so, else as SVG; return its path.

        Raises:
            QwattError: PNG needs `qwatt[figures]`.
        """
        from qwatt.report.gallery.png import png, require_png

        path = Path(file)
        if path.suffix == ".png":
            require_png()
            path.write_bytes(png(self.svg))
        else:
            path.write_text(self.svg, encoding="utf-8")
        return path

    def _repr_svg_(self) -> str:
        return self.svg


def first_of(drawn: Sequence[Drawn], ending: str) -> Figure | None:
    """Return the first figure whose name ends so, as one that stands alone; None where there is none."""
    from qwatt.core.secrets import scrubbed
    from qwatt.report.gallery.figure import standalone

    found = next((one for one in drawn if one.name.endswith(ending)), None)
    return None if found is None else Figure(found.name, scrubbed(found.title), scrubbed(standalone(found)))
