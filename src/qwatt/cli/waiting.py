"""Says on stderr, where that is a terminal, what is worked out meanwhile."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwatt.projection.scenario.model import Scenario


def waiting(words: str) -> AbstractContextManager[Any]:
    """Return a spinner that turns meanwhile, beside the words; what no terminal shows prints nothing."""
    from rich.text import Text

    from qwatt.core.printable import one_line
    from qwatt.report.console import PlainConsole

    return PlainConsole(stderr=True).status(Text(one_line(words)))


def projecting(scenario: Scenario) -> AbstractContextManager[Any]:
    """Return the spinner of a projection."""
    return waiting(f"projecting {scenario.name} to {scenario.outlook.last_year}")
