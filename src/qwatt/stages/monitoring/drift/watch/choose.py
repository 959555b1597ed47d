"""Detectors by name."""

from __future__ import annotations

from collections.abc import Callable

from qwatt.core.errors import unknown_name
from qwatt.core.registry import all_methods
from qwatt.stages.monitoring.drift.method import DriftMethod
from qwatt.stages.monitoring.drift.problem import TASK
from qwatt.stages.monitoring.drift.watch.adwin_stream import AdwinStream
from qwatt.stages.monitoring.drift.watch.bets import Bets
from qwatt.stages.monitoring.drift.watch.ddm_stream import DdmStream
from qwatt.stages.monitoring.drift.watch.detector import Detector, Setup
from qwatt.stages.monitoring.drift.watch.permuted import PermutedDetector
from qwatt.stages.monitoring.drift.watch.ranks import RankDetector

OF_STREAMS: dict[str, Callable[[Setup], Detector]] = {
    "ks": RankDetector,
    "sequential": Bets,
    "adwin": AdwinStream,
    "ddm": DdmStream,
}
"""Detectors that only streams have, or that streams have in a faster form."""
ALIASES = {"mmd": "mmd-rbf", "fidelity-mmd": "kernel-mmd"}


def right_name(name: str) -> str:
    """Return the name of a detector by any of its names.

    Raises:
        QwattError: there is none of that name.
    """
    found = ALIASES.get(name, name)
    known = {*OF_STREAMS, *_methods()}
    if found not in known:
        raise unknown_name("detector", name, known | set(ALIASES), where="--detector")
    return found


def make_detector(name: str, setup: Setup) -> Detector:
    """Return the detector of a name that `right_name` returned."""
    if name in OF_STREAMS:
        return OF_STREAMS[name](setup)
    return PermutedDetector(_methods()[name](), setup)


def _methods() -> dict[str, type[DriftMethod]]:
    return {cls.name: cls for cls in all_methods(TASK) if issubclass(cls, DriftMethod)}
