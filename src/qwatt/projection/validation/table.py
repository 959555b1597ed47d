"""Holds the calculators against published records: one row a figure, and the errors that may be claimed.

Kinds: T GPU-hours (leave one out), E measured energy, I inference, C carbon, L bookkeeping, A arithmetic.
Rows that only test arithmetic, or whose published figure entered the model, are shown and not counted.
"""

from __future__ import annotations

from typing import Any

from qwatt import catalogue
from qwatt.projection.validation.calibration import fit_decode, hours_records, leave_one_out, series_rows
from qwatt.projection.validation.figures import HeldFigure, arithmetic_rows, energy_rows
from qwatt.projection.validation.request_figures import inference_rows


def hours_rows() -> list[HeldFigure]:
    """Return GPU-hours of each published run, predicted from all other runs."""
    records = hours_records()
    published = {record["id"]: record for record in published_records()}
    rows = []
    for record, error in zip(records, leave_one_out(records), strict=True):
        entry = published[record.id]
        circular = "; its published energy is hours * TDP" if entry["circular"] else ""
        why = f"; {entry['explanation']}" if "explanation" in entry else ""
        rows.append(
            HeldFigure(
                record.id,
                "T",
                f"GPU-h ({record.chip})",
                record.gpu_hours,
                record.gpu_hours * (1 + error),
                entry["limit"]["T"],
                True,
                f"left out of the fit{circular}{why}",
                entry["source"],
            )
        )
    return rows


def decode_rows() -> list[HeldFigure]:
    """Return J per output token of every measured point, by the catalogue's coefficients."""
    fits = {chip: fit_decode(series_rows("fit", chip)) for chip in ("h100", "b200")}
    rows = []
    for point in series_rows():
        computed = float(point["features"] @ fits[point["chip"]])
        kind = "mixture, held out" if point["model"].mixture else point["role"]
        limit = 0.45 if point["model"].mixture else 0.16 if point["chip"] == "h100" else 0.30
        name = f"{point['model'].id} {point['gpus']}x{point['chip']} B={point['batch']:.0f}"
        rows.append(
            HeldFigure(
                name, "I", "J/token", point["j_per_token"], computed, limit, True, kind, "arXiv:2601.22076"
            )
        )
    return rows


def all_rows() -> list[HeldFigure]:
    """Return every row of the validation table."""
    return [
        *hours_rows(),
        *energy_rows(published_records()),
        *decode_rows(),
        *inference_rows(),
        *arithmetic_rows(published_records()),
    ]


def published_records() -> list[dict[str, Any]]:
    """Return the records of `catalogue/llm_records.toml`."""
    found: list[dict[str, Any]] = catalogue.load("llm_records")["record"]
    return found
