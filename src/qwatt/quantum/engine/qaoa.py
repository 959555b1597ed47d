"""QAOA on a cost vector: state, probabilities, energy and its exact gradient by one adjoint sweep.

|gamma, beta> = prod_l exp(-i beta_l B) exp(-i gamma_l C) |start>, the convention of `qml.qaoa` (arXiv:1411.4028).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.engine.transverse import (
    MIN_SYMMETRIC_WIRES,
    TransverseField,
    frame_angle,
    is_flip_symmetric,
)
from qwatt.quantum.engine.xy_ring import xy_ring_state

Mixer = Literal["x", "xy_ring"]
Angles = Tensor | Sequence[float]


def linear_ramp(layers: int, delta_gamma: float, delta_beta: float) -> tuple[Tensor, Tensor]:
    """Return the schedule of linear-ramp QAOA, two float64 vectors of shape (layers,) (arXiv:2405.09169).

    gamma_k = (k + 1/2)/p delta_gamma rises, beta_k = (1 - (k + 1/2)/p) delta_beta falls. The slopes assume
    a cost of unit spread (`cost.unit_spread`).
    """
    if layers < 1:
        raise QwattError(f"QAOA needs at least one layer, not {layers}")
    rise = (torch.arange(layers, dtype=torch.float64) + 0.5) / layers
    return rise * delta_gamma, (1 - rise) * delta_beta


def qaoa_energy(
    cost: Tensor,
    gammas: Angles,
    betas: Angles,
    *,
    mixer: Mixer = "x",
    weight: int | None = None,
    observable: Tensor | None = None,
) -> Tensor:
    """Return <C> after p layers, a scalar; differentiable once to both angle vectors.

    Args:
        cost: energy of every string, shape (2**n,), float32 or float64; it fixes precision and device.
        gammas: cost angles, shape (p,), radians per unit of cost.
        betas: mixer angles, shape (p,), radians.
        mixer: "x" (sum of X, uniform start) or "xy_ring" (keeps the number of ones, Dicke start).
        weight: number of ones, for "xy_ring".
        observable: diagonal to average in place of the cost, shape (2**n,).

    Raises:
        QwattError: shapes that do not fit, or a missing weight.
    """
    gamma, beta = _angles(cost, gammas, betas, mixer, weight)
    target = cost if observable is None else observable
    if target.shape != cost.shape:
        raise QwattError(f"the observable has shape {tuple(target.shape)}, the cost {tuple(cost.shape)}")
    if mixer == "x":
        energy: Tensor = _Energy.apply(gamma, beta, cost, target)
        return energy
    state = xy_ring_state(cost, gamma, beta, weight or 0)
    return torch.dot(torch.view_as_real(state).square().sum(-1), target)


def qaoa_probs(
    cost: Tensor, gammas: Angles, betas: Angles, *, mixer: Mixer = "x", weight: int | None = None
) -> Tensor:
    """Return the probability of every bit string after p layers, shape (2**n,); arguments of `qaoa_energy`."""
    gamma, beta = _angles(cost, gammas, betas, mixer, weight)
    with torch.no_grad():
        if mixer == "xy_ring":
            return torch.view_as_real(xy_ring_state(cost, gamma, beta, weight or 0)).square().sum(-1)
        run = _Sweep(cost, cost)
        half = run.forward(gamma.tolist(), beta.tolist()).square().sum(0).mul_(run.norm / 2**run.symmetric)
        return torch.cat([half, half.flip(0)]) if run.symmetric else half


def qaoa_state(
    cost: Tensor, gammas: Angles, betas: Angles, *, mixer: Mixer = "x", weight: int | None = None
) -> Tensor:
    """Return the state after p layers, shape (2**n,), complex; arguments of `qaoa_energy`. No gradient."""
    gamma, beta = _angles(cost, gammas, betas, mixer, weight)
    with torch.no_grad():
        if mixer == "xy_ring":
            return xy_ring_state(cost, gamma, beta, weight or 0)
        run = _Sweep(cost, cost)
        planes = run.forward(gamma.tolist(), beta.tolist())
        angle = frame_angle(run.mixer.wires, cost.dtype, cost.device)
        state = torch.complex(planes[0], planes[1]) * torch.polar(torch.ones_like(angle), -angle)
        state *= (run.norm / 2**run.symmetric) ** 0.5
        return torch.cat([state, state.flip(0)]) if run.symmetric else state


def _angles(
    cost: Tensor, gammas: Angles, betas: Angles, mixer: str, weight: int | None
) -> tuple[Tensor, Tensor]:
    if mixer not in ("x", "xy_ring"):
        raise unknown_name("mixer", mixer, ("x", "xy_ring"))
    if mixer == "xy_ring" and weight is None:
        raise QwattError("the XY-ring mixer needs the number of ones", mend="give weight=")
    length = cost.shape[-1]
    if cost.ndim != 1 or length < 2 or length & (length - 1):
        raise QwattError(f"a cost vector has shape (2**n,), not {tuple(cost.shape)}")
    gamma, beta = (torch.as_tensor(a, dtype=torch.float64) for a in (gammas, betas))
    if gamma.ndim != 1 or gamma.shape != beta.shape or not len(gamma):
        raise QwattError(
            f"gammas {tuple(gamma.shape)} and betas {tuple(beta.shape)} must be two (p,) vectors"
        )
    return gamma, beta


class _Sweep:
    """One forward and one backward pass over the layers, on planes kept unnormalised (see `norm`)."""

    def __init__(self, cost: Tensor, observable: Tensor) -> None:
        n = cost.shape[0].bit_length() - 1
        vectors = [cost] if observable is cost else [cost, observable]
        self.symmetric = n >= MIN_SYMMETRIC_WIRES and is_flip_symmetric(vectors)
        self.mixer = TransverseField(n, self.symmetric, cost.dtype, cost.device)
        length = 1 << self.mixer.wires
        self.cost, self.observable = cost[:length], observable[:length].to(cost.dtype)
        self.norm = 1.0 / length
        self.spare = cost.new_empty(2, length)
        self.phases: list[Tensor] = []
        self.before_mixer: list[Tensor] = []

    def forward(self, gammas: list[float], betas: list[float], keep: bool = False) -> Tensor:
        """Return the final planes, shape (2, 2**wires), of squared norm 1/`norm`."""
        planes = self.cost.new_empty(2, self.cost.shape[0])
        for layer, (gamma, beta) in enumerate(zip(gammas, betas, strict=True)):
            if layer == 0:
                _cos_sin(
                    frame_angle(self.mixer.wires, self.cost.dtype, self.cost.device), self.cost, gamma, planes
                )
            else:
                phase = _cos_sin(None, self.cost, gamma, torch.empty_like(planes))
                planes, self.spare = _rotate(planes, phase, self.spare), planes
                self.phases.append(phase)
            if keep:
                self.before_mixer.append(planes.clone())
            planes, self.spare = self.mixer.apply(planes, beta, self.spare)
        return planes

    def gradient(self, planes: Tensor, betas: list[float]) -> tuple[float, list[float], list[float]]:
        """Return the energy and its derivatives to gammas and betas, from `forward`'s planes and records."""
        adjoint = self.observable * planes
        energy = float(torch.dot(adjoint.view(-1), planes.view(-1))) * self.norm
        d_gammas, d_betas = [], []
        for layer in reversed(range(len(betas))):
            kept = self.before_mixer[layer]
            adjoint, self.spare = self.mixer.apply(adjoint, -betas[layer], self.spare)
            d_betas.append(2 * self.norm * self.mixer.generator_overlap(adjoint, kept))
            torch.mul(kept, self.cost, out=self.spare)
            turned = torch.dot(adjoint[0], self.spare[1]) - torch.dot(adjoint[1], self.spare[0])
            d_gammas.append(2 * self.norm * float(turned))
            if layer:
                back = self.phases[layer - 1]
                back[1].neg_()
                adjoint, self.spare = _rotate(adjoint, back, self.spare), adjoint
        return energy, d_gammas[::-1], d_betas[::-1]


