"""Estimators with scikit-learn's interface, on the code of the stages; importing this imports sklearn."""

from qwatt.core.extras import importing

with importing("qwatt.sklearn"):
    from qwatt.sklearn.classifiers import FidelityKernelClassifier, ReuploadClassifier
    from qwatt.sklearn.clusterers import QuantumKMeans
    from qwatt.sklearn.detectors import QuantumOneClass
    from qwatt.sklearn.drift import DriftTest, MmdDriftDetector
    from qwatt.sklearn.kernels import FidelityKernel, ProjectedFeatureMap

__all__ = [
    "DriftTest",
    "FidelityKernel",
    "FidelityKernelClassifier",
    "MmdDriftDetector",
    "ProjectedFeatureMap",
    "QuantumKMeans",
    "QuantumOneClass",
    "ReuploadClassifier",
]
