"""Every pruning runs through the protocol on the tiny decoder."""

from __future__ import annotations

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


class TestRandomMasks(MethodChecks):
    method = RandomMasks


class TestAnnealingSearch(MethodChecks):
    method = AnnealingSearch


class TestTabuSearch(MethodChecks):
    method = TabuSearch


class TestIntegerProgram(MethodChecks):
    method = IntegerProgram


class TestQaoaSearch(MethodChecks):
    method = QaoaSearch


class TestQaoaPenalty(MethodChecks):
    method = QaoaPenalty
