import math
from pathlib import Path
from typing import Any

import pytest

from qwatt.core.comparison import Comparison, compare, to_record
from qwatt.core.problem import Problem, Quality, Solution
from qwatt.core.quantity import Quantity
from qwatt.core.task import Task
from qwatt.core.trial import Trial, TrialSpec


class Made(Task):
    """A task that is only compared, never loaded."""

    name = "tuning/made"
    functional_unit = "Do it."
    metric = "accuracy"
    margin = 0.01
    sizes = {}
    default_source = ""

    def load(self, source: str, size: str, seed: int) -> Problem:
        raise AssertionError

    def validate(self, problem: Problem, solution: Solution) -> Quality:
        raise AssertionError

    def score(self, problem: Problem, solution: Solution) -> Quality:
        raise AssertionError

    def export(self, problem: Problem, solution: Solution, folder: Path) -> list[Path]:
        raise AssertionError


class Costly(Made):
    """The same with a metric that is better when lower."""

    higher_is_better = False


def trials(method: str, kind: str, qualities: list[float], joules: float, **more: Any) -> list[Trial]:
    made = []
    for seed, quality in enumerate(qualities):
        spec = TrialSpec("tuning/made", method, "x", "s", seed, "engine", 1000, 1)
        energy = Quantity(joules, joules / 2, joules * 2, boundary="node", basis="estimated:cpu_time")
        made.append(Trial(spec, kind, "accuracy", "done", quality, host_energy=energy, **more))
    return made


CLASSICAL = trials("classic", "classical", [0.80, 0.81, 0.79, 0.80, 0.82], 2.0)


def compared(*groups: list[Trial], task: type[Task] = Made) -> Comparison:
    return compare(task(), [t for group in groups for t in group])


def test_the_best_classical_method_is_the_reference() -> None:
    weak = trials("weak", "classical", [0.6] * 5, 0.1)
    strong = trials("quantum", "quantum", [0.99] * 5, 50.0)
    assert compared(CLASSICAL, weak, strong).reference == "classic"
    assert compared(CLASSICAL, weak, strong, task=Costly).reference == "weak"


@pytest.mark.parametrize("task", [Made, Costly])
def test_of_equally_good_classical_methods_the_thriftiest_is_the_reference(task: type[Task]) -> None:
    """Else a method would look better beside a dearer baseline than it is."""
    equal = [0.80, 0.81, 0.79, 0.80, 0.82]
    dear, cheap = trials("a-dear", "classical", equal, 3.0), trials("b-cheap", "classical", equal, 0.5)
    unknown = trials("c-unknown", "classical", equal, 1.0)
    for trial in unknown:
        trial.host_energy = Quantity.unknown("no reader")
    for order in ((dear, cheap, unknown), (unknown, cheap, dear)):
        assert compared(*order, task=task).reference == "b-cheap"


def test_equal_quality_gets_a_ratio() -> None:
    row = compared(CLASSICAL, trials("same", "quantum", [0.80, 0.81, 0.79, 0.80, 0.82], 10.0)).row("same")
    assert row.outcome == "not worse"
    assert row.ratio == pytest.approx((5.0, 5.0, 5.0))
    assert row.ets is not None
    assert row.ets.value == 10.0


def test_worse_quality_gets_none_however_cheap() -> None:
    row = compared(CLASSICAL, trials("cheap", "quantum", [0.70, 0.71, 0.69, 0.70, 0.72], 1e-6)).row("cheap")
    assert row.outcome == "worse"
    assert row.ets is None
    assert row.ratio is None
    assert row.best_quality == 0.72


def test_worse_means_higher_where_lower_is_better() -> None:
    row = compared(CLASSICAL, trials("more", "quantum", [0.9] * 5, 1.0), task=Costly).row("more")
    assert row.outcome == "worse"
    assert row.best_quality == 0.9


def test_too_few_seeds_decide_nothing() -> None:
    row = compared(CLASSICAL, trials("few", "quantum", [0.80, 0.81, 0.79], 1.0)).row("few")
    assert (row.outcome, row.judgement.more_seeds) == ("undecided", 2)
    assert row.ets is None
    assert "5 seeds; there are 3" in row.judgement.reason


