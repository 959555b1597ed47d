"""What a layer's numbers rest on: the cut decoder, equal sizes, gradients, the exported folder."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_backend, get_method
from qwatt.core.threads import one_thread
from qwatt.language.text_parts import pieces, read_parts
from qwatt.stages.architecture.layer import lora_graft
from qwatt.stages.architecture.layer.export import write_layer
from qwatt.stages.architecture.layer.frozen import Frozen
from qwatt.stages.architecture.layer.lora_graft import fitting_ranks
from qwatt.stages.architecture.layer.problem import TASK, LayerAnswer, LayerProblem
from qwatt.stages.architecture.layer.settings import COMMON, setup
from qwatt.stages.architecture.layer.task import LayerTask
from qwatt.stages.architecture.layer.train import rate_factor
from qwatt.torch import attached, load_layer
from qwatt.torch.quantum_layer import quantum_parameters
from qwatt.torch.windowed import in_windows

DEFAULTS = {name: values[0] for name, values in COMMON.items()}


@pytest.fixture(scope="module")
def problem() -> LayerProblem:
    return LayerTask().load("builtin:weather", "xs", 0)


def fitted(problem: LayerProblem, name: str, shots: int | None = None, **settings: object) -> LayerAnswer:
    method, context = get_method(TASK, name), Unmetered(get_backend("engine"), shots)
    chosen = DEFAULTS | settings
    return method.apply(problem, method.run(problem, chosen, context), chosen, context).answer


def whole_nats(model, windows: np.ndarray) -> np.ndarray:
    """The loss of each window by transformers' own `labels`, of the uncut model."""
    with torch.no_grad(), one_thread():
        rows = torch.from_numpy(windows)
        losses = [
            float(model(input_ids=row[None, :-1], labels=row[None, :-1], shift_labels=row[None, 1:]).loss)
            for row in rows
        ]
    return np.array(losses) * (windows.shape[1] - 1)


@pytest.mark.parametrize("block", [0, 1, -1])
def test_the_cut_decoder_is_the_whole_one(problem: LayerProblem, block: int) -> None:
    frozen = Frozen("tiny", problem, block)
    states = frozen.states().value
    ids = torch.from_numpy(frozen.test[:, :-1])
    with torch.no_grad(), one_thread():
        whole = frozen.model(ids).logits
        with frozen.upper() as predict:
            cut = predict(ids, states[2])
        torch.testing.assert_close(cut, whole)
        assert torch.equal(frozen.model(ids).logits, whole)
    assert frozen.characters(frozen.test) > len(frozen.test)


@pytest.mark.parametrize("name", [method.name for method in all_methods(TASK)])
def test_every_layer_learns_and_leaves_the_decoder_alone(problem: LayerProblem, name: str) -> None:
    found = setup(problem, DEFAULTS).frozen
    before = {key: value.clone() for key, value in found.model.state_dict().items()}
    answer = fitted(problem, name, learning_rate=0.1)
    assert answer.losses[-1] < answer.losses[0] - 0.1
    after = found.model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[key], before[key]) for key in before)
    budget = quantum_parameters(32, 4, 2, 1)
    if get_method(TASK, name).equal_parameters:
        assert abs(answer.parameters - budget) <= 0.02 * budget
    else:
        assert budget - answer.parameters == 3 * 4 * 2


def test_scores_are_the_loss_of_the_exported_model(problem: LayerProblem, tmp_path: Path) -> None:
    """What is saved, loaded as the README says, gives the very loss that was scored."""
    for name in ("hybrid-qnn", "lora"):
        answer = fitted(problem, name, learning_rate=0.1)
        files = write_layer(answer, tmp_path / name)
        assert (tmp_path / name / "README.md") in files
        model = AutoModelForCausalLM.from_pretrained(tmp_path / name / "decoder").eval()
        windows = setup(problem, DEFAULTS).frozen.test
        if name == "lora":
            nats = whole_nats(model, windows)
        else:
            layer, facts = load_layer(tmp_path / name)
            with attached(model, layer, facts["block"], facts["place"]):
                nats = whole_nats(model, windows)
        assert answer.test is not None
        np.testing.assert_allclose(nats, answer.test.nats, rtol=1e-4)
        quality = LayerTask().score(problem, _solution(answer))
        assert quality.value == pytest.approx(nats.sum() / math.log(2) / answer.test.characters, rel=1e-4)
        assert quality.value < quality.extras["without_layer"]


@pytest.mark.parametrize("name", ["hybrid-qnn", "lora", "mlp"])
def test_a_layer_takes_the_place_of_the_feed_forward_part(problem: LayerProblem, name: str) -> None:
    answer = fitted(problem, name, place="ffn", block=0, learning_rate=0.1)
    quality = LayerTask().score(problem, _solution(answer))
    assert quality.extras["place"] == "ffn"
    assert quality.extras["block"] == 0
    assert quality.value < quality.extras["without_layer"]


def test_finite_shots_change_the_loss_a_little(problem: LayerProblem) -> None:
    exact, read = (fitted(problem, "hybrid-qnn", shots, learning_rate=0.1) for shots in (None, 500))
    assert exact.test is not None and read.test is not None
    assert all(np.array_equal(exact.state[key], read.state[key]) for key in exact.state)
    difference = np.abs(exact.test.nats - read.test.nats) / exact.test.nats
    assert 0 < difference.max() < 0.1


