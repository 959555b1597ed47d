"""The sequential test with the fidelity kernel in closed form."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.betting import Betting, betting_flop
from qwatt.stages.monitoring.drift.kernel_mmd_twin import KernelMmdTwin, twin_values
from qwatt.stages.monitoring.drift.problem import DriftProblem


@method
class KernelSequentialTwin(Betting, KernelMmdTwin):
    """The same bets with the kernel that the circuits estimate, without their noise."""

    name = "kernel-sequential-twin"
    kind = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2112.09162", "Kramers and Wannier 1941")

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the transfer matrices and the bets."""
        texts, wires = 2 * problem.window, self.feature_count(problem, settings)
        return Effort(work={"elementwise": twin_values(texts, wires), "gemm_flop": betting_flop(texts)})
