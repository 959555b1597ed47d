"""The feature maps of `monitoring/anomaly`, by the names that estimators take."""

from __future__ import annotations

from qwatt.core.errors import unknown_name
from qwatt.stages.monitoring.anomaly.kernel_svm import KernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_amplitude import AmplitudeKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_iqp import IqpKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_product import ProductKernelMachine

_MACHINES: dict[str, type[KernelMachine]] = {
    "iqp": IqpKernelMachine,
    "product": ProductKernelMachine,
    "amplitude": AmplitudeKernelMachine,
}


def machine(feature_map: str) -> KernelMachine:
    """Return the machine of a feature map.

    Raises:
        QwattError: no such map.
    """
    if feature_map not in _MACHINES:
        raise unknown_name("feature map", feature_map, _MACHINES)
    return _MACHINES[feature_map]()
