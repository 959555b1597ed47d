import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.backends import get_circuit_backend
from qwatt.quantum.circuits import feature_maps, overlap, reupload
from qwatt.quantum.demand import Counts, circuit_counts
from qwatt.quantum.primitives.size import size_of

MAPS = {
    "zz": feature_maps.zz_map(2, 2),
    "angle": feature_maps.angle_map(3),
    "amplitude": feature_maps.amplitude_map(2),
}


def run(circuit, inputs, weights=None, what="state"):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def node():
        circuit.function(inputs, weights)
        if what == "state":
            return qml.state()
        return [qml.expval(qml.Z(wire)) for wire in circuit.readout]

    return np.asarray(node())


def samples(circuit, seed=0):
    return np.random.default_rng(seed).normal(size=(2, circuit.n_inputs))


@pytest.mark.parametrize("name", MAPS)
def test_all_tests_agree_with_the_states(name):
    circuit = MAPS[name]
    x, y = samples(circuit)
    both = np.concatenate([x, y])
    inner = np.vdot(run(circuit, x), run(circuit, y))
    zeros = abs(run(overlap.compute_uncompute(circuit), both)[0]) ** 2
    assert zeros == pytest.approx(abs(inner) ** 2, abs=1e-7)
    assert run(overlap.swap_test(circuit), both, what="z")[0] == pytest.approx(abs(inner) ** 2, abs=1e-7)


@pytest.mark.parametrize("name", ["zz", "angle"])
def test_the_hadamard_test_is_signed(name):
    circuit = MAPS[name]
    for seed in range(3):
        x, y = 2 * samples(circuit, seed)
        inner = np.vdot(run(circuit, x), run(circuit, y)).real
        found = run(overlap.hadamard_test(circuit), np.concatenate([x, y]), what="z")[0]
        assert found == pytest.approx(inner, abs=1e-7)


@pytest.mark.parametrize("features", [2, 4, 8])
def test_the_interference_test_is_the_cosine(features):
    x, y = np.random.default_rng(features).normal(size=(2, features))
    x, y = x / np.linalg.norm(x), -y / np.linalg.norm(y)
    circuit = overlap.interference_test(features)
    assert run(circuit, np.concatenate([x, y]), what="z")[0] == pytest.approx(x @ y, abs=1e-7)
    n = features.bit_length()
    counts = circuit_counts(circuit)
    assert (counts.gates_1q, counts.gates_2q) == (2**n - 1 + 1, 2**n - 2)


@pytest.mark.parametrize("name", MAPS)
def test_counts(name):
    circuit = MAPS[name]
    one = circuit_counts(circuit)
    double = circuit_counts(overlap.compute_uncompute(circuit))
    twice = size_of(circuit).inverted()
    assert double == Counts(twice.gates_1q, twice.gates_2q, twice.depth)
    assert double.gates_2q == 2 * one.gates_2q
    swap = circuit_counts(overlap.swap_test(circuit))
    assert swap.gates_1q == 2 * one.gates_1q + 2 + 9 * circuit.wires
    assert swap.gates_2q == 2 * one.gates_2q + 8 * circuit.wires


def test_side_by_side_copies_do_not_disturb_one_another():
    test = overlap.swap_test(feature_maps.angle_map(2))
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(3, 4))
    together = overlap.side_by_side(test, 3)
    found = run(together, inputs.reshape(-1), what="z")
    alone = [run(test, row, what="z")[0] for row in inputs]
    assert np.allclose(found, alone)
    assert circuit_counts(together).depth == circuit_counts(test).depth
    assert circuit_counts(together).gates_2q == 3 * circuit_counts(test).gates_2q


def test_copies_share_their_weights():
    circuit = reupload.reupload(2, 1)
    weights = np.random.default_rng(5).normal(size=circuit.weight_shape)
    inputs = np.random.default_rng(6).normal(size=2)
    found = run(overlap.side_by_side(circuit, 2), np.tile(inputs, 2), weights, "z")
    assert found[0] == pytest.approx(found[1])


