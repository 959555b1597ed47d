"""K-FAC's factors against the exact Fisher matrix of small networks, its steps against a direct solution."""

import gc

import pytest
import torch
from torch import nn
from torch.nn.modules import module

from qwatt.core.errors import QwattError
from qwatt.core.registry import get_method
from qwatt.language.decoder.kfac import Kfac, inverses
from qwatt.stages.training.optimise.task import OptimiseTask


def layer_of(x, g):
    """A layer (3 outputs, 4 inputs) after a pass over rows `x` whose own losses have gradients `g`."""
    layer = nn.Linear(4, 3, bias=False)
    kfac = Kfac([layer.weight], lr=0.1)
    (layer(x) * g).sum(1).mean().backward()
    return layer, kfac


def exact(x, g):
    """The mean of outer products of the rows' gradients of a weight (3, 4), flattened, in doubles."""
    rows = torch.einsum("no,ni->noi", g, x).flatten(1).double()
    return rows.T @ rows / len(rows)


def test_the_product_of_factors_is_the_exact_fisher_where_inputs_and_slopes_are_independent():
    torch.manual_seed(0)
    some_x, some_g = torch.randn(5, 4), torch.randn(6, 3)
    x, g = some_x.repeat_interleave(6, 0), some_g.repeat(5, 1)
    layer, kfac = layer_of(x, g)
    inputs, slopes = kfac.factors(layer.weight)
    torch.testing.assert_close(torch.kron(slopes, inputs).double(), exact(x, g), rtol=1e-5, atol=1e-5)


def test_the_exact_fisher_of_one_sample():
    torch.manual_seed(1)
    x, g = torch.randn(1, 4), torch.randn(1, 3)
    layer, kfac = layer_of(x, g)
    inputs, slopes = kfac.factors(layer.weight)
    torch.testing.assert_close(torch.kron(slopes, inputs).double(), exact(x, g), rtol=1e-5, atol=1e-5)


def test_passes_add_up_to_the_factors_of_one_pass_over_all_rows():
    torch.manual_seed(2)
    x, g = torch.randn(8, 4), torch.randn(8, 3)
    whole, one = layer_of(x, g)
    layer = nn.Linear(4, 3, bias=False)
    two = Kfac([layer.weight], lr=0.1)
    for half in (slice(0, 4), slice(4, 8)):
        ((layer(x[half]) * g[half]).sum(1).mean() / 2).backward()
    for a, b in zip(one.factors(whole.weight), two.factors(layer.weight), strict=True):
        torch.testing.assert_close(a, b)


def test_a_step_solves_with_the_damped_product():
    torch.manual_seed(3)
    x, g, damping = torch.randn(9, 4), torch.randn(9, 3), 0.05
    layer = nn.Linear(4, 3, bias=False)
    kfac = Kfac([layer.weight], lr=0.1, damping=damping, clip=1e9)
    (layer(x) * g).sum(1).mean().backward()
    inputs, slopes = kfac.factors(layer.weight)
    split = float((inputs.diagonal().mean() / slopes.diagonal().mean()).sqrt())
    damped = torch.kron(
        slopes + damping**0.5 / split * torch.eye(3), inputs + damping**0.5 * split * torch.eye(4)
    )
    wanted = torch.linalg.solve(damped, layer.weight.grad.flatten()).view(3, 4)
    before = layer.weight.detach().clone()
    kfac.step()
    torch.testing.assert_close(before - layer.weight.detach(), 0.1 * wanted, rtol=1e-3, atol=1e-5)


def test_damping_is_split_evenly_between_factors_of_equal_size():
    of_inputs, of_slopes = inverses(torch.eye(2), torch.eye(3), 0.25)
    torch.testing.assert_close(of_inputs, torch.eye(2) / 1.5)
    torch.testing.assert_close(of_slopes, torch.eye(3) / 1.5)


def test_badly_scaled_inputs_do_not_slow_it_as_they_slow_gradient_descent():
    torch.manual_seed(4)
    x = torch.randn(256, 4) * torch.tensor([1.0, 0.1, 0.01, 1.0])
    target = x @ torch.randn(4, 3) + torch.randn(256, 3)
    best = float((x @ torch.linalg.lstsq(x, target).solution - target).square().sum(1).mean())

    def excess_after(make):
        layer = nn.Linear(4, 3, bias=False)
        nn.init.zeros_(layer.weight)
        optimiser = make(layer.weight)
        for _ in range(100):
            optimiser.zero_grad()
            loss = (layer(x) - target).square().sum(1).mean()
            loss.backward()
            optimiser.step()
        return float(loss.detach()) - best

    fresh = {"decay": 0.0, "refresh": 1, "momentum": 0.0}
    natural = excess_after(lambda w: Kfac([w], lr=0.3, damping=1e-7, clip=1e9, **fresh))
    plain = min(excess_after(lambda w, r=r: torch.optim.SGD([w], lr=r)) for r in (0.03, 0.1, 0.3, 0.45))
    assert natural < plain / 10


def test_the_hook_goes_with_the_optimiser():
    before = len(module._global_forward_hooks)
    layer, kfac = layer_of(torch.randn(2, 4), torch.randn(2, 3))
    assert len(module._global_forward_hooks) == before + 1
    del kfac
    gc.collect()
    assert len(module._global_forward_hooks) == before
    layer(torch.randn(2, 4))


def test_a_circuit_is_refused():
    problem = OptimiseTask().load("builtin:weather", "xs", 0)
    with pytest.raises(QwattError, match="a circuit has none"):
        get_method("training/optimise", "kfac").plan(
            problem, {"rate": 1.0, "clip": 1e-3, "rest_rate": 0.006}, None
        )
