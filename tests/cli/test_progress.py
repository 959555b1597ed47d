"""Progress inside a trial and the time that is left, with a clock that the test sets."""

import io
import threading
import time
import tomllib
from dataclasses import replace
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.cli.loop_progress import LoopProgress
from qwatt.cli.progress import StudyProgress, trial_line
from qwatt.cli.time_left import Left, TimeLeft, in_words
from qwatt.core.progress import SCORING, SETTINGS, listening, tell, told
from qwatt.core.quantity import Quantity
from qwatt.core.registry import get_method
from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import check_study
from qwatt.core.trial import Trial, TrialSpec
from qwatt.data.documents import read_documents
from qwatt.protocol.run import run_study
from qwatt.report.console import PlainConsole
from qwatt.testing.trials import run_small, small_spec

SPEC = TrialSpec("curation/dedup", "minhash", "mine.jsonl", "full", 0, "engine", 1000, 12)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def specs(count, method="minhash"):
    return [replace(SPEC, seed=seed, method=method) for seed in range(count)]


def ended(spec, seconds=1.0):
    return Trial(spec, "classical", "pair_f1", "done", 0.5, seconds=seconds)


def shown(todo, clock, **options):
    out = PlainConsole(width=200)
    out.file = io.StringIO()
    return StudyProgress(todo, clock=clock, out=out, **options), out.file


# What is told from inside


@given(st.integers(0, 400), st.integers(1, 100))
def test_a_loop_tells_rarely_keeps_its_items_and_ends_at_all_of_them(count, every):
    heard = []
    with listening(lambda *news: heard.append(news)):
        assert list(told(range(count), "documents", every)) == list(range(count))
    assert len(heard) == (-(-count // every) + 1 if count > 1 else 0), "one item is no loop"
    assert count < 2 or heard[-1] == (count, count, "documents")
    assert [done for done, _, _ in heard] == sorted(done for done, _, _ in heard)


def test_nobody_hears_what_is_told_outside():
    heard = []
    with listening(lambda *news: heard.append(news)), listening(None):
        tell(1, 2, "steps")
        assert list(told([1, 2], "steps")) == [1, 2]
    tell(1, 2, "steps")
    assert heard == []


def test_a_loop_that_nobody_hears_costs_next_to_nothing():
    start = time.process_time()
    assert sum(told(range(1_000_000), "documents")) == sum(range(1_000_000))
    assert time.process_time() - start < 1.0


# The time that is left


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (41.4, "41 s"), (89, "89 s"), (240, "4 min"), (5300, "88 min"), (9000, "2.5 h")],
)
def test_times_are_written_as_people_say_them(seconds, words):
    assert in_words(seconds) == words


def test_nothing_is_guessed_before_anything_is_known():
    clock = Clock()
    left = TimeLeft(specs(3), clock=clock)
    assert left.left() is None
    left.start(SPEC)
    assert left.left() is None


def test_before_the_first_trial_ends_a_loop_tells_a_bound():
    clock = Clock()
    left = TimeLeft(specs(1), clock=clock)
    left.start(SPEC)
    left.advance(0, 5000, "documents")
    clock.now += 60
    left.advance(1000, 5000, "documents")
    assert left.left() == Left(pytest.approx(240), sure=False)
    assert str(left.left()) == "more than 4 min left"


def test_the_tuner_s_candidates_tell_the_rest_without_the_first_which_worked_for_all():
    clock = Clock()
    left = TimeLeft(specs(1), clock=clock)
    left.start(SPEC)
    for number, took in enumerate((300, 10, 10)):
        left.advance(number, 12, SETTINGS)
        clock.now += took
    left.advance(3, 12, SETTINGS)
    clock.now += 4
    assert left.left() == Left(pytest.approx(6 + 8 * 10), sure=True)


def test_after_the_last_trial_no_trial_is_said_to_run():
    show = StudyProgress(specs(1), clock=Clock(), heartbeat_s=1e9)
    show("start", SPEC, None)
    assert "trial 1 of 1" in show.line()
    show("done", SPEC, ended(SPEC, 1.0))
    assert show.line() == "all trials ended, writing the report"


def test_scoring_is_said_and_its_loops_tell_a_bound():
    clock = Clock()
    left = TimeLeft(specs(1), clock=clock)
    left.start(SPEC)
    for number in range(3):
        left.advance(number, 3, SETTINGS)
        clock.now += 1
    left.advance(0, 0, SCORING)
    assert str(left.running) == "scoring" and left.left() is None
    left.advance(0, 61, "noisy circuits")
    clock.now += 20
    left.advance(20, 61, "noisy circuits")
    assert str(left.running) == "scoring, 20 of 61 noisy circuits"
    assert left.left() == Left(pytest.approx(41), sure=False)


