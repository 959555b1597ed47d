"""Every pruning runs through the protocol on the tiny decoder."""

from __future__ import annotations

import json

import pytest
import transformers

from qwatt.language.decoder import load_decoder, save_decoder
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


def test_a_folder_of_the_users_is_pruned_and_said_so(tmp_path):
    """A Qwen2 with grouped queries, random weights: what counts is that all of it works, payback included."""
    sizes = {"hidden_size": 48, "intermediate_size": 64, "num_attention_heads": 6, "num_key_value_heads": 3}
    config = transformers.Qwen2Config(
        vocab_size=384, num_hidden_layers=2, max_position_embeddings=64, **sizes
    )
    save_decoder(transformers.Qwen2ForCausalLM(config), load_decoder("tiny").tokenizer, tmp_path / "mine")
    fixed = (("keep", 0.67), ("model", str(tmp_path / "mine")), ("units", "mixed"))
    trial, problem, solution = run_small(SwapSearch, small_spec(SwapSearch, fixed=fixed))
    assert trial.extras["loads_plainly"]
    assert trial.extras["parameters"] < trial.extras["parameters_before"]
    assert trial.extras["memory_bytes"] == 4 * trial.extras["parameters"]
    written = PruneTask().export(problem, solution, tmp_path / "out")
    again = load_decoder(str(written[0].parent))
    assert again.model.config.num_key_value_heads == 2 and again.parameters == trial.extras["parameters"]
    summary, headline = PruneTask().summary(trial), PruneTask().headline(trial, str(written[0]))
    before, after = summary["request_j_before"], summary["request_j"]
    if after < before:
        spent = trial.host_energy.to("J").value
        assert summary["payback_requests"] == pytest.approx(spent / (before - after))
    else:
        assert summary["payback_requests"] is None
        assert summary["payback"].endswith("no less energy than before")
    json.dumps(summary, allow_nan=False)
    assert f"{trial.extras['parameters']:,} parameters" in headline.facts[0]
    assert not headline.warnings
