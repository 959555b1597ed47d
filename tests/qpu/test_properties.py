import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.demand import AnnealLine, CircuitLine, Demand
from qwatt.energy.qpu import load_qpus, price

QPUS = st.sampled_from(sorted(load_qpus()))
MITIGATIONS = st.sampled_from(["none", "zne", "pec"])
LINES = st.builds(
    CircuitLine,
    circuits=st.integers(1, 10**6),
    shots=st.integers(1, 10**6),
    qubits=st.integers(2, 200),
    gates_1q=st.integers(0, 10**4),
    gates_2q=st.integers(0, 10**4),
    depth=st.integers(0, 10**4),
    measurements=st.integers(0, 200),
)
GROWTH = st.sampled_from(["circuits", "shots", "gates_1q", "gates_2q", "depth", "measurements"])


def quantities(cost):
    return [cost.seconds, cost.energy_j, cost.usd, cost.fidelity, *cost.offers.values()]


@settings(max_examples=120, deadline=None)
@given(QPUS, LINES, MITIGATIONS)
def test_intervals_contain_their_value_and_nothing_is_negative(qpu, line, mitigation):
    cost = price(Demand.of(line), qpu, mitigation=mitigation)
    for quantity in quantities(cost):
        if quantity.known:
            assert 0 <= quantity.low <= quantity.value <= quantity.high < math.inf
        else:
            assert quantity.reason
    assert not cost.fidelity.known or cost.fidelity.high <= 1
    assert cost.executable == (cost.why == "")


@settings(max_examples=120, deadline=None)
@given(QPUS, LINES, MITIGATIONS, GROWTH, st.integers(1, 1000))
def test_more_never_costs_less(qpu, line, mitigation, what, more):
    small = price(Demand.of(line), qpu, mitigation=mitigation)
    large = price(Demand.of(replace(line, **{what: getattr(line, what) + more})), qpu, mitigation=mitigation)
    for before, after in zip(quantities(small)[:3], quantities(large)[:3], strict=True):
        assert before.known or not after.known
        if before.known and after.known:
            for a, b in zip(before.interval, after.interval, strict=True):
                assert b >= a * (1 - 1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1000), st.integers(1, 10**4), st.integers(1, 300), st.integers(1, 1000))
def test_more_reads_never_cost_less(problems, reads, variables, more):
    small = price(Demand.of(AnnealLine(problems, reads, variables, 10)), "dwave_adv2")
    large = price(Demand.of(AnnealLine(problems, reads + more, variables, 10)), "dwave_adv2")
    assert small.seconds.value < large.seconds.value
    assert small.energy_j.value < large.energy_j.value


@settings(max_examples=60, deadline=None)
@given(QPUS, LINES)
def test_fidelity_never_exceeds_its_gates(qpu, line):
    cost = price(Demand.of(line), qpu)
    error = load_qpus()[qpu].number("error_2q")
    if cost.fidelity.known and error is not None:
        assert cost.fidelity.value <= (1 - error.value) ** line.gates_2q * (1 + 1e-9)
