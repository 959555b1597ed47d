"""The rules decide what they say, every word can be reached, and the order of the words is kept."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.judgement import Outcome
from qwatt.core.quantity import Quantity
from qwatt.projection.verdicts.available import judge_available
from qwatt.projection.verdicts.rules import (
    MEASURED,
    PROJECTED,
    UNDECIDED,
    WORDS,
    Futures,
    MeasuredFacts,
    decide,
    judge,
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


N = 1000


def _futures(now=0.0, near=0.0, ever=0.0, pays=0.0, *, worth=1.0, material=1.0, runs=True, measured=True):
    """Futures of which given shares save now, near and ever, pay, and are worth it, the same ones first."""
    order = (np.arange(N) + 0.5) / N
    near, ever = max(now, near), max(now, near, ever)
    masks = [order < share for share in (now, near, ever, pays, material, min(material, worth), worth)]
    return Futures(runs, measured, *masks, np.ones(N))


@pytest.mark.parametrize(
    ("futures", "word"),
    [
        (_futures(now=0.9, pays=0.9), "use now"),
        (_futures(now=0.9), "pilot"),
        (_futures(now=0.9, pays=0.9, runs=False), "watch"),
        (_futures(now=0.9, pays=0.9, measured=False), "watch"),
        (_futures(near=0.3), "pilot"),
        (_futures(pays=0.3), "pilot"),
        (_futures(now=1.0, pays=1.0, material=0.0, worth=0.0), "do not"),
        (_futures(near=0.3, material=0.0), "watch"),
        (_futures(ever=0.06), "watch"),
        (_futures(ever=0.9, worth=0.04), "do not"),
        (_futures(ever=0.9, worth=0.4), "do not"),
        (_futures(ever=0.9, worth=0.6), "watch"),
        (_futures(ever=0.04, pays=0.04), "do not"),
    ],
)
def test_the_written_rule(futures, word):
    found = judge(futures)
    assert found.word == word
    assert sum(found.probabilities.values()) == pytest.approx(1.0) and tuple(found.probabilities) == WORDS


CHANCE = st.floats(0, 1)


@given(*[CHANCE] * 5, st.floats(0, 1), st.booleans(), st.booleans())
def test_more_favourable_futures_never_worsen_the_verdict(now, near, ever, pays, worth, more, runs, measured):
    shares = (now, near, ever, pays)
    before = judge(_futures(*shares, worth=worth, runs=runs, measured=measured))
    better = [p + (1 - p) * more for p in shares]
    after = judge(_futures(*better, worth=worth + (1 - worth) * more, runs=True, measured=True))
    assert WORDS.index(after.word) <= WORDS.index(before.word)


@pytest.mark.parametrize("name", ["use_now", "pilot", "watch"])
def test_a_threshold_is_where_the_word_changes(name):
    word, at = name.replace("_", " "), threshold(name)
    for p, holds in ((at + 1.5 / N, True), (at - 1.5 / N, False)):
        assert (judge(_futures(p, pays=p, runs=name != "watch")).word == word) is holds


def test_near_a_threshold_the_verdict_says_so_and_a_heavier_draw_counts_for_more():
    """3 standard errors of p = 0.06 in 1000 futures are 0.023, in 100,000 they are 0.002."""
    assert judge(_futures(ever=0.06)).on_threshold == "do not"
    assert judge(_futures(ever=0.04)).on_threshold == "watch"
    assert judge(_futures(ever=0.12)).on_threshold == ""
    assert judge(_futures(ever=0.9, worth=0.52)).on_threshold == "do not"
    assert judge(_futures(ever=0.9, worth=0.48)).on_threshold == "watch"
    assert judge(_futures(ever=0.9, worth=0.7)).on_threshold == ""
    many = Futures(
        True, True, *(np.repeat(mask, 100) for mask in list(vars(_futures(ever=0.06)).values())[2:])
    )
    assert judge(many).on_threshold == ""
    heavy = replace(_futures(ever=0.04), weights=np.where(np.arange(N) < 40, 2.0, 1.0))
    assert judge(heavy).probabilities["watch"] == pytest.approx(80 / 1040)


def test_the_rules_of_a_future_are_those_of_the_records():
    """Each rule's mask against the words of a scalar reading of the text, over every combination."""
    bits = np.array(list(product((False, True), repeat=7))).T
    for runs, measured in product((False, True), repeat=2):
        futures = Futures(runs, measured, *bits, np.ones(bits.shape[1]))
        for i, (now, near, ever, pays, share, material, worth) in enumerate(bits.T):
            able = runs and measured
            spoken = next(rule.word for rule in PROJECTED if rule.holds(futures)[i])
            if able and now and share and pays:
                assert spoken == "use now"
            elif able and material and (near or pays):
                assert spoken == "pilot"
            else:
                assert spoken == ("watch" if worth and (ever or pays) else "do not")


def _kwh(low, value, high):
    return Quantity(value, low, high, "kWh")


def _usd(value, low=None, high=None):
    return Quantity(value, low, high, "USD")


@pytest.mark.parametrize(
    ("saved", "usd", "cost", "measured", "word"),
    [
        (_kwh(1e5, 2e5, 3e5), _usd(5e4), _usd(1e3), True, "use now"),
        (_kwh(1e5, 2e5, 3e5), _usd(5e4), _usd(1e3), False, "watch"),
        (_kwh(1e5, 2e5, 3e5), _usd(5e4), _usd(1e6), True, "pilot"),
        (_kwh(-3e5, -1e5, 3e5), _usd(2e4, -1e4, 6e4), _usd(1e3), True, "pilot"),
        (_kwh(-3e5, -2e5, 1e3), _usd(1e3), _usd(0.0), True, "do not"),
        (_kwh(1.0, 2.0, 3.0), _usd(5e4), _usd(0.0), True, "do not"),
    ],
)
def test_levers_without_a_qpu_are_judged_by_the_same_rules(saved, usd, cost, measured, word):
    assert judge_available(saved, usd, cost, Quantity(1e7, unit="kWh"), measured=measured).word == word


def test_a_lever_of_unknown_money_is_refused():
    unknown = Quantity.unknown("not priced", unit="USD")
    with pytest.raises(QwattError, match="not priced"):
        judge_available(_kwh(1, 2, 3), unknown, _usd(0.0), Quantity(1e7, unit="kWh"), measured=True)


@pytest.mark.parametrize("rules", [MEASURED, PROJECTED])
def test_the_words_stand_in_their_order(rules):
    words = [rule.word for rule in rules if rule.word in WORDS]
    assert words[-4:] == list(WORDS)


def test_the_last_rule_always_holds():
    assert MEASURED[-1].holds(None) and PROJECTED[-1].holds(_futures()).all()


def test_what_is_printed_holds_the_catalogued_thresholds():
    text = " ".join(when for _, when in written(PROJECTED))
    said = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))}
    percents = {100 * threshold(name) for name in ("use_now", "pilot", "watch", "least_share")}
    assert {round(number, 6) for number in said} == {round(p, 6) for p in percents} | {
        threshold("near_years"),
        threshold("least_usd"),
    }
