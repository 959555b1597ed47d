"""Noisy simulation against PennyLane's density matrix, Qiskit Aer, and published scores."""

import json
import math
from dataclasses import replace

import numpy as np
import pennylane as qml
import pytest
import torch
from backend_circuits import ENCODE, FIXED, LAYERED, data
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.noisy import NoisyBackend
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.noise.mirror import mirrored_kernel
from qwatt.quantum.noise.mixed import mixed_probs
from qwatt.quantum.noise.native import lower, pulses, single
from qwatt.quantum.noise.pauli_transfer import pauli_transfer_probs
from qwatt.quantum.noise.rates import ErrorRates, error_rates
from qwatt.quantum.noise.survival import survival
from qwatt.quantum.noise.trajectories import trajectory_probs
from qwatt.quantum.primitives import expectation, kernel

LOUD = ErrorRates("loud", 0.02, 0.06, 0.04, 0.0, 30e-6, 20e-6, 0.4e-6, 1.1e-6)
FORGETFUL = ErrorRates("forgetful", 0.02, 0.06, 0.04, memory=0.03)
SCORES = {
    "ibm_kingston": {2: 0.985, 10: 0.826, 20: 0.600},
    "ibm_fez": {10: 0.773, 20: 0.372},
}
"""Published "QML Kernel" return probabilities, github:unitaryfoundation/metriq-data v0.4, 2025-11-11."""


def random_circuit(wires, seed, gates=14):
    def build(inputs, weights):
        rng = np.random.default_rng(seed)
        for _ in range(gates):
            a, b = rng.choice(wires, 2, replace=False)
            angle = rng.uniform(-3, 3)
            [
                lambda a=a, angle=angle: qml.RX(angle, a),
                lambda a=a: qml.Hadamard(a),
                lambda a=a, b=b: qml.CNOT([a, b]),
                lambda a=a, b=b, angle=angle: qml.IsingXX(angle, [a, b]),
                lambda a=a, b=b, angle=angle: qml.CRY(angle, [a, b]),
                lambda a=a, b=b: qml.SWAP([a, b]),
                lambda a=a: qml.T(a),
            ][rng.integers(7)]()

    return Circuit(build, wires, name=f"random{seed}")


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 4), st.integers(0, 10_000))
def test_lowering_changes_nothing_without_noise(wires, seed):
    circuit = random_circuit(wires, seed)
    device = qml.device("default.qubit", wires=wires)
    truth = qml.QNode(lambda: (circuit.function(None, None), qml.probs(wires=range(wires)))[1], device)()
    silent = ErrorRates("silent", 0.0, 0.0, 0.0)
    native = lower(circuit, None, None)
    assert pauli_transfer_probs(native, silent)[0] == pytest.approx(truth, abs=1e-10)
    assert trajectory_probs(native, silent, 3, np.random.default_rng(0)) == pytest.approx(truth, abs=1e-5)


@pytest.mark.parametrize("rates", [LOUD, FORGETFUL, error_rates("ibm_kingston")], ids=lambda r: r.qpu)
@pytest.mark.parametrize("wires", [2, 3, 4])
def test_pauli_basis_is_the_density_matrix_of_default_mixed(wires, rates):
    for seed in range(3):
        native = lower(random_circuit(wires, seed), None, None)
        truth = mixed_probs(native, rates)
        assert truth.sum() == pytest.approx(1.0)
        assert pauli_transfer_probs(native, rates)[0] == pytest.approx(truth, abs=1e-10)


def test_a_single_noisy_gate_is_what_default_mixed_says_by_hand():
    @qml.qnode(qml.device("default.mixed", wires=2))
    def by_hand():
        qml.RX(math.pi / 2, 0)
        qml.DepolarizingChannel(LOUD.pauli_1q, 0)
        qml.ThermalRelaxationError(0.0, LOUD.t1_s, LOUD.t2_s, LOUD.time_1q_s, 1)
        qml.RX(0.3, 1)
        qml.DepolarizingChannel(LOUD.pauli_1q, 1)
        qml.DepolarizingChannel(LOUD.pauli_1q, 1)
        qml.ThermalRelaxationError(0.0, LOUD.t1_s, LOUD.t2_s, LOUD.time_1q_s, 0)
        for wire in (0, 1):
            qml.BitFlip(LOUD.readout, wire)
        return qml.probs(wires=[0, 1])

    circuit = Circuit(lambda i, w: (qml.RX(math.pi / 2, 0), qml.RX(0.3, 1)), 2)
    found = pauli_transfer_probs(lower(circuit, None, None), LOUD)[0]
    assert found == pytest.approx(np.asarray(by_hand()), abs=1e-10)


