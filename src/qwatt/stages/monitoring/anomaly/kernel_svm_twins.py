"""The closed forms of all three maps' overlaps: the same machines without a circuit."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import amplitude_kernel, product_kernel, ring_kernel
from qwatt.stages.monitoring.anomaly.kernel_svm import KernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_amplitude import AmplitudeKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_iqp import IqpKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_product import ProductKernelMachine
from qwatt.stages.monitoring.anomaly.model import Rows

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit

_RING_FLOP = 92.0
"""Of a pair of texts and wire: 14 products of complex numbers and 4 sums."""


class ClosedForm(KernelMachine):
    """Base: the kernel that shots would estimate, exact on the host."""

    kind: ClassVar[Kind] = Kind.INSPIRED
    companions: ClassVar[tuple[str, ...]] = ()
    reads_circuits = False
    assumes = ""

    @abstractmethod
    def kernel(self, x: Rows, y: Rows) -> NDArray[np.float64]:
        """Return the overlaps of all pairs, shape (N, M)."""

    @abstractmethod
    def pair_work(self, shape: tuple[int, int], settings: Settings) -> dict[str, float]:
        """Return the work of one pair."""

    def overlaps(self, circuit: Circuit, x: Rows, y: Rows | None, context: Context) -> NDArray[np.float64]:
        """Return the overlaps of `x` with `y` or itself."""
        with context.phase(Ring.KERNEL, "kernel"):
            return self.kernel(x, x if y is None else y)

    def overlap_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, others: int | None, shots: int | None
    ) -> Effort:
        """Count all pairs; there are no circuits."""
        pairs = float(rows * (rows if others is None else others))
        return Effort(work={kind: pairs * units for kind, units in self.pair_work(shape, settings).items()})


@method
class AmplitudeTwin(ClosedForm, AmplitudeKernelMachine):
    """The same machine on squared cosines."""

    name = "kernel-svm-amplitude-twin"

    def kernel(self, x: Rows, y: Rows) -> NDArray[np.float64]:
        """Return the squared cosines."""
        return amplitude_kernel(x, y)

    def pair_work(self, shape: tuple[int, int], settings: Settings) -> dict[str, float]:
        """Count a product of amplitudes."""
        return {"gemm_flop": 2.0 * self.feature_map(shape, settings).n_inputs}


@method
class IqpTwin(ClosedForm, IqpKernelMachine):
    """The same machine by transfer matrices: a ring of couplings has treewidth 2."""

    name = "kernel-svm-iqp-twin"
    sources: ClassVar[tuple[str, ...]] = ("Kramers and Wannier 1941", "arXiv:quant-ph/0511069")

    def kernel(self, x: Rows, y: Rows) -> NDArray[np.float64]:
        """Return the traces of the products, squared."""
        return ring_kernel(x, y)

    def pair_work(self, shape: tuple[int, int], settings: Settings) -> dict[str, float]:
        """Count the transfer matrices."""
        return {"statevector_flop": _RING_FLOP * self.feature_map(shape, settings).wires}


@method
class ProductTwin(ClosedForm, ProductKernelMachine):
    """The same machine on a product of squared cosines."""

    name = "kernel-svm-product-twin"

    def kernel(self, x: Rows, y: Rows) -> NDArray[np.float64]:
        """Return the product over the qubits."""
        return product_kernel(x, y)

    def pair_work(self, shape: tuple[int, int], settings: Settings) -> dict[str, float]:
        """Count six operations a qubit."""
        return {"statevector_flop": 6.0 * self.feature_map(shape, settings).wires}
