import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.quantity import Quantity
from qwatt.report.numbers import energy, factor, powers, scaled, short, times, unbroken


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1, "1"), (12.345, "12.3"), (123.4, "123"), (1234.6, "1,235"), (-1234.6, "-1,235"),
        (999_999, "999,999"), (1e6, "1,000,000"), (1.5e10, "1.5\u00a0×\u00a010¹⁰"),
        (0.001, "0.001"), (0.00099, "9.9\u00a0×\u00a010⁻⁴"),
        (2e-12, "2\u00a0×\u00a010⁻¹²"), (99.95, "100"), (1e100, "1\u00a0×\u00a010¹⁰⁰"),
        (math.inf, "∞"), (-math.inf, "-∞"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_short(value, text):
    assert short(value) == text


@given(st.floats(min_value=1e-30, max_value=1e30))
def test_short_is_right_to_half_a_percent(value):
    assert math.isclose(read(short(value)), value, rel_tol=0.0051)


def read(text):
    """A written number again."""
    mantissa, _, power = text.replace(",", "").replace("\u00a0", "").partition("×10")
    exponent = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(f"{mantissa}e{exponent or 0}")


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.4, "1.4×"), (0.42, "0.42×"), (83.3, "83×"), (2512, "2,500×"), (170_000, "170,000×"),
        (1.6e7, "16 million×"),
        (2.6e11, "260 billion×"), (2.3e12, "2 trillion×"), (3e18, "10¹⁸×"), (0, "0×"), (4e-7, "10⁻⁶×"),
    ],
)  # fmt: skip
def test_factors_are_written_as_people_say_them(ratio, text):
    assert factor(ratio).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("error_2q <= 3.47e-05 and", "error_2q <= 3.47 × 10⁻⁵ and"),
        ("5.479e+10 requests", "5.479 × 10¹⁰ requests"),
        ("12e45 at 1e6.", "12 × 10⁴⁵ at 1 × 10⁶."),
        ("commit 12e4567ab", "commit 12e4567ab"), ("v1e5", "v1e5"),
    ],
)  # fmt: skip
def test_exponents_in_texts_are_written_as_powers(text, written):
    assert powers(text).replace("\u00a0", " ") == written


def test_a_number_and_its_unit_stay_on_one_line():
    assert unbroken("1,200 kJ (900 J to 2 kJ)") == "1,200\u00a0kJ (900\u00a0J to 2\u00a0kJ)"
    assert unbroken("unknown: 3 seeds failed") == "unknown: 3 seeds failed"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.0, "J", "1 J"), (0.0345, "J", "34.5 mJ"), (2e-7, "J", "0.2 µJ"), (1500, "J", "1.5 kJ"),
        (3.6e6, "J", "3.6 MJ"), (5e9, "J", "5 GJ"), (-1500, "J", "-1.5 kJ"), (0, "J", "0 µJ"),
        (90, "s", "1.5 min"), (7200, "s", "2 h"), (3 * 86400, "s", "3 days"), (0.5, "s", "500 ms"),
        (86400 * 365.25 * 2, "s", "2 years"), (0.9996, "J", "1 J"), (0.9994, "J", "999 mJ"),
        (999_700, "J", "1 MJ"), (59.99, "s", "1 min"),
    ],
)  # fmt: skip
def test_scaled(value, unit, text):
    assert scaled(value, unit) == text


def test_energy():
    assert energy(None) == "–"
    assert energy(Quantity.unknown("no counter")) == "unknown: no counter"
    assert energy(Quantity(2.0, unit="kJ")) == "2 kJ"
    assert energy(Quantity(2.0, 1.0, 4000.0)) == "2 J (1 J to 4 kJ)"
    assert energy(Quantity(2.0, 1.0, 4.0), interval=False) == "2 J"


def test_times():
    assert times(12.34) == "12.3 times"
