"""Random circuits over every supported gate agree with default.qubit, in both dtypes and in batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pennylane as qml
import pytest
import torch
from random_circuits import N_INPUTS, N_WEIGHTS, Recipe

from qwatt.quantum.engine import compile_circuit

TOLERANCE = {torch.complex64: 1e-5, torch.complex128: 1e-10}
BATCH = 2
BLOCK = 50


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
    x, w = torch.from_numpy(inputs), torch.from_numpy(weights)
    circuit = recipe.circuit()
    for dtype, tolerance in TOLERANCE.items():
        compiled = compile_circuit(circuit, dtype)
        np.testing.assert_allclose(compiled.states(x, w).numpy(), expected, atol=tolerance, rtol=0)
    np.testing.assert_allclose(compiled.probs(x, w).numpy(), np.abs(expected) ** 2, atol=1e-10, rtol=0)


@pytest.fixture
def splitting(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fuse odd blocks with real layers and separate phases, every fourth with phases by Walsh transform.

    Otherwise only large states would be fused so.
    """
    if block % 2:
        monkeypatch.setattr("qwatt.quantum.engine.circuit.cache.SPLIT_AMPLITUDES", 1)
    if block % 4 == 3:
        monkeypatch.setattr("qwatt.quantum.engine.circuit.phases.DENSE_NUMBERS", 0)


@pytest.mark.parametrize("block", range(8))
def test_states_agree_with_default_qubit(block: int, splitting: None) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        check(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(8, 40))
def test_states_of_all_2000_circuits_agree_with_default_qubit(
    block: int, splitting: None, record_property: Callable[[str, object], None]
) -> None:
    seeds = range(BLOCK * block, BLOCK * (block + 1))
    for seed in seeds:
        check(seed)
    record_property("figures", f"{BLOCK} random circuits, seeds {seeds[0]:,} to {seeds[-1]:,}")
