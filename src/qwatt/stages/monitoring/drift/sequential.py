"""The sequential test with a Gaussian kernel."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.betting import Betting, betting_flop
from qwatt.stages.monitoring.drift.mmd_rbf import MmdRbf
from qwatt.stages.monitoring.drift.problem import DriftProblem


@method
class Sequential(Betting, MmdRbf):
    """Betting on the witness function of the Gaussian kernel: valid at any time, also within a window.

    What that validity costs is power in a window of fixed length, where the permutation test is exact.
    """

    name = "sequential"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2112.09162", "arXiv:2210.01948")

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the distances, an exponential a pair of texts, and the bets."""
        texts = 2 * problem.window
        flop = 2.0 * texts**2 * self.feature_count(problem, settings) + betting_flop(texts)
        return Effort(work={"gemm_flop": flop, "elementwise": 2.0 * texts**2})
