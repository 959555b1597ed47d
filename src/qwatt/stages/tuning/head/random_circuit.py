"""Control: the re-uploading head with random, frozen circuits."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.quantum import CircuitHead
from qwatt.stages.tuning.head.reupload import ReuploadHead


@method
class RandomCircuitHead(CircuitHead):
    """The same circuits with angles drawn once; only the linear layer is trained."""

    name = "reupload-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    space = ReuploadHead.space
    frozen = True