def test_later_seeds_take_what_the_first_took_and_another_method_is_no_guess():
    clock = Clock()
    todo = specs(3)
    left = TimeLeft(todo, clock=clock)
    left.load(todo[0])
    clock.now += 5
    left.start(todo[0])
    clock.now += 20
    left.done()
    assert left.left() == Left(pytest.approx(2 * (20 + 5)), sure=True), "two more problems are loaded"
    left.todo += specs(1, "embedding")
    assert left.left().sure is False


def test_a_resumed_run_knows_the_times_of_before():
    todo = specs(3)
    assert TimeLeft(todo[1:], [ended(todo[0], 40.0)], Clock()).left() == Left(80.0, sure=True)


def test_of_one_problem_only_the_first_method_waits_for_its_loading():
    clock = Clock()
    left = TimeLeft(
        [SPEC, replace(SPEC, method="greedy")], [ended(replace(SPEC, method="greedy"), 3.0)], clock
    )
    left.load(SPEC)
    clock.now += 50
    left.start(SPEC)
    clock.now += 7
    left.done()
    assert left.left() == Left(3.0, sure=True)


def test_a_forecast_tells_the_rest_before_the_first_trial_ends_and_is_mended_by_those_that_came_true():
    clock = Clock()
    todo = [SPEC, replace(SPEC, method="embedding")]
    left = TimeLeft(todo, clock=clock)
    left.expect(todo[0], 10.0)
    left.expect(todo[1], 60.0)
    left.start(todo[0])
    clock.now += 4
    assert left.left() == Left(pytest.approx(6 + 60), sure=True)
    clock.now += 26
    assert left.left() == Left(pytest.approx(60), sure=False), "late, and nothing tells how late"
    left.done()
    assert left.left() == Left(pytest.approx(180), sure=True), "the machine is three times slower"


def test_a_run_forecasts_its_classical_methods(tmp_path):
    text = 'seeds = 1\n[[tasks]]\ntask = "curation/dedup"\nsource = "builtin:phrases"\nsize = "xs"\n'
    text += 'methods = ["exact-hash", "random-keep"]\n'
    heard = []
    study = check_study(tomllib.loads(text), "the test")
    run_study(
        study, text, RunFolder(tmp_path / "run"), lambda *_: None, forecast=lambda *news: heard.append(news)
    )
    assert [spec.method for spec, _ in heard] == ["exact-hash"]
    assert all(0 < seconds < 60 for _, seconds in heard)


# What is shown


def test_a_line_says_where_the_study_is():
    clock = Clock()
    todo = specs(35)
    show, _ = shown(todo, clock, done=[ended(spec, 7.0) for spec in todo[:2]])
    show("load", todo[2], None)
    show.advance(12_000, 0, "documents read")
    assert show.line() == (
        "curation/dedup seed 2, loading: 12,000 documents read, trial 3 of 35, more than 4 min left"
    )
    show("start", todo[2], None)
    show.advance(1, 12, SETTINGS)
    show.advance(1200, 5000, "documents")
    line = show.line()
    assert line.startswith(
        "curation/dedup minhash seed 2: setting 1 of 12, 1,200 of 5,000 documents, trial 3 of 35"
    )
    show("done", todo[2], ended(todo[2]))
    show("further", replace(SPEC, seed=99), None)
    show("start", todo[3], None)
    assert "trial 4 of 36" in show.line()


class Waits:
    """An event whose waits the test ends, whatever time they were to take."""

    def __init__(self):
        self.asked, self.answers = Queue(), Queue()

    def wait(self, seconds):
        self.asked.put(seconds)
        return self.answers.get()

    def set(self):
        self.answers.put(True)


def test_without_a_terminal_a_line_comes_every_so_often_and_stops_at_the_end(monkeypatch):
    show, text = shown(specs(2), Clock(), heartbeat_s=7.0)
    waits, others = Waits(), set(threading.enumerate())
    monkeypatch.setattr(show, "_over", waits)
    with show:
        (beating,) = set(threading.enumerate()) - others
        show("start", SPEC, None)
        show.advance(3, 80, "steps")
        for _ in range(3):
            assert waits.asked.get(timeout=60) == 7.0
            waits.answers.put(False)
    beating.join(60)
    assert not beating.is_alive()
    assert text.getvalue().splitlines() == ["curation/dedup minhash seed 0: 3 of 80 steps, trial 1 of 2"] * 3


