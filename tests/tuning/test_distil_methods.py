"""Every distillation runs through the protocol with a tiny teacher."""

from __future__ import annotations

from typing import ClassVar

from qwatt.stages.tuning.distil.features import Features
from qwatt.stages.tuning.distil.hinton import Hinton
from qwatt.stages.tuning.distil.relational import Relational
from qwatt.stages.tuning.distil.scratch import Scratch
from qwatt.stages.tuning.distil.task import DistilTask
from qwatt.testing import MethodChecks, TaskChecks


class TestDistilTask(TaskChecks):
    task = DistilTask


class DistilChecks(MethodChecks):
    tuning_trials: ClassVar[int] = 1


class TestScratch(DistilChecks):
    method = Scratch


class TestHinton(DistilChecks):
    method = Hinton
    tuning_trials = 2


class TestRelational(DistilChecks):
    method = Relational


class TestFeatures(DistilChecks):
    method = Features
