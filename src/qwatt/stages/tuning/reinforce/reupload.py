"""The quantum policy: features re-uploaded with trainable scaling, a softmax over weighted Z."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.tuning.reinforce.method import PolicyMethod
from qwatt.stages.tuning.reinforce.settings import Setup

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import reupload as circuits
    from qwatt.torch import execute, policies
else:
    execute, policies = lazy("qwatt.torch.execute"), lazy("qwatt.torch.policies")
    circuits = lazy("qwatt.quantum.circuits.reupload")


@method
class Reupload(PolicyMethod):
    """One circuit a row of features, each feature on a qubit; its numbers are weighed to logits.

    Actions are decided with finite shots, in training too; gradients are exact, and billed as the shifts of
    all angles, the scaled features among them.
    """

    name = "reupload"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2103.05577",)
    companions: ClassVar[tuple[str, ...]] = (
        "reupload-separable",
        "reupload-random",
        "mlp",
        "linear",
        "random",
        "best-of-n",
    )
    entangle: ClassVar[bool] = True
    trains_angles: ClassVar[bool] = True

    def module(self, found: Setup, context: Context) -> Any:
        """Return the circuit between scaled features and weights."""
        return policies.CircuitPolicy(
            found.environment.features,
            found.environment.outputs,
            found.reuploads,
            self.entangle,
            self.trains_angles,
            context.shots,
            execute.execute_in(context),
        )

    def reading_effort(self, found: Setup, rows: int, shots: int | None) -> Effort:
        """Bill one circuit a row."""
        circuit = self.circuit(found)
        demand = expectation.demand(circuit, rows, shots)
        return Effort(demand, {"engine_call": 1.0}, expectation.simulation_flops(circuit, rows))

    def training_effort(self, found: Setup, rows: int, shots: int | None) -> Effort:
        """Bill the shifts of all angles."""
        circuit = self.circuit(found)
        demand = gradient.demand(circuit, rows, shots, weights=self.trains_angles, inputs=True)
        return Effort(demand, {"engine_call": 2.0}, gradient.simulation_flops(circuit, rows))

    def circuit(self, found: Setup) -> Circuit:
        """Return the circuit of a row."""
        return circuits.scaled_reupload(found.environment.features, found.reuploads, 1, self.entangle)


@method
class ReuploadSeparable(Reupload):
    """Control: the same policy with every CNOT left out."""

    name = "reupload-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)", "arXiv:2511.17112")
    companions = ()
    entangle = False


@method
class ReuploadRandom(Reupload):
    """Control: the same policy with angles drawn once; scaling and weights are trained."""

    name = "reupload-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    trains_angles = False
