"""`qwatt doctor`: what this machine can measure, and how to let it measure more."""

from __future__ import annotations

from dataclasses import asdict

from qwatt.cli.options import Json


def doctor(as_json: Json = False) -> None:
    """Say which energy readers work here, why the better ones do not, and the mend."""
    from qwatt.cli.output import print_json, print_table
    from qwatt.energy.doctor import diagnose

    rungs = diagnose()
    if as_json:
        print_json({"rungs": [asdict(rung) for rung in rungs]})
        return
    columns = list(asdict(rungs[0]))
    print_table("Energy readers, best first", columns, [list(asdict(rung).values()) for rung in rungs])