def test_aer_agrees_with_the_pauli_basis():
    pytest.importorskip("qiskit_aer")
    from qwatt.quantum.noise.aer import aer_probs

    for seed, rates in ((0, LOUD), (1, FORGETFUL), (2, error_rates("ibm_kingston"))):
        native = lower(random_circuit(3, seed), None, None)
        assert aer_probs(native, rates) == pytest.approx(pauli_transfer_probs(native, rates)[0], abs=1e-9)


def test_trajectories_approach_the_exact_channel():
    dry = replace(LOUD, t1_s=math.inf, t2_s=2e-5)
    for seed in range(3):
        native = lower(random_circuit(4, seed), None, None)
        truth = pauli_transfer_probs(native, dry)[0]
        found = trajectory_probs(native, dry, 4000, np.random.default_rng(seed))
        assert np.abs(found - truth).max() < 0.02
        assert found.sum() == pytest.approx(1.0, abs=1e-5)


def test_twirled_relaxation_of_a_real_qpu_is_close_to_the_channel():
    rates = error_rates("ibm_fez")
    native = lower(mirrored_kernel(5), None, None)
    truth = pauli_transfer_probs(native, rates)[0, 0]
    found = trajectory_probs(native, rates, 400, np.random.default_rng(0))[0]
    assert found == pytest.approx(truth, abs=0.01)


def test_batched_samples_are_the_single_ones():
    inputs, weights = data()
    native = lower(LAYERED, inputs, weights)
    together = pauli_transfer_probs(native, LOUD)
    for row, sample in enumerate(inputs):
        alone = lower(LAYERED, sample, weights)
        assert pauli_transfer_probs(alone, LOUD)[0] == pytest.approx(together[row])
        assert mixed_probs(single(native, row), LOUD) == pytest.approx(together[row])


def test_amplitudes_are_prepared_with_real_gates_and_errors():
    circuit = Circuit(lambda x, _: qml.AmplitudeEmbedding(x, wires=[0, 1, 2], normalize=True), 3, 8)
    x = np.random.default_rng(0).normal(size=(3, 8))
    silent = ErrorRates("silent", 0.0, 0.0, 0.0)
    truth = (x / np.linalg.norm(x, axis=1, keepdims=True)) ** 2
    native = lower(circuit, x, None)
    assert pauli_transfer_probs(native, silent) == pytest.approx(truth, abs=1e-10)
    assert sum(len(layer.pairs) for layer in native.layers) == 6
    assert np.abs(pauli_transfer_probs(native, LOUD) - truth).max() > 0.01


def test_pulses_of_gates():
    gates = [(qml.RZ(0.3, 0), 0), (qml.Hadamard(0), 1), (qml.PauliX(0), 1), (qml.RY(0.3, 0), 2)]
    for gate, expected in gates:
        assert pulses(np.asarray(gate.matrix())) == expected


def test_noise_pulls_expectation_values_and_kernels_down():
    inputs, weights = data()
    noisy, exact = get_backend("noisy:ibm_fez"), get_backend("engine")
    found, truth = (b.expval(LAYERED, inputs, weights).numpy() for b in (noisy, exact))
    assert (np.abs(found) < np.abs(truth)).mean() > 0.8
    assert np.abs(found - truth).max() < 0.1
    kernel, clean = (b.kernel(ENCODE, inputs).numpy() for b in (noisy, exact))
    assert (np.diag(kernel) == 1).all() and np.allclose(kernel, kernel.T)
    assert 1e-3 < np.abs(kernel - clean).max() < 0.1
    cross = noisy.kernel(ENCODE, inputs, inputs).numpy()
    assert cross[np.triu_indices(5, 1)] == pytest.approx(kernel[np.triu_indices(5, 1)], abs=1e-6)
    assert (np.diag(cross) < 0.99).all()


@pytest.mark.parametrize("rates", [LOUD, FORGETFUL], ids=lambda r: r.qpu)
def test_the_fast_kernel_is_the_compute_uncompute_circuit_of_every_pair(rates):
    backend = NoisyBackend("ibm_fez")
    backend.rates = rates
    x, y = data(4)[0], data(3, seed=1)[0]
    rng = np.random.default_rng(0)
    slow = QuantumBackend._overlaps(backend, ENCODE, x, y, None, rng).numpy()
    assert backend.kernel(ENCODE, x, y).numpy() == pytest.approx(slow, abs=1e-6)
    assert backend.kernel(ENCODE, x, y, 4000, rng).numpy() == pytest.approx(
        slow, abs=4.5 * 0.5 / np.sqrt(4000)
    )


def test_a_barrier_keeps_gates_apart():
    def twice(inputs, weights):
        qml.Hadamard(0)
        qml.CZ([1, 2])
        qml.Barrier([0, 1, 2])
        qml.Hadamard(0)
        qml.CZ([0, 1])

    layers = lower(Circuit(twice, 3), None, None).layers
    assert [(sorted(layer.gates), layer.pairs) for layer in layers] == [
        ([], [(1, 2)]),
        ([0], []),
        ([0], [(0, 1)]),
        ([], []),
    ]


