"""Every family gives the same state on the engine and on default.qubit, for batches of inputs too."""

import dimod
import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.quantum.algorithms.variational_svd import svd_circuit
from qwatt.quantum.circuits import ansaetze, approximate, feature_maps, grover, overlap, qaoa, qram, reupload

BQM = dimod.BinaryQuadraticModel({0: 1.0, 1: -0.5, 2: 0.3}, {(0, 1): 0.7, (1, 2): -1.1}, 0.0, "BINARY")
TABLE = ((0, 1), (1, 1), (1, 0), (0, 0))
FAMILIES = {
    "angle": feature_maps.angle_map(3),
    "amplitude": feature_maps.amplitude_map(3, 6),
    "zz": feature_maps.zz_map(3, 2),
    "iqp_ring": feature_maps.iqp_map(4, 2, "ring"),
    "cnot_phase": feature_maps.cnot_phase_map(3),
    "ring": ansaetze.ring_ansatz(4, 3, 2),
    "strongly_entangling": ansaetze.strongly_entangling(3, 2),
    "hardware_efficient": ansaetze.hardware_efficient(4, 2),
    "reupload": reupload.reupload(3, 2, 2),
    "variational_layer": reupload.variational_layer(3, 2),
    "brickwork": approximate.brickwork(4, 3),
    "compute_uncompute": overlap.compute_uncompute(feature_maps.zz_map(2, 1)),
    "compute_uncompute_amplitude": overlap.compute_uncompute(feature_maps.amplitude_map(2)),
    "swap": overlap.swap_test(feature_maps.angle_map(2)),
    "hadamard": overlap.hadamard_test(feature_maps.angle_map(2)),
    "interference": overlap.interference_test(4),
    "side_by_side": overlap.side_by_side(overlap.swap_test(feature_maps.angle_map(1)), 2),
    "grover": grover.grover(4, frozenset({3, 9}), 2),
    "half_grover": grover.grover(3, frozenset({3}), 2, "half"),
    "select": qram.lookup("select", TABLE),
    "qrom": qram.lookup("qrom", TABLE, 2),
    "bucket_brigade": qram.lookup("bucket_brigade", ((0, 1), (1, 1))),
    "qaoa": qaoa.qaoa(BQM, 2),
    "qaoa_xy": qaoa.qaoa(BQM, 2, "xy_ring", (1, 0, 0)),
    "svd": svd_circuit(2, 2),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_engine_and_pennylane_agree(name):
    engine = pytest.importorskip("qwatt.quantum.engine")
    circuit = FAMILIES[name]
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(3, circuit.n_inputs)) if circuit.n_inputs else None
    weights = rng.normal(size=circuit.weight_shape) if circuit.weight_shape else None

    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run(sample):
        circuit.function(sample, weights)
        return qml.state()

    rows = [None] if inputs is None else list(inputs)
    expected = np.stack([np.asarray(run(row)) for row in rows])
    found = engine.compile_circuit(circuit, dtype=torch.complex128).states(
        None if inputs is None else torch.as_tensor(inputs),
        None if weights is None else torch.as_tensor(weights),
    )
    overlaps = abs((expected.conj() * found.numpy()).sum(axis=1))
    assert np.allclose(overlaps, 1, atol=1e-9)


@pytest.mark.parametrize("name", ["angle", "zz", "reupload", "variational_layer", "swap"])
def test_pennylane_broadcasts_a_batch(name):
    circuit = FAMILIES[name]
    rng = np.random.default_rng(1)
    inputs, weights = rng.normal(size=(3, circuit.n_inputs)), rng.normal(size=circuit.weight_shape)

    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run(samples):
        circuit.function(samples, weights)
        return qml.expval(qml.Z(circuit.readout[0]))

    assert np.allclose(run(inputs), [run(row) for row in inputs])
