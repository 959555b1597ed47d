"""The console that everything for people is printed on: names are shown as written, never obeyed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from qwatt.core.printable import printable


class PlainConsole(Console):
    """A console that reads no markup and escapes what would act on the terminal.

    Text is escaped before it is measured where rich hands it over as a string, and again where it is written.
    """

    def __init__(self, *, width: int | None = None, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **named: Any) -> Text:
        """Return a string as text that means nothing but itself."""
        return super().render_str(printable(text), **named | {"markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, and escape whatever came as ready text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))
