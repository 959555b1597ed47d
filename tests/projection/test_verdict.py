from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.quantity import Quantity
from qwatt.projection.futures.duel import duel
from qwatt.projection.futures.montecarlo import DrawSettings, drawn_world
from qwatt.projection.futures.outcome import Adoption, DrawnOutcome
from qwatt.projection.scaling import scenario_sizes
from qwatt.projection.scaling.card import Card, Symbol
from qwatt.projection.scaling.quantile import random_quantiles
from qwatt.projection.scenario.file import changed, load_scenario
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.better import Better
from qwatt.projection.verdicts.limits import Shares
from qwatt.projection.verdicts.money import cash_flow, hour_price, prices, summary
from qwatt.projection.verdicts.reasons import Facts, why
from qwatt.projection.verdicts.rules import WORDS, Judgement, threshold

SCENARIO = load_scenario("llama-3.1-8b-chat")
DRAWS = 400
QUANTILES = random_quantiles(DRAWS, 0)
YEARS = tuple(range(2026, 2051))


def _facts(p_last=0.0, p_pays=0.0, limit=(0.0, 0.0, 0.0), share=0.01, word="watch", other="", measured=False):
    found = {"kwh": 1.0, "kwh_p90": 1.0, "co2e_kg": 1.0, "usd": 1e6, "share": share}
    judgement = Judgement(word, dict.fromkeys(WORDS, 0.25), other)
    return Facts(judgement, measured, p_last, p_pays, 10.0, Shares(*limit), found, "too few qubits")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ((0.6, 0.6, 0.6), "limit: by construction, it loses or ties even with a free QPU"),
        ((0.4, 0.6, 0.6), "limit: quality"),
        ((0.4, 0.4, 0.6), "limit: size"),
        ((0.4, 0.4, 0.4), "limit: hardware"),
    ],
)
def test_the_reason_names_the_first_limit(limit, said):
    text = why(_facts(limit=limit, word="do not"))
    assert said in text and "too few qubits" in text and text.endswith(".")
    assert Shares(*limit).limit == said.removeprefix("limit: ").partition(",")[0]


def test_a_free_qpu_leaves_neither_size_nor_hardware_as_a_limit():
    assert Shares(0.4, 0.4, 0.6, free_qpu=True).limit is None
    assert Shares(0.4, 0.6, 0.6, free_qpu=True).limit == "quality"


def test_the_reason_says_what_is_judged_immaterial_or_undecided():
    text = why(_facts(p_pays=0.3, share=1e-6, other="do not"))
    assert "judged and not measured" in text and "immaterial" in text and "on a threshold" in text
    assert "judged" not in why(_facts(p_last=0.5, p_pays=0.3, measured=True))


def _certain(value):
    return Symbol("quality", value, value, value, "1", "", "", "A")


def _sampling(kind, cost):
    """Random-circuit sampling: three million samples of 53 qubits and 20 cycles."""
    quantum = kind == "quantum"
    gate = {
        **{"circuits": "1", "shots": "3e6", "qubits": "53"},
        **{"gates_1q": "1113", "gates_2q": "430", "depth": "40"},
    }
    return Card(
        id=f"test/sampling/{cost if not quantum else 'qpu'}",
        name="random-circuit sampling",
        kind=kind,
        unit="three million samples",
        times="1",
        costs={} if quantum else {"core_s": cost},
        demands={"gate": gate} if quantum else {},
        symbols={},
        formulas=(),
        source="arXiv:2407.00769",
        valid="53 qubits",
        read="sample",
        quality=_certain(1.0) if quantum else None,
    )


def _chance_against(*classical_kwh):
    """Return the chance of sampling on drawn machines of 2026 to take less than so many kWh, this year."""
    settings = DrawSettings(years=(2026, 2029), draws=DRAWS)
    pue = SCENARIO.place().pue
    sizes = scenario_sizes(SCENARIO) | {"J_core_s": Span.given(1.0)}
    world = drawn_world(QUANTILES, pue, settings)
    rivals = [_sampling("classical", f"{kwh} * 3.6e6") for kwh in classical_kwh]
    return duel(_sampling("quantum", ""), sizes, QUANTILES, world, against=rivals).wins[:, 0].mean()