def test_a_noisy_tie_is_not_non_inferior() -> None:
    noisy = trials("noisy", "quantum", [0.9, 0.7, 0.9, 0.7, 0.82], 1.0)
    row = compared(CLASSICAL, noisy).row("noisy")
    assert (row.outcome, row.ets, row.ratio) == ("undecided", None, None)


def test_the_reference_is_called_so() -> None:
    row = compared(CLASSICAL).row("classic")
    assert (row.outcome, row.judgement.difference) == ("reference", (0.0, 0.0, 0.0))
    assert row.ets is not None


def test_upward_scatter_fails_nobody() -> None:
    lifted = [0.796, 0.808, 0.786, 0.843, 0.893]
    row = compared(CLASSICAL, trials("annealing", "inspired", lifted, 1.0)).row("annealing")
    assert row.outcome == "not worse"
    assert row.judgement.difference == pytest.approx((-0.004, -0.002, 0.073))


def test_a_difference_of_just_the_margin_speaks_for_neither_side() -> None:
    below = trials("below", "quantum", [0.79, 0.80, 0.78, 0.79, 0.81], 1.0)
    assert compared(CLASSICAL, below).row("below").outcome == "undecided"


def test_seeds_at_which_a_method_failed_speak_for_neither_side() -> None:
    fails = trials("fails", "quantum", [0.80, 0.81, 0.79, 0.80, 0.82], 1.0)
    fails[2].status, fails[2].quality = "failed", None
    assert compared(CLASSICAL, fails).row("fails").outcome == "undecided"
    more = trials("classic", "classical", [0.8] * 10, 2.0)
    fails = trials("fails", "quantum", [0.8] * 10, 1.0)
    fails[2].status, fails[2].quality = "failed", None
    assert compared(more, fails).row("fails").outcome == "not worse"


def test_the_reference_is_chosen_on_the_seeds_that_all_classical_methods_share() -> None:
    short = trials("short", "classical", [0.9] * 5, 1.0)
    long = trials("long", "classical", [0.91] * 5 + [0.5] * 8, 1.0)
    assert compared(short, long).reference == "long"


def test_nothing_to_compare_with_is_undecided() -> None:
    row = compared(trials("alone", "quantum", [0.8] * 5, 1.0)).row("alone")
    assert (row.outcome, row.judgement.more_seeds) == ("undecided", None)
    assert "no classical method" in row.judgement.reason


def test_luck_is_charged_for_certainty() -> None:
    lucky = trials("lucky", "quantum", [0.8, 0.81, 0.79, 0.8, 0.82], 1.0, stochastic=True)
    row = compared(CLASSICAL, lucky).row("lucky")
    assert row.p_target is not None
    assert row.ets is not None
    assert row.ets.interval[1] == 1.0
    runs = math.log(0.01) / math.log(1 - row.p_target[0])
    assert row.ets.interval[2] == pytest.approx(2.0 * runs)


def test_exact_rows_stand_apart() -> None:
    finite = trials("q", "quantum", [0.8] * 5, 1.0)
    exact = [
        Trial(
            TrialSpec("tuning/made", "q", "x", "s", seed, "engine", None, 1),
            "quantum",
            "accuracy",
            "done",
            0.81,
            host_energy=Quantity(1.0, boundary="node"),
        )
        for seed in range(5)
    ]
    assert {row.label for row in compared(CLASSICAL, finite, exact).rows} == {"classic", "q", "q (exact)"}


def test_fixed_settings_stand_apart() -> None:
    from dataclasses import replace

    fixed = trials("classic", "classical", [0.95] * 5, 1.0)
    for trial in fixed:
        trial.spec = replace(trial.spec, fixed=(("C", 0.5),))
    found = compared(CLASSICAL, fixed)
    assert {row.label for row in found.rows} == {"classic", "classic (C=0.5)"}
    assert found.reference == "classic (C=0.5)"
    assert found.row(found.reference).fixed == (("C", 0.5),)


def test_an_unknown_energy_stays_unknown() -> None:
    blind = trials("blind", "classical", [0.8] * 5, 1.0)
    for trial in blind:
        trial.host_energy = Quantity.unknown("no reader")
    row = compared(CLASSICAL, blind).row("blind")
    assert row.energy is not None
    assert row.energy.value is None
    assert row.ets is None


