"""Parameters: how gate angles follow from inputs and weights.

Most circuits use each input and weight in an affine way (angle = a*x_i + b*w_j + c). That is found once, by
differentiating a trace, and checked on probes of both signs and many magnitudes; afterwards a call computes
all angles with two small matrix products. Everything else is traced anew in every call: slower, never wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.arrays.functional import transformed
from qwatt.quantum.engine.lowering.embedding import EmbeddedInputs, find_embedding, matches
from qwatt.quantum.engine.lowering.trace import Trace, last_agrees, trace, trace_samples
from qwatt.quantum.probes import plain_tensors

PROBE_SCALES = (1.0, 1e-3, 1e3, 30.0)


@dataclass(frozen=True)
class ParameterValues:
    """The parameter values of one call.

    Attributes:
        batch: number of samples.
        shared: (scalars,) real; entries that differ between samples are unused.
        batched: (batch, scalars) real, all scalars.
        tensors: data of states, matrices and diagonals in the engine's dtype.
    """

    batch: int
    shared: torch.Tensor
    batched: torch.Tensor
    tensors: tuple[torch.Tensor, ...] = ()

    def tensor(self, number: int) -> torch.Tensor:
        """Return the data tensor of that number."""
        return self.tensors[number]


@dataclass(frozen=True)
class AffineMap:
    """scalars = constant + from_inputs @ inputs + from_weights @ weights.

    `embeddings` are the tensors (by number) that are the inputs as amplitudes.
    """

    constant: torch.Tensor
    from_inputs: torch.Tensor
    from_weights: torch.Tensor
    embeddings: Mapping[int, EmbeddedInputs] = field(default_factory=dict)

    def to(self, dtype: torch.dtype, device: torch.device) -> AffineMap:
        """Return the map in another real dtype and on another device."""
        constant, inputs, weights = (
            part.to(device, dtype) for part in (self.constant, self.from_inputs, self.from_weights)
        )
        return AffineMap(constant, inputs, weights, self.embeddings)

    def batched(self, weights_batched: bool) -> frozenset[int]:
        """Return the numbers of the scalars that differ from sample to sample."""
        return self._differing[weights_batched]

    @cached_property
    def _differing(self) -> tuple[frozenset[int], frozenset[int]]:
        """What `batched` returns for shared weights, and for weights of each sample."""
        by_inputs, by_weights = (part.ne(0).any(1) for part in (self.from_inputs, self.from_weights))
        found = by_inputs, by_inputs | by_weights
        alone, both = (frozenset(differ.nonzero().flatten().tolist()) for differ in found)
        return alone, both

    def values(
        self, inputs: torch.Tensor | None, weights: torch.Tensor | None, batch: int
    ) -> ParameterValues:
        """Return the angles for inputs (batch, n_inputs) and flat weights (weights,) or (batch, weights)."""
        shared = batched = self.constant
        if weights is not None and weights.dim() == 1:
            shared = batched = shared + self.from_weights @ weights
        elif weights is not None:
            batched = batched + weights @ self.from_weights.mT
        if inputs is not None:
            batched = batched + inputs @ self.from_inputs.mT
        return ParameterValues(batch, shared, batched.expand(batch, -1))


def find_affine(circuit: Circuit) -> tuple[Trace, AffineMap] | None:
    """Return one trace and its affine map, or None if the circuit has no such map.

    Slopes are found by autograd, also where the caller records no gradient, as the map is kept.
    """
    with plain_tensors():
        return _found_affine(circuit)


def _found_affine(circuit: Circuit) -> tuple[Trace, AffineMap] | None:
    probes = _probes(circuit)
    inputs, weights = next(probes)
    try:
        first = trace(circuit, inputs, weights)
        embeddings = _embeddings(first, inputs)
        if embeddings is None:
            return None
        found = replace(_differentiate(first, inputs, weights), embeddings=embeddings)
        agrees = all(_agrees(first, found, circuit, *probe) for probe in probes)
    except (ValueError, RuntimeError, TypeError):
        return None
    detached = Trace(first.structure, first.ranks, (), tuple(t.detach() for t in first.tensors))
    return (detached, found) if agrees else None


def _embeddings(first: Trace, inputs: torch.Tensor | None) -> dict[int, EmbeddedInputs] | None:
    """Return the tensors that are embedded inputs; None if another tensor depends on the parameters."""
    found = {i: find_embedding(t, inputs) for i, t in enumerate(first.tensors) if t.requires_grad}
    known = {number: embedding for number, embedding in found.items() if embedding is not None}
    return known if len(known) == len(found) else None


def _probes(circuit: Circuit):  # type: ignore[no-untyped-def]
    generator = torch.Generator().manual_seed(20260101)
    for scale in PROBE_SCALES:
        point = [_draw(shape, scale, generator) for shape in ((circuit.n_inputs,), circuit.weight_shape)]
        for sign in (1.0, -1.0):
            yield tuple(None if p is None else (sign * p).requires_grad_() for p in point)


def _draw(shape: tuple[int, ...], scale: float, generator: torch.Generator) -> torch.Tensor | None:
    if shape in ((), (0,)):
        return None
    return scale * torch.randn(shape, generator=generator, dtype=torch.float64)


def _differentiate(first: Trace, inputs: torch.Tensor | None, weights: torch.Tensor | None) -> AffineMap:
    leaves = [leaf for leaf in (inputs, weights) if leaf is not None]
    slopes = [torch.zeros(len(first.scalars), leaf.numel(), dtype=torch.float64) for leaf in leaves]
    for row, scalar in enumerate(first.scalars):
        if scalar.requires_grad:
            gradients = torch.autograd.grad(scalar, leaves, retain_graph=True, allow_unused=True)
            for slope, gradient in zip(slopes, gradients, strict=True):
                if gradient is not None:
                    slope[row] = gradient.flatten()
    empty = torch.zeros(len(first.scalars), 0, dtype=torch.float64)
    from_inputs = slopes[0] if inputs is not None else empty
    from_weights = slopes[-1] if weights is not None else empty
    constant = _stacked(first) - _linear(from_inputs, inputs) - _linear(from_weights, weights)
    return AffineMap(constant, from_inputs, from_weights)


def _stacked(found: Trace) -> torch.Tensor:
    if not found.scalars:
        return torch.zeros(0, dtype=torch.float64)
    return torch.stack([scalar.detach() for scalar in found.scalars])


def _linear(slope: torch.Tensor, point: torch.Tensor | None) -> torch.Tensor:
    return torch.zeros(len(slope), dtype=torch.float64) if point is None else slope @ point.detach().flatten()


def _agrees(
    first: Trace,
    found: AffineMap,
    circuit: Circuit,
    inputs: torch.Tensor | None,
    weights: torch.Tensor | None,
) -> bool:
    other = trace(circuit, inputs, weights)
    if other.structure != first.structure:
        return False
    for number, tensor in enumerate(other.tensors):
        embedding = found.embeddings.get(number)
        if embedding is not None and not matches(embedding, tensor, inputs):
            return False
        if embedding is None and not torch.equal(first.tensors[number], tensor):
            return False
    expected = found.constant + _linear(found.from_inputs, inputs) + _linear(found.from_weights, weights)
    return torch.allclose(_stacked(other), expected, rtol=1e-9, atol=1e-9)


def retrace(
    circuit: Circuit, inputs: torch.Tensor | None, weights: torch.Tensor | None, batch: int
) -> list[tuple[Trace, int]]:
    """Trace for actual values; return traces and how many samples each stands for.

    One trace serves the whole batch where the function allows it; otherwise every sample is traced, and the
    traces are joined again if they have the same gates.

    Args:
        circuit: the quantum function.
        inputs: (batch or 1, n_inputs) or None.
        weights: `weight_shape` or (batch or 1, *weight_shape) or None.
        batch: number of samples.

    Raises:
        QwattError: the function looks at values that a transform of `torch.func` hides.
    """
    try:
        return _retraced(circuit, inputs, weights, batch)
    except RuntimeError as error:
        if not transformed() or isinstance(error, torch.OutOfMemoryError):
            raise
        why = str(error).partition("\n")[0][:200]
        raise QwattError(
            f"circuit {circuit.name!r} cannot be traced under a transform of torch.func: {why}",
            mend="let its gates not depend on values of inputs or weights, or call it without vmap: a batch "
            "is an axis of its own",
        ) from error


def _retraced(
    circuit: Circuit, inputs: torch.Tensor | None, weights: torch.Tensor | None, batch: int
) -> list[tuple[Trace, int]]:
    weights_batched = weights is not None and weights.dim() > len(circuit.weight_shape)
    if inputs is None and not weights_batched:
        return [(trace(circuit, None, weights), batch)]
    if inputs is not None and len(inputs) > 1 and not weights_batched:
        whole = _trace_batch(circuit, inputs, weights)
        if whole is not None:
            return [(whole, batch)]
    singles = [
        trace(circuit, _sample(inputs, i), _sample(weights, i) if weights_batched else weights)
        for i in range(batch)
    ]
    return (
        [(_joined(singles), batch)] if len({t.structure for t in singles}) == 1 else [(t, 1) for t in singles]
    )


def _joined(singles: list[Trace]) -> Trace:
    if len(singles) == 1:
        return singles[0]
    scalars = tuple(torch.stack(group) for group in zip(*(t.scalars for t in singles), strict=True))
    tensors = tuple(torch.stack(group) for group in zip(*(t.tensors for t in singles), strict=True))
    return Trace(singles[0].structure, singles[0].ranks, scalars, tensors)


def _sample(tensor: torch.Tensor | None, number: int) -> torch.Tensor | None:
    return None if tensor is None else tensor[number if len(tensor) > 1 else 0]


def _trace_batch(circuit: Circuit, inputs: torch.Tensor, weights: torch.Tensor | None) -> Trace | None:
    """Trace the whole batch at once; None unless the last sample, traced alone, gives the same gates."""
    whole = trace_samples(circuit, inputs, weights)
    return whole if whole and last_agrees(whole, trace(circuit, inputs[-1], weights)) else None
