"""K-FAC: the natural gradient of linear layers by Kronecker factors (arXiv:1503.05671)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.language.decoder.optimiser import Named, matrices
from qwatt.stages.training.optimise.adamw import adamw
from qwatt.stages.training.optimise.backprop import BackpropMethod
from qwatt.stages.training.optimise.method import Training
from qwatt.stages.training.optimise.problem import DECODER, TASK, CircuitProblem

if TYPE_CHECKING:
    import torch

    from qwatt.language.decoder import kfac as kronecker
else:
    torch, kronecker = lazy("torch"), lazy("qwatt.language.decoder.kfac")

_REST_BETA2 = 0.99


@method
class Kfac(BackpropMethod):
    """Gradients of linear layers divided by two factors of the Fisher matrix; the rest goes by AdamW.

    The bound on a step's length decides, and the rate changes little, so that settings differ in the bound
    and in the rate of the rest. Both were chosen by validation losses; this folder's README says how.
    """

    name = "kfac"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1503.05671", "arXiv:1602.01407")
    space = {"clip": (3e-6, 1e-5, 1e-6, 3e-5), "rest_rate": (0.012, 0.006), "rate": (1.0,)}
    trains: ClassVar[frozenset[str]] = frozenset({DECODER})
    usual: ClassVar[Mapping[str, float]] = {"decoder": 0.2}

    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return K-FAC for the matrices of layers, and AdamW for embeddings and norms."""
        inside, rest = matrices(named)
        weights = [values for _, values in inside]
        found: list[torch.optim.Optimizer] = [kronecker.Kfac(weights, lr=rate, clip=float(settings["clip"]))]
        return [*found, adamw(rest, float(settings["rest_rate"]), _REST_BETA2)] if rest else found

    def train(self, training: Training, settings: Settings, context: Context) -> list[torch.Tensor]:
        """Refuse: the factors are of linear layers, which a circuit has not."""
        raise _no_layers()

    def train_effort(self, problem: CircuitProblem, settings: Settings, shots: int | None) -> Effort:
        """Refuse likewise."""
        raise _no_layers()


def _no_layers() -> QwattError:
    return QwattError(
        "kfac divides by factors of linear layers, and a circuit has none",
        where=TASK,
        mend="give text without labels, or choose natural-gradient or shampoo for a circuit",
    )
