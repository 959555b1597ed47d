"""Every policy runs through the protocol, on the pole or on continuations."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from transformers import PreTrainedTokenizerFast

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.tuning.reinforce.best_of_n import BestOfN
from qwatt.stages.tuning.reinforce.classical import Linear, Mlp
from qwatt.stages.tuning.reinforce.grpo import Grpo
from qwatt.stages.tuning.reinforce.random_policy import RandomPolicy
from qwatt.stages.tuning.reinforce.reupload import Reupload, ReuploadRandom, ReuploadSeparable
from qwatt.stages.tuning.reinforce.task import ReinforceTask
from qwatt.testing import MethodChecks, TaskChecks


class TestReinforceTask(TaskChecks):
    task = ReinforceTask


class TestContinuationsTask(TaskChecks):
    task = ReinforceTask
    source = "held-back"


class PolicyChecks(MethodChecks):
    tuning_trials: ClassVar[int] = 1


class TestReupload(PolicyChecks):
    method = Reupload
    tuning_trials = 2


class TestReuploadOnContinuations(PolicyChecks):
    method = Reupload
    source = "held-back"


@pytest.mark.nightly
class TestReuploadSeparable(PolicyChecks):
    method = ReuploadSeparable


class TestReuploadRandom(PolicyChecks):
    method = ReuploadRandom


class TestLinear(PolicyChecks):
    method = Linear


class TestMlp(PolicyChecks):
    method = Mlp
    source = "held-back"


class TestBestOfN(PolicyChecks):
    method = BestOfN


@pytest.mark.nightly
class TestBestOfNOnContinuations(PolicyChecks):
    method = BestOfN
    source = "held-back"


class TestRandomPolicy(PolicyChecks):
    method = RandomPolicy


@pytest.mark.nightly
class TestGrpo(PolicyChecks):
    method = Grpo
    source = "held-back"


def test_grpo_says_that_rows_of_tokens_cannot_be_filled_up(tmp_path: Path) -> None:
    """trl takes the token for that from the tokenizer, and fails with a TypeError where there is none."""
    decoder = load_decoder("tiny")
    bare = PreTrainedTokenizerFast(tokenizer_object=decoder.tokenizer.backend_tokenizer)
    save_decoder(decoder.model, bare, tmp_path / "own")
    problem = ReinforceTask().load("builtin:weather", "xs", 0)
    settings = Grpo.defaults() | {"model": str(tmp_path / "own")}
    with pytest.raises(QwattError, match="neither a pad_token nor an eos_token"):
        Grpo().run(problem, settings, Unmetered(get_backend("engine")))
