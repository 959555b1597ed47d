import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.projection.fault_tolerance.crossover import crossover_seconds

HOUR, DAY = 3600.0, 86_400.0
POSITIVE = st.floats(1e-9, 1e3)


def test_quadratic_speed_up_of_2020():
    """arXiv:2011.04149: 2.4 hours against one core, 100 days against a thousand."""
    assert crossover_seconds(0.017, 3.3e-8) / HOUR == pytest.approx(2.4, rel=0.02)
    assert crossover_seconds(0.017, 3.3e-8, parallel=1000) / DAY == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize(
    ("quantum_per_s", "classical_per_s", "degree", "seconds"),
    [
        (10.5e3, 195e12, 2, 20.5 * DAY),
        (830, 9.75e12, 2, 164 * DAY),
        (235e3, 4992e12, 2, 1.05 * DAY),
        (10.5e3, 195e12, 3, 13),
        (10.5e3, 195e12, 4, 0.25),
    ],
)
def test_throughput_of_a_large_machine_against_one_gpu(quantum_per_s, classical_per_s, degree, seconds):
    """The derived crossovers of arXiv:2307.00523: quadratic takes days, quartic a fraction of a second."""
    assert crossover_seconds(1 / quantum_per_s, 1 / classical_per_s, degree) == pytest.approx(
        seconds, rel=0.01
    )


@given(POSITIVE, POSITIVE, st.floats(1.1, 6), st.floats(1, 1e6))
def test_both_sides_take_as_long(quantum, classical, degree, parallel):
    time = crossover_seconds(quantum, classical, degree, parallel)
    calls = time / quantum
    assert calls**degree * classical / parallel == pytest.approx(time, rel=1e-6)


@pytest.mark.parametrize(("name", "bad"), [("degree", 1.0), ("parallel", 0.0), ("classical_call_s", -1.0)])
def test_bad_values_are_named(name, bad):
    given = {"quantum_call_s": 1.0, "classical_call_s": 1.0} | {name: bad}
    with pytest.raises(QwattError) as error:
        crossover_seconds(**given)
    assert error.value.where == name
