"""The vectorised Monte Carlo against a scalar loop that is written from the formulas alone."""

import statistics

import numpy as np
import pytest

from qwatt.energy.qpu import accounting
from qwatt.projection.catalogued.find import constant
from qwatt.projection.futures.break_even import percentiles, probabilities
from qwatt.projection.futures.drawn import interval
from qwatt.projection.futures.montecarlo import DrawSettings, play
from qwatt.projection.scaling import load as loading
from qwatt.projection.scaling import scenario_sizes
from qwatt.projection.scaling.card import Card, Symbol
from qwatt.projection.scaling.quantile import random_quantiles
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.spread import Span

SCENARIO = load_scenario("llama-3.1-8b-chat")
SIZES = scenario_sizes(SCENARIO) | {"J_core_s": Span.given(1.0)}
PUE = Span(1.2, 1.1, 1.4)
SETTINGS = DrawSettings(draws=1500, seed=3)
READS, VARIABLES, RIVAL_J, QUALITY = 500.0, 120.0, 6000.0, 0.7


def _card(kind):
    quantum = kind == "quantum"
    number = Symbol("quality", QUALITY, QUALITY, QUALITY, "1", "", "", "D")
    anneal = {"problems": "1", "reads": f"{READS}", "variables": f"{VARIABLES}"}
    return Card(
        id=f"toy/task/{kind}",
        name=kind,
        kind=kind,
        unit="one QUBO",
        times="1",
        costs={} if quantum else {"core_s": f"{RIVAL_J}"},
        demands={"anneal": anneal} if quantum else {},
        symbols={},
        formulas=(),
        source="",
        valid="",
        quality=number if quantum else None,
        progress="search",
    )


def _at(span, u):
    """A quantile of an interval whose ends are its 5 % and 95 %, by the standard library."""
    z = statistics.NormalDist().inv_cdf(u) / statistics.NormalDist().inv_cdf(0.95)
    found = span.value * ((span.value / span.low) if z < 0 else (span.high / span.value)) ** z
    return max(found, 1.0) if span.low >= 1 else min(found, 1.0) if span.high <= 1 else found


def _first_year(u):
    """The first year in which an anneal takes less than the rival; u gives a draw's quantile by name."""

    def of(*keys):
        return _at(interval(*keys), u("future:" + ".".join(keys)))

    low, value, high = accounting("with_idle").interval
    utilisation = _at(Span(value, low, high), u("future:utilisation"))
    pue = _at(PUE, u("site:pue"))
    serving = {name: Span.of(constant("inference", name), "1") for name in ("idle_share", "utilisation")}
    parts = {name: _at(span, u(f"future:classical.{name}")) for name, span in serving.items()}
    idle = 1 + parts["idle_share"] * (1 / parts["utilisation"] - 1)
    for year in SETTINGS.years:
        past = year - 2026
        clique = of("annealer", "clique") * 2 ** (past / of("annealer", "clique_doubling"))
        share = max(of("growth", "time_decade") ** (past / 10), of("growth", "least_time"))
        algorithms = max(
            2 ** (-past / of("growth", "algorithm_halving")), 1 / of("growth", "largest_algorithm_gain")
        )
        tiles = max(of("use", "packing") * (clique / VARIABLES) ** 2, 1)
        batches = max(algorithms / tiles, 1)
        seconds = batches * (of("annealer", "program") + READS * of("annealer", "read")) * share
        quantum = pue * of("annealer", "system") * seconds / utilisation
        host_s = of("host", "embed") * VARIABLES**2 + of("host", "call")
        least = 1 / of("baseline", "largest_gain")
        hardware = max(2 ** (-past / of("baseline", "hardware_halving")), least)
        halving = of("baseline", "algorithms", "search")
        rival = RIVAL_J * idle * max(hardware * 2 ** (-past / halving), least)
        quantum += host_s * idle * hardware  # a joule a core-second
        if quantum < rival and clique >= VARIABLES and u("toy/task/quantum:reaches") < QUALITY:
            return year
    return None


@pytest.fixture(scope="module")
def both():
    quantum, classical = _card("quantum"), _card("classical")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "all_cards", lambda: {c.id: c for c in (quantum, classical)})
        found = play([quantum], SIZES, PUE, SETTINGS)[0]
    columns = random_quantiles(SETTINGS.draws, SETTINGS.seed)
    loop = [_first_year(lambda name, i=i: float(columns(name)[i, 0])) for i in range(SETTINGS.draws)]
    return found, loop


def test_every_draw_breaks_even_in_the_same_year(both):
    found, loop = both
    years = [SETTINGS.years[int(i)] if i >= 0 else None for i in found.first]
    assert years == loop
    assert 0.1 < sum(year is not None for year in loop) / len(loop) < 0.9


def test_percentiles_and_probabilities_are_those_of_the_counted_years(both):
    found, loop = both
    ones = np.ones(SETTINGS.draws)
    chances = probabilities(found.first, SETTINGS.years, ones)
    for year in SETTINGS.years:
        counted = sum(won is not None and won <= year for won in loop) / len(loop)
        assert chances[year] == pytest.approx(counted)
    summary = percentiles(found.first, SETTINGS.years, ones)
    ordered = sorted(won if won is not None else 9999 for won in loop)
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        year = ordered[int(np.ceil(share * len(ordered))) - 1]
        assert summary[name] == (None if year == 9999 else year)
    assert summary["p_never"] == pytest.approx(loop.count(None) / len(loop))