def test_wrong_arguments_are_refused():
    with pytest.raises(QwattError):
        overlap.interference_test(6)


OVERLAPS = {
    "inversion": feature_maps.angle_map(2),
    "swap": feature_maps.angle_map(2),
    "interference": feature_maps.amplitude_map(2),
}


@pytest.mark.parametrize("kind", overlap.KINDS)
@pytest.mark.parametrize("spec", ["engine", "pennylane:default.qubit"])
def test_every_backend_reads_what_the_states_say(kind, spec):
    """The engine's short cut and the literal circuits, exact and with shots."""
    test = overlap.OverlapTest(kind, OVERLAPS[kind])
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(3, test.encoding.n_inputs)), rng.normal(size=(2, test.encoding.n_inputs))
    inner = np.array([[np.vdot(run(test.encoding, a), run(test.encoding, b)).real for b in y] for a in x])
    known = inner if kind == "interference" else inner**2
    backend = get_circuit_backend(spec)
    assert np.asarray(backend.overlaps(test, x, y)) == pytest.approx(known, abs=1e-5)
    drawn = np.asarray(backend.overlaps(test, x, y, shots=4000, rng=np.random.default_rng(1)))
    assert np.abs(drawn - known).max() < 5 / np.sqrt(4000)
    assert (drawn != known).all()
    chances = test.chance(known)
    assert test.overlap(chances) == pytest.approx(known)


@pytest.mark.parametrize("kind", ["inversion", "swap"])
def test_tests_side_by_side_read_what_each_reads_alone_even_with_noise(kind):
    """The bill is of the wide circuit; what it would read is literally simulated here."""
    test = overlap.OverlapTest(kind, feature_maps.angle_map(1))
    x, y = np.array([[0.4]]), np.array([[1.5], [-0.3]])
    backend = get_circuit_backend("noisy:ibm_fez?simulator=density")
    apart = np.asarray(backend.overlaps(test, x, y, copies=2))[0]
    wide = overlap.side_by_side(test.circuit, 2)
    probs = np.asarray(backend.probs(wide, np.array([[0.4, 1.5, 0.4, -0.3]])))[0]
    states = np.arange(2**wide.wires)
    n = test.circuit.wires
    for copy in range(2):
        block = (states >> (wide.wires - (copy + 1) * n)) % 2**n
        zero = block == 0 if kind == "inversion" else block < 2 ** (n - 1)
        # a barrier holds up all simulated wires, so that one copy waits for a pulse of the other
        assert apart[copy] == pytest.approx(test.overlap(probs[zero].sum()), abs=2e-4)


@pytest.mark.parametrize("kind", overlap.KINDS)
def test_the_bill_is_that_of_the_circuits(kind):
    """Seven pairs, three tests a circuit: two wide circuits and one narrow."""
    encoding = OVERLAPS[kind]
    test = overlap.OverlapTest(kind, encoding)
    backend = get_circuit_backend("engine")
    x, y = np.ones((7, encoding.n_inputs)), np.ones((1, encoding.n_inputs))
    backend.overlaps(test, x, y, shots=50, copies=3)
    lines = {line.qubits: line for line in backend.recorder.demand.circuit_lines}
    for copies, circuits in ((3, 2), (1, 1)):
        wide = overlap.side_by_side(test.circuit, copies)
        counts, line = circuit_counts(wide), lines[wide.wires]
        assert (line.circuits, line.shots) == (circuits, 50)
        assert (line.gates_1q, line.gates_2q) == (counts.gates_1q, counts.gates_2q)
        assert line.measurements == len(wide.readout)
        assert 0 <= line.depth - counts.depth <= 2


def test_interference_needs_amplitudes():
    with pytest.raises(QwattError, match="amplitudes"):
        overlap.OverlapTest("interference", feature_maps.angle_map(2))
    with pytest.raises(QwattError, match="overlap test"):
        overlap.OverlapTest("inverse", feature_maps.angle_map(2))
