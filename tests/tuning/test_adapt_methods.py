"""Every adaptation runs through the protocol on the tiny decoder."""

from __future__ import annotations

from typing import ClassVar

from qwatt.stages.tuning.adapt.full import Full
from qwatt.stages.tuning.adapt.lora import Lora
from qwatt.stages.tuning.adapt.task import AdaptTask
from qwatt.stages.tuning.adapt.unchanged import Unchanged
from qwatt.testing import MethodChecks, TaskChecks


class TestAdaptTask(TaskChecks):
    task = AdaptTask
    source = "builtin:weather"


class AdaptChecks(MethodChecks):
    source: ClassVar[str | None] = "builtin:weather"
    tuning_trials: ClassVar[int] = 1


class TestUnchanged(AdaptChecks):
    method = Unchanged


class TestLora(AdaptChecks):
    method = Lora
    tuning_trials = 2


class TestFull(AdaptChecks):
    method = Full
