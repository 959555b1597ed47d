"""Random search: all weights moved at once by a normal step, kept if the loss falls (Rechenberg 1973)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.progress import EVERY
from qwatt.core.registry import method
from qwatt.stages.training.weights.candidates import evaluations
from qwatt.stages.training.weights.method import Found, Training, WeightsMethod, pass_work
from qwatt.stages.training.weights.network import Weights, objective

_GROW, _SHRINK = 1.5, 1.5**-0.25
"""Steps keep a length of which one in five succeeds."""
_FIRST = 0.1


@method
class RandomSearch(WeightsMethod):
    """A (1+1) evolution strategy with the one-fifth rule, and as many loss evaluations as the searches."""

    name: ClassVar[str] = "random-search"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Rechenberg, Evolutionsstrategie, 1973",)

    def find(self, training: Training, start: Weights, settings: Settings, context: Context) -> Found:
        """Step and look; the length of a step adapts."""
        each, epochs = evaluations(training.widths), int(settings["epochs"])
        weights, rng, length = start, context.rng, _FIRST
        with context.phase(Ring.KERNEL, "train"):
            loss = objective(weights, training.x, training.labels)
            curve = [loss]
            for done in range(epochs * each):
                tried = tuple(
                    m + np.float32(length) * rng.standard_normal(m.shape, np.float32) for m in weights
                )
                found = objective(tried, training.x, training.labels)
                if found < loss:
                    weights, loss, length = tried, found, length * _GROW
                else:
                    length *= _SHRINK
                if done % EVERY == 0:
                    context.progress(done, epochs * each, "steps")
                if (done + 1) % each == 0:
                    curve.append(loss)
        return Found(weights, curve, epochs * each, {}, {"final_step": length})

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Count one pass a step."""
        steps = float(int(settings["epochs"]) * evaluations(widths))
        return Effort(work=pass_work(steps, rows, widths))
