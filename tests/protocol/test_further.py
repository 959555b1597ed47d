"""Seeds are added where undecided: by whom, until when, after a kill too, and at what rate of error."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from protocol_numbers import TASK, NumberTask, method, quiet, study

from qwatt.api.target import to_toml
from qwatt.core.judgement import ALPHA, Outcome, judge
from qwatt.core.method import Kind
from qwatt.core.pairing import judged
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.study_file import check_study
from qwatt.core.trial import Trial
from qwatt.protocol.further import batches
from qwatt.protocol.run import RunSummary, run_study
from qwatt.report import comparisons_of

ANSWERS: dict[str, Callable[[int], float]] = {
    "same": lambda seed: 5,
    "bad": lambda seed: -50,
    "late": lambda seed: -50 if seed == 0 else 5,
    "torn": lambda seed: -50 if seed % 2 else 5,
}
"""Answers by seed; identity answers 5, and the margin is 10."""

SEEDS = {"identity": 12, "same": 5, "bad": 5, "late": 10, "torn": 12}
"""Seeds of 5 to 12 that each should run: nine of ten decide, and half never do."""


@pytest.fixture
def four(register: Callable[..., None]) -> None:
    def kind_of(answer: Callable[[int], float]) -> Callable[..., float]:
        return lambda x, context: answer(context.seed)

    register(*(method(name, kind_of(answer), kind=Kind.CONTROL) for name, answer in ANSWERS.items()))


def adaptive(**changes: Any) -> Study:
    task = {"task": TASK, "methods": ["identity", *ANSWERS]}
    return study(**{"seeds": {"min": 5, "max": 12}, "task": task} | changes)


def run(study: Study, folder: RunFolder, listener: Any = quiet) -> RunSummary:
    return run_study(study, to_toml(study), folder, listener)


def seeds_of(folder: RunFolder) -> dict[str, int]:
    trials = folder.trials()
    for name in {t.spec.method for t in trials}:
        seeds = sorted(t.spec.seed for t in trials if t.spec.method == name)
        assert seeds == list(range(len(seeds)))
    return dict(Counter(t.spec.method for t in trials))


@pytest.mark.usefixtures("four")
def test_only_the_undecided_and_their_reference_run_on(folder: RunFolder) -> None:
    summary = run(adaptive(), folder)
    assert seeds_of(folder) == SEEDS
    assert (summary.trials, summary.skipped, summary.failed) == (sum(SEEDS.values()), 0, [])
    outcomes = {row.method: row.outcome.value for row in comparisons_of(folder)[0].rows}
    assert outcomes == {
        "identity": "reference",
        "same": "not worse",
        "bad": "worse",
        "late": "not worse",
        "torn": "undecided",
    }
    again = run(adaptive(), folder)
    assert (again.trials, again.skipped) == (sum(SEEDS.values()), sum(SEEDS.values()))


@pytest.mark.usefixtures("four")
def test_nothing_is_added_where_all_is_decided(folder: RunFolder) -> None:
    heard: list[str] = []
    decided = adaptive(task={"task": TASK, "methods": ["identity", "same", "bad"]})
    run(decided, folder, lambda event, spec, trial: heard.append(event))
    assert seeds_of(folder) == {"identity": 5, "same": 5, "bad": 5}
    assert "further" not in heard


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("dice", range(3))
def test_a_killed_run_goes_on_as_it_would_have(folder: RunFolder, dice: int) -> None:
    """Kill in the middle of any trial, as often as it takes; dice say when."""
    chance = random.Random(dice)

    def stop(event: str, spec: Any, trial: Any) -> None:
        if event == "start" and chance.random() < 0.1:
            raise KeyboardInterrupt

    for _ in range(200):
        try:
            run(adaptive(), folder, stop)
            break
        except KeyboardInterrupt:
            continue
    assert seeds_of(folder) == SEEDS


@pytest.mark.usefixtures("four")
def test_what_a_longer_run_left_does_not_change_the_path(folder: RunFolder) -> None:
    run(study(seeds=[11], task={"task": TASK, "methods": ["late", "torn"]}), folder)
    run(adaptive(), folder)
    found = Counter(t.spec.method for t in folder.trials())
    assert found == SEEDS | {"late": 11}


@pytest.mark.usefixtures("four")
def test_every_task_is_decided_before_the_next_begins(folder: RunFolder) -> None:
    order: list[tuple[str, int]] = []
    tasks = [
        {"task": TASK, "source": source, "methods": ["identity", "late"]} for source in ("first", "second")
    ]
    run(
        adaptive(tasks=tasks),
        folder,
        lambda event, spec, trial: order.append((spec.source, spec.seed)) if event == "load" else None,
    )
    assert order == [(source, seed) for source in ("first", "second") for seed in range(10)]


@pytest.mark.usefixtures("four")
def test_a_method_that_always_fails_runs_no_further_seed(
    folder: RunFolder, register: Callable[..., None]
) -> None:
    def fail(x: int, context: Any) -> float:
        raise ValueError("never")

    register(method("fails", fail, kind=Kind.CONTROL))
    run(adaptive(task={"task": TASK, "methods": ["identity", "fails", "late"]}), folder)
    assert seeds_of(folder) == {"identity": 10, "late": 10, "fails": 5}


@pytest.mark.usefixtures("four")
def test_a_method_that_fails_at_a_further_seed_waits_for_another_call(
    folder: RunFolder, register: Callable[..., None]
) -> None:
    broken = {"now": True}

    def fragile(x: int, context: Any) -> float:
        if broken["now"] and context.seed == 6:
            raise OSError("no luck")
        return ANSWERS["torn"](context.seed)

    register(method("fragile", fragile, kind=Kind.CONTROL))
    wobbly = adaptive(task={"task": TASK, "methods": ["identity", "fragile"]})
    run(wobbly, folder)
    assert seeds_of(folder) == {"identity": 7, "fragile": 7}
    broken["now"] = False
    run(wobbly, folder)
    assert seeds_of(folder) == {"identity": 12, "fragile": 12}


# The rate of error of the whole path, at the margin

DRAWS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, seeds: rng.normal(0, 20, seeds),
    "skewed up": lambda rng, seeds: 20 * (rng.exponential(1, seeds) - np.log(2)),
    "skewed down": lambda rng, seeds: -20 * (rng.exponential(1, seeds) - np.log(2)),
    "tied": lambda rng, seeds: rng.choice([-20.0, -10.0, 0.0, 10.0, 20.0], seeds),
}


@pytest.fixture
def path(register: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Return a function that runs a study's path on drawn differences, without executing a trial."""
    register(method("drawn", lambda x, context: x, kind=Kind.CONTROL))
    tasks = [{"task": TASK, "methods": ["identity", "drawn"]}]
    drawn = check_study({"seeds": {"min": 5, "max": 20}, "size": "xs", "tasks": tasks}, "the test")
    rounds = drawn.rounds()
    monkeypatch.setattr(Study, "rounds", lambda self: rounds)

    def outcome(differences: list[float]) -> Outcome:
        ended: dict[str, Trial] = {}
        for batch in batches(drawn, ended):
            for spec in batch:
                own = spec.method == "drawn"
                kind, quality = ("control", differences[spec.seed]) if own else ("classical", 0.0)
                ended[spec.id] = Trial(spec, kind, "closeness", "done", quality)
        rows = judged(NumberTask(), list(ended.values()))
        return next(row.outcome for row in rows if row.method == "drawn")

    return outcome


