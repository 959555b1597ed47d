"""ADWIN on a stream without end (river)."""

from __future__ import annotations

import base64
import io
import pickle
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.stages.monitoring.drift.adwin import Adwin
from qwatt.stages.monitoring.drift.watch.detector import Setup
from qwatt.stages.monitoring.drift.watch.sampled_stream import ScoreStream

if TYPE_CHECKING:
    from river import drift
else:
    drift = lazy("river.drift")

_DELTAS = (0.5, 0.3, 0.1, 0.03, 0.01, 0.002, 1e-4, 1e-6, 1e-9)
_PARTS = ("ADWIN", "AdaptiveWindowing")


class AdwinStream(ScoreStream):
    """The mean of what ADWIN remembers; an alarm where it forgets.

    Args:
        setup: of the watch; the setting "delta" is found, not given.
    """

    def __init__(self, setup: Setup) -> None:
        self._detector: Any = None
        super().__init__(Adwin(), setup, _DELTAS)

    def begin(self, threshold: float) -> None:
        """Forget everything."""
        self._detector = drift.ADWIN(delta=threshold)

    def read(self, scores: NDArray[np.float64]) -> int:
        """Read scores; return how often something was forgotten."""
        detector, forgotten = self._detector, 0
        for score in scores.tolist():
            detector.update(score)
            forgotten += detector.drift_detected
        return forgotten

    @property
    def level(self) -> float:
        """The mean of what is remembered."""
        return float(self._detector.estimation)

    def state(self) -> dict[str, Any]:
        """Return what is remembered, some kilobytes however long the stream."""
        return self.remembered({"adwin": base64.b64encode(pickle.dumps(self._detector)).decode()})

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what was remembered."""
        try:
            self._detector = _Adwin(io.BytesIO(base64.b64decode(state["adwin"]))).load()
        except (pickle.UnpicklingError, ValueError, EOFError, TypeError, AttributeError) as error:
            mend = "go on with the river it was written by, or begin anew in another --state"
            raise QwattError("ADWIN's state cannot be read", where="checkpoint.json", mend=mend) from error


class _Adwin(pickle.Unpickler):
    """Loads what ADWIN is made of, and nothing else: a checkpoint is data, whoever wrote it."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of ADWIN's own."""
        if module.startswith("river.") and name in _PARTS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of ADWIN")
