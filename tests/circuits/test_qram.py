import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits import qram
from qwatt.quantum.demand import circuit_counts
from qwatt.quantum.primitives import lookup


def table_of(entries, bits, seed=0):
    words = np.random.default_rng(seed).integers(0, 2, size=(entries, bits))
    return tuple(tuple(int(bit) for bit in word) for word in words)


def distribution(circuit):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(None, None)
        return qml.probs(wires=circuit.readout)

    return np.asarray(run())


def expected_index(table, address):
    return int("".join(map(str, table[address])), 2) + (address << len(table[0]))


@pytest.mark.parametrize(
    ("kind", "entries", "bits", "swaps"),
    [
        ("select", 8, 3, 1),
        ("qrom", 8, 2, 1),
        ("qrom", 8, 2, 2),
        ("qrom", 4, 2, 4),
        ("bucket_brigade", 4, 2, 1),
    ],
)
def test_every_lookup_reads_every_address_and_their_superposition(kind, entries, bits, swaps):
    table = table_of(entries, bits)
    for address in range(entries):
        probabilities = distribution(qram.lookup(kind, table, swaps, address))
        assert probabilities[expected_index(table, address)] == pytest.approx(1)
    probabilities = distribution(qram.lookup(kind, table, swaps))
    for address in range(entries):
        assert probabilities[expected_index(table, address)] == pytest.approx(1 / entries)


@pytest.mark.parametrize("entries", [2, 4, 8, 16])
def test_bucket_brigade_swaps_match_the_template(entries):
    for bits in (1, 3):
        circuit = qram.lookup("bucket_brigade", table_of(entries, bits), 1, 0)
        tape = qml.tape.make_qscript(circuit.function)(None, None)
        names = [op.name for op in tape.operations[-1].decomposition()]
        swaps = names.count("CSWAP") + names.count("C(SWAP)")
        assert swaps == lookup.bucket_brigade_swaps(entries, bits)
        assert swaps == qram.logical_cost("bucket_brigade", entries, bits).toffoli


def test_select_only_flips_once_per_stored_one():
    table = table_of(8, 3)
    circuit = qram.lookup("select", table, 1, 0)
    tape = qml.tape.make_qscript(circuit.function)(None, None)
    flips = [op for op in tape.operations[-1].decomposition() if len(op.wires) == 4]
    assert len(flips) == np.sum(table)


def test_published_logical_costs():
    assert qram.logical_cost("qrom", 1024, 8) == qram.LookupCost(476, 80)
    assert qram.logical_cost("qrom", 1024, 8, swaps=1) == qram.LookupCost(1022, 27)
    assert qram.logical_cost("bucket_brigade", 1024, 8).qubits == 3 * 1023 + 1 + 10 + 8


def test_unary_iteration_needs_n_minus_2_toffoli():
    for entries in (4, 8, 64, 256):
        assert qram.logical_cost("qrom", entries, 4, swaps=1).toffoli == entries - 2


def test_the_bill_orders_the_lookups():
    table = table_of(8, 2)
    two = {
        kind: circuit_counts(qram.lookup(kind, table, 1)).gates_2q for kind in ("select", "bucket_brigade")
    }
    assert two["bucket_brigade"] > 8 * lookup.bucket_brigade_swaps(8, 2)
    assert two["select"] > 0


@pytest.mark.parametrize(("kind", "entries", "swaps"), [("select", 6, 1), ("qrom", 8, 3), ("cache", 8, 1)])
def test_wrong_shapes_are_refused(kind, entries, swaps):
    with pytest.raises(QwattError):
        qram.registers(kind, entries, 2, swaps)
