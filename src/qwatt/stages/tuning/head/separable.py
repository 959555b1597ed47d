"""Control: the re-uploading head without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.reupload import ReuploadHead


@method
class SeparableHead(ReuploadHead):
    """The same head with every CNOT of both modules left out, and every wire read.

    Of the wire that the head reads alone, nothing would be learnt: no gate joins it to the others, and where
    the amplitudes need fewer wires than there are it holds no amplitude. So all are read, and weighed to one
    logit; with several classes a head is trained for each against the rest. Heads that were saved before
    read one wire, and still do.
    """

    name = "reupload-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    entangle = False
    reads_all = True