def _cos_sin(offset: Tensor | None, cost: Tensor, gamma: float, out: Tensor) -> Tensor:
    """Write cos and sin of (offset - gamma cost) into the two planes of `out`."""
    if offset is None:
        torch.mul(cost, -gamma, out=out[1])
    else:
        torch.add(offset, cost, alpha=-gamma, out=out[1])
    torch.cos(out[1], out=out[0])
    out[1].sin_()
    return out


def _rotate(planes: Tensor, phase: Tensor, out: Tensor) -> Tensor:
    """Multiply the planes by cos + i sin, both in `phase`; written into `out`."""
    torch.mul(planes, phase[0], out=out)
    out[0].addcmul_(planes[1], phase[1], value=-1)
    out[1].addcmul_(planes[0], phase[1])
    return out


class _Energy(torch.autograd.Function):
    """Energy whose gradient is found in the same sweep, so that backward only scales it."""

    @staticmethod
    def forward(ctx: Any, gamma: Tensor, beta: Tensor, cost: Tensor, observable: Tensor) -> Tensor:
        run, betas = _Sweep(cost, observable), beta.tolist()
        wanted = any(ctx.needs_input_grad[:2])
        planes = run.forward(gamma.tolist(), betas, keep=wanted)
        if not wanted:
            weighted = torch.mul(planes, run.observable, out=run.spare)
            return torch.dot(weighted.view(-1), planes.view(-1)) * run.norm
        energy, d_gamma, d_beta = run.gradient(planes, betas)
        ctx.save_for_backward(gamma.new_tensor(d_gamma), beta.new_tensor(d_beta))
        return cost.new_tensor(energy)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        d_gamma, d_beta = ctx.saved_tensors
        return grad * d_gamma, grad * d_beta, None, None
