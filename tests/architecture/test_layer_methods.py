"""Every layer runs through the protocol on the tiny decoder."""

from __future__ import annotations

from typing import ClassVar

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.limits import check_limit
from qwatt.stages.architecture.layer.fourier import Fourier
from qwatt.stages.architecture.layer.hybrid_qnn import HybridQnn
from qwatt.stages.architecture.layer.lora import Lora
from qwatt.stages.architecture.layer.low_rank import LowRank
from qwatt.stages.architecture.layer.mlp import Mlp
from qwatt.stages.architecture.layer.random_circuit import RandomCircuit
from qwatt.stages.architecture.layer.separable import Separable
from qwatt.stages.architecture.layer.settings import LIMITS
from qwatt.stages.architecture.layer.task import LayerTask
from qwatt.testing import MethodChecks, TaskChecks


class TestLayerTask(TaskChecks):
    task = LayerTask
    source = "builtin:weather"


class LayerChecks(MethodChecks):
    source: ClassVar[str | None] = "builtin:weather"
    tuning_trials: ClassVar[int] = 1


class TestLowRank(LayerChecks):
    method = LowRank


class TestMlp(LayerChecks):
    method = Mlp


class TestLora(LayerChecks):
    method = Lora


class TestFourier(LayerChecks):
    method = Fourier


class TestHybridQnn(LayerChecks):
    method = HybridQnn
    tuning_trials = 2


@pytest.mark.nightly
class TestSeparable(LayerChecks):
    method = Separable


class TestRandomCircuit(LayerChecks):
    method = RandomCircuit


def test_a_decoder_that_is_not_there_is_refused_before_anything_runs(tmp_path):
    check_limit("tiny", ("auto",), LIMITS["model"])
    check_limit(str(tmp_path), ("auto",), LIMITS["model"])
    with pytest.raises(QwattError, match="or a folder that holds a decoder"):
        check_limit("nowhere", ("auto",), LIMITS["model"])