def test_flipping_the_classical_baseline_flips_the_verdict():
    """D13: 780 MWh in 2019 against 4.3 kWh on Sycamore; 0.29 kWh after the tensor networks of 2024.

    The machines drawn for 2026 are better than Sycamore, so a few worlds still win.
    """
    assert _chance_against(780_000.0) >= threshold("use_now")
    assert _chance_against(780_000.0, 0.29) < threshold("pilot")


def _outcome(won, saved_j=1e15, seconds=1e3, qpu_j=1e15, upside=None):
    """An enhancement that any machine runs from the first year on, and that wins in the third or never."""
    wins = np.zeros((DRAWS, len(YEARS)), dtype=bool)
    wins[:, 2:] = won
    column, never = np.ones(DRAWS), np.full(DRAWS, -1)
    use = Adoption(
        2 * column if won else 0 * column,
        saved_j * column,
        seconds * column,
        1e3 * column,
        qpu_j * column,
    )
    card = replace(_sampling("quantum", ""), upside=upside)
    return DrawnOutcome(card, wins, never, never, 0 * column, column > 0, saved_j * column, column, use, use)


NOTHING = Better(np.zeros(DRAWS), np.zeros(DRAWS))


def test_an_enhancement_that_never_wins_loses_the_pilot():
    paid = prices(SCENARIO, QUANTILES)
    flow = cash_flow(_outcome(False, saved_j=-1.0), NOTHING, paid, YEARS, QUANTILES)
    assert flow.npv == pytest.approx(-paid.pilot_usd)
    record = summary(flow, paid, np.ones(DRAWS))
    assert record["p_pays"] == 0.0 and record["break_even_usd_per_qpu_hour"] is None


def test_saved_compute_repays_the_pilot_and_sets_the_break_even_price():
    paid = prices(SCENARIO, QUANTILES)
    flow = cash_flow(_outcome(True), NOTHING, paid, YEARS, QUANTILES)
    record = summary(flow, paid, np.ones(DRAWS))
    assert record["p_pays"] == 1.0
    ends = record["npv_usd"]
    assert ends["p10"] <= ends["p50"] <= ends["p90"]
    hours = 1e3 / 3600
    saved = 2e15 / 3.6e6 * paid.usd_per_kwh + 1e15 / 3.6e6 * paid.carbon_usd_per_kwh
    assert flow.price * hours == pytest.approx(saved - paid.integration_usd_per_year)
    assert (flow.benefit * 1.07**2 < saved).all()


UPSIDE = replace(_certain(0.5), name="upside")
WORTH = Better(np.full(DRAWS, 1e9), np.full(DRAWS, 1e9))


def test_better_solutions_count_only_where_a_machine_runs_and_reaches_the_quality():
    paid = prices(SCENARIO, QUANTILES)
    able = _outcome(False, saved_j=0.0, upside=UPSIDE)
    never = replace(able.first_use, year=np.full(DRAWS, -1))
    unable = replace(able, first_use=never, best_use=never)
    worse = replace(able, reaches=np.full(DRAWS, False))
    assert (cash_flow(able, WORTH, paid, YEARS, QUANTILES).npv > 0).all()
    for other in (unable, worse):
        flow = cash_flow(other, WORTH, paid, YEARS, QUANTILES)
        assert flow.npv == pytest.approx(-paid.pilot_usd) and (flow.kwh == 0).all()


def test_better_solutions_pay_for_the_qpu_that_finds_them():
    """Without a win the QPU's hours and the joules it takes more were free: 1e9 USD against 1e7 hours."""
    paid = prices(SCENARIO, QUANTILES)
    dear = _outcome(False, saved_j=-1e15, seconds=3.6e10, upside=UPSIDE)
    flow = cash_flow(dear, WORTH, paid, YEARS, QUANTILES)
    assert flow.npv == pytest.approx(-paid.pilot_usd) and (flow.qpu_usd > 1e9).all()
    cheap = _outcome(False, saved_j=-1e15, seconds=3.6e3, upside=UPSIDE)
    more_kwh = 1e15 / 3.6e6
    flow = cash_flow(cheap, WORTH, paid, YEARS, QUANTILES)
    assert flow.kwh == pytest.approx(1e9 - more_kwh)
    assert (flow.benefit < 1e9 - more_kwh * paid.carbon_usd_per_kwh).all()


