"""The purity of a singular spectrum, exactly and by random bases."""

import numpy as np
import pytest

from qwatt.quantum.algorithms.purity import (
    measured_purities,
    purity_demand,
    random_rotations,
    spectral_purity,
)
from qwatt.quantum.backends import get_circuit_backend


def exact(matrix):
    squares = np.square(np.linalg.svd(matrix, compute_uv=False))
    return float(np.square(squares / squares.sum()).sum())


@pytest.mark.parametrize("shape", [(4, 4), (7, 3), (3, 8)])
def test_the_closed_form_is_that_of_the_singular_values(shape):
    matrix = np.random.default_rng(1).normal(size=shape)
    assert spectral_purity(matrix) == pytest.approx(exact(matrix), rel=1e-10)


@pytest.mark.parametrize("shots", [None, 100])
@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6)])
def test_random_bases_estimate_it_without_bias(shape, shots):
    rng = np.random.default_rng(2)
    matrices = np.stack([rng.normal(size=shape), np.outer(np.arange(1.0, 1 + shape[0]), np.ones(shape[1]))])
    backend = get_circuit_backend("engine")
    found = np.stack([measured_purities(backend, matrices, 10, shots, rng) for _ in range(25)])
    error = found.std(axis=0) / np.sqrt(len(found))
    expected = [exact(matrix) for matrix in matrices]
    assert np.all(np.abs(found.mean(axis=0) - expected) < 5 * error + 1e-6)
    assert expected[1] == pytest.approx(1.0)
    planned = purity_demand(*shape, 2, 10, shots).times(25)
    assert planned.circuits == 2 * 10 * 25 == backend.recorder.demand.circuits
    assert planned.shots == backend.recorder.demand.shots


def test_rotations_are_drawn_evenly():
    drawn = np.cos(random_rotations(20_000, np.random.default_rng(3))[:, 1])
    assert abs(drawn.mean()) < 0.02
    assert np.square(drawn).mean() == pytest.approx(1 / 3, abs=0.01)
