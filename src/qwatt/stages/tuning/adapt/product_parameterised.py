"""The closed form of the generating circuit without entanglers: a product of probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.generated_method import GeneratedMethod
from qwatt.stages.tuning.adapt.generator import Sizes, Source
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class ProductParameterised(GeneratedMethod):
    """As "quantum-parameterised", with each qubit's chance computed by itself on the host, and multiplied."""

    name = "product-parameterised"
    kind = Kind.INSPIRED
    sources = ("arXiv:2410.09846, its circuit without entanglers in closed form",)
    companions = ("mlp-parameterised", "lora")

    def source(self, setup: Setup, context: Context) -> Source:
        """Return the product of chances."""
        return ProductSource(Sizes(setup).qubits, setup.shape.layers)


class ProductSource(Source):
    """Columns of RY and RZ on single qubits, followed on the Bloch sphere.

    Args:
        qubits: n.
        layers: L; there are L + 1 columns.
    """

    def __init__(self, qubits: int, layers: int) -> None:
        start = (2 * torch.rand(layers + 1, qubits, 2) - 1) * torch.pi
        self.angles = torch.nn.Parameter(start)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the angles."""
        return [self.angles]

    def probabilities(self) -> torch.Tensor:
        """Return the chances of all basis states, shape (2**qubits,), the first qubit's bit highest."""
        x, y, z = (torch.full(self.angles.shape[1:2], value) for value in (0.0, 0.0, 1.0))
        for column in self.angles:
            about_y, about_z = column.unbind(-1)
            x, z = x * about_y.cos() + z * about_y.sin(), z * about_y.cos() - x * about_y.sin()
            x, y = x * about_z.cos() - y * about_z.sin(), x * about_z.sin() + y * about_z.cos()
        whole = torch.ones(1)
        for chances in torch.stack([(1 + z) / 2, (1 - z) / 2], dim=1):
            whole = (whole[:, None] * chances).flatten()
        return whole
