"""Control: approximate amplitude encoding without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.encoding.load.amplitude_approximate import AmplitudeApproximate


@method
class AmplitudeSeparable(AmplitudeApproximate):
    """The best product state found for each vector: shows what entanglement is worth."""

    name = "amplitude-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    space = {**AmplitudeApproximate.space, "layers": (0,)}
    limits = {**AmplitudeApproximate.limits, "layers": (0, 0)}
