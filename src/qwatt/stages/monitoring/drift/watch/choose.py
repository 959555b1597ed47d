"""Detectors by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.fixed import fixed_settings
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
_OWN_SETTINGS = {"ddm": ["quantile"]}
"""Of detectors in `OF_STREAMS`; thresholds are found."""
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
    """Return the detector of a name that `right_name` returned.

    Raises:
        QwattError: it lacks a setting that is fixed, does not take its value, or cannot keep the level.
    """
    method = _methods()[name]
    unknown = set(setup.settings) - set(_settings(method))
    if unknown or any(isinstance(value, Mapping) for value in setup.settings.values()):
        raise _no_setting(name, min(unknown or setup.settings), _settings(method))
    try:
        fixed = dict(fixed_settings(method, setup.settings))
    except QwattError as error:
        raise error.found_in("--set") from None
    checked = replace(setup, settings=fixed)
    if name in OF_STREAMS:
        return OF_STREAMS[name](checked)
    if method.measures_labels and setup.alpha < 1.0 / (method.permutations + 1):
        what = (
            f"{name} ranks {method.permutations + 1} assignments: no p-value is as small as {setup.alpha:g}"
        )
        mend = f"raise it to {1.0 / (method.permutations + 1):g}, or name another detector"
        raise QwattError(what, where="--alpha", mend=mend)
    return PermutedDetector(method(), checked)


def _settings(method: type[DriftMethod]) -> list[str]:
    """Return the settings that a watch leaves to its user; some it finds, and some are options."""
    if method.name in OF_STREAMS:
        return _OWN_SETTINGS.get(method.name, [])
    return [name for name in method.space if name != "components"]


def _no_setting(name: str, setting: str, known: Sequence[str]) -> QwattError:
    if setting == "components":
        return QwattError(
            "a watch has an option for it", where="--set components", mend="--components NUMBER"
        )
    if not known:
        return QwattError(f"{name} has no settings", where=f"--set {setting}", mend="leave it out")
    return unknown_name(f"setting of {name}", setting, known, where="--set")


def _methods() -> dict[str, type[DriftMethod]]:
    return {cls.name: cls for cls in all_methods(TASK) if issubclass(cls, DriftMethod)}
