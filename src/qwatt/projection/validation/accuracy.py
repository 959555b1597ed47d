"""The errors that may be claimed for the calculators, with the errors of other formulas beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.quantity import Quantity
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.catalogued.find import tables
from qwatt.projection.spread import Span
from qwatt.projection.validation.calibration import (
    DECODE_TERMS,
    HoursRecord,
    fit_decode,
    hours_records,
    leave_family_out,
    leave_one_out,
    loop_rows,
    series_rows,
)
from qwatt.projection.validation.comparators import comparators
from qwatt.projection.validation.figures import energy_rows
from qwatt.projection.validation.table import published_records


@dataclass(frozen=True)
class ClaimedError:
    """An error that is claimed, with its limit where one is required."""

    name: str
    mean: float
    worst: float
    rows: int
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the mean error is within the limit."""
        return self.limit is None or self.mean <= self.limit

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self) | {"holds": self.holds}


def claimed_errors() -> list[ClaimedError]:
    """Return the errors, those with a required limit first, then the honest ones beside them."""
    records = hours_records()
    left, family = leave_one_out(records), leave_family_out(records)
    energy = [row.error for row in energy_rows(published_records()) if row.test == "E"]
    dense = [p for p in series_rows(None, "h100") if not p["model"].mixture]
    fitted, held = ([p for p in dense if (p["role"] == "fit") is inside] for inside in (True, False))
    fits = {chip: fit_decode(series_rows("fit", chip)) for chip in ("h100", "b200")}

    def errors(points: Sequence[dict[str, Any]], chip: str) -> list[float]:
        return [float(p["features"] @ fits[chip]) / p["j_per_token"] - 1.0 for p in points]

    found = [
        _claimed("GPU-hours on A100, leave one out", _on("a100-80", records, left), 0.25),
        _claimed("GPU-hours on H100 (one H800), leave one out", _on("h100", records, left), 0.30),
        _claimed("dense decoding on H100, all points", errors(dense, "h100"), 0.08),
        _claimed("dense decoding on H100, in the fit", errors(fitted, "h100")),
        _claimed("dense decoding on H100, held out", errors(held, "h100")),
        _claimed("dense decoding on H100, leave a model out", leave_model_out("h100")),
        _claimed("dense decoding on B200, in the fit", errors(series_rows("fit", "b200"), "b200")),
        _claimed("dense decoding on B200, leave a model out", leave_model_out("b200")),
        _claimed("mixture of experts on H100", errors(_mixtures("h100"), "h100")),
        *_bare_loops(fits["h100"]),
        _claimed("GPU-hours on A100, leave a model family out", _on("a100-80", records, family)),
        _claimed("GPU-hours on H100, leave a model family out", _on("h100", records, family)),
        _claimed("measured GPU energy of whole runs", energy),
    ]
    return found + comparator_errors()


def _bare_loops(server: NDArray[np.float64]) -> list[ClaimedError]:
    """Return the errors of bare decoding loops by the servers' fit, and by one to such loops."""

    def errors(points: Sequence[dict[str, Any]], fit: NDArray[np.float64]) -> list[float]:
        return [float(p["features"] @ fit) / p["j_per_token"] - 1.0 for p in points]

    bare = fit_decode(loop_rows("fit"))
    return [
        _claimed("bare loops on H100, by the servers' fit", errors(loop_rows(), server)),
        _claimed("bare loops on H100, in their own fit", errors(loop_rows("fit"), bare)),
        _claimed("bare loops on H100, held out", errors(loop_rows("held-out"), bare)),
    ]


def leave_model_out(chip: str) -> list[float]:
    """Return relative errors of dense points, each model predicted by a fit without any of its points."""
    points = [point for point in series_rows(None, chip) if not point["model"].mixture]
    errors = []
    for model in dict.fromkeys(point["model"].id for point in points):
        fit = fit_decode([point for point in points if point["model"].id != model])
        errors += [
            float(p["features"] @ fit) / p["j_per_token"] - 1.0 for p in points if p["model"].id == model
        ]
    return errors


def comparator_errors() -> list[ClaimedError]:
    """Return the same errors for the other formulas."""
    found = []
    for chip in ("h100", "b200"):
        points = [p for p in series_rows(None, chip) if not p["model"].mixture]
        for name, formula in comparators().items():
            found.append(
                _claimed(
                    f"dense decoding on {chip.upper()}: {name}",
                    [formula(p) / p["j_per_token"] - 1 for p in points],
                )
            )
    records = hours_records()
    fixed = Span.of(tables("comparators")["hours"]["fixed_mfu"], "1").value
    for chip in ("a100-80", "h100"):
        name = f"GPU-hours on {chip.split('-', maxsplit=1)[0].upper()}"
        fixed_errors = [r.mfu / fixed - 1.0 for r in records if r.chip == chip]
        found.append(_claimed(f"{name}: fixed MFU {fixed:.0%}", fixed_errors))
        found.append(_claimed(f"{name}: mean MFU of the chip, leave one out", _mean_mfu(records, chip)))
    return found


def coverage() -> dict[str, tuple[int, int]]:
    """Return how many published figures lie inside the calculators' 90 % intervals, of how many."""
    hours, joules = [], []
    for run in hours_records():
        given = TrainingInput(params=run.active, tokens=run.tokens, accelerator=run.chip)
        hours.append((estimate_training(given)["gpu_hours"], run.gpu_hours))
    for point in series_rows():
        request = InferenceInput(
            model=point["model"],
            accelerator=point["chip"],
            gpus=point["gpus"],
            batch=point["batch"],
            input_tokens=point["input"],
            output_tokens=point["output"],
        )
        joules.append((estimate_inference(request)["j_per_output_token"], point["j_per_token"]))
    loops = []
    for point in loop_rows():
        request = InferenceInput(
            params=point["model"].params,
            kv_values=point["model"].kv_values.value,
            accelerator=point["chip"],
            gpus=1,
            **{name: point[name] for name in ("batch", "input_tokens", "output_tokens")},
        )
        loops.append((estimate_inference(request)["j_per_output_token"], point["j_per_token"]))
    return {
        "GPU-hours": _inside(hours),
        "J per output token": _inside(joules),
        "J per output token, bare loops": _inside(loops),
    }


def _inside(pairs: Sequence[tuple[Quantity, float]]) -> tuple[int, int]:
    hits = sum(q.interval[0] <= truth <= q.interval[2] for q, truth in pairs)
    return hits, len(pairs)


def coefficients() -> dict[str, dict[str, float]]:
    """Return the refitted coefficients of decoding by chip."""
    return {
        chip: dict(zip(DECODE_TERMS, map(float, fit_decode(series_rows("fit", chip))), strict=True))
        for chip in ("h100", "b200")
    }


def _mean_mfu(records: Sequence[HoursRecord], chip: str) -> list[float]:
    own = [record for record in records if record.chip == chip]
    logs = np.log([record.mfu for record in own])
    others = (logs.sum() - logs) / (len(own) - 1)
    return [float(np.exp(log - mean)) - 1.0 for log, mean in zip(logs, others, strict=True)]


def _mixtures(chip: str) -> list[dict[str, Any]]:
    return [point for point in series_rows("held-out", chip) if point["model"].mixture]


def _on(chip: str, records: Iterable[HoursRecord], errors: Iterable[float]) -> list[float]:
    return [error for record, error in zip(records, errors, strict=True) if record.chip == chip]


def _claimed(name: str, errors: Sequence[float], limit: float | None = None) -> ClaimedError:
    sizes = [abs(error) for error in errors]
    return ClaimedError(name, sum(sizes) / len(sizes), max(sizes), len(sizes), limit)
