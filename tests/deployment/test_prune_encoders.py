"""Losses and derivatives of an encoder under masks, against its vectors and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers

from qwatt.core.errors import QwattError
from qwatt.core.registry import get_method
from qwatt.language.decoder import load_decoder
from qwatt.language.encoder import Encoder, pooled
from qwatt.language.model_choice import encoder_names, is_encoder
from qwatt.stages.deployment.prune.encoder_calibration import enough_texts
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.problem import TASK
from qwatt.stages.deployment.prune.prunable import load_prunable
from qwatt.stages.deployment.prune.setup import Setup, setup
from qwatt.stages.deployment.prune.slim import slim
from qwatt.stages.deployment.prune.task import PruneTask

CONFIG = transformers.BertConfig(
    vocab_size=384,
    num_hidden_layers=2,
    max_position_embeddings=64,
    hidden_size=48,
    intermediate_size=64,
    num_attention_heads=4,
    initializer_range=0.2,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a small BERT of random weights that are large enough for heads to matter."""
    found = tmp_path_factory.mktemp("encoder")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        transformers.BertModel(CONFIG).save_pretrained(found)
    load_decoder("tiny").tokenizer.save_pretrained(found)
    return str(found)


@pytest.fixture(scope="module")
def heads(folder) -> Setup:
    problem = PruneTask().load("held-back", "xs", 0)
    fixed = {"model": folder, "widths": "free", "units": "heads"}
    return setup(problem, get_method(TASK, "swap-search").defaults() | fixed)


def test_the_loss_under_a_mask_is_how_far_the_pruned_models_vectors_turn(heads):
    mask = heads.single.random(np.random.default_rng(0))
    small = slim(heads.whole.model, heads.single.kept(mask))
    with torch.no_grad():
        before, after = (
            torch.cat([pooled(model, [row]) for row in heads.calibration.ids])
            for model in (heads.whole.model, small)
        )
    expected = float((1 - (before * after).sum(1)).mean())
    assert heads.calibration.losses(heads.single, [mask])[0] == pytest.approx(expected, abs=1e-5)
    assert expected > 0.01


def test_the_hessian_is_that_of_finite_differences(heads):
    n, step = len(heads.single), 1e-2
    at = np.full(n, 0.5)
    gradient, hessian = heads.calibration.curvature(heads.single, at)

    def slope(values: np.ndarray) -> np.ndarray:
        return heads.calibration.slope(heads.single, values, np.zeros(0))

    assert gradient == pytest.approx(slope(at), abs=1e-5)
    columns = [(slope(at + shift) - slope(at - shift)) / (2 * step) for shift in step * np.eye(n)]
    assert hessian == pytest.approx(np.array(columns), abs=5e-3)
    assert np.abs(hessian).max() > 0.05


def jacobian_products(heads: Setup) -> np.ndarray:
    """Return the mean of J'J over texts, by differences of vectors at the whole encoder."""
    n, step, gate = len(heads.single), 5e-3, Gate(heads.whole.model, heads.single)
    total = np.zeros((n, n))
    with torch.no_grad(), gate.closed():
        for row in heads.calibration.ids:
            columns = []
            for unit in range(n):
                sides = []
                for sign in (1, -1):
                    gate.values = torch.ones(n)
                    gate.values[unit] += sign * step
                    sides.append(pooled(heads.whole.model, [row])[0].double().numpy())
                columns.append((sides[0] - sides[1]) / (2 * step))
            total += np.array(columns) @ np.array(columns).T
    return total / len(heads.calibration.ids)


def test_random_directions_find_the_hessian_at_the_whole_encoder(heads):
    """J'J three ways: by differences, exactly, and as the mean square of gradients along directions."""
    expected, n = jacobian_products(heads), len(heads.single)
    gradient, hessian = heads.calibration.curvature(heads.single, np.ones(n))
    assert gradient == pytest.approx(np.zeros(n), abs=1e-5)
    assert hessian == pytest.approx(expected, rel=0.05, abs=2e-3)
    assert heads.calibration.slope(heads.single, np.ones(n), np.zeros(0)) == pytest.approx(gradient, abs=1e-5)
    rng, rows = np.random.default_rng(1), []
    for batch in heads.calibration.batches():
        drawn = batch.directions.clone()
        for _ in range(25):
            batch.directions.copy_(torch.from_numpy(rng.standard_normal(drawn.shape).astype(np.float32)))
            gate = Gate(heads.whole.model, heads.single)
            mask = torch.ones(len(batch), n, requires_grad=True)
            with gate.closed():
                gate.values = mask
                for probe in heads.calibration.probes(batch):
                    rows.append(torch.autograd.grad(probe.sum(), mask, retain_graph=True)[0].numpy())
        batch.directions.copy_(drawn)
    squares = np.square(np.concatenate(rows)).mean(0)
    assert squares == pytest.approx(expected.diagonal(), rel=0.25)


def test_texts_are_cut_to_the_window_with_their_last_token(folder):
    encoder = Encoder.load(folder)
    texts = ["the weather is fine today and it will rain tomorrow, they say", "short"]
    long, short = encoder.tokens(texts)
    found = enough_texts(encoder, texts, 100, 8)
    assert found == [[*long[:7], long[-1]], short]
    assert enough_texts(encoder, texts, 1, 8) == found[:1]


def test_a_folder_is_an_encoder_where_its_configuration_says_so(folder, tmp_path):
    assert is_encoder(folder) and is_encoder("minilm") and encoder_names() == ["minilm"]
    assert not is_encoder("tiny") and not is_encoder(str(tmp_path))


def test_an_encoder_without_text_is_refused(folder):
    with pytest.raises(QwattError, match="no text to calibrate on"):
        load_prunable(folder).calibration((), PruneTask().load("held-back", "xs", 0))
