"""What is said first of a deduplicated corpus is what its trial found; what was missed comes first."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.headline import counted, share
from qwatt.core.trial import Trial, TrialSpec
from qwatt.stages.curation.dedup.export import excerpts
from qwatt.stages.curation.dedup.task import DedupTask

SPEC = TrialSpec("curation/dedup", "minhash", "mine.jsonl", "full", 0, "engine", 1000, 12)
EXTRAS = {
    "documents_in": 5000,
    "documents_kept": 4512,
    "removed_by_kind": {"same text": 88, "near duplicate": 400},
    "precision": 0.9934,
    "recall": 0.8712,
    "duplicates_held_back": 1240,
    "examples": [
        {"removed": "b", "kept": "a", "similarity": 0.61, "removed_text": "two", "kept_text": "one"},
        {"removed": "d", "kept": "c", "similarity": None, "removed_text": "two", "kept_text": "one"},
    ],
}


def trial(precision=0.9934, asked=0.99, capped=0, method="minhash", **changes):
    found = Trial(replace(SPEC, method=method), "classical", "pair_f1", "done", 0.93, **changes)
    found.extras = EXTRAS | {"precision": precision}
    found.notes = {"precision_asked": asked, "buckets_capped": capped}
    found.settings = {"threshold": 0.6}
    return found


def test_it_begins_with_what_went_and_how_right_that_was():
    said = DedupTask().headline(trial(), "runs/mine/corpus.jsonl")
    assert said.warnings == ()
    assert said.facts[0] == (
        "5,000 documents in, 4,512 kept, 488 removed (400 near duplicate, 88 same text), "
        "precision 0.99, recall 0.87 on planted duplicates (1,240 held back)"
    )
    assert said.facts[1].endswith("runs/mine/corpus.jsonl")
    assert [pair.caption for pair in said.examples] == ["similarity 0.61", "not compared"]
    assert said.examples[0].left == ("a", "one") and said.examples[0].right == ("b", "two")
    assert said.sides == ("kept", "removed")


@pytest.mark.parametrize(
    ("size", "documents", "said"), [("xs", 40, True), ("xs", 39, False), ("full", 40, False)]
)
def test_a_sample_is_never_taken_for_the_corpus(size, documents, said):
    found = trial()
    found.spec = replace(SPEC, size=size)
    found.extras |= {"documents_in": documents, "documents_kept": 30}
    facts = DedupTask().headline(found, "corpus.jsonl").facts
    assert (
        any("size xs draws 40 documents at most" in fact and "--size full" in fact for fact in facts) is said
    )


@pytest.mark.parametrize("precision", [0.9899999, 0.9, 0.5, 0.0])
def test_a_precision_that_was_missed_is_a_warning_that_names_both_mends(precision):
    (warning,) = DedupTask().headline(trial(precision), None).warnings
    shown = float(re.match(r"precision (\S+) on held-back", warning)[1])
    assert shown < 0.99, "it never looks like what was asked for"
    assert "below the 0.99 asked for" in warning
    assert "--set threshold=0.8" in warning
    accepted = float(re.search(r"--set precision=([\d.]+)", warning)[1])
    assert precision - 0.01 < accepted <= precision, "the precision of the mend would be reached"


def test_a_method_without_a_threshold_is_advised_none():
    without = trial(0.9)
    without.settings = {}
    assert "threshold" not in DedupTask().headline(without, None).warnings[0]


def test_what_was_not_compared_is_said_in_words():
    assert not any("not every pair" in fact for fact in DedupTask().headline(trial(), None).facts)
    told = DedupTask().headline(trial(capped=3), None).facts[-1]
    assert told.startswith("in 3 crowded groups") and "not every pair was compared" in told


def test_removals_that_nobody_can_judge_are_said_to_be_outside_the_precision():
    found = trial()
    assert not any("leaves out" in fact for fact in DedupTask().headline(found, None).facts)
    found.extras["removals_not_judged"] = 250
    assert "leaves out 250 removals" in DedupTask().headline(found, None).facts[1]


@pytest.mark.parametrize(
    ("precision", "asked", "reached"), [(0.99, 0.99, True), (0.98, 0.99, False), (1, 1, True)]
)
def test_the_summary_holds_its_contract(precision, asked, reached):
    found = DedupTask().summary(trial(precision, asked))
    assert found == {name: (EXTRAS | {"precision": precision})[name] for name in found if name in EXTRAS} | {
        "precision_asked": asked,
        "precision_reached": reached,
    }
    assert DedupTask().meets(trial(precision, asked)) is reached


def test_a_record_of_an_earlier_version_claims_nothing():
    old = Trial(SPEC, "classical", "pair_f1", "done", 0.93)
    assert DedupTask().headline(old, "corpus.jsonl").facts[0] == "pair f1 0.93"
    assert DedupTask().meets(old)
    assert set(DedupTask().summary(old).values()) == {None}


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_share_never_looks_like_a_bound_that_it_is_not(value, bound):
    text = share(value, (0.0, 1.0, bound))
    assert abs(Decimal(text) - Decimal(value)) <= Decimal("0.005")
    for other in (0.0, 1.0, bound):
        assert value == other or float(text) != other or abs(value - other) < 1e-6


def test_one_is_not_plural():
    assert (counted(1, "label"), counted(4512, "document")) == ("1 label", "4,512 documents")


@given(st.text("ab \n", max_size=400), st.text("ab \n", max_size=400), st.text("abc ", max_size=400))
def test_excerpts_show_where_two_texts_begin_to_differ(first, second, shared):
    first, second = " ".join((shared + first).split()), " ".join((shared + second).split())
    shown = excerpts(first, second)
    assert all(len(piece) <= 170 and "\n" not in piece for piece in shown)
    for piece, whole in zip(shown, (first, second), strict=True):
        assert piece.removeprefix("... ").removesuffix(" ...") in whole
    assert first == second or shown[0] != shown[1], "the difference is in sight"
