"""What all quantisations share: the decoder on the bench, one grid for all, the loss of what was rounded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.language.decoder import MODEL_LIMITS, MODEL_SPACE, chosen_decoder
from qwatt.stages.deployment.quantise.grid import SHRINKS, Grid, fit_grid
from qwatt.stages.deployment.quantise.problem import TASK, QuantiseAnswer, QuantiseProblem, RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Rows, Workbench, workbench


def _pattern(text: object) -> None:
    """Take any text; whether a layer is named like it is seen when there is a decoder."""
    if not isinstance(text, str):
        raise QwattError("a pattern of names of layers, such as '*.mlp.*'")


COMMON: dict[str, Sequence[Any]] = {
    "clip": ("mse", "minmax"),
    "bits": (3,),
    "group": (0,),
    **MODEL_SPACE,
    "layers": ("auto",),
}
"""The tuner chooses how the grid is fitted; the rest is for the user to fix, for all methods at once.

"auto" and 0 take what the size of the problem says. `group` weights share a scale. `layers` is a pattern.
"""

LIMITS: dict[str, Limit] = {
    "clip": frozenset({"mse", "minmax"}),
    "bits": (2, 8),
    "group": (0, 65_536),
    **MODEL_LIMITS,
    "layers": _pattern,
}

Notes = dict[str, Any]


class QuantiseMethod(Method[QuantiseProblem, QuantiseAnswer]):
    """Base of the quantisations; one gives `rounded`, what the rows that read one input become."""

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    limits: ClassVar[Mapping[str, Limit]] = LIMITS

    @abstractmethod
    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Return the rows' rounded weights; all layers of the rows as if they were one."""

    @abstractmethod
    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Return what `rounded` takes for some rows, the fitting of the grid left out."""

    def bits(
        self, problem: QuantiseProblem, bench: Workbench, settings: Settings, context: Context
    ) -> tuple[Mapping[str, int], Notes]:
        """Return the bits of each layer, and remarks for the record; uniform unless a method allocates."""
        return dict.fromkeys(bench.layers, int(settings["bits"])), {}

    def bench(self, problem: QuantiseProblem, settings: Settings) -> Workbench:
        """Return the workbench that settings mean."""
        layers = str(settings["layers"])
        pattern = problem.layers if layers == "auto" else layers
        return workbench(chosen_decoder(settings, problem.decoder), pattern, problem)

    def run(self, problem: QuantiseProblem, settings: Settings, context: Context) -> Solution[QuantiseAnswer]:
        """Round every layer and measure the loss on the validation part."""
        bench = self.bench(problem, settings)
        groups = context.shared(Ring.LOADING, "second moments", bench.calibrated)
        with one_thread():
            with context.phase(Ring.KERNEL, "round"):
                bits, notes = self.bits(problem, bench, settings, context)
                layers: dict[str, RoundedLayer] = {}
                for done, rows in enumerate(groups):
                    grid = self.grid(rows, bits, problem, settings)
                    layers |= _split(rows, self.rounded(rows, grid, settings, context))
                    context.progress(done + 1, len(groups), "groups of layers")
            with context.phase(Ring.KERNEL, "validate"):
                loss = bench.loss({n: layer.weights for n, layer in layers.items()}, bench.validation)
        decoder = bench.decoder
        answer = QuantiseAnswer(self.name, decoder.name, decoder.digest, bench.pattern, layers, loss)
        return Solution(answer, counters={"rounded_weights": float(weight_count(groups))}, notes=notes)

    def apply(
        self,
        problem: QuantiseProblem,
        solution: Solution[QuantiseAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[QuantiseAnswer]:
        """Measure the loss on the held-back part."""
        bench = self.bench(problem, settings)
        with one_thread(), context.phase(Ring.KERNEL, "test"):
            layers = solution.answer.layers
            loss = bench.loss({name: layer.weights for name, layer in layers.items()}, bench.test)
        return replace(solution, answer=replace(solution.answer, test=loss))

    def plan(self, problem: QuantiseProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the rounding, and the passes of the decoder over its text."""
        bench = self.bench(problem, settings)
        groups = bench.calibrated().value
        rounding = Effort.sum(self.rows_effort(rows, settings, shots) for rows in groups)
        grids = Effort.sum(grid_effort(rows) for rows in groups)
        return Plan(
            run=rounding + grids + reading(bench, len(bench.validation)),
            apply=reading(bench, len(bench.test)),
            once=reading(bench, len(bench.calibration)) + _moments_effort(groups, len(bench.calibration)),
            note=f"{len(bench.layers)} linear layers of {bench.decoder.name}",
        )

    def grid(self, rows: Rows, bits: Mapping[str, int], problem: QuantiseProblem, settings: Settings) -> Grid:
        """Return the grid of some rows, fitted to their weights."""
        counts = [span.stop - span.start for span in rows.spans]
        each = np.repeat([bits[name] for name in rows.names], counts)
        group = int(settings["group"]) or problem.group
        return fit_grid(rows.weights, each, group, str(settings["clip"]), rows.moment.diagonal())


def weight_count(groups: Sequence[Rows]) -> int:
    """Return the number of weights of all rows."""
    return sum(rows.weights.size for rows in groups)


def reading(bench: Workbench, tokens: int) -> Effort:
    """Return what the loss on so many tokens takes: products, activations, and Python's part for a batch."""
    batches = -(-tokens // max(bench.context, 4096 // bench.context * bench.context))
    config = bench.model.config
    block = 8 * config.hidden_size + 4 * _inner_size(config) + 2 * config.num_attention_heads * bench.context
    activations = 2 * config.vocab_size + config.num_hidden_layers * block
    return Effort(
        work={
            "encoder_flop": 2.0 * bench.decoder.parameters * tokens,
            "elementwise": float(tokens * activations),
            "iteration": 10.0 * batches,
        }
    )


def grid_effort(rows: Rows) -> Effort:
    """Return what fitting the grid of some rows takes."""
    shrinks = float(len(SHRINKS))
    return Effort(work={"elementwise": 2.0 * shrinks * rows.weights.size, "iteration": 0.5 * shrinks})


def _inner_size(config: Any) -> int:
    """Return the width of a feed-forward block, four times the hidden one where the model does not say."""
    return int(getattr(config, "intermediate_size", 0) or 4 * config.hidden_size)


def _moments_effort(groups: Sequence[Rows], tokens: int) -> Effort:
    return Effort(work={"gemm_flop": 2.0 * tokens * sum(len(rows.moment) ** 2 for rows in groups)})


def _split(rows: Rows, found: RoundedLayer) -> dict[str, RoundedLayer]:
    """Return the layers that were rounded as one."""
    return {
        name: RoundedLayer(found.codes[span], found.grid.of_rows(span), found.input_scale)
        for name, span in zip(rows.names, rows.spans, strict=True)
    }
