"""What the allocations of bits share: one knapsack for all, GPTQ at the bits that it is solved with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.deployment.quantise.bit_budget import BitBudget, Choice
from qwatt.stages.deployment.quantise.gptq import gptq, gptq_effort
from qwatt.stages.deployment.quantise.grid import Grid
from qwatt.stages.deployment.quantise.method import Notes, QuantiseMethod, reading
from qwatt.stages.deployment.quantise.problem import QuantiseProblem, RoundedLayer
from qwatt.stages.deployment.quantise.qubo_rounding import DAMPING
from qwatt.stages.deployment.quantise.sensitivity import TOKENS, levels_of, measured_budget
from qwatt.stages.deployment.quantise.workbench import Rows, Workbench


class BitsMethod(QuantiseMethod):
    """Base: one gives `allocated`. Uniform bits by the same GPTQ are "gptq", the control."""

    companions: ClassVar[tuple[str, ...]] = ("gptq",)

    @abstractmethod
    def allocated(self, knapsack: BitBudget, settings: Settings, context: Context) -> Choice:
        """Return a choice within the budget."""

    def allocation_effort(self, layers: int, levels: int, settings: Settings, shots: int | None) -> Effort:
        """Return what `allocated` takes."""
        return Effort()

    def bits(
        self, problem: QuantiseProblem, bench: Workbench, settings: Settings, context: Context
    ) -> tuple[Mapping[str, int], Notes]:
        """Solve the knapsack."""
        group = int(settings["group"]) or problem.group
        bits, clip = int(settings["bits"]), str(settings["clip"])
        knapsack = context.shared(
            Ring.KERNEL, "sensitivities", lambda: measured_budget(bench, bits, group, clip)
        )
        choice = self.allocated(knapsack, settings, context)
        found = {name: knapsack.levels[k] for name, k in zip(bench.layers, choice, strict=True)}
        notes = {
            "bits": found,
            "expected_loss": knapsack.total_loss(choice),
            "expected_loss_uniform": knapsack.total_loss(knapsack.start),
            "share_of_budget": knapsack.total_size(choice) / knapsack.budget,
        }
        return found, notes

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Round by GPTQ in the order of activity."""
        return RoundedLayer(gptq(rows, grid, DAMPING), grid)

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count GPTQ."""
        return gptq_effort(rows)

    def plan(self, problem: QuantiseProblem, settings: Settings, shots: int | None) -> Plan:
        """Add measuring and solving the knapsack."""
        bench, levels = self.bench(problem, settings), len(levels_of(int(settings["bits"])))
        trials = len(bench.layers) * levels
        tokens = min(TOKENS, len(bench.calibration))
        measuring = Effort.sum([reading(bench, tokens)] * (trials + 1))
        rounding = Effort.sum(
            self.rows_effort(rows, settings, shots) for rows in bench.calibrated().value * levels
        )
        solving = self.allocation_effort(len(bench.layers), levels, settings, shots)
        plan = super().plan(problem, settings, shots)
        return replace(plan, run=plan.run + solving, once=plan.once + measuring + rounding)
