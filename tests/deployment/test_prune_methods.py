"""Every pruning runs through the protocol on the tiny decoder."""

from __future__ import annotations

import json

import pytest
import transformers

from qwatt.core.registry import get_method
from qwatt.core.trial import Trial
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.language.encoder import Encoder
from qwatt.stages.deployment.prune.annealing import AnnealingSearch
from qwatt.stages.deployment.prune.fisher import Fisher
from qwatt.stages.deployment.prune.greedy import Greedy
from qwatt.stages.deployment.prune.integer import IntegerProgram
from qwatt.stages.deployment.prune.magnitude import Magnitude
from qwatt.stages.deployment.prune.qaoa import QaoaSearch
from qwatt.stages.deployment.prune.qaoa_penalty import QaoaPenalty
from qwatt.stages.deployment.prune.random_choice import RandomChoice
from qwatt.stages.deployment.prune.random_masks import RandomMasks
from qwatt.stages.deployment.prune.swap_search import SwapSearch
from qwatt.stages.deployment.prune.tabu import TabuSearch
from qwatt.stages.deployment.prune.task import PruneTask
from qwatt.stages.deployment.prune.taylor import Taylor
from qwatt.stages.deployment.prune.wanda import Wanda
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec


class TestPruneTask(TaskChecks):
    task = PruneTask


class TestRandomChoice(MethodChecks):
    method = RandomChoice


class TestMagnitude(MethodChecks):
    method = Magnitude


class TestWanda(MethodChecks):
    method = Wanda


class TestTaylor(MethodChecks):
    method = Taylor


class TestFisher(MethodChecks):
    method = Fisher


class TestGreedy(MethodChecks):
    method = Greedy


class TestSwapSearch(MethodChecks):
    method = SwapSearch


@pytest.mark.nightly
class TestRandomMasks(MethodChecks):
    method = RandomMasks


class TestAnnealingSearch(MethodChecks):
    method = AnnealingSearch


@pytest.mark.nightly
class TestTabuSearch(MethodChecks):
    method = TabuSearch


@pytest.mark.nightly
class TestIntegerProgram(MethodChecks):
    method = IntegerProgram


class TestQaoaSearch(MethodChecks):
    method = QaoaSearch


@pytest.mark.nightly
class TestQaoaPenalty(MethodChecks):
    method = QaoaPenalty


SIZES = {
    "vocab_size": 384,
    "num_hidden_layers": 2,
    "max_position_embeddings": 64,
    "hidden_size": 48,
    "intermediate_size": 64,
    "num_attention_heads": 6,
}
DECODERS = {
    "qwen2": transformers.Qwen2Config(**SIZES, num_key_value_heads=3),
    "mistral": transformers.MistralConfig(**SIZES, num_key_value_heads=3),
}


def check_payback(trial: Trial) -> None:
    """Hold what is told of requests against the record's own figures."""
    summary = PruneTask().summary(trial)
    before, left = summary["request_j_before"], summary["request_j_ratio"]
    if left < 1:
        spent = trial.host_energy.to("J").value
        assert summary["payback_requests"] == pytest.approx(spent / (before * (1 - left)))
    else:
        assert summary["payback_requests"] is None
        assert summary["payback"].endswith("no less energy than before")
    json.dumps(summary, allow_nan=False)


@pytest.mark.parametrize("family", DECODERS)
def test_a_folder_of_the_users_is_pruned_and_said_so(family, tmp_path):
    """With grouped queries and random weights: what counts is that all of it works, payback included."""
    model = transformers.AutoModelForCausalLM.from_config(DECODERS[family])
    save_decoder(model, load_decoder("tiny").tokenizer, tmp_path / "mine")
    fixed = (("keep", 0.67), ("model", str(tmp_path / "mine")), ("units", "mixed"))
    trial, problem, solution = run_small(SwapSearch, small_spec(SwapSearch, fixed=fixed))
    assert trial.extras["loads_plainly"]
    assert trial.extras["parameters"] < trial.extras["parameters_before"]
    assert trial.extras["memory_bytes"] == 4 * trial.extras["parameters"]
    assert trial.extras["written_cpu_ms_per_token"] > 0
    written = PruneTask().export(problem, solution, tmp_path / "out")
    again = load_decoder(str(written[0].parent))
    assert again.model.config.num_key_value_heads == 2 and again.parameters == trial.extras["parameters"]
    whole = tmp_path / "mine" / "model.safetensors"
    assert written[0].stat().st_size < whole.stat().st_size
    check_payback(trial)
    headline = PruneTask().headline(trial, str(written[0]))
    assert f"{trial.extras['parameters']:,} parameters" in headline.facts[0]
    assert not headline.warnings


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """Return a folder with a small BERT of random weights and one of sentence-transformers' files."""
    folder = tmp_path_factory.mktemp("encoder")
    transformers.BertModel(transformers.BertConfig(**SIZES)).save_pretrained(folder)
    load_decoder("tiny").tokenizer.save_pretrained(folder)
    (folder / "modules.json").write_text("[]")
    return folder


RANKINGS_OF_ENCODERS = ("taylor", "fisher", "magnitude", "wanda", "greedy", "swap-search")


@pytest.mark.parametrize("name", RANKINGS_OF_ENCODERS)
@pytest.mark.parametrize("units", ["heads", "ffn", pytest.param("blocks", marks=pytest.mark.nightly)])
def test_an_encoder_is_pruned_by_the_same_methods(encoder, units, name, tmp_path):
    chosen = type(get_method(PruneTask.name, name))
    fixed = (("keep", 0.5), ("model", str(encoder)), ("units", units))
    trial, problem, solution = run_small(chosen, small_spec(chosen, fixed=fixed))
    assert 0 < trial.quality < 1
    assert -1 <= trial.extras["similarity_rank_correlation"] <= 1
    assert trial.extras["loads_plainly"] == (units != "heads")
    assert "written_j_per_token" not in trial.extras
    check_payback(trial)
    written = PruneTask().export(problem, solution, tmp_path / "out")
    target = tmp_path / "out" / "encoder"
    assert written[0].parent == target and (target / "modules.json").is_file()
    loaded = transformers.AutoModel.from_pretrained(target, trust_remote_code=units == "heads")
    assert sum(w.numel() for w in loaded.parameters()) == trial.extras["parameters"]
    texts = problem.texts(str(encoder))[2][:20]
    before, after = Encoder.load(str(encoder)), Encoder.load(str(encoder))
    after.__dict__["network"] = loaded.eval()
    cosines = (before.compute(texts) * after.compute(texts)).sum(1)
    assert 1 - cosines.mean() == pytest.approx(trial.quality, abs=0.1), "of a part of the texts"


def test_what_is_kept_of_an_encoder_is_told_in_words(encoder):
    trial, _, _ = run_small(Taylor, small_spec(Taylor, fixed=(("model", str(encoder)), ("units", "heads"))))
    headline = PruneTask().headline(trial, None)
    assert f"mean cosine of {1 - trial.quality:.4f}" in headline.facts[1]
    assert headline.warnings == ("the folder loads only with trust_remote_code=True",)
