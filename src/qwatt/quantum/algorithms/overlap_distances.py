"""Squared distances from measured overlaps of amplitude-encoded vectors (arXiv:1307.0411).

|x - c|^2 = |x|^2 + |c|^2 - 2 |x||c| s, the lengths known classically and the cosine s from a test. Inversion
and swap tests measure the fidelity s^2 and lose the sign. Shots of a swap test that say less than 0 count as
0, and the root is taken: of all s that there are, that one makes the shots likeliest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.quantum.algorithms.lloyd import Points

if TYPE_CHECKING:
    from qwatt.quantum.circuits import feature_maps
    from qwatt.quantum.circuits import overlap as tests
else:
    feature_maps, tests = lazy("qwatt.quantum.circuits.feature_maps"), lazy("qwatt.quantum.circuits.overlap")


def amplitude_test(kind: str, values: int) -> tests.OverlapTest:
    """Return an overlap test of vectors of so many values, on the fewest qubits that hold them."""
    wires = max(1, (values - 1).bit_length())
    return tests.OverlapTest(kind, feature_maps.amplitude_map(wires, 2**wires))


def amplitude_inputs(points: Points, test: tests.OverlapTest) -> Points:
    """Return amplitudes, not normalised; a point at the origin, which has no direction, gets one."""
    found = np.zeros((len(points), test.encoding.n_inputs))
    found[:, : points.shape[1]] = points
    found[~found.any(axis=1), 0] = 1.0
    return found


def squared_distances(
    test: tests.OverlapTest, overlaps: NDArray[np.float64], points: Points, centroids: Points
) -> NDArray[np.float64]:
    """Return distances of points (N, d) from centroids (k, d) by what the tests estimated, shape (N, k)."""
    signed = test.kind == "interference"
    cosines = overlaps if signed else np.sqrt(np.maximum(overlaps, 0.0))
    lengths, others = np.linalg.norm(points, axis=1)[:, None], np.linalg.norm(centroids, axis=1)
    return np.asarray(lengths**2 + others**2 - 2.0 * lengths * others * cosines, dtype=np.float64)
