"""QAOA's windows without entanglers: what couplings do to a weight on average, as a field of its own."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qaoa_windows import QaoaWindows
from qwatt.stages.deployment.quantise.row_windows import RowQubos


@method
class QaoaWindowsSeparable(QaoaWindows):
    """The same circuits with the couplings' mean field in their place; shots are judged by the true one."""

    name = "qaoa-windows-separable"
    kind = Kind.CONTROL
    companions: ClassVar[tuple[str, ...]] = ()
    entangled: ClassVar[bool] = False

    def terms(self, qubos: RowQubos, row: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fields that hold half of each coupling, as if the other weight were a coin."""
        couplings = qubos.quadratic[row]
        return qubos.linear[row] + couplings.sum(axis=1), np.zeros_like(couplings)