def test_better_solutions_may_wait_for_a_cheaper_machine():
    paid = prices(SCENARIO, QUANTILES)
    slow = _outcome(False, saved_j=-1e9, seconds=3.6e10, qpu_j=1e9, upside=UPSIDE)
    fast = replace(slow.first_use, year=np.full(DRAWS, 10), seconds=np.full(DRAWS, 3.6e3))
    flow = cash_flow(replace(slow, best_use=fast), WORTH, paid, YEARS, QUANTILES)
    assert (flow.npv > 0).all() and (flow.benefit < 1e9 / 1.07**10).all()


def test_a_scenario_may_set_the_pilot_and_the_carbon_price():
    given = changed(SCENARIO, {"outlook.pilot_usd": 1000.0, "outlook.carbon_usd_per_t": 0.0})
    paid = prices(given, QUANTILES)
    assert (paid.pilot_usd == 1000.0).all() and (paid.carbon_usd_per_kwh == 0.0).all()


@given(st.floats(1, 1e9), st.floats(1, 1e9))
def test_more_qubits_never_cost_less_an_hour(few, more):
    paid, past = prices(SCENARIO, QUANTILES), np.zeros(DRAWS)
    small, large = sorted((few, more))
    one, other = (hour_price(np.full(DRAWS, n), past, past, QUANTILES, paid) for n in (small, large))
    assert (one <= other).all() and (one > 0).all()


def test_an_owner_pays_the_electricity_and_access_contains_it():
    paid, none = prices(SCENARIO, QUANTILES), np.zeros(DRAWS)
    cheap = np.full(DRAWS, 1.0)
    idle, drawing = (hour_price(cheap, np.full(DRAWS, w), none, QUANTILES, paid) for w in (0.0, 1e5))
    extra = drawing - idle
    assert (extra >= 0).all() and (extra <= 100.0 * paid.electricity_usd_per_kwh * (1 + 1e-9)).all()
    owned = extra > 0
    assert owned.any()
    capped = hour_price(cheap, np.full(DRAWS, 1e12), none, QUANTILES, paid)
    assert (capped <= 2e4).all(), "access by the hour bounds the price"


def test_the_enhancements_own_classical_part_is_not_counted_as_saved():
    """2e15 J of a rival against 1e15 J, nearly all of it the enhancement's classical part: half is saved."""
    paid = prices(SCENARIO, QUANTILES)
    all_on_qpu = cash_flow(_outcome(True), NOTHING, paid, YEARS, QUANTILES)
    mostly_classical = cash_flow(_outcome(True, qpu_j=0.0), NOTHING, paid, YEARS, QUANTILES)
    hours = 1e3 / 3600
    fewer = (all_on_qpu.price - mostly_classical.price) * hours
    assert fewer == pytest.approx(1e15 / 3.6e6 * paid.usd_per_kwh)


def test_thresholds_are_catalogued():
    assert threshold("use_now") > threshold("pilot") > threshold("watch") > 0
    assert Quantity(threshold("near_years"), unit="1").interval[1] == 3


def test_where_no_price_pays_it_says_so_instead_of_zero():
    """Saved joules that are worth less than keeping the method in production: 0 USD/h was said to be even."""
    from qwatt.report.projection.money_table import money_rows

    paid = prices(SCENARIO, QUANTILES)
    flow = cash_flow(_outcome(True, saved_j=1.0, qpu_j=1.0), NOTHING, paid, YEARS, QUANTILES)
    record = summary(flow, paid, np.ones(DRAWS))
    assert record["break_even_usd_per_qpu_hour"] == {"p10": None, "p50": None, "p90": None}
    row = money_rows([{"name": "toy", "money": record, "saved_kwh": {"if_it_wins": None}}])[0]
    assert row[-1] == ("no price pays", "")
