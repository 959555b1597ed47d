"""Roundings against closed forms, the papers' own formulas, and what plain transformers computes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from qwatt.core.errors import QwattError
from qwatt.core.registry import get_task
from qwatt.stages.deployment.quantise.awq import Awq
from qwatt.stages.deployment.quantise.export import pack, read_packed, unpack, write_quantised
from qwatt.stages.deployment.quantise.gptq import Gptq, damped, gptq
from qwatt.stages.deployment.quantise.grid import fit_grid
from qwatt.stages.deployment.quantise.layer_error import relative_error, row_errors
from qwatt.stages.deployment.quantise.round_to_nearest import RoundToNearest
from qwatt.stages.deployment.quantise.workbench import Rows, Workbench
from qwatt.testing.trials import run_small, small_spec

TASK = "deployment/quantise"


def made_rows(seed, count=5, columns=12, bits=3, group=4, clip="minmax"):
    """Return rows with correlated inputs, and their grid."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(200, columns)) @ rng.normal(size=(columns, columns))
    weights = rng.normal(size=(count, columns)).astype(np.float32)
    rows = Rows(("layer",), weights, (slice(0, count),), inputs.T @ inputs / len(inputs))
    return rows, fit_grid(weights, np.full(count, bits), group, clip, rows.moment.diagonal())


