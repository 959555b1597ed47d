"""Notes of several settings are said once."""

from __future__ import annotations

from qwatt.protocol.merged_notes import merged_notes


def test_numbers_that_vary_become_a_range() -> None:
    notes = [f"one circuit for each of {n} components of at most 16" for n in (259, 54, 1124)]
    assert merged_notes(notes) == "one circuit for each of 54 to 1124 components of at most 16"


def test_other_wordings_stay_beside_each_other_and_empty_ones_go() -> None:
    assert merged_notes(["a 1.5", "", "b", "a 2", "b"]) == "a 1.5 to 2; b"


def test_no_note_is_no_text() -> None:
    assert merged_notes(["", ""]) == ""
