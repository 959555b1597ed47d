"""Control: the re-uploading head without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.reupload import ReuploadHead


@method
class SeparableHead(ReuploadHead):
    """The same head with every CNOT left out: shows what entanglement is worth."""

    name = "reupload-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    entangle = False
