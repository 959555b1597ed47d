"""A circuit: one PennyLane quantum function for the simulator and for every QPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    Array = NDArray[Any] | torch.Tensor
    """Numbers as NumPy or torch holds them; for annotations, since torch is heavy to import."""
    Given = Array | None
    """Inputs or weights, of which a circuit may take none."""


@dataclass(frozen=True)
class Circuit:
    """A PennyLane quantum function with its shape.

    Args:
        function: called as `function(inputs, weights)`; queues PennyLane operations on wires 0..wires-1.
            `inputs` has shape (n_inputs,) or, batched, (batch, n_inputs) and must be indexed on its last
            axis (`inputs[..., i]`); `weights` has shape `weight_shape`.
        wires: number of qubits.
        n_inputs: features per sample; 0 for none.
        weight_shape: shape of the trainable weights; () for none.
        measured: wires whose Pauli Z is read; the default is all.
        name: for records and errors.
    """

    function: Callable[[Any, Any], None]
    wires: int
    n_inputs: int = 0
    weight_shape: tuple[int, ...] = ()
    measured: tuple[int, ...] | None = None
    name: str = "circuit"

    @property
    def readout(self) -> tuple[int, ...]:
        """The wires that are measured."""
        return tuple(range(self.wires)) if self.measured is None else self.measured