@pytest.mark.parametrize("name", DRAWS)
def test_the_path_is_the_rule_look_by_look(name: str, path: Callable[..., Outcome]) -> None:
    """Whose rate of error `tests/core/test_judgement.py` simulates by 10,000 draws."""
    rng = np.random.default_rng(13)
    for _ in range(20):
        differences = (DRAWS[name](rng, 20) / 100 - NumberTask.margin).tolist()
        looks = (judge(differences[:n], NumberTask.margin).outcome for n in range(5, 21))
        expected = next((look for look in looks if look is not Outcome.UNDECIDED), Outcome.UNDECIDED)
        assert path(differences) is expected


@pytest.mark.nightly
@pytest.mark.parametrize("name", DRAWS)
def test_the_path_errs_in_at_most_five_of_a_hundred(name: str, path: Callable[..., Outcome]) -> None:
    """A method whose median lies just at the margin, 10,000 times; seeds 5 to 20, until decided."""
    rng = np.random.default_rng(13)
    draws = ((DRAWS[name](rng, 20) / 100 - NumberTask.margin).tolist() for _ in range(10_000))
    outcomes = Counter(path(differences) for differences in draws)
    assert 100 < outcomes[Outcome.NOT_WORSE] <= ALPHA * 10_000
    assert 100 < outcomes[Outcome.WORSE] <= ALPHA * 10_000
