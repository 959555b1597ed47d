"""K-FAC of linear layers: the Fisher matrix as a Kronecker product of inputs and gradients of outputs."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook


class Kfac(torch.optim.Optimizer):
    """Natural gradient by Kronecker factors for the weights of `nn.Linear` (arXiv:1503.05671).

    A layer's block of the Fisher matrix is taken as E[x x^T] (x) E[g g^T], with x its input and g the slope
    of a token's loss at its output; labels are the data's (empirical Fisher, as in Shampoo), so that no
    further backward pass is taken. The factors are running means, damped with the split pi of section 6.3,
    and a step's length is bounded as in arXiv:1602.01407, section 5.

    The loss must be a mean over the tokens of the step. Layers are found as they are called: a hook on all
    modules looks at those whose weight is trained here, and goes with the optimiser.

    Args:
        params: weights of linear layers, (outputs, inputs).
        lr: learning rate.
        damping: added to the Fisher matrix.
        momentum: of the preconditioned steps.
        decay: of the running means.
        refresh: steps between two inversions.
        clip: bound on rate^2 times the step's squared length in the Fisher matrix.
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        damping: float = 1e-3,
        momentum: float = 0.9,
        decay: float = 0.95,
        refresh: int = 10,
        clip: float = 1e-3,
    ) -> None:
        defaults = {"lr": lr, "damping": damping, "momentum": momentum, "decay": decay}
        super().__init__(params, defaults | {"refresh": refresh, "clip": clip})
        self._seen: dict[torch.Tensor, list[torch.Tensor]] = {}
        self._trained = {p for group in self.param_groups for p in group["params"]}
        watched = weakref.ref(self)

        def look(layer: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            own = watched()
            if own is not None and isinstance(layer, nn.Linear) and layer.weight in own._trained:
                own._watch(layer.weight, inputs[0], output)

        weakref.finalize(self, register_module_forward_hook(look).remove)

    def _watch(self, weight: torch.Tensor, x: torch.Tensor, output: torch.Tensor) -> None:
        """Keep the moments of a call's inputs, and of its outputs' gradients once they come."""
        if not output.requires_grad:
            return
        rows = x.detach().flatten(0, -2).float()

        def take(gradient: torch.Tensor) -> None:
            slopes = gradient.detach().flatten(0, -2).float()
            sums = [rows.T @ rows, slopes.T @ slopes, torch.tensor(float(len(rows)))]
            known = self._seen.get(weight)
            self._seen[weight] = sums if known is None else [a + b for a, b in zip(known, sums, strict=True)]

        output.register_hook(take)  # type: ignore[no-untyped-call]

    def factors(self, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return E[x x^T] and E[g g^T] of the passes since the last step; g is of a token's own loss."""
        inputs, slopes, tokens = self._seen[weight]
        return inputs / tokens, slopes * tokens

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Take a step; no closure is called."""
        for group in self.param_groups:
            weights = [p for p in group["params"] if p.grad is not None and p in self._seen]
            steps = [self._direction(group, weight) for weight in weights]
            pairs = list(zip(weights, steps, strict=True))
            squared = sum(float((step * p.grad).sum()) for p, step in pairs if p.grad is not None)
            length = group["lr"] ** 2 * max(squared, 0.0)
            share = min(1.0, (group["clip"] / length) ** 0.5) if length > 0 else 1.0
            for weight, step in pairs:
                momentum = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                momentum.mul_(group["momentum"]).add_(step, alpha=share)
                weight.add_(momentum, alpha=-group["lr"])
        self._seen.clear()

    def _direction(self, group: dict[str, Any], weight: torch.Tensor) -> torch.Tensor:
        """Return the gradient divided by the damped factors, inverted anew every `refresh` steps."""
        state, now = self.state[weight], self.factors(weight)
        count = int(state.get("count", 0))
        decay = min(1.0 - 1.0 / (count + 1), group["decay"])
        kept = state.get("factors", now)
        state["factors"] = [a.lerp(b, 1.0 - decay) for a, b in zip(kept, now, strict=True)]
        if count % group["refresh"] == 0:
            state["inverses"] = inverses(state["factors"][0], state["factors"][1], group["damping"])
        state["count"] = count + 1
        of_inputs, of_slopes = state["inverses"]
        assert weight.grad is not None
        found: torch.Tensor = of_slopes @ weight.grad @ of_inputs
        return found


def inverses(inputs: torch.Tensor, slopes: torch.Tensor, damping: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the inverses of both factors, with the damping split by their mean eigenvalues."""
    means = [max(float(m.diagonal().mean()), 1e-30) for m in (inputs, slopes)]
    split, root = (means[0] / means[1]) ** 0.5, damping**0.5
    return _inverse(inputs, split * root), _inverse(slopes, root / split)


def _inverse(matrix: torch.Tensor, added: float) -> torch.Tensor:
    whole = matrix + added * torch.eye(len(matrix))
    return torch.cholesky_inverse(torch.linalg.cholesky(whole))