def test_a_short_run_without_a_terminal_says_nothing():
    show, text = shown(specs(1), Clock())
    with show:
        show("start", SPEC, None)
    assert text.getvalue() == ""


def test_a_terminal_is_drawn_at_most_twenty_times_a_second(monkeypatch):
    clock, drawn = Clock(), []
    out = PlainConsole(width=120)
    out.file = io.StringIO()
    monkeypatch.setattr(PlainConsole, "is_terminal", True)
    show = StudyProgress(specs(1), clock=clock, out=out)
    monkeypatch.setattr(show._bars, "update", lambda *_, **news: drawn.append(news))
    show("start", SPEC, None)
    drawn.clear()
    for step in range(10_000):  # one second
        clock.now += 1e-4
        show.advance(step, 10_000, "steps")
    assert 30 <= len(drawn) <= 42, "two bars, twenty times"
    assert any("of 10,000 steps" in news.get("description", "") for news in drawn)
    assert any(news.get("completed", 0) > 9000 for news in drawn)


def test_names_are_shown_and_never_obeyed():
    show, _ = shown(specs(1), Clock())
    show("start", replace(SPEC, method="\x1b[31mred"), None)
    assert "\x1b" not in show.line() and "x1b" in show.line()


# What tasks tell


@pytest.mark.parametrize(
    ("task", "method", "source", "units"),
    [
        ("curation/dedup", "minhash", "builtin:phrases", {"documents compared"}),
        ("curation/dedup", "independent-set-qaoa", "builtin:phrases", {"circuits"}),
        ("tuning/head", "reupload", "builtin:weather", {"steps"}),
    ],
)
def test_long_loops_tell_how_far_they_are(task, method, source, units):
    heard = []
    found = get_method(task, method)
    with listening(lambda *news: heard.append(news)):
        fixed = (("steps", 2),) if "steps" in found.space else ()
        run_small(type(found), small_spec(type(found), source, tuning_trials=2, fixed=fixed))
    assert units | {SETTINGS} <= {unit for _, _, unit in heard}
    assert [news for news in heard if news[2] == SETTINGS] == [(0, 2, SETTINGS), (1, 2, SETTINGS)]
    assert all(0 <= done <= total for done, total, _ in heard if total)
    for unit in units:
        assert any(done == total for done, total, other in heard if other == unit), "a loop ends at its end"


def test_readers_tell_how_much_they_have_read(tmp_path):
    file, heard = tmp_path / "many.jsonl", []
    file.write_text('{"text": "word"}\n' * 2500)
    with listening(lambda *news: heard.append(news)):
        assert len(read_documents(file)) == 2500
    assert heard == [(1000, 0, "documents read"), (2000, 0, "documents read")]


def test_one_long_loop_says_every_half_minute_how_far_it_is_and_what_is_left():
    clock, out = Clock(), PlainConsole(width=200)
    out.file = io.StringIO()
    with LoopProgress(out, clock) as progress, listening(progress):
        for step in range(0, 101):
            tell(step, 100, "training steps")
            clock.now += 1
        tell(7, 0, "rows")
        clock.now += 30
        tell(9, 0, "rows")
    assert out.file.getvalue().splitlines() == [
        "30 of 100 training steps, about 70 s left",
        "60 of 100 training steps, about 40 s left",
        "90 of 100 training steps, about 10 s left",
        "9 rows",
    ]


@pytest.mark.parametrize(
    ("joules", "seconds", "said"),
    [
        (0.00264, 0.026, "pair_f1 0.5000, 2.64 mJ, 26 ms"),
        (12_345.0, 75.0, "pair_f1 0.5000, 12.3 kJ, 1.25 min"),
        (None, 2.0, "pair_f1 0.5000, energy unknown, 2 s"),
    ],
)
def test_a_trial_that_is_done_says_joules_and_time_as_the_tables_do(joules, seconds, said):
    spec = TrialSpec("curation/dedup", "minhash", "own.jsonl", "xs", 0, "engine", 100, 1)
    trial = Trial(spec, "classical", "pair_f1", "done", seconds=seconds)
    trial.quality = 0.5
    trial.host_energy = Quantity.unknown("no meter", "J") if joules is None else Quantity(joules, unit="J")
    assert trial_line(trial).plain == f"done   curation/dedup minhash seed 0: {said}"
