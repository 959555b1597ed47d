"""Ctrl-C and exits come out of a trial whatever breaks on their way; they never become a failed trial."""

from __future__ import annotations

import contextlib

import pytest
from protocol_numbers import TASK, NumberTask, method

from qwatt.core.interrupts import let_interrupts_pass
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.ring import Ring
from qwatt.core.trial import TrialSpec
from qwatt.energy.meter import Meter, Reader
from qwatt.protocol.execute import execute


class Counting(Reader):
    """Counts; raises at one reading, and from then on tells nothing where it is broken."""

    name = "counting"

    def __init__(self, at=0, error=None, broken=None):
        self.at, self.error, self.broken, self.reads = at, error, broken, 0

    def read(self, now):
        self.reads += 1
        if self.reads == self.at:
            raise self.error
        return (float(self.reads),)

    def between(self, begin, end):
        if self.broken is not None:
            raise self.broken
        return Quantity(end[0] - begin[0], basis=Basis.MEASURED, boundary=Boundary.NODE)


def run(answer, reader):
    cls = method("made", answer)
    spec = TrialSpec(TASK, "made", "numbers", "xs", 0, "engine", 10, 1)
    return execute(spec, NumberTask(), cls(), NumberTask().load("numbers", "xs", 0), Meter([reader]))


def windows(x, context):
    with context.phase(Ring.LOADING, "outer"), context.phase(Ring.LOADING, "inner"):
        return x


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), SystemExit(3)], ids=["ctrl-c", "exit"])
@pytest.mark.parametrize("at", range(1, 11))
def test_an_interrupt_at_any_reading_of_a_trial_comes_out(at, interrupt):
    with pytest.raises(type(interrupt)):
        run(windows, Counting(at, interrupt))


def test_there_are_ten_readings():
    reader = Counting()
    assert run(windows, reader)[0].done
    assert reader.reads == 10


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_windows_that_cannot_tell_do_not_hide_an_interrupt(interrupt):
    def interrupted(x, context):
        with context.phase(Ring.LOADING, "outer"), context.phase(Ring.LOADING, "inner"):
            raise interrupt

    with pytest.raises(interrupt):
        run(interrupted, Counting(broken=ArithmeticError("a counter of last week")))


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_what_breaks_in_a_methods_own_cleaning_up_does_not_hide_an_interrupt(interrupt):
    def interrupted(x, context):
        try:
            raise interrupt
        finally:
            raise OSError("the connection is gone")

    with pytest.raises(interrupt):
        run(interrupted, Counting())


def test_an_exit_that_a_method_converts_is_a_failed_trial():
    def converted(x, context):
        try:
            raise SystemExit(2)
        except SystemExit as error:
            raise ValueError("the parser refuses it") from error

    assert run(converted, Counting())[0].error == "ValueError: the parser refuses it"


def test_an_exit_that_a_method_swallowed_before_is_forgotten():
    def swallowed(x, context):
        with contextlib.suppress(SystemExit):
            raise SystemExit(2)
        raise ValueError("later")

    assert run(swallowed, Counting())[0].error == "ValueError: later"


def test_a_window_that_cannot_tell_fails_the_trial_with_its_own_reason():
    trial, _ = run(windows, Counting(broken=ArithmeticError("a counter of last week")))
    assert trial.error == "ArithmeticError: a counter of last week"


def test_a_circle_of_contexts_ends():
    first, second = ValueError(), KeyError()
    first.__context__, second.__context__ = second, first
    let_interrupts_pass(first)
