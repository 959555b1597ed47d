"""Control: random circuits in place of trained ones."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.variational_svd import VariationalSvd


@method
class VariationalSvdRandom(VariationalSvd):
    """Factors along the vectors of circuits whose angles were drawn: shows what training them is worth."""

    name = "variational-svd-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    trains_angles = False