def test_the_cheapest_qpu_adds_the_classical_remainder() -> None:
    def cost(joules: float, executable: bool) -> dict[str, Any]:
        energy = {"value": joules, "low": joules, "high": joules}
        return {"energy_j": energy, "executable": executable}

    qpu = {"small": cost(5.0, False), "large": cost(100.0, True)}
    rest = Quantity(1.0, boundary="node")
    row = compared(CLASSICAL, trials("q", "quantum", [0.8] * 5, 3.0, qpu=qpu, classical_remainder=rest)).row(
        "q"
    )
    assert row.qpu is not None
    assert row.qpu_any is not None
    assert (row.qpu[0], row.qpu[1].value) == ("large", 101.0)
    assert (row.qpu_any[0], row.qpu_any[1].value) == ("small", 6.0)


def test_failed_trials_are_counted_not_compared() -> None:
    failing = trials("fails", "quantum", [0.8] * 5, 1.0)
    for trial in failing:
        trial.status, trial.quality = "failed", None
    row = compared(CLASSICAL, failing).row("fails")
    assert (row.failed, row.seeds, row.quality) == (5, [], None)
    assert (row.outcome, row.judgement.reason) == ("undecided", "no trial finished")


def test_the_front_holds_the_cheapest_and_the_best() -> None:
    rows = compared(
        CLASSICAL, trials("cheap", "control", [0.6] * 5, 0.1), trials("bad", "quantum", [0.5] * 5, 9.0)
    ).rows
    assert {row.method for row in rows if row.on_front} == {"classic", "cheap"}


def test_records_are_json() -> None:
    import json

    few = trials("few", "quantum", [0.80, 0.81, 0.79], 1.0)
    record = json.loads(json.dumps(to_record(compared(CLASSICAL, few)), allow_nan=False))
    reference, row = record["rows"]
    assert (reference["outcome"], reference["more_seeds"]) == ("reference", None)
    assert (row["outcome"], row["more_seeds"], row["difference"]) == ("undecided", 2, [None, 0.0, None])


QPU_COST = {
    "energy_j": {"value": 5.0, "low": 4.0, "high": 6.0},
    "seconds": 1.0,
    "usd": None,
    "fidelity": None,
    "executable": True,
    "why": "",
}


def on_a_qpu(rest: Any, seeds_with_price: int = 5) -> Comparison:
    made = trials("circuits", "quantum", [0.80, 0.81, 0.79, 0.80, 0.82], 10.0)
    for trial in made:
        trial.classical_remainder = rest
        trial.qpu = {"machine": QPU_COST} if trial.spec.seed < seeds_with_price else {}
    return compared(CLASSICAL, made)


def test_a_qpu_s_energy_has_the_classical_remainder() -> None:
    qpu = on_a_qpu(Quantity(1.0, 0.5, 2.0)).row("circuits").qpu
    assert qpu is not None
    assert (qpu[0], qpu[1].interval) == ("machine", (4.5, 6.0, 8.0))


def test_an_unknown_remainder_is_never_zero() -> None:
    row = on_a_qpu(None).row("circuits")
    assert row.qpu is None
    assert row.qpu_any is None


def test_a_price_that_some_trials_lack_is_no_price() -> None:
    assert on_a_qpu(Quantity(1.0, 0.5, 2.0), seeds_with_price=3).row("circuits").qpu is None


def test_trials_of_different_boundaries_are_not_averaged() -> None:
    moved = trials("moved", "quantum", [0.80, 0.81, 0.79, 0.80, 0.82], 10.0)
    moved[0].host_energy = Quantity(1.0, boundary="device")
    row = compared(CLASSICAL, moved).row("moved")
    assert row.energy is not None
    assert not row.energy.known
    assert row.ets is None


def test_work_too_short_to_see_has_no_ratio() -> None:
    instant = trials("instant", "classical", [0.9] * 5, 0.0)
    row = compared(instant, trials("slow", "quantum", [0.9] * 5, 1.0)).row("slow")
    assert row.outcome == "not worse"
    assert row.ratio is None
