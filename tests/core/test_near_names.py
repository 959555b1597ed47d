import pytest

from qwatt.core.errors import unknown_name
from qwatt.core.near_names import near_names

NAMES = [
    "shakespeare",
    "vader",
    "llama-3.1-8b",
    "llama-3.1-70b",
    "braket.aws.qubit",
    "Netherlands",
    "nor",
    "pec",
]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("shakespear", ["shakespeare"]),
        ("SHAKESPEARE", ["shakespeare"]),
        ("netherland", ["Netherlands"]),
        ("llama", ["llama-3.1-8b", "llama-3.1-70b"]),
        ("braket", ["braket.aws.qubit"]),
        ("atlantis", []),
        ("prayer", []),
        ("NOWHERE", []),  # of which "nor" is not half
        ("ve", []),
        ("", []),
    ],
)
def test_near_names_are_of_like_spelling_or_hold_the_name(name, near):
    assert near_names(name, NAMES) == near


def test_where_nothing_is_near_all_are_listed():
    assert "did you mean" not in str(unknown_name("method", "prayer", NAMES))
    assert "known: Netherlands, braket.aws.qubit" in str(unknown_name("method", "prayer", NAMES))
