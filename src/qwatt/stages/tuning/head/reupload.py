"""The re-uploading quantum head."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.quantum import CircuitHead


@method
class ReuploadHead(CircuitHead):
    """Amplitude-encoded module, ring CNOT-RY ansatz, N re-uploads, one measured qubit, linear layer.

    The amplitudes are the whole embedding, as in the paper, or its leading whitened components beside a
    constant, which validates better. Trained end to end in simulation; labelled with finite shots. The
    QPU's bill holds what training on a QPU would take: two circuits a parameter, sentence and step.
    """

    name = "reupload"
    kind = Kind.QUANTUM
    sources = ("arXiv:2504.08732 figures 1 to 3",)
    companions = ("reupload-separable", "reupload-random", "linear-same-size", "logistic")
    space = {
        "amplitudes": (16, 512, 32),
        "constant": (6.0, 3.0),
        "wires": (4, 5),
        "reuploads": (2, 1, 3),
        "layers": (3, 2),
        "connectivity": (1, 2),
        "learning_rate": (0.05, 0.02, 0.1),
        "steps": (80,),
    }
