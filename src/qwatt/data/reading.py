"""What every reader yields, and what it tells about what it could not use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Row = tuple[str, Mapping[str, Any]]
"""Where it is, as "file:line", and its fields."""


MOST_COLUMNS = 16_384
"""As many as a spread sheet can have; every row of a wider table would be thousands of fields in memory."""


class Report(Protocol):
    """What a reader tells about what it could not use."""

    encodings: Any

    def skip(self, reason: str, place: str) -> None:
        """Count one skipped row or file."""
        ...

    def note(self, text: str) -> None:
        """Say once what was decided while reading, such as the delimiter that was found."""
        ...
