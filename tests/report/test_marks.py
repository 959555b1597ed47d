import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.report.marks import BASES, basis_phrase, basis_word, energy_in_words
from qwatt.report.svg import LinearAxis


@pytest.mark.parametrize("basis", Basis)
def test_every_basis_is_said_in_plain_words_that_begin_with_its_own(basis):
    said = basis_phrase(basis.value)
    assert said.startswith(basis_word(basis.value)) and basis_word(basis.value) in BASES
    assert ":" not in said and "_" not in said


def test_a_part_that_is_memory_is_called_so():
    assert basis_phrase("estimated:rss") == "estimated from memory held"


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_an_axis_of_shares_ends_at_0_and_1(values):
    axis = LinearAxis.over(values, 330, 20)
    assert 0.0 <= axis.low < axis.high <= 1.0
    assert axis.low <= min(values) and max(values) <= axis.high
    assert all(0.0 <= tick <= 1.0 for tick in axis.ticks())
    assert all(20 <= axis.y(value) <= 330 for value in values)


@pytest.mark.parametrize(
    ("values", "ends"),
    [([0.5, 1.0], (0.46, 1.0)), ([2.0, 4.0], (1.84, 4.16)), ([-1.0, 1.5], (-1.2, 1.7)), ([1.0], (0.95, 1.0))],
)
def test_other_axes_have_room_at_both_ends(values, ends):
    axis = LinearAxis.over(values, 330, 20)
    assert (axis.low, axis.high) == pytest.approx(ends)


def test_an_energy_in_words_says_how_it_was_found_and_why_it_is_unknown():
    found = Quantity(3.54, 2.18, 8.96, "J", Basis.ESTIMATED_CPU_TIME, Boundary.NODE)
    assert energy_in_words(found) == "3.54 J (2.18 J to 8.96 J), estimated from CPU time"
    assert energy_in_words(Quantity.unknown("no meter", "J")) == "energy unknown: no meter"
