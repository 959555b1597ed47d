"""The sequential test with a measured fidelity kernel."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import kernel
from qwatt.stages.monitoring.drift.betting import Betting, betting_flop
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.problem import DriftProblem


@method
class KernelSequential(Betting, KernelMmd):
    """Betting on the witness function of the kernel that compute-uncompute circuits measure.

    Shot noise is the same for both texts of a pair, so that the game stays fair; it only makes bets poorer.
    """

    name = "kernel-sequential"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2112.09162", "arXiv:2503.05602")
    companions: ClassVar[tuple[str, ...]] = ("kernel-sequential-twin", "sequential", "random-labels")

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill the symmetric kernel; the bets are the host's."""
        texts, circuit = 2 * problem.window, self.feature_map(self.feature_count(problem, settings))
        work = {"engine_call": 2.0, "gemm_flop": betting_flop(texts)}
        return Effort(
            kernel.demand(circuit, texts, None, shots), work, kernel.simulation_flops(circuit, texts)
        )
