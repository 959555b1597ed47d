"""Classical policies: linear, and an MLP of as many parameters as the circuit's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.reinforce.method import PolicyMethod
from qwatt.stages.tuning.reinforce.settings import Setup

if TYPE_CHECKING:
    import torch

    from qwatt.torch import policies
else:
    torch, policies = lazy("torch"), lazy("qwatt.torch.policies")


@method
class Linear(PolicyMethod):
    """Softmax over linear functions of the features: fewer parameters than all others."""

    name = "linear"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1007/BF00992696 (REINFORCE)",)

    def module(self, found: Setup, context: Context) -> Any:
        """Return one linear map."""
        return torch.nn.Linear(found.environment.features, found.environment.outputs)


@method
class Mlp(PolicyMethod):
    """Softmax over a small MLP's outputs."""

    name = "mlp"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1007/BF00992696 (REINFORCE)", "arXiv:2510.06010 (MLP against circuit)")

    def module(self, found: Setup, context: Context) -> Any:
        """Return the MLP that fills the budget best."""
        shape = found.environment.features, found.environment.outputs
        return policies.mlp_policy(*shape, policies.circuit_policy_parameters(*shape, found.reuploads))
