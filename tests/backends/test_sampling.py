"""Finite shots follow the exact probabilities."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import torch
from scipy.stats import chisquare

from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.backends.sampling import bits, draw, draw_counts, frequencies
from qwatt.quantum.circuit import Circuit


def test_samples_pass_a_chi_square_test_and_are_reproducible() -> None:
    def function(inputs: torch.Tensor, weights: None) -> None:
        qml.RY(inputs[..., 0], wires=0)
        qml.CRY(inputs[..., 1], wires=[0, 1])
        qml.Hadamard(2)

    backend, circuit = EngineBackend(), Circuit(function, 3, 2)
    inputs = torch.tensor([[1.0, 0.5], [2.0, 1.5]])
    found = backend.sample(circuit, inputs, None, 40_000, np.random.default_rng(3))
    assert found.shape == (2, 40_000, 3)
    assert np.array_equal(found, backend.sample(circuit, inputs, None, 40_000, np.random.default_rng(3)))
    counts = [np.bincount(row @ [4, 2, 1], minlength=8) for row in found]
    for observed, exact in zip(counts, backend.probs(circuit, inputs).double().numpy(), strict=True):
        possible = exact > 1e-9
        assert observed[~possible].sum() == 0
        expected = exact[possible] / exact[possible].sum() * observed.sum()
        assert chisquare(observed[possible], expected).pvalue > 1e-4


def test_impossible_outcomes_are_never_drawn() -> None:
    probs = torch.tensor([[0.0, 0.5, 0.0, 0.5], [0.0, 0.0, 1.0, 0.0]])
    outcomes = draw(probs, 5_000, np.random.default_rng(0))
    assert set(outcomes[0].tolist()) == {1, 3} and set(outcomes[1].tolist()) == {2}


def test_bits_and_frequencies() -> None:
    outcomes = np.array([[5, 0, 5, 1]])
    assert bits(outcomes, 3).tolist() == [[[1, 0, 1], [0, 0, 0], [1, 0, 1], [0, 0, 1]]]
    assert frequencies(outcomes, 3).tolist() == [[0.25, 0.25, 0, 0, 0, 0.5, 0, 0]]


def test_counts_pass_a_chi_square_test() -> None:
    probs = np.random.default_rng(1).dirichlet(np.full(16, 0.7), size=20)
    counts = draw_counts(torch.from_numpy(2.0 * probs), 5_000, np.random.default_rng(2))
    assert counts.shape == (20, 16) and (counts.sum(1) == 5_000).all()
    likely = probs * 5_000 > 5
    found = sum(
        ((row - 5_000 * p) ** 2 / (5_000 * p))[few].sum()
        for row, p, few in zip(counts, probs, likely, strict=True)
    )
    assert abs(found / likely.sum() - 1) < 0.3


def test_wires_are_read_in_the_same_shots() -> None:
    """Of a Bell pair both wires always agree, whether states are counted or drawn one by one."""

    def function(inputs: None, weights: None) -> None:
        qml.Hadamard(0)
        qml.CNOT([0, 1])

    circuit = Circuit(function, 2)
    for shots in (3, 101):
        z = EngineBackend().expval(circuit, shots=shots)
        assert z[0, 0] == z[0, 1]
        assert abs(float(z[0, 0])) <= 1
    many = EngineBackend().expval(circuit, shots=100_000)
    assert abs(float(many[0, 0])) < 5 / 100_000**0.5
