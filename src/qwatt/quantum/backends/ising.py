"""Operations on binary quadratic models: QAOA, and quenches of single bit strings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.backend import Backend
from qwatt.quantum.backends import sampling
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import qaoa, quench

if TYPE_CHECKING:
    import dimod

    from qwatt.quantum.circuit import Given


class IsingOperations(Backend):
    """What a backend does with a model, charged; drawn from circuits unless a backend knows better."""

    rng: np.random.Generator

    def qaoa(
        self,
        bqm: dimod.BinaryQuadraticModel,
        gammas: Sequence[float],
        betas: Sequence[float],
        shots: int,
        rng: np.random.Generator | None = None,
        *,
        ones: int | None = None,
    ) -> dimod.SampleSet:
        """Sample prod_k exp(-i beta_k B) exp(-i gamma_k C) |start>, with C the BQM's energy.

        B is sum X and the start |+...+>; with `ones`, B is the XY ring and the start a Dicke state.

        Args:
            bqm: binary quadratic model of any variable type; the samples come back in the same type.
            gammas: cost angles, one a layer.
            betas: mixer angles, one a layer.
            shots: measured samples.
            rng: generator of the shots; the default is the backend's own.
            ones: number of ones that every sample has; None for any.
        """
        from qwatt.quantum.qubo.arrays import sample_set

        self.recorder.add(qaoa.demand(bqm.num_variables, bqm.num_interactions, len(gammas), shots, ones=ones))
        angles = np.stack([np.asarray(gammas, dtype=np.float64), np.asarray(betas, dtype=np.float64)])
        drawn = self._draw_qaoa(bqm, angles, ones, shots, rng or self.rng)
        return sample_set(bqm, sampling.bits(drawn, bqm.num_variables))

    def quench(
        self,
        bqm: dimod.BinaryQuadraticModel,
        starts: NDArray[np.int8],
        angles: tuple[float, float],
        steps: int,
        rng: np.random.Generator | None = None,
        *,
        keeps_ones: bool = False,
    ) -> NDArray[np.int8]:
        """Measure each start once after a quench, shape (starts, n), in the order of `bqm.variables`.

        Args:
            bqm: binary quadratic model of any variable type, of 2 or more variables with `keeps_ones`.
            starts: bits, shape (starts, n).
            angles: of a cost layer, and of a mixer.
            steps: mixers.
            rng: generator of the shots; the default is the backend's own.
            keeps_ones: mix on the XY ring.
        """
        n, couplings = bqm.num_variables, bqm.num_interactions
        self.recorder.add(quench.demand(n, couplings, steps, len(starts), keeps_ones=keeps_ones))
        drawn = self._draw_quench(bqm, starts, angles, steps, keeps_ones, rng or self.rng)
        return sampling.bits(drawn.reshape(-1, 1), n)[:, 0]

    @abstractmethod
    def _draw(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return basis states, shape (batch, shots)."""

    def _draw_qaoa(
        self,
        bqm: dimod.BinaryQuadraticModel,
        angles: NDArray[np.float64],
        ones: int | None,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return sampled basis states, shape (shots,), for angles (2, p)."""
        from qwatt.quantum.circuits.qaoa import qaoa
        from qwatt.quantum.qubo.fixed_weight import fixed_weight_qaoa

        layers = angles.shape[1]
        circuit = qaoa(bqm, layers) if ones is None else fixed_weight_qaoa(bqm, layers, ones)
        return np.asarray(self._draw(circuit, None, angles, shots, rng)[0], dtype=np.int64)

    def _draw_quench(
        self,
        bqm: dimod.BinaryQuadraticModel,
        starts: NDArray[np.int8],
        angles: tuple[float, float],
        steps: int,
        keeps_ones: bool,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return the measured basis state of each start, shape (starts,)."""
        from qwatt.quantum.circuits import quench as circuits

        circuit = circuits.quench(bqm, steps, keeps_ones)
        return self._draw(circuit, starts.astype(np.float64), np.array(angles), 1, rng)[:, 0]
