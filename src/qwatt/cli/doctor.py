"""`qwatt doctor`: what this machine can measure, and how to let it measure more."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from qwatt.cli.options import Json

if TYPE_CHECKING:
    from qwatt.energy.meter import Rung


def doctor(as_json: Json = False) -> None:
    """Say which energy readers work here, why the better ones do not, and the mend."""
    from qwatt.cli.output import print_json, print_table
    from qwatt.energy.doctor import diagnose

    rungs = diagnose()
    if as_json:
        print_json({"rungs": [asdict(rung) for rung in rungs]})
        return
    rows = [(rung.name, rung.readable, _words(rung)) for rung in rungs]
    print_table("Energy readers, best first", ("reader", "readable", "what it reads, or why not"), rows)


def _words(rung: Rung) -> str:
    mend = f"mend: {rung.mend}" if rung.mend else None
    return "\n".join(filter(None, (rung.detail, rung.why_not, mend)))
