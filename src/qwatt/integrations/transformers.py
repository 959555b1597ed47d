"""A callback of transformers' Trainer that records the energy of a training.

trainer = Trainer(..., callbacks=[EnergyCallback("runs/mine", stage="tuning", label="fine-tune")])
"""

from __future__ import annotations

import math
import weakref
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.extras import importing
from qwatt.core.task import STAGES
from qwatt.integrations.record import INTERIM_S
from qwatt.integrations.recording import Recording
from qwatt.integrations.taken_in import seconds_taken

with importing("qwatt.integrations.transformers"):
    from transformers import TrainerCallback


class EnergyCallback(TrainerCallback):  # type: ignore[misc]
    """One row for the training, and in it one for every epoch, or for every `every_steps` steps.

    The row counts steps, FLOP as the Trainer estimates them, and tokens where the arguments say
    `include_num_input_tokens_seen`. Of several processes on a node the first records: its GPU counters see
    all GPUs that are visible to it, its CPU time is its own. A training that raises leaves a row with what it
    took until then.

    Args:
        folder: the run folder; made where missing.
        stage: of the model's life, such as "training" or "tuning".
        label: what it is, in your words.
        every_steps: optimiser steps of a part; by default a part is an epoch.
        every_s: seconds between two interim rows: what a kill loses at most.

    Raises:
        QwattError: no such stage, parts of no step, or no time between two rows.
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        stage: str = "training",
        label: str = "",
        every_steps: int | None = None,
        every_s: float = INTERIM_S,
    ) -> None:
        if stage not in STAGES:
            raise unknown_name("stage", stage, STAGES, where="stage")
        self.folder, self.stage, self.label = Path(folder), stage, label
        if every_steps is not None and every_steps < 1:
            what, mend = f"a part of {every_steps} steps", "give 1 or more, or leave it away for epochs"
            raise QwattError(what, where="every_steps", mend=mend)
        self.every_steps, self.every_s = every_steps, seconds_taken(every_s)
        self._recording: Recording | None = None
        self._left: weakref.finalize[Any, Any] | None = None
        self._last_step = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Begin the row; of an earlier training that raised, end it."""
        if self._left is not None:
            self._left()
        if not state.is_local_process_zero:
            return
        facts = {"ranks": args.world_size} | _about(model)
        self._recording = Recording.begin(self.folder, self.stage, self.label, {}, facts, self.every_s)
        self._recording.begin_parts()
        self._left = weakref.finalize(self, _left_open, self._recording)
        self._last_step = state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End a part after its steps."""
        if self.every_steps and state.global_step % self.every_steps == 0:
            self._mark(f"steps to {state.global_step}", state.global_step)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End a part with its epoch."""
        if not self.every_steps:
            self._mark(f"epoch {state.epoch:g}", state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End the row with what was done."""
        if self._recording is None or self._left is None:
            return
        done = {"steps": state.global_step, "flop": state.total_flos, "tokens": state.num_input_tokens_seen}
        known = {name: float(number) for name, number in done.items() if number}
        self._recording.count(**{name: number for name, number in known.items() if math.isfinite(number)})
        self._left.detach()
        self._recording.end()
        self._recording = self._left = None

    def _mark(self, label: str, step: int) -> None:
        if self._recording is not None:
            self._recording.mark(label, steps=step - self._last_step)
            self._last_step = step


def _left_open(recording: Recording) -> None:
    """End what a training that raised left open."""
    with suppress(QwattError):
        recording.end(RuntimeError())


def _about(model: Any) -> dict[str, Any]:
    if model is None:
        return {}
    return {"model": type(model).__name__, "params": sum(part.numel() for part in model.parameters())}
