"""What levers that need no quantum computer save of another life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qwatt.core.effect import EffectKind
from qwatt.projection.effects.stages import FLOAT_BITS
from qwatt.projection.levers.lever import Lever
from qwatt.projection.whatif.life import Spent
from qwatt.projection.whatif.recorded import Number
from qwatt.projection.whatif.served import Served

HELD = "the share that a lever saves of a stage, but for lighter models in service; its cost; its verdict"
"""What no setting changes."""

SERVICE = "deployment"


@dataclass(frozen=True)
class Place:
    """A life at which levers are looked at.

    Args:
        stages: its stages.
        kg_per_kwh: CO2e of the grid.
        size, load: parameters and requests over the scenario's.
    """

    stages: Mapping[str, Spent]
    kg_per_kwh: Number
    size: Number = 1.0
    load: Number = 1.0


def saved_now(lever: Lever, served: Served, own: Place, now: Place) -> tuple[Number, Number, Number]:
    """Return kWh, USD and kg CO2e that a lever saves.

    Its saving is the projection's own, times what its parts by stage grow by. A lever on the model in service
    saves another share where the load or the size leave copies that idle.

    Args:
        lever: one whose saving is known.
        served: the service.
        own, now: the life as the scenario has it, and as it is asked for.
    """
    assert lever.saved_usd is not None
    assert lever.saved_co2e_kg is not None
    parts = [_part(lever, stage, served, own, now) for stage in lever.by_stage]
    kwh, usd = (sum(part) for part in zip(*parts, strict=True)) if parts else (0.0, 0.0)
    kwh_then, usd_then = (sum(part[name] for part in lever.by_stage.values()) for name in ("kwh", "usd"))
    growth = kwh / kwh_then if kwh_then else 1.0
    saved_usd = lever.saved_usd * (usd / usd_then) if usd_then else usd
    saved_kwh = lever.saved_kwh["value"] * growth
    if own.kg_per_kwh == 0:
        return saved_kwh, saved_usd, saved_kwh * now.kg_per_kwh
    return saved_kwh, saved_usd, lever.saved_co2e_kg * growth * (now.kg_per_kwh / own.kg_per_kwh)


def _part(lever: Lever, stage: str, served: Served, own: Place, now: Place) -> tuple[Number, Number]:
    """Return kWh and USD that are saved of one stage."""
    then, spent, part = own.stages[stage], now.stages[stage], lever.by_stage[stage]
    energy, hours = _shares(lever, served, own) if stage == SERVICE else (1.0, 1.0)
    if energy == 0:
        return part["kwh"], part["usd"]
    energy_now, hours_now = _shares(lever, served, now) if stage == SERVICE else (1.0, 1.0)
    of_energy = part["kwh"] / (then.kwh * energy) if then.kwh else 0.0
    of_usd = part["usd"] / (then.usd * hours) if then.usd and hours else of_energy
    return of_energy * energy_now * spent.kwh, of_usd * hours_now * spent.usd


def _shares(lever: Lever, served: Served, place: Place) -> tuple[Number, Number]:
    """Return the shares of energy and hours that a lever leaves out of the service at its central effect.

    They are 1 for levers that do not change the model in service; as in `effects/stages.py`.
    """
    kind, left = lever.effect["kind"], float(lever.effect["remaining"][1])
    kwh, hours = served.costs(place.size, place.load)
    if kind == EffectKind.WEIGHTS:
        after = served.costs(place.size, place.load, weights=left)
    elif kind == EffectKind.WEIGHT_BITS:
        bits = 8.0 * served.bytes_of_a_weight / FLOAT_BITS
        after = served.costs(
            place.size, place.load, bits=1.0 / bits if lever.in_place else min(left / bits, 1.0)
        )
    else:
        return 1.0, 1.0
    return 1.0 - after[0] / kwh, 1.0 - after[1] / hours
