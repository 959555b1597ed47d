"""Every policy runs through the protocol, on the pole or on continuations."""

from __future__ import annotations

from typing import ClassVar

import pytest

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
