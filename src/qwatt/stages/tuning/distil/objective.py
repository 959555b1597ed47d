"""What a student is trained on: the text, the teacher's logits, and a term on hidden states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


class Term(Protocol):
    """A loss on hidden states; its own weights are trained along, and thrown away."""

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the weights of its own."""
        ...

    def loss(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        """Return the loss of states before the heads, shapes (tokens, width of each)."""
        ...


@dataclass(frozen=True)
class Objective:
    """The sum (1 - m) CE + m T^2 KL(teacher_T || student_T) + w term.

    Args:
        mixing: m, the teacher's share; 0 leaves the teacher out.
        temperature: T, by which the logits of both are divided (arXiv:1503.02531).
        weight: w.
        term: on hidden states, or None.
    """

    mixing: float = 0.0
    temperature: float = 1.0
    weight: float = 0.0
    term: Term | None = None


def hinton(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return T^2 KL(teacher_T || student_T), a mean over tokens, of logits of shape (tokens, vocabulary)."""
    divergence = torch.nn.functional.kl_div(
        torch.log_softmax(student / temperature, -1),
        torch.log_softmax(teacher / temperature, -1),
        reduction="batchmean",
        log_target=True,
    )
    return temperature**2 * divergence
