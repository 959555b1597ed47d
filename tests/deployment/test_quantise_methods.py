"""Every quantisation runs through the protocol on one layer of the tiny decoder."""

from __future__ import annotations

from qwatt.stages.deployment.quantise.awq import Awq
from qwatt.stages.deployment.quantise.gptq import Gptq
from qwatt.stages.deployment.quantise.round_to_nearest import RoundToNearest
from qwatt.stages.deployment.quantise.task import QuantiseTask
from qwatt.testing import MethodChecks, TaskChecks


class TestQuantiseTask(TaskChecks):
    task = QuantiseTask


class TestRoundToNearest(MethodChecks):
    method = RoundToNearest


class TestGptq(MethodChecks):
    method = Gptq


class TestAwq(MethodChecks):
    method = Awq
