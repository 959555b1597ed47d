"""Every adaptation runs through the protocol on the tiny decoder."""

from __future__ import annotations

from typing import ClassVar

import pytest

from qwatt.stages.tuning.adapt.cayley import Cayley
from qwatt.stages.tuning.adapt.circuit_unitary import CircuitUnitary
from qwatt.stages.tuning.adapt.circuit_unitary_random import CircuitUnitaryRandom
from qwatt.stages.tuning.adapt.circuit_unitary_separable import CircuitUnitarySeparable
from qwatt.stages.tuning.adapt.dora import Dora
from qwatt.stages.tuning.adapt.full import Full
from qwatt.stages.tuning.adapt.hira import Hira
from qwatt.stages.tuning.adapt.lora import Lora
from qwatt.stages.tuning.adapt.miss import Miss
from qwatt.stages.tuning.adapt.mlp_parameterised import MlpParameterised
from qwatt.stages.tuning.adapt.pissa import Pissa
from qwatt.stages.tuning.adapt.product_parameterised import ProductParameterised
from qwatt.stages.tuning.adapt.quantum_parameterised import QuantumParameterised
from qwatt.stages.tuning.adapt.quantum_parameterised_random import QuantumParameterisedRandom
from qwatt.stages.tuning.adapt.quantum_parameterised_separable import QuantumParameterisedSeparable
from qwatt.stages.tuning.adapt.randomised_svd import RandomisedSvd
from qwatt.stages.tuning.adapt.rslora import RsLora
from qwatt.stages.tuning.adapt.sampled_svd import SampledSvd
from qwatt.stages.tuning.adapt.spectral_entropy import SpectralEntropy
from qwatt.stages.tuning.adapt.spectral_entropy_exact import SpectralEntropyExact
from qwatt.stages.tuning.adapt.spectral_entropy_random import SpectralEntropyRandom
from qwatt.stages.tuning.adapt.task import AdaptTask
from qwatt.stages.tuning.adapt.tensor_train import TensorTrain
from qwatt.stages.tuning.adapt.tile_svd import TileSvd
from qwatt.stages.tuning.adapt.unchanged import Unchanged
from qwatt.stages.tuning.adapt.variational_svd import VariationalSvd
from qwatt.stages.tuning.adapt.variational_svd_random import VariationalSvdRandom
from qwatt.stages.tuning.adapt.variational_svd_separable import VariationalSvdSeparable
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec


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


@pytest.mark.nightly
class TestDora(AdaptChecks):
    method = Dora


@pytest.mark.nightly
class TestHira(AdaptChecks):
    method = Hira


@pytest.mark.nightly
class TestMiss(AdaptChecks):
    method = Miss


@pytest.mark.nightly
class TestPissa(AdaptChecks):
    method = Pissa


@pytest.mark.nightly
class TestRandomisedSvd(AdaptChecks):
    method = RandomisedSvd


@pytest.mark.nightly
class TestRsLora(AdaptChecks):
    method = RsLora


@pytest.mark.nightly
class TestSampledSvd(AdaptChecks):
    method = SampledSvd


@pytest.mark.nightly
class TestTileSvd(AdaptChecks):
    method = TileSvd


class TestVariationalSvd(AdaptChecks):
    method = VariationalSvd
    tuning_trials = 2


@pytest.mark.nightly
class TestVariationalSvdRandom(AdaptChecks):
    method = VariationalSvdRandom


@pytest.mark.nightly
class TestVariationalSvdSeparable(AdaptChecks):
    method = VariationalSvdSeparable


@pytest.mark.nightly
class TestCayley(AdaptChecks):
    method = Cayley


class TestCircuitUnitary(AdaptChecks):
    method = CircuitUnitary
    tuning_trials = 2


@pytest.mark.nightly
class TestCircuitUnitaryRandom(AdaptChecks):
    method = CircuitUnitaryRandom


@pytest.mark.nightly
class TestCircuitUnitarySeparable(AdaptChecks):
    method = CircuitUnitarySeparable


@pytest.mark.nightly
class TestMlpParameterised(AdaptChecks):
    method = MlpParameterised


@pytest.mark.nightly
class TestProductParameterised(AdaptChecks):
    method = ProductParameterised


class TestQuantumParameterised(AdaptChecks):
    method = QuantumParameterised
    tuning_trials = 2


@pytest.mark.nightly
class TestQuantumParameterisedRandom(AdaptChecks):
    method = QuantumParameterisedRandom


@pytest.mark.nightly
class TestQuantumParameterisedSeparable(AdaptChecks):
    method = QuantumParameterisedSeparable


class TestSpectralEntropy(AdaptChecks):
    method = SpectralEntropy
    tuning_trials = 2


@pytest.mark.nightly
class TestSpectralEntropyExact(AdaptChecks):
    method = SpectralEntropyExact


@pytest.mark.nightly
class TestSpectralEntropyRandom(AdaptChecks):
    method = SpectralEntropyRandom


@pytest.mark.nightly
class TestTensorTrain(AdaptChecks):
    method = TensorTrain


def test_unitaries_are_trained_in_double_precision_where_the_backend_is():
    double = run_small(CircuitUnitary, small_spec(CircuitUnitary, backend="engine:cpu?dtype=complex128"))[0]
    single = run_small(CircuitUnitary, small_spec(CircuitUnitary))[0]
    assert double.quality == pytest.approx(single.quality, rel=1e-2)
