"""Weights of the draws, so that a code-breaking machine is as likely as experts hold it to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qwatt.projection.futures.drawn import interval, tables, value
from qwatt.projection.futures.machines import Machine, World
from qwatt.projection.futures.montecarlo import DrawSettings, chunks, drawn_world
from qwatt.projection.scaling.quantile import Array, Mask
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Calibration:
    """Weights of the draws, and the probability before and after.

    Args:
        has: whether a draw has the code-breaking machine, shape (draws,).
        after: its probability with the weights.
        note: what was done.
    """

    has: Mask
    after: float
    note: str

    @property
    def before(self) -> float:
        """Probability of the machine without weights."""
        return float(self.has.mean())

    @property
    def weights(self) -> Array:
        """Weights of the draws, mean 1, shape (draws,)."""
        return self.towards(self.after)

    def towards(self, probability: float) -> Array:
        """Return weights for another probability of the machine; all 1 where none or every draw has it."""
        before = self.before
        if before in (0.0, 1.0, probability):
            return np.ones(len(self.has))
        return np.where(self.has, probability / before, (1.0 - probability) / (1.0 - before))


def calibrated(pue: Span, settings: DrawSettings) -> Calibration:
    """Return weights under which the machine of arXiv:2505.15917 exists by 2036 as likely as experts say.

    The probability is moved to the nearest end of the experts' range (Global Risk Institute 2024), not at all
    when it is inside; without a draw that has the machine, nothing can be weighted.

    Args:
        pue: the scenario's facility overhead.
        settings: years, draws, seed, outlook.
    """
    has = _breakers(pue, settings)
    before, experts = float(has.mean()), interval("calibration", "probability")
    wanted = float(np.clip(before, experts.low, experts.high))
    if before == 0.0:
        return Calibration(has, before, "no draw has the machine by then, so the draws are not weighted")
    if before in (1.0, wanted):
        return Calibration(has, before, "not weighted: inside the experts' range, or without alternative")
    return Calibration(has, wanted, f"weighted from {before:.3f} to {wanted:.3f}")


def breaks_codes(drawn: World, year: int) -> Mask:
    """Return whether a machine of the world can break RSA-2048 within a year, shape (draws,).

    It needs the qubits and the error of arXiv:2505.15917, and a code cycle that stretches its week to at most
    a year; dense codes count with the qubits that they save.
    """
    at = int(np.searchsorted(drawn.years, year))
    return np.asarray(np.any([_breaks(machine, drawn, at) for machine in drawn.machines.values()], axis=0))


def _breaks(machine: Machine, drawn: World, at: int) -> Mask:
    enough = machine.qubits[:, at] >= value("calibration", "qubits") * drawn.code_share[:, at]
    good = machine.error[:, at] <= value("calibration", "error")
    fast = machine.cycle_s[:, 0] <= value("calibration", "cycle")
    return np.asarray(enough & good & fast)


def _breakers(pue: Span, settings: DrawSettings) -> Mask:
    year = int(tables()["calibration"]["year"])
    own = DrawSettings((year,), settings.draws, settings.seed, settings.vendor_share, settings.hardware_gain)
    return np.concatenate([breaks_codes(drawn_world(part, pue, own), year) for part in chunks(own)])
