"""Synthetic enhancements through the whole decision: each word, each limit, and what a free QPU changes."""

import dataclasses
import functools

import pytest

from qwatt.projection.futures.montecarlo import play
from qwatt.projection.project import context_of, project, settings_of
from qwatt.projection.scaling import load as loading
from qwatt.projection.scaling.card import Card, Symbol
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.verdicts.enhancement import enhancement_record

SCENARIO = load_scenario("llama-3.1-8b-chat")
DRAWS = 600
TODAY = {"circuits": "1", "shots": "1000", "qubits": "20", "gates_1q": "20", "gates_2q": "20", "depth": "5"}
WIDE = TODAY | {"qubits": "2000", "gates_1q": "2000", "gates_2q": "2000"}
LOGICAL = {"qubits": "1e3", "toffoli": "1e8", "rotations": "0", "depth": "1e8", "runs": "1"}
MONSTER = LOGICAL | {"qubits": "1e13"}
GWH = 3.6e12


def _card(kind, joules="0", demand=None, quality=1.0, measured=True):
    number = Symbol("quality", quality, quality, quality, "1", "", "", "A")
    quantum = kind == "quantum"
    return Card(
        id=f"deployment/toy/{kind}",
        name=kind,
        kind=kind,
        unit="one piece of work",
        times="1",
        costs={"core_s": f"{joules} / J_core"},
        demands={("logical" if "toffoli" in demand else "gate"): demand} if quantum else {},
        symbols={"J_core": Symbol("J_core", 6.0, 6.0, 6.0, "J", "a core-second", "", "A")},
        formulas=(),
        source="",
        valid="",
        read="sample",
        quality=number if quantum else None,
        measured=measured,
    )


@functools.cache
def _context(free):
    return context_of(SCENARIO, dataclasses.replace(settings_of(SCENARIO, DRAWS), free_qpu=free))


def _record(monkeypatch, saved_gwh, demand, *, quality=1.0, measured=True, own_gwh=0.0, free=False):
    """The record of an enhancement whose best rival takes `saved_gwh`, its own classical part `own_gwh`."""
    quantum = _card("quantum", own_gwh * GWH, demand, quality, measured)
    rival = _card("classical", saved_gwh * GWH)
    monkeypatch.setattr(loading, "all_cards", lambda: {card.id: card for card in (quantum, rival)})
    context = _context(free)
    (outcome,) = play([quantum], context.sizes, context.pue, context.settings)
    return enhancement_record(outcome, context)


@pytest.mark.parametrize(
    ("saved_gwh", "demand", "options", "word"),
    [
        (1.0, TODAY, {}, "use now"),
        (1.0, TODAY, {"quality": 0.5}, "pilot"),
        (1.0, TODAY, {"measured": False}, "watch"),
        (1.0, WIDE, {}, "watch"),
        (1e-4, TODAY, {}, "do not"),
        (1.0, TODAY, {"own_gwh": 2.0}, "do not"),
        (1.0, TODAY, {"quality": 0.01}, "do not"),
    ],
)
def test_every_word_can_be_reached(monkeypatch, saved_gwh, demand, options, word):
    record = _record(monkeypatch, saved_gwh, demand, **options)
    assert record["verdict"] == word, record["why"]


@pytest.mark.parametrize(
    ("demand", "options", "limit"),
    [
        (TODAY, {"own_gwh": 1.0}, "by construction"),
        (TODAY, {"own_gwh": 2.0, "quality": 0.0}, "by construction"),
        (TODAY, {"quality": 0.4}, "quality"),
        (MONSTER, {}, "size"),
        (TODAY, {}, "hardware"),
    ],
)
def test_every_limit_can_be_reached(monkeypatch, demand, options, limit):
    record = _record(monkeypatch, 1.0, demand, **options)
    assert record["limit"] == limit and (limit == "hardware" or f"limit: {limit}" in record["why"])


@pytest.mark.parametrize("demand", [TODAY, WIDE, MONSTER])
@pytest.mark.parametrize(
    ("saved_gwh", "quality", "measured", "word"),
    [
        (1.0, 1.0, True, "use now"),
        (1.0, 0.5, True, "pilot"),
        (1.0, 0.5, False, "watch"),
        (1.0, 0.01, True, "do not"),
        (1e-4, 1.0, True, "do not"),
    ],
)
def test_with_a_free_qpu_only_ceiling_and_quality_decide(
    monkeypatch, demand, saved_gwh, quality, measured, word
):
    record = _record(monkeypatch, saved_gwh, demand, quality=quality, measured=measured, free=True)
    assert record["verdict"] == word, record["why"]
    assert record["limit"] == ("quality" if quality < 0.5 else None) or quality == 0.5


def test_the_ceiling_is_what_the_rival_takes_and_does_not_depend_on_the_qpu(monkeypatch):
    found = [_record(monkeypatch, 1.0, demand, own_gwh=0.25)["ceiling"] for demand in (TODAY, MONSTER)]
    assert found[0] == found[1]
    price = SCENARIO.place().pue.value * 5.0 / 6.0  # the scenario's joules of a core-second over ours
    assert found[0]["kwh"] == pytest.approx(0.75e6 * price, rel=0.1)
    assert found[0]["co2e_kg"] == pytest.approx(found[0]["kwh"] * SCENARIO.place().grid.kg_per_kwh.value)


def test_faster_annealers_make_nothing_immaterial_a_pilot(monkeypatch):
    """A million times faster ones, and every quality measured: what the floors hold back stays back."""
    from qwatt.projection.futures import machines

    slow = machines._annealer

    def fast(quantiles, years):
        one = slow(quantiles, years)
        return dataclasses.replace(one, program_s=one.program_s * 1e-6, read_s=one.read_s * 1e-6)

    monkeypatch.setattr(machines, "_annealer", fast)
    cards = [c for c in loading.all_cards().values() if "anneal" in c.demands and c.kind == "quantum"]
    trusted = [dataclasses.replace(card, measured=True) for card in cards]
    context = _context(False)
    outcomes = play(trusted, context.sizes, context.pue, context.settings)
    records = [enhancement_record(outcome, context) for outcome in outcomes]
    assert any(record["p_advantage"][2050] > 0.5 for record in records), "some do take less energy now"
    for record in records:
        assert record["verdict"] not in ("use now", "pilot") or record["ceiling"]["kwh_p90"] > 1e-3 * _life()


def _life():
    return _context(False).life_kwh


def test_the_list_of_a_free_qpu_says_what_would_be_worth_it_and_why_the_others_not():
    record = project(SCENARIO, draws=100, free_qpu=True).to_record()
    assert record["assumptions"]["free_qpu"] is True
    for entry in record["enhancements"]:
        if entry["kind"] == "quantum":
            assert entry["limit"] not in ("size", "hardware") and "today:" not in entry["why"]
            worth = entry["verdict"] != "do not" or entry["limit"] == "quality"
            assert worth or any(w in entry["why"] for w in ("immaterial", "save nothing", "construction"))
