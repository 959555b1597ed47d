"""Says on stderr that a scenario is being projected."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwatt.projection.scenario.model import Scenario


def spinner(scenario: Scenario) -> AbstractContextManager[Any]:
    """Return a spinner that turns meanwhile."""
    from rich.text import Text

    from qwatt.core.printable import one_line
    from qwatt.report.console import PlainConsole

    words = Text(one_line(f"projecting {scenario.name} to {scenario.outlook.last_year}"))
    return PlainConsole(stderr=True).status(words)
