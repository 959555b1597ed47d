"""What this machine can measure, why the better rungs cannot be read, and the mend."""

from __future__ import annotations

from qwatt.energy.meter.ladder import Sources, climb
from qwatt.energy.meter.reader import Rung


def diagnose(sources: Sources | None = None) -> list[Rung]:
    """Return the ladder's rungs, best first.

    Args:
        sources: where to look; the default is this machine.
    """
    return [found.rung for found in climb(sources)]
