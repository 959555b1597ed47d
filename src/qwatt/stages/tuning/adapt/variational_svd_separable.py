"""Control: the variational decomposition without any entangling gate between the qubits of a register."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.variational_svd import VariationalSvd


@method
class VariationalSvdSeparable(VariationalSvd):
    """The same circuits with every CZ left out: shows what entanglement is worth."""

    name = "variational-svd-separable"
    kind = Kind.CONTROL
    sources = ("the separable ablation of arXiv:2403.07059",)
    companions = ()
    entangle = False
