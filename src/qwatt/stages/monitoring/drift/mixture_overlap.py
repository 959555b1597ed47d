"""Mixture overlap test: every shot compares two texts drawn at random, however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel, overlaps
from qwatt.stages.monitoring.drift.discrepancy import permutation_flop
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.permutation import Labels
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows

if TYPE_CHECKING:
    from qwatt.quantum.circuits import overlap
else:
    overlap = lazy("qwatt.quantum.circuits.overlap")


@dataclass(frozen=True, eq=False)
class DrawnPairs:
    """What was seen of pairs of texts that were drawn at random.

    Args:
        sums: by pair of texts, the sum of what was seen, shape (texts, texts), symmetric.
        counts: by pair, how often it was drawn, likewise.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]

    @classmethod
    def of(
        cls, left: NDArray[np.int64], right: NDArray[np.int64], seen: NDArray[np.float64], texts: int
    ) -> DrawnPairs:
        """Add up what was seen of each pair, shape (draws,): from one shot 0 or 1, or -1 or 1."""
        places = left * texts + right

        def gathered(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            found = np.bincount(places, weights, minlength=texts**2).reshape(texts, texts)
            return np.asarray(found + found.T, dtype=np.float64)

        return cls(gathered(seen), gathered(np.ones(len(seen))))

    def __len__(self) -> int:
        return len(self.sums)


@method
class MixtureOverlap(KernelMmd):
    """tr rho_P^2 + tr rho_Q^2 - 2 tr rho_P rho_Q of the mixtures that the texts of both samples are.

    Each shot prepares two texts drawn at random from both samples together, and asks once whether they are
    alike: by compute-uncompute, or by a swap test of two registers. Which of the three terms a shot counts
    for is told by the labels afterwards, so that they can be permuted. Drawing texts on a QPU needs no QRAM:
    the host draws them.
    """

    name = "mixture-overlap"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:quant-ph/0102001 (swap test)", "arXiv:2503.05602")
    companions: ClassVar[tuple[str, ...]] = ("mixture-overlap-twin", "kernel-mmd-twin", "random-labels")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "draws": (6_000, 2_000),
        "test": ("inversion", "swap"),
        "bandwidth": (0.3, 0.6),
        "components": (8,),
    }
    limits: ClassVar[Mapping[str, Any]] = {"components": (3, 16), "draws": (100, 1_000_000)}

    def compared(self, samples: Sequence[Rows], settings: Settings, context: Context) -> Sequence[Any]:
        """Draw pairs of texts of each pair of samples, and measure each once."""
        backend, circuit = circuit_backend(context), self.feature_map(samples[0].shape[1])
        test = overlap.OverlapTest(str(settings["test"]), circuit)
        found = []
        with context.circuits():
            for rows in samples:
                left, right = drawn_pairs(len(rows), int(settings["draws"]), context.rng)
                seen = backend.pair_overlaps(test, rows, left, right, shots=1 if context.shots else None)
                found.append(DrawnPairs.of(left, right, np.asarray(seen, dtype=np.float64), len(rows)))
                context.progress(len(found), len(samples), "windows measured")
        return found

    def remarks(self, compared: Sequence[Any], settings: Settings, shots: int | None) -> dict[str, Any]:
        """Return nothing: one shot a pair does not tell how much kernels differ."""
        return {}

    def statistics(self, sample: Any, assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the discrepancy as the shots of each term have it, for each assignment."""
        return drawn_discrepancies(sample, assigned)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill one circuit a draw, whatever the window; simulated are the states and all their overlaps."""
        texts, circuit = 2 * problem.window, self.feature_map(self.feature_count(problem, settings))
        draws, kind = int(settings["draws"]), str(settings["test"])
        demand = overlaps.tests_demand(kind, circuit, draws, None if shots is None else 1)
        work = {"engine_call": 2.0, "elementwise": 10.0 * draws, "gemm_flop": 2.0 * permutation_flop(texts)}
        return Effort(demand, work, kernel.simulation_flops(circuit, texts))


def drawn_pairs(
    texts: int, draws: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of two different texts, each pair as likely as any other."""
    left = rng.integers(texts, size=draws)
    right = (left + rng.integers(1, texts, size=draws)) % texts
    return left, right


def drawn_discrepancies(sample: DrawnPairs, assigned: Labels) -> NDArray[np.float64]:
    """Return mean over pairs within the window + within the reference - 2 across, shape (assignments,).

    A term that no pair fell into counts 0.
    """
    sums, counts = _by_term(sample.sums, assigned), _by_term(sample.counts, assigned)
    within_x, within_y, across = sums / np.maximum(counts, 1.0)
    return np.asarray(within_x + within_y - 2.0 * across)


def _by_term(matrix: NDArray[np.float64], assigned: Labels) -> NDArray[np.float64]:
    """Return the sums over pairs within the reference, within the window, and across; (3, assignments)."""
    y = assigned.astype(np.float64)
    towards = y @ matrix
    within_y, across = (towards * y).sum(axis=1) / 2, (towards * (1.0 - y)).sum(axis=1)
    return np.stack([matrix.sum() / 2 - within_y - across, within_y, across])
