"""What a method would execute, found without executing a circuit: the QPU's bill and the host's work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qwatt.core.demand import Demand


@dataclass(frozen=True)
class Effort:
    """The predicted work of one step.

    Args:
        demand: the QPU's bill.
        work: the host's own work, by kind of `host_power.work` in the catalogue, such as "gemm_flop"; None
            when the method cannot say.
        simulation_flops: floating-point operations of simulating `demand` on this host.
    """

    demand: Demand = field(default_factory=Demand)
    work: Mapping[str, float] | None = field(default_factory=dict)
    simulation_flops: float = 0.0

    @classmethod
    def sum(cls, efforts: Iterable[Effort]) -> Effort:
        """Add efforts; unknown work makes the sum's work unknown."""
        parts = list(efforts)
        work: Counter[str] | None = Counter()
        for part in parts:
            if part.work is None or work is None:
                work = None
            else:
                work.update(part.work)
        return cls(
            Demand.sum(part.demand for part in parts),
            None if work is None else dict(work),
            sum(part.simulation_flops for part in parts),
        )

    def __add__(self, other: Effort) -> Effort:
        return Effort.sum([self, other])


@dataclass(frozen=True)
class Plan:
    """The efforts of a method on a problem.

    Args:
        run: of one `run`, that is of one setting.
        apply: of one `apply`.
        once: what is done once a trial, whatever the number of settings tried, such as embedding the text.
        note: what the plan assumes.
    """

    run: Effort = field(default_factory=Effort)
    apply: Effort = field(default_factory=Effort)
    once: Effort = field(default_factory=Effort)
    note: str = ""

    @property
    def demand(self) -> Demand:
        """The QPU's bill of one `run` and one `apply`."""
        return Demand.sum([self.once.demand, self.run.demand, self.apply.demand])
