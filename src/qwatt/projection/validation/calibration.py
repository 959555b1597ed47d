"""Refits the calculators' coefficients from the published records of `catalogue/llm_records.toml`.

The catalogue stores the results; a test asserts that a refit gives the same numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt import catalogue
from qwatt.core.quantity import S_PER_H
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.models import LanguageModel, language_model, own_model
from qwatt.projection.spread import Span

PEER = {"a100-40": "a100-80"}
"""Chips of equal peak that share one utilisation."""


@dataclass(frozen=True)
class HoursRecord:
    """A published run: active parameters, tokens, chip (its utilisation's key), GPU-hours."""

    id: str
    chip: str
    active: float
    tokens: float
    gpu_hours: float

    @property
    def mfu(self) -> float:
        """Whole-run utilisation 6ND / (hours * peak)."""
        seconds = S_PER_H * self.gpu_hours
        return 6.0 * self.active * self.tokens / (seconds * accelerator(self.chip).peak.value)


def hours_records() -> list[HoursRecord]:
    """Return the published runs on A100 and H100 whose GPU-hours test 6ND (kind T)."""
    found = []
    for record in catalogue.load("llm_records")["record"]:
        chip = PEER.get(record.get("accelerator", ""), record.get("accelerator", ""))
        if "T" in record["tests"] and chip in ("a100-80", "h100"):
            inputs, expected = record["inputs"], record["expected"]
            hours = expected.get("gpu_hours") or expected["gpu_hours_pretrain"]
            active = inputs.get("active") or inputs["params"]
            found.append(
                HoursRecord(record["id"], chip, float(active), float(inputs["tokens"]), float(hours))
            )
    return found


@dataclass(frozen=True)
class UtilisationFit:
    """`ln MFU = ln level[chip] + slope * ln(N / 1e10)`: one level a chip, one common slope."""

    level: dict[str, float]
    slope: float

    def mfu(self, chip: str, active: float) -> float:
        """Return the fitted utilisation."""
        return self.level[chip] * math.exp(self.slope * math.log(active / _reference()))

    def gpu_hours(self, record: HoursRecord) -> float:
        """Return the predicted GPU-hours of a run."""
        return record.gpu_hours * record.mfu / self.mfu(record.chip, record.active)


def _reference() -> float:
    return Span.of(constant("training", "reference_params"), "1").value


def fit_utilisation(records: Sequence[HoursRecord]) -> UtilisationFit:
    """Fit levels and slope by least squares in the logarithm."""
    chips = sorted({record.chip for record in records})
    rows = [
        [*(float(record.chip == chip) for chip in chips), math.log(record.active / _reference())]
        for record in records
    ]
    targets = [math.log(record.mfu) for record in records]
    solution = np.linalg.lstsq(np.array(rows), np.array(targets), rcond=None)[0]
    levels = {chip: float(math.exp(x)) for chip, x in zip(chips, solution[:-1], strict=True)}
    return UtilisationFit(levels, float(solution[-1]))


def residual_spread(records: Sequence[HoursRecord], chip: str) -> float:
    """Return the geometric standard deviation of the leave-one-out residuals on a chip."""
    errors = leave_one_out(records)
    logs = [math.log1p(error) for record, error in zip(records, errors, strict=True) if record.chip == chip]
    return float(math.exp(math.sqrt(sum(x * x for x in logs) / len(logs))))


def leave_one_out(records: Sequence[HoursRecord]) -> list[float]:
    """Return each run's relative error in GPU-hours, predicted from all other runs."""
    errors = []
    for index, record in enumerate(records):
        others = [*records[:index], *records[index + 1 :]]
        errors.append(fit_utilisation(others).gpu_hours(record) / record.gpu_hours - 1.0)
    return errors


def leave_family_out(records: Sequence[HoursRecord]) -> list[float]:
    """Return each run's relative error in GPU-hours, predicted without any run of its model family."""
    errors = []
    for record in records:
        others = [other for other in records if family(other.id) != family(record.id)]
        errors.append(fit_utilisation(others).gpu_hours(record) / record.gpu_hours - 1.0)
    return errors


def family(record_id: str) -> str:
    """Return the family of a run: "llama3.1-8B" and "llama3-70B" are one."""
    return re.split(r"[-.]", record_id, maxsplit=1)[0]


DECODE_TERMS = ("iteration", "weights", "cache", "flop")
"""The four terms of decoding: J per iteration and GPU, per weight byte, per cached byte, per FLOP."""


def decode_features(
    model: LanguageModel,
    *,
    gpus: int,
    batch: float,
    input_tokens: float,
    output_tokens: float,
    weight_bytes: float = 2.0,
    cache_bytes: float = 2.0,
) -> NDArray[np.float64]:
    """Return what one output token costs in each of the four terms, (4,).

    Returns:
        GPU-iterations, weight bytes, cached bytes read, FLOP; each per output token. The cache holds the
        input and on average half of the output; prefill adds its FLOP by input/output.
    """
    context = input_tokens + output_tokens / 2.0
    return np.array(
        [
            gpus / batch,
            weight_bytes * model.read_params(batch) / batch,
            cache_bytes * context * model.kv_values.value,
            2.0 * model.active * (1.0 + input_tokens / output_tokens),
        ]
    )


def series_rows(role: str | None = None, chip: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of the measured serving series, one dictionary a point."""
    rows = []
    for series in catalogue.load("llm_records")["series"]:
        if role not in (None, series["role"]) or chip not in (None, series["accelerator"]):
            continue
        model = language_model(series["model"])
        for batch, output, joules, watts, rate in series["rows"]:
            features = decode_features(
                model,
                gpus=series["gpus"],
                batch=batch,
                input_tokens=series["input_tokens"],
                output_tokens=output,
            )
            rows.append(
                {
                    "model": model,
                    "chip": series["accelerator"],
                    "gpus": series["gpus"],
                    "role": series["role"],
                    "batch": batch,
                    "input": float(series["input_tokens"]),
                    "output": output,
                    "j_per_token": joules,
                    "watts": watts,
                    "tokens_per_s": rate,
                    "features": features,
                }
            )
    return rows


def loop_rows(role: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of bare decoding loops, one dictionary a point, as of `series_rows`."""
    rows = []
    for loop in catalogue.load("llm_records")["loop"]:
        if role not in (None, loop["role"]):
            continue
        model = own_model(float(loop["params"]), kv_values=float(loop["kv_values"]))
        for batch, output, joules, _, _ in loop["rows"]:
            request = {"batch": batch, "input_tokens": float(loop["input_tokens"]), "output_tokens": output}
            rows.append(
                request
                | {
                    "model": model,
                    "shape": loop["shape"],
                    "chip": loop["accelerator"],
                    "j_per_token": joules,
                    "features": decode_features(model, gpus=1, **request),
                }
            )
    return rows


def fit_decode(rows: Sequence[dict[str, Any]]) -> NDArray[np.float64]:
    """Fit the four non-negative coefficients by least squares of the relative error, (4,)."""
    from scipy.optimize import nnls

    scale = np.array([1.0, 1e12, 1e12, 1e12])
    joules = np.array([row["j_per_token"] for row in rows])
    design = np.array([row["features"] for row in rows]) / scale / joules[:, None]
    solution: NDArray[np.float64] = nnls(design, np.ones(len(rows)))[0]
    coefficients: NDArray[np.float64] = solution / scale
    return coefficients
