"""One forward and one adjoint pass of transverse-field QAOA over planes (see `transverse`)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from qwatt.quantum.engine.transverse import (
    MIN_SYMMETRIC_WIRES,
    TransverseField,
    frame_angle,
    is_flip_symmetric,
)


def sweep_energy(gamma: Tensor, beta: Tensor, cost: Tensor, observable: Tensor) -> Tensor:
    """Return the mean of the observable, a scalar; the gradient comes out of the same sweep.

    Args:
        gamma: cost angles, shape (p,), float64.
        beta: mixer angles, shape (p,), float64.
        cost: energy of every string, shape (2**n,).
        observable: diagonal to average, shape (2**n,).
    """
    energy: Tensor = _Energy.apply(gamma, beta, cost, observable)  # type: ignore[no-untyped-call]
    return energy


class Sweep:
    """The layers of one QAOA circuit on planes of shape (2, 2**wires), kept at squared norm 1/`norm`."""

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
        run, betas = Sweep(cost, observable), beta.tolist()
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
