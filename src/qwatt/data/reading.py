"""What every reader yields, and how wide it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = tuple[str, Mapping[str, Any]]
"""Where it is, as "file:line", and its fields."""

MOST_COLUMNS = 16_384
"""As many as a spread sheet can have; every row of a wider table would be thousands of fields in memory."""