def test_lora_is_the_published_update() -> None:
    """arXiv:2106.09685, equation 3: W + (alpha / r) B A."""
    torch.manual_seed(0)
    block = torch.nn.ModuleDict({"first": torch.nn.Linear(5, 7, bias=False), "second": torch.nn.Linear(7, 3)})
    own = {name: block[name].weight.clone() for name in block}
    lora_graft.inject(block, {"first": 2, "second": 1}, 0)
    state = {
        name: np.random.default_rng(0).normal(size=w.shape).astype(np.float32)
        for name, w in block.named_parameters()
        if "lora_" in name
    }
    lora_graft.load_adapters(block, state)
    lora_graft.remove(block, merge=True)
    for name, weight in own.items():
        update = state[f"{name}.lora_B.default.weight"] @ state[f"{name}.lora_A.default.weight"]
        expected = weight.detach().numpy() + 2.0 * update
        np.testing.assert_allclose(block[name].weight.detach().numpy(), expected, rtol=1e-5)
    assert type(block["first"]) is torch.nn.Linear


@pytest.mark.parametrize(("hidden", "intermediate"), [(128, 352), (576, 1536), (256, 688), (64, 160)])
def test_lora_fits_the_budget_of_common_sizes(hidden: int, intermediate: int) -> None:
    attention = {f"self_attn.{name}_proj": 2 * hidden for name in "qkvo"}
    feed_forward = {f"mlp.{name}_proj": hidden + intermediate for name in ("gate", "up", "down")}
    sizes = attention | feed_forward
    budget = quantum_parameters(hidden, 6, 2, 2)
    ranks = fitting_ranks(sizes, budget)
    assert abs(sum(sizes[name] * rank for name, rank in ranks.items()) - budget) <= 0.02 * budget
    alone = fitting_ranks(attention, budget)
    assert set(alone) <= set(attention)


def test_unequal_parameters_are_refused(problem: LayerProblem) -> None:
    with pytest.raises(QwattError, match="within 2 %"):
        fitted(problem, "lora", qubits=2)


def test_windows_leave_gradients_as_they_are() -> None:
    opened = []

    def window():
        opened.append(1)
        return nullcontext()

    def call(x, w):
        return torch.sin(x) * w

    x, w = (torch.randn(4, dtype=torch.double, requires_grad=True) for _ in range(2))
    found = torch.autograd.grad(in_windows(call, window, x, w).sum(), (x, w))
    for own, plain in zip(found, torch.autograd.grad(call(x, w).sum(), (x, w)), strict=True):
        torch.testing.assert_close(own, plain)
    opened.clear()
    in_windows(call, window, x, w.detach()).sum().backward()
    assert len(opened) == 2
    torch.testing.assert_close(x.grad, torch.cos(x) * w)


def test_the_rate_rises_and_ends_above_nothing() -> None:
    rates = [rate_factor(step, 40) for step in range(40)]
    assert max(rates) == 1.0
    assert rates[0] == 0.5
    assert rates[-1] == pytest.approx(1 / 39)
    assert [rate_factor(0, 1)] == [1.0]


def test_parts_share_no_text_and_long_texts_are_cut(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    text = "\n".join(f"line {i} of a long text" for i in range(600))
    file.write_text(
        "".join(f'{{"text": "{line}"}}\n' for line in (text.replace("\n", "\\n"), "short", "short"))
    )
    parts = read_parts(str(file), 0)
    assert sum(map(len, parts)) == len({piece for part in parts for piece in part})
    assert max(len(piece) for part in parts for piece in part) <= 1_000
    assert "".join(pieces(text)) == text
    assert "".join(pieces("x" * 2_500)) == "x" * 2_500


@pytest.mark.parametrize(
    ("settings", "message"), [({"block": 7}, "no block 7"), ({"model": "nowhere"}, "nowhere")]
)
def test_wrong_settings_are_told(problem: LayerProblem, settings: dict[str, object], message: str) -> None:
    with pytest.raises(QwattError, match=message):
        setup(problem, DEFAULTS | settings)


def test_too_little_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    file.write_text('{"text": "one"}\n{"text": "two"}\n')
    with pytest.raises(QwattError, match="too few"):
        LayerTask().load(str(file), "xs", 0)
    with pytest.raises(QwattError, match="no such file"):
        LayerTask().load("nowhere", "xs", 0)


def test_a_users_own_folder_is_the_decoder(problem: LayerProblem, tmp_path: Path) -> None:
    config = LlamaConfig(
        vocab_size=384, hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=16,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    setup(problem, DEFAULTS).frozen.decoder.tokenizer.save_pretrained(tmp_path)
    answer = fitted(problem, "mlp", model=str(tmp_path), block=1)
    assert answer.decoder == str(tmp_path)
    assert setup(problem, DEFAULTS | {"model": str(tmp_path)}).frozen.context == 16


def _solution(answer: LayerAnswer):
    from qwatt.core.problem import Solution

    return Solution(answer)
