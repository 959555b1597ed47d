"""Every distillation runs through the protocol with a tiny teacher."""

from __future__ import annotations

from typing import ClassVar

import pytest

from qwatt.stages.tuning.distil.features import Features
from qwatt.stages.tuning.distil.hinton import Hinton
from qwatt.stages.tuning.distil.mlp_student import MlpStudent
from qwatt.stages.tuning.distil.product_kernel import ProductKernel
from qwatt.stages.tuning.distil.quantum_relational import QuantumRelational
from qwatt.stages.tuning.distil.quantum_student import QuantumStudent, RandomStudent
from qwatt.stages.tuning.distil.relational import Relational
from qwatt.stages.tuning.distil.scratch import Scratch
from qwatt.stages.tuning.distil.separable import QuantumRelationalSeparable
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


class TestQuantumRelational(DistilChecks):
    method = QuantumRelational


@pytest.mark.nightly
class TestQuantumRelationalSeparable(DistilChecks):
    method = QuantumRelationalSeparable


class TestProductKernel(DistilChecks):
    method = ProductKernel


class TestQuantumStudent(DistilChecks):
    method = QuantumStudent


@pytest.mark.nightly
class TestRandomStudent(DistilChecks):
    method = RandomStudent


class TestMlpStudent(DistilChecks):
    method = MlpStudent
