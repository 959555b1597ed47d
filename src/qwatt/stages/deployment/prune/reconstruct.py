"""Output matrices fitted anew, so that what stays gives what all gave: ridge regression in closed form.

With inputs X of a matrix W over the calibration text, G = X'X, kept columns K and cut ones R, the change of
W_K that brings W_K X_K nearest to W X is W_R G_RK (G_KK + r I)^-1, r a share of the mean of G_KK's diagonal.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.anatomy import Anatomy, Layout, layout_of
from qwatt.stages.deployment.prune.calibration import Calibration
from qwatt.stages.deployment.prune.problem import Indices, Kept

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


def reconstructed(
    calibration: Calibration, a: Anatomy, kept: Kept, ridge: float
) -> dict[str, NDArray[np.float32]]:
    """Return the whole model's output matrices by name, the columns that stay fitted anew.

    Args:
        calibration: text, which the whole model reads once.
        a: sizes of the model.
        kept: what stays; matrices that lose nothing, or everything, are left out.
        ridge: r, as a share.
    """
    columns = _columns(a, layout_of(calibration.model), kept)
    moments = _second_moments(calibration, columns)
    found = {}
    for name, stays in columns.items():
        matrix = calibration.model.get_submodule(name).weight.double()
        gone = np.setdiff1d(np.arange(matrix.shape[1]), stays)
        inner = moments[name][np.ix_(stays, stays)]
        inner = inner + ridge * inner.diagonal().mean() * torch.eye(len(stays), dtype=torch.float64)
        across = moments[name][np.ix_(gone, stays)]
        change = torch.linalg.solve(inner, (matrix[:, gone] @ across).T).T
        fitted = matrix.clone()
        fitted[:, stays] += change
        found[f"{name}.weight"] = fitted.float().numpy()
    return found


def fit_effort(a: Anatomy, tokens: int) -> Effort:
    """Return the work of second moments and solutions of all output matrices; the pass is extra."""
    widths = [a.channels, a.heads * a.head_width]
    return Effort(work={"gemm_flop": a.blocks * sum(2.0 * tokens * w**2 + 2.0 * w**3 for w in widths)})


def _columns(a: Anatomy, layout: Layout, kept: Kept) -> dict[str, Indices]:
    """Return the columns that stay of each output matrix that loses some."""
    found = {}
    for block in kept.blocks:
        heads, channels = kept.heads[block], kept.channels[block]
        if 0 < len(heads) < a.heads:
            spread = (heads[:, None] * a.head_width + np.arange(a.head_width)).ravel()
            found[f"{layout.blocks}.{block}.{layout.attended}"] = spread
        if 0 < len(channels) < a.channels:
            found[f"{layout.blocks}.{block}.{layout.fed}"] = channels
    return found


def _second_moments(calibration: Calibration, columns: dict[str, Indices]) -> dict[str, torch.Tensor]:
    """Return X'X of each matrix's inputs."""
    found: dict[str, torch.Tensor] = {}

    def watch(name: str) -> Callable[..., None]:
        def add(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            x = inputs[0].flatten(0, -2).double()
            found[name] = found.get(name, torch.zeros(())) + x.T @ x

        return add

    with ExitStack() as hooks:
        for name in columns:
            matrix = calibration.model.get_submodule(name)
            hooks.callback(matrix.register_forward_pre_hook(watch(name)).remove)
        calibration.read()
    return found