def test_every_operation_is_billed_as_on_the_engine():
    inputs, weights = data()
    backend = NoisyBackend("ibm_kingston")
    backend.expval(LAYERED, inputs, weights, shots=100)
    backend.kernel(ENCODE, inputs, shots=50)
    assert backend.recorder.demand == expectation.demand(LAYERED, 5, 100) + kernel.demand(ENCODE, 5, None, 50)


def test_qaoa_runs_through_the_noise():
    from qwatt.quantum.qubo import bqm_from_arrays, get_sampler

    bqm = bqm_from_arrays(np.array([-1.0, -1.0, -1.0]), np.triu(2 * np.ones((3, 3)), 1))
    backend = get_backend("noisy:ibm_fez")
    sampler = get_sampler("qaoa", backend, depth=5)
    noisy = sampler.sample(bqm, 2000, 0)
    clean = get_sampler("qaoa", depth=5).sample(bqm, 2000, 0)
    assert clean.record.energy.mean() < noisy.record.energy.mean() < clean.record.energy.mean() + 0.5
    assert backend.recorder.demand.circuits == 1


def test_a_gradient_is_refused():
    inputs, weights = data()
    with pytest.raises(QwattError, match="noisy:ibm_fez has no gradient"):
        get_backend("noisy:ibm_fez").expval(LAYERED, inputs, torch.tensor(weights, requires_grad=True))


@pytest.mark.parametrize("wires", [2, 10])
def test_kingston_predicts_its_published_return_probability(wires):
    backend = get_backend("noisy:ibm_kingston")
    found = float(backend.probs(mirrored_kernel(wires))[0, 0])
    assert found == pytest.approx(SCORES["ibm_kingston"][wires], abs=0.1)
    assert found >= survival(mirrored_kernel(wires), backend.rates) - 1e-6


def test_kingston_predicts_twenty_qubits():
    backend = get_backend("noisy:ibm_kingston?trajectories=6")
    backend.seed(1)
    found = float(backend.probs(mirrored_kernel(20))[0, 0])
    assert found == pytest.approx(SCORES["ibm_kingston"][20], abs=0.1)
    assert found >= survival(mirrored_kernel(20), backend.rates) - 1e-6


def test_fez_at_ten_qubits_and_worse_than_kingston_at_twenty():
    fez, kingston = error_rates("ibm_fez"), error_rates("ibm_kingston")
    found = float(get_backend("noisy:ibm_fez").probs(mirrored_kernel(10))[0, 0])
    assert found == pytest.approx(SCORES["ibm_fez"][10], abs=0.1)
    assert survival(mirrored_kernel(20), fez) < survival(mirrored_kernel(20), kingston)


def test_the_mean_error_is_taken_where_quartiles_are_published():
    rates = error_rates("ibm_kingston")
    assert rates.pauli_2q / 1.25 == pytest.approx(
        1.804e-3 * math.exp((math.log(2.418 / 1.43) / 1.349) ** 2 / 2), 1e-3
    )
    assert error_rates("iqm_garnet").readout == pytest.approx(3.2e-2)


def test_every_gate_model_qpu_with_published_errors_runs():
    from qwatt.energy.qpu import load_qpus

    ran = []
    for name, qpu in load_qpus().items():
        if qpu.program != "circuit" or "error_2q" not in qpu.numbers:
            with pytest.raises(QwattError):
                error_rates(name)
            continue
        rates = error_rates(name, ignore_missing=True)
        json.dumps(rates.missing)
        found = pauli_transfer_probs(lower(FIXED, None, None), rates)[0]
        assert found.sum() == pytest.approx(1.0) and (found > 0).all()
        ran.append(name)
    assert len(ran) >= 15


def test_specs_are_read_and_refused():
    assert get_backend("noisy:ibm_fez?simulator=mixed").name == "noisy:ibm_fez?simulator=mixed"
    assert get_backend("noisy:rigetti_cepheus?missing=ignore").name == "noisy:rigetti_cepheus?missing=ignore"
    with pytest.raises(QwattError, match="ibm_kingston"):
        get_backend("noisy:ibm_kingstom")
    for spec, words in {
        "noisy": "which QPU",
        "noisy:rigetti_cepheus": "error_readout",
        "noisy:dwave_adv2": "not a gate-model",
        "noisy:ibm_fez?simulator=magic": "mixed",
        "noisy:ibm_fez?trajectories=0": "positive",
        "noisy:ibm_fez?missing=no": "ignore",
    }.items():
        with pytest.raises(QwattError, match=words):
            get_backend(spec)
    with pytest.raises(QwattError, match="22 at most"):
        get_backend("noisy:ibm_fez").probs(mirrored_kernel(23))
