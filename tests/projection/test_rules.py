"""The rules decide what they say, every word can be reached, and the order of the words is kept."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.judgement import Outcome
from qwatt.projection.verdicts.rules import (
    MEASURED,
    PROJECTED,
    UNDECIDED,
    WORDS,
    MeasuredFacts,
    ProjectedFacts,
    decide,
    threshold,
    written,
)

JOULES = st.tuples(*[st.floats(0, 1e6)] * 3).map(lambda ends: tuple(sorted(ends)))


@given(st.sampled_from(Outcome), st.booleans(), st.none() | JOULES, st.none() | JOULES)
def test_a_run_is_judged_as_the_words_say(quality, runs, joules, reference):
    word = decide(MEASURED, MeasuredFacts(quality, runs, joules, reference))
    if quality is Outcome.WORSE:
        assert word == "do not"
    elif quality is Outcome.UNDECIDED or joules is None or reference is None:
        assert word == UNDECIDED
    elif runs:
        apart = max(joules[0], reference[0]) > min(joules[2], reference[2])
        assert word == (("use now" if joules[1] < reference[1] else "do not") if apart else "pilot")
    else:
        assert word == ("watch" if joules[1] < reference[1] else "do not")


@given(st.booleans(), JOULES, JOULES, st.floats(0, 1))
def test_fewer_joules_never_worsen_the_verdict(runs, joules, reference, share):
    less = tuple(share * end for end in joules)
    before, after = (
        WORDS.index(decide(MEASURED, MeasuredFacts(Outcome.NOT_WORSE, runs, ends, reference)))
        for ends in (joules, less)
    )
    assert after <= before


def test_every_word_of_a_run_can_be_reached():
    cases = product(Outcome, (True, False), ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (2.5, 4.0, 5.0), None))
    facts = [MeasuredFacts(quality, runs, ends, (2.8, 4.5, 5.5)) for quality, runs, ends in cases]
    facts.append(MeasuredFacts(Outcome.NOT_WORSE, True, (1.0, 2.0, 2.5), (2.8, 4.5, 5.5)))
    assert {decide(MEASURED, each) for each in facts} == {UNDECIDED, *WORDS}


def test_every_word_of_a_projection_can_be_reached():
    cases = product((True, False), (0.0, 0.1, 0.5, 0.9), (0.0, 0.5))
    facts = [ProjectedFacts(runs, {2026: p, 2050: p}, pays, 1.0) for runs, p, pays in cases]
    assert {decide(PROJECTED, each) for each in facts} == set(WORDS)


@pytest.mark.parametrize("rules", [MEASURED, PROJECTED])
def test_the_last_rule_always_holds_and_the_favourable_come_first(rules):
    words = [rule.word for rule in rules if rule.word in WORDS]
    assert words[-4:] == list(WORDS)
    assert rules[-1].holds(None)


def test_what_is_printed_holds_the_catalogued_thresholds():
    text = " ".join(when for _, when in written(PROJECTED))
    said = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}
    assert said == {threshold(name) for name in ("use_now", "pilot", "watch", "near_years")}


@pytest.mark.parametrize("name", ["use_now", "pilot", "watch"])
def test_a_threshold_is_where_the_word_changes(name):
    word, at = name.replace("_", " "), threshold(name)
    for p, holds in ((at, True), (at - 1e-9, False)):
        facts = ProjectedFacts(name != "watch", {2026: p, 2050: p}, 0.0, 1.0)
        assert (decide(PROJECTED, facts) == word) is holds
