"""The life's energy and money by stage, at central values, for a model of another size and another load."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from qwatt.core.quantity import Quantity
from qwatt.core.task import STAGES
from qwatt.projection.calculators.estimate import Quantities
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.life.service import service_of
from qwatt.projection.whatif.jobs import small_job_growth, teacher_share, training_growth
from qwatt.projection.whatif.recorded import Number
from qwatt.projection.whatif.served import Served, guard_of

HELD = (
    "training tokens, the corpus, its curation and its tokenisation",
    "the number of fine-tunes and their tokens, students, and text that a model decodes for its own tuning",
    "the guard model, and the share of the requests that it checks",
    "number formats, batch, tokens of a request, PUE and rent; rent contains its electricity at any price",
)
"""What no setting changes."""


@dataclass(frozen=True)
class Spent:
    """Facility kWh, and USD of rent; of electricity where no rent is known."""

    kwh: Number
    usd: Number

    def times(self, kwh: Number, usd: Number) -> Spent:
        """Return it with either part times a factor."""
        return Spent(self.kwh * kwh, self.usd * usd)

    def plus(self, other: Spent) -> Spent:
        """Return the sum."""
        return Spent(self.kwh + other.kwh, self.usd + other.usd)


@dataclass(frozen=True)
class Life:
    """A life whose model and load may change; what changes nothing in a stage is held.

    Args:
        cycle: the scenario's life, of known energy.
    """

    cycle: LifeCycle

    def stages(self, size: Number, load: Number) -> dict[str, Spent]:
        """Return every stage.

        Args:
            size, load: parameters and requests over the scenario's.
        """
        trained = training_growth(self.cycle.scenario, size)
        found = {stage: self.own(stage) for stage in STAGES}
        return found | {
            "architecture": found["architecture"].times(trained, trained),
            "training": found["training"].times(trained, trained),
            "tuning": _by_ratio(found["tuning"], self._tuning(size), self._tuning(1.0)),
            "deployment": _grown(found["deployment"], self.served, size, load),
            "monitoring": _by_ratio(found["monitoring"], self._monitoring(load), self._monitoring(1.0)),
        }

    def own(self, stage: str) -> Spent:
        """Return a stage as the scenario has it, recorded or calculated."""
        return spent(self.cycle.stages[stage].costs)

    @property
    def usd_known(self) -> bool:
        """Whether the rent of every stage is known."""
        usd = self.cycle.total["usd"]
        return isinstance(usd, Quantity) and usd.known

    def _tuning(self, size: Number) -> Spent:
        """Return what is calculated: fine-tunes and a teacher's logits grow, students and texts are held."""
        scenario = self.cycle.scenario
        given = scenario.tuning
        growth = small_job_growth(scenario, given.accelerator or scenario.training.accelerator, size)
        runs = given.runs_per_year * scenario.deployment.years
        one, *distilled = (spent(e.quantities) for e in self.cycle.stages["tuning"].estimates)
        kept = 1.0 if given.method == "reinforce" else growth
        whole = one.times(kept * runs, kept * runs)
        for part in distilled:
            teacher = teacher_share(scenario)
            factor = teacher * growth + (1.0 - teacher)
            whole = whole.plus(part.times(factor, factor))
        return whole

    def _monitoring(self, load: Number) -> Spent:
        """Return what is calculated: guard and logs go with the load; a guard with its own copies idles."""
        (watch,) = self.cycle.stages["monitoring"].estimates
        own = spent(watch.quantities)
        if self._guard is None:
            return own.times(load, load)
        guard = self._guard_spent
        logs = Spent(own.kwh - guard.kwh, own.usd - guard.usd).times(load, load)
        return logs.plus(_grown(guard, self._guard, 1.0, load))

    @cached_property
    def served(self) -> Served:
        """The service."""
        return Served(service_of(self.cycle.scenario), self.cycle.scenario.deployment.requests)

    @cached_property
    def _guard(self) -> Served | None:
        return guard_of(self.cycle.scenario)

    @property
    def _guard_spent(self) -> Spent:
        assert self._guard is not None
        return spent(self._guard.quantities())


def spent(costs: Quantities) -> Spent:
    """Return facility kWh and money of some costs."""
    energy, usd, electricity = costs["energy_kwh"], costs["usd"], costs["electricity_usd"]
    assert not isinstance(energy, Quantity)
    assert isinstance(usd, Quantity)
    assert isinstance(electricity, Quantity)
    money = usd if usd.known else electricity
    return Spent(energy["facility"].to("kWh").interval[1], money.interval[1])


def _by_ratio(own: Spent, now: Spent, then: Spent) -> Spent:
    """Return a stage by the growth of what is calculated of it."""
    kwh = now.kwh / then.kwh if then.kwh else 1.0
    return own.times(kwh, now.usd / then.usd if then.usd else kwh)


def _grown(own: Spent, served: Served, size: Number, load: Number) -> Spent:
    """Return a service by its growth over the scenario's own, whose hours are paid."""
    kwh, hours = served.costs(size, load)
    kwh_then, hours_then = served.costs(1.0, 1.0)
    paid = hours / hours_then if served.rented else kwh / kwh_then
    return own.times(kwh / kwh_then, paid)
