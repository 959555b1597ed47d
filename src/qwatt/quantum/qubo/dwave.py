"""A D-Wave annealer: planning needs nothing, sampling needs the `dwave` extra and an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.core.secrets import scrubbed
from qwatt.quantum.primitives import annealing
from qwatt.quantum.qubo.sampler import BqmShape, QuboSampler, bqm_shape

if TYPE_CHECKING:
    import dimod


class Dwave(QuboSampler):
    """Quantum annealing through D-Wave Leap; the token is read from DWAVE_API_TOKEN by D-Wave's client.

    Args:
        backend: whose recorder is charged; None charges nobody.
        solver: name of the annealer; None lets D-Wave's client choose.
    """

    name: ClassVar[str] = "dwave"

    def __init__(self, backend: Backend | None = None, solver: str | None = None) -> None:
        super().__init__(backend)
        self.solver = solver

    def plan(self, shape: BqmShape, reads: int) -> Demand:
        """Return the bill: one programmed problem and its reads, in logical variables before embedding."""
        return annealing.demand(shape.variables, shape.couplings, reads)

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        """Embed and anneal; hardware takes no seed."""
        try:
            from dwave.system import DWaveSampler, EmbeddingComposite
        except ImportError:
            raise MissingExtraError("sampling on a D-Wave annealer", "dwave") from None
        try:
            found: dimod.SampleSet = EmbeddingComposite(DWaveSampler(solver=self.solver)).sample(
                bqm, num_reads=reads
            )
            found.resolve()
        except Exception as error:
            raise QwattError(
                f"the D-Wave annealer did not answer: {scrubbed(str(error))}",
                where="sampler dwave",
                mend="set DWAVE_API_TOKEN in the environment and see that the solver is online",
            ) from None
        if self.backend is not None:
            self.backend.recorder.add(self.plan(bqm_shape(bqm), reads))
        return found
