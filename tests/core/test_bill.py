from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.demand import AnnealLine, CircuitLine, Demand

counts = st.integers(0, 1000)
circuit_lines = st.builds(CircuitLine, counts, counts, counts, counts, counts, counts, counts)
anneal_lines = st.builds(AnnealLine, counts, counts, counts, counts)
demands = st.lists(st.one_of(circuit_lines, anneal_lines), max_size=8).map(lambda lines: Demand.of(*lines))


@given(demands, demands)
def test_bills_add_up(a: Demand, b: Demand) -> None:
    added = a + b
    for name in ("circuits", "shots", "gates_1q", "gates_2q", "measurements", "anneal_reads"):
        assert getattr(added, name) == getattr(a, name) + getattr(b, name)
    assert added.qubits == max(a.qubits, b.qubits)
    assert added.depth == max(a.depth, b.depth)


@given(demands, st.integers(0, 50))
def test_doing_it_again_costs_it_again(a: Demand, factor: int) -> None:
    repeated = a.times(factor)
    assert repeated.shots == factor * a.shots
    assert repeated.anneal_reads == factor * a.anneal_reads


@given(demands)
def test_records_round_trip(a: Demand) -> None:
    assert Demand.from_record(a.to_record()) == a


def test_equal_shapes_merge() -> None:
    line = CircuitLine(2, 100, 3, 4, 5, 6, 3, "kernel")
    assert Demand.of(line, line).circuit_lines == (CircuitLine(4, 100, 3, 4, 5, 6, 3, "kernel"),)
