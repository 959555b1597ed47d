"""The Fubini-Study metric of a circuit's weights, by propagating tangents once (arXiv:1909.02108)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.circuit.parameters import AffineMap, find_affine
from qwatt.quantum.engine.lowering.fusion import fuse
from qwatt.quantum.engine.lowering.trace import Trace, trace
from qwatt.quantum.engine.metric.tangents import TangentPropagator


def metric_tensor(
    circuit: Circuit,
    inputs: Tensor | None,
    weights: Tensor,
    *,
    dtype: torch.dtype = torch.complex64,
    device: str | torch.device = "cpu",
) -> Tensor:
    """Return Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>), the matrix of quantum natural gradient.

    Args:
        circuit: circuit with weights that enter as gate angles.
        inputs: None, (n_inputs,), or (batch, n_inputs).
        weights: of `circuit.weight_shape`; the metric's index runs over their flat order.
        dtype: complex64 or complex128.
        device: where to compute.

    Returns:
        Shape (P, P) with P the number of weights, or (batch, P, P) for batched inputs; real, no gradient.

    Raises:
        QwattError: no weights, wrong shapes, or weights that enter as matrices or amplitudes.
    """
    if not circuit.weight_shape or tuple(weights.shape) != circuit.weight_shape:
        raise QwattError(
            f"{circuit.name} has weights of shape {circuit.weight_shape}, not {tuple(weights.shape)}"
        )
    if circuit.n_inputs and inputs is None:
        raise QwattError(f"{circuit.name} needs inputs of shape ({circuit.n_inputs},)")
    ready = _ready(circuit, dtype, torch.device(device))
    w, x = weights.detach().double().cpu(), None if inputs is None else inputs.detach().double().cpu()
    if x is not None and x.ndim == 2:
        return torch.stack([ready.metric(sample, w) for sample in x])
    return ready.metric(x, w)


@dataclass
class _Metric:
    """A circuit made ready; `affine` is how its angles follow from inputs and weights, if they do simply."""

    circuit: Circuit
    dtype: torch.dtype
    device: torch.device
    affine: tuple[Trace, AffineMap] | None
    propagators: dict[object, TangentPropagator]

    def metric(self, inputs: Tensor | None, weights: Tensor) -> Tensor:
        """Propagate once and change from angles to weights by the chain rule."""
        found, scalars, slopes = self._angles(inputs, weights)
        trainable = frozenset(slopes.ne(0).any(1).nonzero().flatten().tolist())
        key = (found.structure, trainable)
        if key not in self.propagators:
            fused = fuse(found.structure, self.circuit.wires)
            self.propagators[key] = TangentPropagator(fused, trainable, self.dtype, self.device)
        propagator = self.propagators[key]
        state, tangents = propagator.run(scalars.numpy(), found.tensors)
        by_angle = fubini_study(state, tangents)
        jacobian = slopes[propagator.angles].to(by_angle)
        return jacobian.T @ by_angle @ jacobian

    def _angles(self, inputs: Tensor | None, weights: Tensor) -> tuple[Trace, Tensor, Tensor]:
        """Return the trace, all its angles, and their derivatives by the flat weights."""
        if self.affine is None:
            return _traced_angles(self.circuit, inputs, weights)
        found, affine = self.affine
        angles = affine.constant + affine.from_weights @ weights.flatten()
        if inputs is not None and self.circuit.n_inputs:
            angles = angles + affine.from_inputs @ inputs
        return found, angles, affine.from_weights


def fubini_study(state: Tensor, tangents: Tensor) -> Tensor:
    """Return the real metric (P, P) of a normalised state (2**n,) with tangents (P, 2**n)."""
    flat = torch.view_as_real(tangents).flatten(1)
    along = tangents @ state.conj()
    parts = torch.view_as_real(along)
    return flat @ flat.T - parts @ parts.T


def _traced_angles(circuit: Circuit, inputs: Tensor | None, weights: Tensor) -> tuple[Trace, Tensor, Tensor]:
    leaf = weights.clone().requires_grad_()
    found = trace(circuit, inputs if circuit.n_inputs else None, leaf)
    if any(tensor.requires_grad for tensor in found.tensors):
        raise QwattError(
            f"weights of {circuit.name} enter as matrices or amplitudes, not as gate angles",
            mend="write the trainable gates as rotations",
        )
    slopes = torch.zeros(len(found.scalars), leaf.numel(), dtype=torch.float64)
    for row, scalar in enumerate(found.scalars):
        if scalar.requires_grad:
            (gradient,) = torch.autograd.grad(scalar, leaf, retain_graph=True)
            slopes[row] = gradient.flatten()
    return found, torch.stack([scalar.detach() for scalar in found.scalars]), slopes


class _Metrics(dict[tuple[torch.dtype, torch.device], _Metric]):
    """What a circuit was made ready to; left behind when the circuit is copied or sent to another process."""

    def __reduce__(self) -> tuple[type[_Metrics], tuple[()]]:
        return _Metrics, ()


def _ready(circuit: Circuit, dtype: torch.dtype, device: torch.device) -> _Metric:
    """Find how angles depend on weights once per circuit, and keep it with the circuit."""
    cache: _Metrics = circuit.__dict__.setdefault("_metrics", _Metrics())
    key = (dtype, device)
    if key not in cache:
        cache[key] = _Metric(circuit, dtype, device, find_affine(circuit), {})
    return cache[key]
