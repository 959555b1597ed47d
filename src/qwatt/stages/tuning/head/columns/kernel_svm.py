"""The quantum kernel machine of doi:10.1038/s41598-022-05971-9."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.columns.base import SOURCE, SPACE, ColumnHead
from qwatt.stages.tuning.head.kernel_svm import KernelSvmHead


@method
class ColumnKernelSvm(ColumnHead, KernelSvmHead):
    """SVM on the overlaps of encoded columns, its classes weighted by how rare they are, as published."""

    name = "column-kernel-svm"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (SOURCE,)
    companions: ClassVar[tuple[str, ...]] = (
        "column-kernel-svm-twin",
        "column-kernel-svm-random",
        "nearest-neighbours",
        "svm-rbf",
        "logistic",
    )
    space = {**SPACE, "C": (1.0, 10.0, 100.0)}
    noisy_sentences = 200
    class_weight = "balanced"
