import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits import ansaetze, feature_maps, reupload
from qwatt.quantum.demand import circuit_counts
from qwatt.quantum.primitives import amplitudes
from qwatt.quantum.primitives import layers as sizes
from qwatt.quantum.primitives.size import size_of

SIZES = [(2, 1), (3, 2), (4, 3), (6, 2)]


def state(circuit, inputs=None, weights=None):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(inputs, weights)
        return qml.state()

    return np.asarray(run())


def gates(circuit):
    found = size_of(circuit)
    return found.gates_1q, found.gates_2q


def counts(circuit):
    return *gates(circuit), size_of(circuit).depth


@pytest.mark.parametrize("wires", range(1, 7))
def test_feature_map_counts(wires):
    assert counts(feature_maps.angle_map(wires)) == counts(sizes.angle_map(wires))
    assert counts(feature_maps.amplitude_map(wires)) == counts(amplitudes.size(wires))
    assert counts(feature_maps.cnot_phase_map(wires)) == counts(sizes.cnot_phase_map(wires))
    for factory in (feature_maps.zz_map, feature_maps.iqp_map):
        assert counts(factory(wires, 2, "full")) == counts(sizes.phase_map(wires, 2))
        assert counts(factory(wires, 3, "full")) == counts(sizes.phase_map(wires, 3))
        for shape in ("linear", "ring"):
            fewer = sizes.phase_map(wires, 2, len(feature_maps.pairs_of(wires, shape)))
            assert gates(factory(wires, 2, shape)) == gates(fewer)
            assert size_of(factory(wires, 2, shape)).depth <= fewer.depth
        for axis, rotations in (("X", 1), ("Y", 2)):
            read = feature_maps.read_across(factory(wires, 2, "full"), axis)
            assert counts(read) == counts(sizes.turned(sizes.phase_map(wires, 2), rotations))


@pytest.mark.parametrize(("wires", "layers"), SIZES)
def test_ansatz_counts(wires, layers):
    for connectivity in range(1, wires):
        circuit = ansaetze.ring_ansatz(wires, layers, connectivity)
        assert gates(circuit) == gates(sizes.ring_layers(wires, layers, connectivity))
        again = reupload.reupload(wires, 3, layers, connectivity)
        billed = sizes.reupload(wires, 3, layers, connectivity)
        assert gates(again) == gates(billed)
        assert size_of(again).depth <= billed.depth <= (connectivity + 1) / 2 * size_of(again).depth
        if connectivity == 1:
            assert counts(circuit) == counts(sizes.ring_layers(wires, layers))
            assert counts(again) == counts(billed)
    strong = ansaetze.strongly_entangling(wires, layers)
    assert gates(strong) == gates(sizes.entangling_layers(wires, layers))
    assert size_of(strong).depth <= sizes.entangling_layers(wires, layers).depth
    efficient = ansaetze.hardware_efficient(wires, layers)
    assert counts(efficient) == counts(sizes.hardware_efficient(wires, layers))
    layer = reupload.variational_layer(wires, 2, layers)
    assert gates(layer) == gates(sizes.entangling_layers(wires, layers, 2))
    assert size_of(layer).depth <= sizes.entangling_layers(wires, layers, 2).depth


def test_the_published_figure_has_28_angles():
    assert ansaetze.ring_size(4, 3, 2) == 28
    assert ansaetze.ring_size(4, 1, 2) == 8


def test_angle_kernel_is_a_product_of_cosines():
    x, y = np.random.default_rng(0).normal(size=(2, 5))
    circuit = feature_maps.angle_map(5)
    overlap = abs(np.vdot(state(circuit, x), state(circuit, y))) ** 2
    assert overlap == pytest.approx(np.prod(np.cos((x - y) / 2) ** 2))


def test_amplitude_kernel_is_a_squared_cosine():
    x, y = np.random.default_rng(1).normal(size=(2, 12))
    circuit = feature_maps.amplitude_map(4, 12)
    overlap = abs(np.vdot(state(circuit, x), state(circuit, y))) ** 2
    assert overlap == pytest.approx((x @ y) ** 2 / (x @ x) / (y @ y))


