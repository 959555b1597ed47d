"""QAOA on a cost vector: state, probabilities, energy and its exact gradient by one adjoint run.

The state is prod_l exp(-i beta_l B) exp(-i gamma_l C) |start>, as in `qml.qaoa` (arXiv:1411.4028).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.engine.qaoa.adjoint import energy, energy_and_gradient, lent_run
from qwatt.quantum.engine.qaoa.xy_ring import xy_ring_state

Mixer = Literal["x", "xy_ring"]
Angles = Tensor | Sequence[float]


def linear_ramp(layers: int, delta_gamma: float, delta_beta: float) -> tuple[Tensor, Tensor]:
    """Return the schedule of linear-ramp QAOA, two float64 vectors of shape (layers,) (arXiv:2405.09169).

    gamma_k = (k + 1/2)/p delta_gamma rises, |beta_k| = (1 - (k + 1/2)/p) delta_beta falls. The source's
    mixer is exp(+i beta B); here it is exp(-i beta B), so the betas come out negative, and positive slopes
    lead from |+...+> to the minimum of the cost. They assume a cost of unit spread (`cost.unit_spread`).
    """
    if layers < 1:
        raise QwattError(f"QAOA needs at least one layer, not {layers}")
    rise = (torch.arange(layers, dtype=torch.float64) + 0.5) / layers
    return rise * delta_gamma, (rise - 1) * delta_beta


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
    target = _target(cost, observable)
    if mixer == "x":
        return energy(gamma, beta, cost, target)
    state = xy_ring_state(cost, gamma, beta, weight or 0)
    return torch.dot(torch.view_as_real(state).square().sum(-1), target)


def qaoa_energy_and_gradient(
    cost: Tensor, gammas: Angles, betas: Angles, *, observable: Tensor | None = None
) -> tuple[float, list[float], list[float]]:
    """Return <C> and its derivatives to gammas and betas, for optimisers that need no autograd.

    Arguments and errors of `qaoa_energy`, with the "x" mixer.
    """
    gamma, beta = _angles(cost, gammas, betas, "x", None)
    target = _target(cost, observable)
    with torch.no_grad():
        return energy_and_gradient(gamma.tolist(), beta.tolist(), cost, target)


def qaoa_probs(
    cost: Tensor, gammas: Angles, betas: Angles, *, mixer: Mixer = "x", weight: int | None = None
) -> Tensor:
    """Return every bit string's probability after p layers, shape (2**n,); arguments of `qaoa_energy`."""
    gamma, beta = _angles(cost, gammas, betas, mixer, weight)
    with torch.no_grad():
        if mixer == "xy_ring":
            return torch.view_as_real(xy_ring_state(cost, gamma, beta, weight or 0)).square().sum(-1)
        with lent_run(cost, cost) as run:
            planes = run.forward(gamma.tolist(), beta.tolist())
            half = run.on.give(planes).square().sum(0).mul_(run.norm / 2**run.symmetric)
            run.finish(planes)
        return torch.cat([half, half.flip(0)]) if run.symmetric else half


def qaoa_state(
    cost: Tensor, gammas: Angles, betas: Angles, *, mixer: Mixer = "x", weight: int | None = None
) -> Tensor:
    """Return the state after p layers, shape (2**n,), complex; arguments of `qaoa_energy`. No gradient."""
    gamma, beta = _angles(cost, gammas, betas, mixer, weight)
    with torch.no_grad():
        if mixer == "xy_ring":
            return xy_ring_state(cost, gamma, beta, weight or 0)
        with lent_run(cost, cost) as run:
            planes = run.forward(gamma.tolist(), beta.tolist())
            real, imaginary = run.on.give(planes)
            angle = run.on.give(run.mixer.frame_angle)
            state = torch.complex(real, imaginary) * torch.polar(torch.ones_like(angle), -angle)
            run.finish(planes)
        state *= (run.norm / 2**run.symmetric) ** 0.5
        return torch.cat([state, state.flip(0)]) if run.symmetric else state


def _target(cost: Tensor, observable: Tensor | None) -> Tensor:
    if observable is not None and observable.shape != cost.shape:
        raise QwattError(f"the observable has shape {tuple(observable.shape)}, the cost {tuple(cost.shape)}")
    return cost if observable is None else observable


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
