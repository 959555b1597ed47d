"""LoRA that begins with factors of a weight block which two trained circuits found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import gradient, layers
from qwatt.stages.tuning.adapt.principal import Factors, PrincipalMethod
from qwatt.stages.tuning.adapt.settings import Setup
from qwatt.stages.tuning.adapt.tile import heaviest_tiles, tile_rank, widened

if TYPE_CHECKING:
    from qwatt.quantum.algorithms import variational_svd as algorithm
    from qwatt.quantum.algorithms import variational_svd_reading as reading
else:
    algorithm = lazy("qwatt.quantum.algorithms.variational_svd")
    reading = lazy("qwatt.quantum.algorithms.variational_svd_reading")


@method
class VariationalSvd(PrincipalMethod):
    """A variational quantum decomposition of each matrix' heaviest tile, in the place of an exact one.

    The circuits are trained in exact simulation, and read with finite shots: values from coinciding outcomes,
    vectors by tomography. The bill holds what training on a QPU would take, two circuits an angle and step.
    All else is LoRA.
    """

    name = "variational-svd"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1905.01353", "arXiv:2006.02336", "arXiv:2404.02948")
    companions: ClassVar[tuple[str, ...]] = (
        "variational-svd-separable",
        "variational-svd-random",
        "tile-svd",
        "pissa",
        "randomised-svd",
        "lora",
    )
    entangle: ClassVar[bool] = True
    trains_angles: ClassVar[bool] = True
    _found: tuple[Context, list[Factors], dict[str, Any]] | None = None

    def factors(self, setup: Setup, context: Context) -> tuple[list[Factors], dict[str, Any]]:
        """Decompose every tile, once a trial."""
        if self._found is None or self._found[0] is not context:
            with context.circuits():
                self._found = (context, *self._decompose(setup, context))
        return self._found[1], self._found[2]

    def _decompose(self, setup: Setup, context: Context) -> tuple[list[Factors], dict[str, Any]]:
        tiles, backend = heaviest_tiles(setup), circuit_backend(context)
        _, deep, steps = self._sizes(setup)
        trained = algorithm.variational_svds(
            [tile.values for tile in tiles],
            tile_rank(setup),
            deep,
            steps=steps,
            seed=context.seed,
            entangle=self.entangle,
        )
        backend.recorder.add(self._training_demand(setup, context.shots))
        factors, errors, least = [], [], []
        for number, (tile, one) in enumerate(zip(tiles, trained, strict=True)):
            read = reading.read_factors(backend, one, tile.values, context.shots, context.rng)
            factors.append(widened(tile.within(read.left, read.values, read.right), setup.rank))
            errors.append(float(np.linalg.norm(tile.values - read.matrix) / np.linalg.norm(tile.values)))
            exact = np.square(np.linalg.svd(tile.values, compute_uv=False))
            least.append(float(np.sqrt(exact[len(read.values) :].sum() / exact.sum())))
            context.progress(number + 1, len(tiles), "matrices")
        return factors, {"tile_error": float(np.mean(errors)), "least_tile_error": float(np.mean(least))}

    def _training_demand(self, setup: Setup, shots: int | None) -> Demand:
        """Bill the parameter shifts of all matrices; nothing where no angle is trained."""
        wires, deep, steps = self._sizes(setup)
        if not steps:
            return Demand()
        one = algorithm.svd_demand(wires, deep, steps, shots=shots, entangle=self.entangle)
        return one.times(len(setup.pretrained.matrices))

    def _sizes(self, setup: Setup) -> tuple[int, int, int]:
        """Return the wires of a register, the bricks of each circuit, and the steps."""
        wires = setup.shape.tile.bit_length() - 1
        return wires, 2 * wires, setup.shape.svd_steps if self.trains_angles else 0

    def once_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Bill training and reading of every matrix' circuits."""
        wires, deep, steps = self._sizes(setup)
        count, size = len(setup.pretrained.matrices), layers.variational_svd(wires, deep)
        read = reading.reading_demand(wires, deep, tile_rank(setup), shots, self.entangle)
        calls = 3.0 * steps + count * (2.0 * wires + 5.0)  # two of them for the factors themselves
        drawn = float(read.shots * count if shots else 0)
        work = {"engine_call": calls, "iteration": float(steps), "random_draw": drawn}
        flops = float(gradient.training_flops(size, count * steps))
        return Effort(self._training_demand(setup, shots) + read.times(count), work, flops)
