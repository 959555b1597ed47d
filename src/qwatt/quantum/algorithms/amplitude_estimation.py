"""Iterative amplitude estimation (1912.05559): an interval for a = sin^2(theta) without phase estimation.

Each round measures the good outcome after k amplifications, whose probability is sin^2((2k+1) theta), and
takes the largest k whose angle interval still lies in one half of the circle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import beta

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.amplification import amplified

if TYPE_CHECKING:
    from qwatt.quantum.backends.base import QuantumBackend

Measure = Callable[[int, int], int]
"""Called with the amplifications k and the shots; returns how many shots showed the good outcome."""


@dataclass(frozen=True)
class AmplitudeEstimate:
    """An estimate with its confidence interval and its cost.

    Args:
        value: estimate of a, the middle of the interval.
        low: lower end of the interval.
        high: upper end.
        confidence: probability that the interval holds a, 1 - alpha.
        oracle_calls: uses of the preparation A or its inverse, (2k+1) a shot.
        shots: measured circuits.
        rounds: (k, shots) of every round.
    """

    value: float
    low: float
    high: float
    confidence: float
    oracle_calls: int
    shots: int
    rounds: list[tuple[int, int]] = field(default_factory=list)


def estimate_amplitude(
    measure: Measure, error: float, *, alpha: float = 0.05, shots: int = 100, ratio: float = 2.0
) -> AmplitudeEstimate:
    """Estimate a to a half-width `error` with confidence 1 - alpha.

    Args:
        measure: runs `shots` circuits with k amplifications and counts the good outcomes.
        error: half-width of the interval wanted, in (0, 0.5).
        alpha: probability of missing, shared among the rounds (Clopper-Pearson intervals).
        shots: of each round.
        ratio: least growth of 2k+1 from one k to the next.

    Raises:
        QwattError: an argument out of range.
    """
    if not (0 < error < 0.5 and 0 < alpha < 1 and shots >= 1 and ratio > 1):
        raise QwattError(f"cannot estimate to {error} with alpha {alpha}, {shots} shots, ratio {ratio}")
    most_rounds = max(1, math.ceil(math.log(math.pi / (4 * error), ratio)) + 1)
    low, high = 0.0, 0.25
    k, upper, ones, taken = 0, True, 0, 0
    rounds: list[tuple[int, int]] = []
    while high - low > error / math.pi:
        k_next, upper = _next_k(k, upper, low, high, ratio)
        if k_next != k:
            k, ones, taken = k_next, 0, 0
        ones, taken = ones + measure(k, shots), taken + shots
        rounds.append((k, shots))
        low, high = _narrow(low, high, k, upper, _interval(ones, taken, alpha / most_rounds))
    ends = math.sin(2 * math.pi * low) ** 2, math.sin(2 * math.pi * high) ** 2
    calls = sum((2 * k + 1) * n for k, n in rounds)
    total = sum(n for _, n in rounds)
    return AmplitudeEstimate(sum(ends) / 2, *ends, 1 - alpha, calls, total, rounds)


def sampled(amplitude: float, rng: np.random.Generator) -> Measure:
    """Return a `Measure` that draws from sin^2((2k+1) theta): the circuits' statistics for a known a."""
    theta = math.asin(math.sqrt(amplitude))
    return lambda k, shots: int(rng.binomial(shots, math.sin((2 * k + 1) * theta) ** 2))


def on_backend(
    backend: QuantumBackend,
    circuit: Circuit,
    inputs: Any = None,
    weights: Any = None,
    *,
    good: int = 0,
    rng: np.random.Generator | None = None,
) -> Measure:
    """Return a `Measure` that samples the amplified circuit on a backend, which charges every round.

    Args:
        backend: where to run.
        circuit: the preparation A.
        inputs: of one sample, shape (n_inputs,), or None.
        weights: shape `circuit.weight_shape`, or None.
        good: the wire whose outcome 1 is good.
        rng: generator of the shots.
    """

    def measure(k: int, shots: int) -> int:
        bits = backend.sample(amplified(circuit, k, good), inputs, weights, shots, rng)
        return int(bits[0, :, good].sum())

    return measure


def _interval(ones: int, shots: int, alpha: float) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a probability."""
    low = 0.0 if ones == 0 else float(beta.ppf(alpha / 2, ones, shots - ones + 1))
    high = 1.0 if ones == shots else float(beta.ppf(1 - alpha / 2, ones + 1, shots - ones))
    return low, high


def _next_k(k: int, upper: bool, low: float, high: float, ratio: float) -> tuple[int, bool]:
    """Return the largest k whose scaled angles stay in one half circle, and which half (algorithm 2).

    Angles are in turns of 4k+2 times theta / 2 pi: [low, high] is an interval of theta / (2 pi).
    """
    scale = 4 * k + 2
    largest = int(0.5 / (high - low))
    candidate = largest - (largest - 2) % 4
    while candidate >= ratio * scale:
        left = candidate * low - math.floor(candidate * low)
        right = candidate * high - math.floor(candidate * high)
        if left <= right <= 0.5:
            return (candidate - 2) // 4, True
        if 0.5 <= left <= right:
            return (candidate - 2) // 4, False
        candidate -= 4
    return k, upper


def _narrow(
    low: float, high: float, k: int, upper: bool, interval: tuple[float, float]
) -> tuple[float, float]:
    """Return the interval of theta / (2 pi) that a measured probability interval leaves.

    It is cut with the one before; where the two contradict each other (one has missed), the new one counts.
    """
    scale = 4 * k + 2
    angles = [math.acos(1 - 2 * p) / (2 * math.pi) for p in interval]
    left, right = angles if upper else (1 - angles[1], 1 - angles[0])
    turns_low, turns_high = math.floor(scale * low), math.floor(scale * high)
    new = (turns_low + left) / scale, (turns_high + right) / scale
    cut = max(low, new[0]), min(high, new[1])
    return cut if cut[0] < cut[1] else new
