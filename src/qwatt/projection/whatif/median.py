"""Everything that a what-if answers, as one function of numbers: it computes, and it can be written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from qwatt.core.quantity import Quantity
from qwatt.projection.levers.lever import Lever
from qwatt.projection.project import Projection, settings_of
from qwatt.projection.scaling import Card, all_cards, rivals, scenario_sizes
from qwatt.projection.scaling.quantile import Array
from qwatt.projection.whatif.duels import WORDS, Duels
from qwatt.projection.whatif.levers import Place, saved_now
from qwatt.projection.whatif.life import Life, Spent
from qwatt.projection.whatif.machines import changed_numbers, columns, median_worlds, world_of
from qwatt.projection.whatif.recorded import Number, Program
from qwatt.projection.whatif.settings import Settings, own_settings
from qwatt.projection.whatif.sizes import grown_sizes

Numbers = Mapping[str, Number]


class MedianFuture:
    """The future in which every assumption has its median, as a function of the settings.

    Distances are the projection's own medians, moved by what the settings change in this one future: the
    median of many futures is not the future of medians. A limit is the projection's own word where this
    future's word stays the same.

    Args:
        projection: of known energy; see `why_not`.
        levers: which of its levers to follow.
    """

    def __init__(self, projection: Projection, levers: Sequence[Lever]) -> None:
        self.levers = [lever for lever in levers if lever.saved_kwh["value"] is not None]
        self.entries = [e for e in projection.enhancements if e["kind"] == "quantum" and _known(e)]
        self.own = own_settings(projection)
        self._projection = projection
        self.life = Life(projection.cycle)
        scenario = projection.scenario
        self._sizes, self._cards = scenario_sizes(scenario), {**all_cards(), **projection.cards}
        self._worlds = median_worlds(scenario.place().pue, settings_of(scenario))
        self._duels = Duels(self._worlds["history"], self._sizes["days"].value)

    @property
    def years(self) -> range:
        """The projection's years."""
        first, last = self._projection.assumptions["years"]
        return range(first, last + 1)

    def outputs(self) -> list[str]:
        """Return the names of what is answered, in order."""
        return self._written[0]

    def compute(self, numbers: Numbers) -> dict[str, Number]:
        """Return the answers by name.

        Args:
            numbers: as `numbers` gives them, floats, arrays or recorded ones.
        """
        size = numbers["params"] / self.own.params
        load = numbers["requests_per_day"] / self.own.requests_per_day
        stages = self.life.stages(size, load)
        kwh = sum(stage.kwh for stage in stages.values())
        found = {
            "kwh": kwh,
            "co2e_kg": kwh * numbers["kg_per_kwh"],
            "usd": sum(stage.usd for stage in stages.values()),
            "electricity_usd": kwh * numbers["usd_per_kwh"],
        }
        found |= {f"stage {name}": stage.kwh for name, stage in stages.items()}
        return found | self._levers(numbers, stages, size, load) | self._quantum(numbers, stages, size, load)

    def numbers(self, settings: Settings) -> dict[str, float]:
        """Return settings, and the year's machines, as numbers by name."""
        at = self.years.index(settings.year)
        yearly = {name: float(column[at]) for name, column in self.columns[settings.roadmap].items()}
        return settings.numbers() | yearly

    def arrays(self, settings: Settings) -> dict[str, Array]:
        """Return the same as arrays of shape (1, 1), as the projection's functions take them."""
        return {name: np.full((1, 1), number) for name, number in self.numbers(settings).items()}

    def program(self) -> Program:
        """Return everything written down, its inputs those of `numbers`."""
        return self._written[1]

    @cached_property
    def _written(self) -> tuple[list[str], Program]:
        program = Program(list(self.numbers(self.own)))
        found = self.compute(dict(zip(program.names, program.inputs(), strict=True)))
        program.gives(list(found.values()))
        return list(found), program

    @cached_property
    def columns(self) -> dict[str, dict[str, Any]]:
        """By roadmap the columns of machines, and of how near each year is to those with a distance."""
        years = np.asarray(self.years, dtype=float)
        near = {
            f"near {year}": np.interp(years, self._milestones, np.eye(len(self._milestones))[at])
            for at, year in enumerate(self._milestones)
        }
        return {name: columns(world) | near for name, world in self._worlds.items()}

    @cached_property
    def _milestones(self) -> list[int]:
        """Years of which the projection has distances."""
        return sorted({int(year) for entry in self.entries for year in entry["distance"]})

    def _levers(
        self, numbers: Numbers, stages: Mapping[str, Spent], size: Number, load: Number
    ) -> dict[str, Number]:
        own = Place({stage: self.life.own(stage) for stage in stages}, self.own.kg_per_kwh)
        now = Place(stages, numbers["kg_per_kwh"], size, load)
        found: dict[str, Number] = {}
        for lever in self.levers:
            saved = saved_now(lever, self.life.served, own, now)
            names = ("kwh", "usd", "co2e_kg")
            found |= {f"lever {lever.id} {name}": part for name, part in zip(names, saved, strict=True)}
        return found

    def _quantum(
        self, numbers: Numbers, stages: Mapping[str, Spent], size: Number, load: Number
    ) -> dict[str, Number]:
        found: dict[str, Number] = {}
        medians = self.medians(numbers, stages, size, load)
        for entry, (distance, limit) in zip(self.entries, medians, strict=True):
            offset = sum(
                numbers[f"near {year}"] * part
                for year, part in zip(self._milestones, self._offsets[entry["id"]], strict=True)
            )
            page = float(WORDS.index(entry["limit"]))
            found[f"distance {entry['id']}"] = distance + offset
            found[f"limit {entry['id']}"] = np.where(np.equal(limit, self._limits[entry["id"]]), page, limit)
        return found

    def medians(
        self, numbers: Numbers, stages: Mapping[str, Spent], size: Number, load: Number
    ) -> list[tuple[Number, Number]]:
        """Return distance and limit of every enhancement in the median future alone."""
        scenario = self._projection.scenario
        known = grown_sizes(scenario, self._sizes, size, load)
        machines = {n: numbers[n] for n in self.columns["history"] if not n.startswith("near ")}
        factors = (numbers[name] for name in ("qpu_power", "two_qubit_error", "shot_speed"))
        world = world_of(self._worlds["history"], changed_numbers(machines, *factors))
        found = []
        for entry in self.entries:
            card = self._cards[entry["id"]]
            against = [self._cards[rival.id] for rival in rivals(card)]
            kwh = stages[card.stage].kwh
            one = self._duels.median(card, against, known, world, kwh, misses_quality=_misses(entry, card))
            found.append((one.distance, one.limit))
        return found

    @cached_property
    def _at_milestones(self) -> list[tuple[Any, Any]]:
        """Distance and limit at the scenario's own settings, in the years with a distance."""
        at = [self.years.index(year) for year in self._milestones]
        numbers: dict[str, Any] = {name: np.full((1, 1), n) for name, n in self.own.numbers().items()}
        numbers |= {name: column[at][None, :] for name, column in self.columns[self.own.roadmap].items()}
        stages = self.life.stages(1.0, 1.0)
        return self.medians(numbers, stages, np.ones((1, 1)), np.ones((1, 1)))

    @cached_property
    def _offsets(self) -> dict[str, list[float]]:
        """The projection's median distances over those of the median future, by the years that have one."""
        found = {}
        for entry, (distance, _) in zip(self.entries, self._at_milestones, strict=True):
            page = {int(year): far for year, far in entry["distance"].items()}
            known = [y for y in self._milestones if page.get(y) is not None]
            alone = dict(zip(self._milestones, np.ravel(distance).tolist(), strict=True))
            parts = [page[y] - alone[y] for y in known]
            found[entry["id"]] = np.interp(self._milestones, known, parts).tolist()
        return found

    @cached_property
    def _limits(self) -> dict[str, float]:
        """The median future's limits in the last year, by the place of their word."""
        pairs = zip(self.entries, self._at_milestones, strict=True)
        return {entry["id"]: float(np.ravel(limit)[-1]) for entry, (_, limit) in pairs}


def why_not(projection: Projection) -> str:
    """Return why a projection has no what-if; empty where it has one."""
    if projection.assumptions["free_qpu"]:
        return "QPUs take nothing here, whatever their power, error and speed"
    total = projection.cycle.total["energy_kwh"]
    assert not isinstance(total, Quantity)
    whole = total["facility"]
    if projection.scenario.deployment.requests_per_day == 0:
        return "no request is served, so there is no load to compare with"
    return "" if whole.known else f"the energy of the life is unknown: {whole.reason}"


def _known(entry: Mapping[str, Any]) -> bool:
    return entry["limit"] in WORDS and any(far is not None for far in entry["distance"].values())


def _misses(entry: Mapping[str, Any], card: Card) -> bool:
    """Return whether it misses the quality in most futures: by its limit, else by the card's chance."""
    if entry["limit"] == "by construction":
        return card.quality is not None and card.quality.value < 0.5
    return bool(entry["limit"] == "quality")
