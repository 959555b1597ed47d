"""The median world's machines by year as columns of numbers, and the world that such numbers stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np

from qwatt.projection.futures.machines import Annealer, Machine, World
from qwatt.projection.futures.montecarlo import DrawSettings, drawn_world
from qwatt.projection.scaling.quantile import Array, central_quantiles
from qwatt.projection.spread import Span
from qwatt.projection.whatif.recorded import Number
from qwatt.projection.whatif.settings import ROADMAPS, Roadmap

MACHINE = ("qubits", "error", "cycle_s", "layer_s", "shot_s", "fixed_w", "qubit_w", "reaction")
ANNEALER = tuple(each.name for each in fields(Annealer))
_TIMES = ("cycle_s", "layer_s", "shot_s", "reaction", "program_s", "read_s")
_SHARES = {"history": 0.0, "vendor": 1.0}

Columns = Mapping[str, Array]
"""By "machine.field" its value in each year, shape (years,)."""


def median_worlds(pue: Span, settings: DrawSettings) -> dict[Roadmap, World]:
    """Return the world in which every assumption has its median, by roadmap."""
    return {
        name: drawn_world(central_quantiles, pue, replace(settings, vendor_share=_SHARES[name]))
        for name in ROADMAPS
    }


def columns(world: World) -> dict[str, Array]:
    """Return what changes from year to year or with the settings, year by year."""
    found: dict[str, Array] = {
        f"{name}.{part}": getattr(machine, part)
        for name, machine in world.machines.items()
        for part in MACHINE
    }
    found |= {f"annealer.{part}": getattr(world.annealer, part) for part in ANNEALER}
    found |= {f"classical.{name}": factor for name, factor in world.classical.items()}
    found |= {name: getattr(world, name) for name in ("hardware", "quantum_algorithms", "code_share")}
    return {name: np.broadcast_to(part, (1, len(world.years)))[0] for name, part in found.items()}


def world_of(base: World, numbers: Mapping[str, Number]) -> World:
    """Return the world of one year that has these numbers, and what never changes from another.

    Args:
        base: the other.
        numbers: as `columns` names them.
    """

    def parts(prefix: str) -> dict[str, Number]:
        return {
            name.removeprefix(prefix): number for name, number in numbers.items() if name.startswith(prefix)
        }

    return replace(
        base,
        years=base.years[:1],
        machines={
            name: Machine(**parts(f"{name}."), circuits=machine.circuits)
            for name, machine in base.machines.items()
        },
        annealer=Annealer(**parts("annealer.")),
        classical=parts("classical."),
        **{name: numbers[name] for name in ("hardware", "quantum_algorithms", "code_share")},
    )


def changed_numbers(
    numbers: Mapping[str, Number], power: Number, error: Number, speed: Number
) -> dict[str, Number]:
    """Return the machines with factors on their watts, their errors and their speed."""
    factors = {
        **dict.fromkeys(("fixed_w", "qubit_w", "system_w"), power),
        "error": error,
        **dict.fromkeys(_TIMES, 1.0 / speed),
    }
    return {name: number * factors.get(name.rpartition(".")[2], 1.0) for name, number in numbers.items()}
