"""Amplitude embedding recognised: a state that is the inputs, padded and normalised."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.arrays.functional import bare


@dataclass(frozen=True)
class EmbeddedInputs:
    """amplitudes = (inputs, pad, pad, ...) / norm.

    Attributes:
        size: number of amplitudes.
        pad: value of the amplitudes beyond the inputs, before normalising.
    """

    size: int
    pad: float

    def amplitudes(self, inputs: Tensor) -> Tensor:
        """Return (..., size) for inputs (..., n_inputs).

        Raises:
            QwattError: a sample is zero everywhere, so that it has no direction.
        """
        missing = self.size - inputs.shape[-1]
        padded = torch.nn.functional.pad(inputs, (0, missing), value=self.pad) if missing else inputs
        norm: Tensor = torch.linalg.vector_norm(padded, dim=-1, keepdim=True)
        if not bool(bare(norm.detach()).all()):
            raise QwattError(
                "amplitude embedding of a sample that is zero everywhere", mend="drop the sample"
            )
        return torch.div(padded, norm)


def find_embedding(state: Tensor, inputs: Tensor | None) -> EmbeddedInputs | None:
    """Return the embedding that gives this traced state (2^k,) at these inputs (n_inputs,), or None."""
    if inputs is None or state.dim() != 1 or len(state) < len(inputs):
        return None
    state, inputs = state.detach(), inputs.detach()
    padded = len(state) > len(inputs)
    pad = float((state[-1] * inputs[0] / state[0]).real) if padded and state[0] != 0 else 0.0
    found = EmbeddedInputs(len(state), pad)
    return found if matches(found, state, inputs) else None


def matches(embedding: EmbeddedInputs, state: Tensor, inputs: Tensor | None) -> bool:
    """Return whether the embedding gives this state at these inputs."""
    if inputs is None:
        return False
    expected = embedding.amplitudes(inputs.detach()).to(state.dtype)
    return torch.allclose(state.detach(), expected, rtol=1e-9, atol=1e-12)