def test_maps_agree_with_pennylane_template_and_qiskit_convention():
    x = np.random.default_rng(2).normal(size=3)

    @qml.qnode(qml.device("default.qubit", wires=3))
    def template():
        qml.IQPEmbedding(x, wires=range(3), n_repeats=2)
        return qml.state()

    assert np.allclose(state(feature_maps.iqp_map(3, 2), x), template())
    bits = (np.arange(8)[:, None] >> np.array([2, 1, 0])) & 1
    phases = bits @ (2 * x)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        phases = phases + 2 * (np.pi - x[i]) * (np.pi - x[j]) * (bits[:, i] ^ bits[:, j])
    expected = np.exp(1j * phases) / np.sqrt(8)
    assert abs(np.vdot(expected, state(feature_maps.zz_map(3, 1), x))) == pytest.approx(1)


def test_cnot_phase_map_has_the_product_kernel():
    x, y = np.random.default_rng(3).normal(size=(2, 4))
    circuit = feature_maps.cnot_phase_map(4)
    overlap = abs(np.vdot(state(circuit, x), state(circuit, y))) ** 2
    assert overlap == pytest.approx(np.prod(np.cos((x - y) / 2) ** 2))


@pytest.mark.parametrize(("wires", "layers"), SIZES)
def test_strongly_entangling_is_the_template(wires, layers):
    weights = np.random.default_rng(wires).normal(size=(layers, wires, 3))

    @qml.qnode(qml.device("default.qubit", wires=wires))
    def template():
        qml.StronglyEntanglingLayers(weights, wires=range(wires))
        return qml.state()

    assert np.allclose(state(ansaetze.strongly_entangling(wires, layers), None, weights), template())


def test_ring_blocks_are_in_the_published_order():
    circuit = ansaetze.ring_ansatz(3, 2, 2)
    tape = qml.tape.make_qscript(circuit.function)(None, np.arange(15.0))
    rings = [op.wires.tolist() for op in tape.operations if op.name == "CNOT"]
    assert rings == 2 * [[0, 1], [1, 2], [2, 0], [0, 2], [1, 0], [2, 1]]
    names = [op.name for op in tape.operations]
    assert names[:12] == ["CNOT", "RY"] * 6 and names[12:15] == ["RY"] * 3
    angles = [op.parameters[0] for op in tape.operations if op.name == "RY"]
    assert angles == sorted(angles) and len(set(angles)) == 15


def test_reupload_shares_the_first_weights():
    circuit = reupload.reupload(3, 2, 2)
    tape = qml.tape.make_qscript(circuit.function)(np.zeros(3), np.arange(18.0).reshape(2, 9))
    angles = [op.parameters[0] for op in tape.operations if op.name == "RY"]
    block = [0.0] * 3 + list(range(9))
    assert angles == [*block, *block, *range(9, 18)]
    assert circuit.readout == (0,)


def test_a_variational_layer_is_a_fourier_series_of_its_reuploads():
    circuit = reupload.variational_layer(2, 3, 2)
    weights = np.random.default_rng(4).normal(size=circuit.weight_shape)

    @qml.qnode(qml.device("default.qubit", wires=2))
    def output(x):
        circuit.function(x, weights)
        return qml.expval(qml.Z(0))

    grid = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    values = output(np.stack([grid, np.full(16, 0.4)], axis=1))
    spectrum = np.abs(np.fft.fft(values))
    assert spectrum[4:13].max() < 1e-9 < spectrum[3]


@pytest.mark.parametrize("factory", [ansaetze.ring_ansatz, reupload.reupload, reupload.variational_layer])
def test_separable_controls_have_no_entanglers(factory):
    circuit = factory(4, entangle=False)
    assert circuit_counts(circuit).gates_2q == 0
    assert circuit.weight_shape == factory(4).weight_shape


def test_equal_arguments_give_the_identical_circuit():
    assert feature_maps.zz_map(4, 2) is feature_maps.zz_map(4, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ansaetze.ring_size(4, 1, 4),
        lambda: feature_maps.amplitude_map(2, 5),
        lambda: feature_maps.zz_map(3, 1, "star"),
        lambda: feature_maps.angle_encoding(np.zeros(2), 2, "W"),
    ],
)
def test_wrong_arguments_are_refused(make):
    with pytest.raises(QwattError):
        make()
