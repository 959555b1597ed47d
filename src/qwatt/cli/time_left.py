"""How long a study will still take, from what its trials took and how far the one that runs is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from qwatt.core.progress import SCORING, SETTINGS

if TYPE_CHECKING:
    from qwatt.core.trial import Trial, TrialSpec

HEARTBEAT_S = 30.0
"""Seconds between two lines where there is no terminal."""
Clock = Callable[[], float]
"""Seconds from any start."""
Key = tuple[object, ...]


@dataclass(frozen=True)
class Left:
    """Seconds that are left.

    Args:
        seconds: a guess, or what they are more than.
        sure: whether everything that is left could be guessed.
    """

    seconds: float
    sure: bool

    def __str__(self) -> str:
        return f"{'about' if self.sure else 'more than'} {in_words(self.seconds)} left"


def in_words(seconds: float) -> str:
    """Write a time as people say it: seconds below 90, then minutes, then hours."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"


@dataclass
class Running:
    """How far one trial, or the loading before it, is.

    Args:
        begun: when it began.
        settings: candidates of the tuner; 1 before it said how many.
        turns: when each candidate began.
        loop: what is done, of how much, and its unit, in the loop that told last.
        loop_begun: when that loop began.
        scoring: whether all candidates are done and the best one is being scored.
    """

    begun: float
    settings: int = 1
    turns: list[float] = field(default_factory=list)
    loop: tuple[int, int, str] | None = None
    loop_begun: float = 0.0
    scoring: bool = False

    def advance(self, done: int, total: int, unit: str, now: float) -> None:
        """Take what was told."""
        if unit == SCORING:
            self.scoring, self.loop = True, None
            return
        if unit == SETTINGS:
            self.settings, self.loop = total, None
            self.turns.append(now)
            return
        if self.loop is None or self.loop[2] != unit or done < self.loop[0]:
            self.loop_begun = now
        self.loop = done, total, unit

    def left(self, now: float) -> Left:
        """Guess from the candidates that are done; the first, which may do work for all, is not counted.

        Before there are two, and while the best one is scored, only the rest of the loop is known.
        """
        bound = self._loop_left(now)
        if self.scoring:
            return Left(bound, sure=False)
        spans = [end - start for start, end in zip(self.turns[1:-1], self.turns[2:], strict=True)]
        if not spans:
            return Left(bound, sure=False)
        this = max(bound, fmean(spans) - (now - self.turns[-1]), 0.0)
        return Left(this + fmean(spans) * (self.settings - len(self.turns)), sure=True)

    def _loop_left(self, now: float) -> float:
        done, total, _ = self.loop or (0, 0, "")
        return (now - self.loop_begun) * (total - done) / done if done and total else 0.0

    def __str__(self) -> str:
        """Say how far it is: "setting 2 of 12, 1,200 of 5,000 documents"; "scoring" when all are done."""
        parts = [f"setting {len(self.turns)} of {self.settings}"] if self.settings > 1 else []
        if self.scoring:
            parts = [SCORING]
        if self.loop is not None:
            done, total, unit = self.loop
            parts.append(f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}")
        return ", ".join(parts)


class TimeLeft:
    """Follows a study's trials.

    Args:
        todo: trials that are not done.
        done: trials that are, with their times.
        clock: the time.
    """

    def __init__(self, todo: Sequence[TrialSpec], done: Iterable[Trial] = (), clock: Clock = time.monotonic):
        self.todo = list(todo)
        self.running: Running | None = None
        self._clock = clock
        self._took: dict[Key, list[float]] = {}
        for trial in done:
            self._took.setdefault(_key(trial.spec), []).append(trial.seconds)
        self._expected: dict[Key, float] = {}
        self._current: Key = ()
        self._loaded: Key = ()

    def load(self, spec: TrialSpec) -> None:
        """A problem begins to be loaded."""
        self._loaded = spec.problem_key
        self._begin(("load", *_key(spec)[:3]))

    def expect(self, spec: TrialSpec, seconds: float) -> None:
        """A trial like this is forecast to take so long, on an idle core."""
        self._expected[_key(spec)] = seconds

    def start(self, spec: TrialSpec) -> None:
        """A trial begins; what was loading has ended."""
        self._end()
        self.todo = [other for other in self.todo if other.id != spec.id]
        self._begin(_key(spec))

    def advance(self, done: int, total: int, unit: str) -> None:
        """Take what is told from inside."""
        if self.running is not None:
            self.running.advance(done, total, unit, self._clock())

    def done(self) -> None:
        """The trial has ended."""
        self._end()

    def ended(self, trial: Trial) -> None:
        """A trial has ended that ran elsewhere, beside others."""
        self.todo = [other for other in self.todo if other.id != trial.spec.id]
        self._took.setdefault(_key(trial.spec), []).append(trial.seconds)

    def left(self) -> Left | None:
        """Guess what is left, one trial after the other; None when nothing is known."""
        seconds, sure = 0.0, True
        if self.running is not None:
            now = self._clock()
            known = self._one(self._current)
            mine = self.running.left(now)
            if known is not None and not mine.sure:
                late = now - self.running.begun - known
                mine = Left(max(mine.seconds, -late, 0.0), sure=late < 0)
            seconds, sure = mine.seconds, mine.sure
        ahead = [_key(spec) for spec in self.todo]
        problems = {spec.problem_key: spec for spec in self.todo if spec.problem_key != self._loaded}
        for key in [*ahead, *(("load", *_key(spec)[:3]) for spec in problems.values())]:
            known = self._one(key)
            seconds += known or 0.0
            sure = sure and (known is not None or key[0] == "load")
        return Left(seconds, sure) if seconds else None

    def _one(self, key: Key) -> float | None:
        """Return what one of a kind took, else its forecast, scaled by how others came true."""
        if key in self._took:
            return fmean(self._took[key])
        if key not in self._expected:
            return None
        both = [(fmean(self._took[k]), self._expected[k]) for k in self._took.keys() & self._expected.keys()]
        forecast = sum(seconds for _, seconds in both)
        return self._expected[key] * (sum(took for took, _ in both) / forecast if forecast else 1.0)

    def _begin(self, key: Key) -> None:
        self._current, self.running = key, Running(self._clock())

    def _end(self) -> None:
        if self.running is not None:
            self._took.setdefault(self._current, []).append(self._clock() - self.running.begun)
        self.running = None


def _key(spec: TrialSpec) -> Key:
    """What a trial's time depends on: all but its seed."""
    return spec.task, spec.source, spec.size, spec.method, spec.shots, spec.tuning_trials, spec.fixed
