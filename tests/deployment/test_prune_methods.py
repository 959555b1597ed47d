"""Every pruning runs through the protocol on the tiny decoder."""

from __future__ import annotations

from qwatt.stages.deployment.prune.fisher import Fisher
from qwatt.stages.deployment.prune.magnitude import Magnitude
from qwatt.stages.deployment.prune.random_choice import RandomChoice
from qwatt.stages.deployment.prune.task import PruneTask
from qwatt.stages.deployment.prune.taylor import Taylor
from qwatt.stages.deployment.prune.wanda import Wanda
from qwatt.testing import MethodChecks, TaskChecks


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
