"""Control: the circuit surrogate without any entangling gate."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.architecture.search.vqc_surrogate import VqcSurrogate


@method
class SeparableSurrogate(VqcSurrogate):
    """The same circuit with every CNOT left out: a sum of series in one choice each."""

    name: ClassVar[str] = "vqc-surrogate-separable"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2403.07059 (the separable ablation)",)
    companions: ClassVar[tuple[str, ...]] = ()
    entangle: ClassVar[bool] = False
