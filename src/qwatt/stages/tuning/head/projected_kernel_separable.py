"""Control: the projected kernel of a map without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.projected_kernel import ProjectedKernelHead


@method
class SeparableProjectedKernel(ProjectedKernelHead):
    """The same SVM without couplings: shows what entanglement is worth."""

    name = "projected-kernel-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    entanglement = "none"
