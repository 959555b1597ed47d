"""The quantum student with an MLP where the circuit is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.distil.hinton import Hinton
from qwatt.stages.tuning.distil.method import DistilMethod
from qwatt.stages.tuning.distil.quantum_student import LAYERS, QUBITS, REUPLOADS
from qwatt.stages.tuning.distil.settings import Setup
from qwatt.stages.tuning.distil.student import Student

if TYPE_CHECKING:
    from qwatt import torch as layers
    from qwatt.torch import quantum_layer
else:
    layers, quantum_layer = lazy("qwatt.torch"), lazy("qwatt.torch.quantum_layer")


@method
class MlpStudent(DistilMethod):
    """The same bottleneck in the same place, with an MLP of as many parameters as the circuit has angles."""

    name = "mlp-student"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2403.07059 (classical baselines of equal size)",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = Hinton.space

    def student(self, found: Setup, context: Context) -> Student:
        """Return a plain student with the layer to put into it."""
        hidden = found.size.hidden
        budget = quantum_layer.quantum_parameters(hidden, QUBITS, REUPLOADS, LAYERS)
        layer = layers.MlpLayer.of_size(hidden, QUBITS, budget, residual=False)
        return Student(super().student(found, context).model, layer)
