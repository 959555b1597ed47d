"""Ctrl-C at any point of a meter: the interrupt comes out, and what was open is closed."""

from __future__ import annotations

import _thread
import gc
import sys
import threading
import time
from unittest.mock import patch

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter import Meter, Reader, Window
from qwatt.energy.meter.processes import Snapshot


class Fails(Reader):
    """A reader that raises at one of its readings."""

    name = "fails"

    def __init__(self, at: int, error: BaseException) -> None:
        self.at, self.error, self.reads = at, error, 0

    def read(self, now: Snapshot) -> tuple[float, ...]:
        self.reads += 1
        if self.reads == self.at:
            raise self.error
        return (float(self.reads),)

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        return Quantity(end[0] - begin[0], basis=Basis.MEASURED, boundary=Boundary.NODE)


def nested(meter: Meter, windows: list[Window]) -> None:
    """Three windows, one in another, whose figures are read also when they end badly, as a trial does."""
    for_inner: list[Window] = []
    try:
        with meter.window("outer") as outer:
            windows.append(outer)
            try:
                with meter.window("middle") as middle:
                    for_inner.append(middle)
                    with meter.window("inner"):
                        pass
            finally:
                _ = [window.energy for window in for_inner]
    finally:
        _ = [window.energy for window in windows]


@pytest.mark.parametrize("at", range(1, 7))
def test_an_interrupt_at_any_reading_of_nested_windows_comes_out(at):
    meter = Meter([Fails(at, KeyboardInterrupt())])
    with pytest.raises(KeyboardInterrupt):
        nested(meter, [])
    with meter.window("next") as following:
        pass
    assert following.path == "next", "nothing is left open"
    assert following.energy.value == 1


@pytest.mark.parametrize("method", ["close", "see", "break_off"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_an_interrupt_while_a_window_closes_comes_out(method, call):
    meter, calls = Meter([Fails(0, KeyboardInterrupt())]), 0
    real = getattr(Window, method)

    def interrupted(window: Window, *args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        real(window, *args)

    with (
        patch.object(Window, method, interrupted),
        pytest.raises(KeyboardInterrupt),
        meter.window("outer"),
        meter.window("middle"),
        meter.window("inner"),
    ):
        _ = 1 / 0 if method == "break_off" else None
    with meter.window("next") as following:
        pass
    assert following.path == "next"


def test_a_broken_window_is_unknown_and_flagged_not_still_open():
    meter = Meter([Fails(2, ValueError("the driver is gone"))])
    with pytest.raises(ValueError, match="driver"), meter.window("w") as window:
        pass
    assert window.energy.value is None
    assert "broken off" in str(window.energy.reason)
    assert window.flags == ("broken_off",)


def test_a_reader_that_fails_for_good_does_not_mask_an_interrupt():
    class Gone(Fails):
        def read(self, now: Snapshot) -> tuple[float, ...]:
            super().read(now)
            if self.reads > 3:
                raise OSError("no such device")
            return (float(self.reads),)

    windows: list[Window] = []
    meter = Meter([Gone(0, OSError())])
    with pytest.raises(KeyboardInterrupt), meter.window("outer") as outer, meter.window("inner") as inner:
        windows += [outer, inner]
        with meter.window("last"):
            raise KeyboardInterrupt
    assert [window.energy.value for window in windows] == [None, None]


def test_a_window_left_open_by_the_block_is_still_a_mistake():
    meter = Meter([Fails(0, OSError())])
    with pytest.raises(QwattError, match="not the innermost"), meter.window("outer"):
        meter.begin("forgotten")
    with meter.window("next") as following:
        pass
    assert following.path == "next"


def test_real_interrupts_at_random_moments_never_become_anything_else():
    """The signal lands between any two bytecodes of the meter, 60 times."""
    meter, interrupted = Meter([Fails(0, OSError())]), 0
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    gc.disable()  # an interrupt inside a callback of the collector is lost, whoever is running
    try:
        for round_ in range(60):
            timer = threading.Timer(0.001 + 0.0001 * (round_ % 17), _thread.interrupt_main)
            try:
                timer.start()
                until = time.monotonic() + 5
                while time.monotonic() < until:
                    nested(meter, [])
            except KeyboardInterrupt:
                interrupted += 1
            finally:
                timer.join()
    finally:
        sys.setswitchinterval(before)
        gc.enable()
    assert interrupted == 60
    with meter.window("next") as following:
        pass
    assert following.path == "next"
