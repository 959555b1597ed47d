"""Control: the re-uploading head without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.reupload import ReuploadHead


@method
class SeparableHead(ReuploadHead):
    """The same head with every CNOT of both modules left out, and every wire read.

    The one wire that the head reads for two classes would tell little: no gate joins it to the others, so
    that it sees one number of a sentence, and none where the amplitudes need fewer wires than there are. So a
    linear layer weighs all of them. Heads that were saved before keep what they read.
    """

    name = "reupload-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    entangle = False
    reads_all = True
