import math

import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms import amplitude_estimation as ae
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits import ansaetze, feature_maps, overlap
from qwatt.quantum.circuits.amplification import amplified, amplified_counts
from qwatt.quantum.demand import circuit_counts
from qwatt.quantum.primitives import amplitude_estimation


def good_probability(circuit, inputs, weights=None):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(inputs, weights)
        return qml.probs(wires=circuit.readout)

    return np.asarray(run())[1]


@pytest.mark.parametrize("iterations", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("circuit", "good"),
    [(overlap.swap_test(feature_maps.angle_map(1)), 0), (feature_maps.amplitude_map(2), 1)],
)
def test_the_good_outcome_turns_by_2k_plus_1(circuit, good, iterations):
    inputs = np.random.default_rng(1).normal(size=circuit.n_inputs)
    theta = math.asin(math.sqrt(good_probability(amplified(circuit, 0, good), inputs)))
    found = good_probability(amplified(circuit, iterations, good), inputs)
    assert found == pytest.approx(math.sin((2 * iterations + 1) * theta) ** 2, abs=1e-7)


@pytest.mark.parametrize("iterations", [0, 1, 4, 7])
@pytest.mark.parametrize("circuit", [ansaetze.ring_ansatz(3, 2), feature_maps.amplitude_map(3)])
def test_counts_are_linear_in_the_iterations(circuit, iterations):
    assert amplified_counts(circuit, iterations) == circuit_counts(amplified(circuit, iterations))


def test_an_estimated_overlap_and_its_bill():
    test = overlap.swap_test(feature_maps.angle_map(1))
    inputs = np.array([0.2, 1.3])
    device = qml.device("default.qubit", wires=3, seed=3)

    def measure(k, shots):
        circuit = amplified(test, k)

        @qml.set_shots(shots)
        @qml.qnode(device)
        def run():
            circuit.function(inputs, None)
            return qml.sample(wires=circuit.readout)

        return int(np.sum(run()))

    truth = (1 - math.cos(0.55) ** 2) / 2
    found = ae.estimate_amplitude(measure, 0.01)
    assert found.low <= truth <= found.high
    demand = amplitude_estimation.demand(test, found.rounds)
    assert demand.shots == found.shots
    assert demand.depth == amplified_counts(test, max(k for k, _ in found.rounds)).depth


def test_a_missing_wire_is_refused():
    with pytest.raises(QwattError):
        amplified(Circuit(lambda _, __: qml.RX(0.1, 0), 1), 1, 2)
