import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity, total

finite = st.floats(0, 1e12)


@st.composite
def quantities(draw: st.DrawFn, unit: str = "J") -> Quantity:
    low, value, high = sorted(draw(st.tuples(finite, finite, finite)))
    return Quantity(value, low, high, unit, draw(st.sampled_from(list(Basis))), Boundary.NODE)


@given(quantities(), quantities())
def test_a_sum_contains_its_value_and_takes_the_weakest_basis(a: Quantity, b: Quantity) -> None:
    added = a + b
    low, value, high = added.interval
    assert low <= value <= high
    assert added.basis.strength == max(a.basis.strength, b.basis.strength)
    assert value == pytest.approx(a.interval[1] + b.interval[1])


@given(quantities(), st.sampled_from(["Wh", "kWh", "MJ"]))
def test_units_convert_there_and_back(q: Quantity, unit: str) -> None:
    assert q.to(unit).to("J").interval == pytest.approx(q.interval)


def test_a_watt_hour_is_3600_joules() -> None:
    assert Quantity(1.0, unit="Wh").to("J").value == 3600.0


def test_joules_are_not_watts() -> None:
    with pytest.raises(QwattError, match="cannot express J"):
        Quantity(1.0, unit="J").to("W")


def test_an_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(QwattError, match="kWh"):
        Quantity(1.0, unit="kWhh")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nothing_infinite(bad: float) -> None:
    with pytest.raises(QwattError, match="not finite"):
        Quantity(bad)


def test_the_interval_contains_the_value() -> None:
    with pytest.raises(QwattError, match="interval"):
        Quantity(1.0, 2.0, 3.0)


def test_unknown_needs_a_reason_and_stays_unknown_in_a_sum() -> None:
    with pytest.raises(QwattError, match="reason"):
        Quantity(None)
    added = Quantity.unknown("no sensor") + Quantity(2.0)
    assert added.value is None
    assert "2 J known" in str(added.reason)
    assert "no sensor" in str(added.reason)


def test_boundaries_do_not_mix() -> None:
    with pytest.raises(QwattError, match="boundaries"):
        total([Quantity(1.0, boundary=Boundary.DEVICE), Quantity(1.0, boundary=Boundary.FACILITY)])


def test_between_equal_rungs_the_larger_part_names_the_basis() -> None:
    cpu = Quantity(2.0, basis=Basis.ESTIMATED_CPU_TIME)
    ram = Quantity(0.1, basis=Basis.ESTIMATED_RSS)
    assert (ram + cpu).basis is Basis.ESTIMATED_CPU_TIME


@given(quantities())
def test_records_round_trip(q: Quantity) -> None:
    assert Quantity.from_record(q.to_record()) == q


def test_scaling_widens_and_weakens() -> None:
    power = Quantity(10.0, 8.0, 12.0, "W", Basis.PUBLISHED)
    energy = power.scaled(2.0, 1.0, 3.0, unit="J", basis=Basis.MODELLED)
    assert energy.interval == (8.0, 20.0, 36.0)
    assert energy.basis is Basis.MODELLED
