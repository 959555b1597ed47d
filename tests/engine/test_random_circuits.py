"""Random circuits agree with default.qubit: states, expectation values and batches."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest
import torch
from random_circuits import N_INPUTS, N_WEIGHTS, Recipe

from qwatt.quantum.engine import compile_circuit

TOLERANCE = {torch.complex64: 1e-5, torch.complex128: 1e-10}
BATCH = 3


def oracle(recipe: Recipe, inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the states of default.qubit, one sample after the other, shape (batch, 2^wires)."""
    device = qml.device("default.qubit", wires=recipe.wires)
    scripts = []
    for row in inputs:
        with qml.queuing.AnnotatedQueue() as queue:
            recipe(torch.from_numpy(row), torch.from_numpy(weights))
            qml.state()
        scripts.append(qml.tape.QuantumScript.from_queue(queue))
    return np.stack([np.asarray(qml.execute([s], device, diff_method=None)[0]) for s in scripts])


def check(seed: int) -> None:
    rng = np.random.default_rng(10_000 + seed)
    wires, gates = 1 + seed % 10, int(rng.integers(1, 25))
    recipe = Recipe(seed, wires, gates)
    inputs, weights = rng.normal(size=(BATCH, N_INPUTS)), rng.normal(size=N_WEIGHTS)
    expected = oracle(recipe, inputs, weights)
    for dtype, tolerance in TOLERANCE.items():
        compiled = compile_circuit(recipe.circuit(), dtype)
        found = compiled.states(torch.from_numpy(inputs), torch.from_numpy(weights))
        np.testing.assert_allclose(found.numpy(), expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize("block", range(4))
def test_states_of_random_circuits_agree_with_default_qubit(block: int) -> None:
    for seed in range(25 * block, 25 * (block + 1)):
        check(seed)