def errors(rows, grid, codes):
    return row_errors(grid.values(codes) - rows.weights, rows.moment)


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize("count", [1, 7, 8, 40])
def test_packed_codes_come_back_and_take_no_bit_too_many(bits, count):
    codes = np.random.default_rng(count).integers(2**bits, size=(1, count), dtype=np.uint8)
    packed = pack(codes, bits)
    assert len(packed) == -(-codes.size * bits // 8)
    assert np.array_equal(unpack(packed, bits, codes.size), codes[0])


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_the_grid_covers_all_weights_to_half_a_step(bits):
    rows, grid = made_rows(0, bits=bits)
    codes = grid.nearest(rows.weights)
    assert codes.max() <= 2**bits - 1
    # a step to either side of the range may be lost where the zero is rounded
    assert (np.abs(grid.values(codes) - rows.weights) <= grid.steps * (0.5 + 0.51)).all()
    inside = (codes > 0) & (codes < 2**bits - 1)
    assert (np.abs(grid.values(codes) - rows.weights) <= grid.steps * 0.5001)[inside].all()
    assert np.array_equal(grid.scale, grid.scale.astype(np.float16).astype(np.float32))


def test_a_fitted_range_has_no_larger_weighted_error_than_the_whole_one():
    rows, whole = made_rows(1, bits=2)
    _, fitted = made_rows(1, bits=2, clip="mse")
    importance = rows.moment.diagonal()

    def weighted(grid):
        return float(((grid.values(grid.nearest(rows.weights)) - rows.weights) ** 2 * importance).sum())

    assert weighted(fitted) < weighted(whole)


def test_gptq_on_uncorrelated_inputs_is_rounding_to_nearest():
    rows, _ = made_rows(2)
    plain = Rows(rows.names, rows.weights, rows.spans, np.diag(np.linspace(0.5, 2.0, 12)))
    grid = fit_grid(rows.weights, np.full(5, 3), 4, "minmax", plain.moment.diagonal())
    assert np.array_equal(gptq(plain, grid, 0.01), grid.nearest(rows.weights))


@pytest.mark.parametrize("by_activity", [True, False])
def test_gptq_equals_optimal_brain_quantisation_in_a_fixed_order(by_activity):
    """The paper's eq. 2 and 3, an inverse that loses a row and a column at each step, no Cholesky factor."""
    rows, grid = made_rows(3, columns=70, group=16)
    moment = damped(rows.moment, 0.01)
    order = np.argsort(-moment.diagonal(), kind="stable") if by_activity else np.arange(70)
    left, codes = rows.weights.astype(np.float64), np.zeros((5, 70), dtype=np.uint8)
    free = list(order)
    while free:
        q = free[0]
        inverse = np.linalg.inv(moment[np.ix_(free, free)])
        codes[:, q] = grid.nearest(left.astype(np.float32))[:, q]
        error = (left[:, q] - grid.values(codes)[:, q]) / inverse[0, 0]
        left[:, free] -= error[:, None] * inverse[0]
        free = free[1:]
    assert np.array_equal(gptq(rows, grid, 0.01, by_activity), codes)


def test_gptq_leaves_less_error_than_rounding_to_nearest():
    found = [made_rows(seed) for seed in range(8)]
    nearest = sum(errors(r, g, g.nearest(r.weights)).sum() for r, g in found)
    assert sum(errors(r, g, gptq(r, g, 0.01)).sum() for r, g in found) < 0.8 * nearest


def test_scaling_by_activity_is_never_worse_than_none_on_its_own_text():
    rows, grid = made_rows(4, clip="mse")
    found = Awq().rounded(rows, grid, {"clip": "mse"}, None)
    assert row_errors(found.weights - rows.weights, rows.moment).sum() <= errors(
        rows, grid, grid.nearest(rows.weights)
    ).sum() * (1 + 1e-6)


def test_moments_give_the_error_of_the_outputs():
    """The quadratic form is the mean square of what the layer computes otherwise, on the same text."""
    problem = get_task(TASK).load("held-back", "s", 0)
    bench = Workbench("tiny", "*.0.self_attn.?_proj", problem)
    name = "model.layers.0.self_attn.k_proj"
    windows = torch.from_numpy(bench.test[: len(bench.test) // 32 * 32].reshape(-1, 32))
    with torch.no_grad():
        block = bench.model.model.layers[0]
        inputs = block.input_layernorm(bench.model.model.embed_tokens(windows)).flatten(0, 1).numpy()
    own = bench.layers[name].weight.data.numpy()
    other = own + np.random.default_rng(0).normal(size=own.shape).astype(np.float32) * 0.01
    expected = ((inputs @ (other - own).T) ** 2).sum() / ((inputs @ own.T) ** 2).sum()
    assert relative_error({name: other}, {name: own}, bench.test_moments) == pytest.approx(expected, rel=1e-4)
    rows = bench.calibrated().value
    assert [row.names[0].rpartition(".")[2] for row in rows] == ["q_proj", "o_proj"]
    assert len(rows[0].names) == 3, "queries, keys and values read one input"


def test_the_exported_decoder_computes_with_the_packed_weights(tmp_path):
    _, problem, solution = run_small(Gptq, small_spec(Gptq))
    files = write_quantised(solution.answer, tmp_path)
    assert all(file.is_file() for file in files)
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "decoder").eval()
    parts = dict(loaded.named_modules())
    unpacked = read_packed(tmp_path)
    assert unpacked.keys() == solution.answer.layers.keys()
    for name, weights in unpacked.items():
        assert np.array_equal(parts[name].weight.detach().numpy(), weights)
    bench = Workbench("tiny", solution.answer.pattern, problem)
    ids = torch.from_numpy(bench.test[None, :32])
    with torch.no_grad(), bench.with_weights(unpacked):
        assert torch.equal(loaded(ids).logits, bench.model(ids).logits)
    stored = sum(layer.stored_bits for layer in solution.answer.layers.values()) / 8
    assert stored <= (tmp_path / "packed.safetensors").stat().st_size <= stored + 1_000
    described = json.loads((tmp_path / "quantised.json").read_text())
    assert described["bits_per_weight"] == pytest.approx(3 + (16 + 3) / 16)


def test_eight_bits_lose_next_to_nothing_and_two_bits_much():
    loss = {}
    for bits in (2, 8):
        trial, _, _ = run_small(RoundToNearest, small_spec(RoundToNearest, fixed=(("bits", bits),)))
        loss[bits] = trial.quality - trial.extras["float_nats_per_token"]
    assert abs(loss[8]) < 1e-3 < loss[2]


def test_a_pattern_that_fits_no_layer_is_refused():
    problem = get_task(TASK).load("held-back", "xs", 0)
    with pytest.raises(QwattError, match="no linear layer of LlamaForCausalLM is named like") as refused:
        Workbench("tiny", "h.*.attn", problem)
    assert "model.layers.0.self_attn.q_proj" in refused.value.mend
