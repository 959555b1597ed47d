"""Rows of the validation table of single published requests."""

from __future__ import annotations

from qwatt.core.quantity import J_PER_WH
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.catalogued.find import constant, record_of
from qwatt.projection.spread import Span
from qwatt.projection.validation.figures import HeldFigure, held_row


def inference_rows() -> list[HeldFigure]:
    """Return single published requests: what tests the model, and what is arithmetic or a statement."""
    samsi = record_of("samsi-65b")
    research = estimate_inference(
        InferenceInput(
            accelerator="a100",
            params=samsi["inputs"]["params"],
            input_tokens=256,
            output_tokens=256,
            gpus=8,
            batch=16,
        )
    )
    return [
        _gemini_parts(),
        _gemini_boundaries(),
        _epoch(),
        _bloom_requests(),
        held_row(
            samsi,
            "I",
            "J/token",
            3.5,
            research["j_per_output_token"].interval[1],
            False,
            "A100 scaled from H100; 8 chips, batch 16 and 256 input tokens are assumed",
        ),
        *_statements(),
    ]


def _gemini_parts() -> HeldFigure:
    record = record_of("gemini-median")
    names = ("accel_Wh", "cpu_dram_Wh", "idle_Wh", "pue_overhead_Wh")
    parts = sum(record["inputs"][name] for name in names)
    return held_row(record, "A", "Wh", record["expected"]["total_Wh"], parts, False, "sum of its parts")


def _gemini_boundaries() -> HeldFigure:
    record = record_of("gemini-median")
    request = estimate_inference(
        InferenceInput(
            model="llama-3.1-70b",
            accelerator="h100",
            batch=64,
            input_tokens=250,
            output_tokens=250,
            pue=record["inputs"]["pue"],
        )
    )
    facility, busy = (request[name].interval[1] for name in ("energy_per_request.facility", "j_per_request"))
    computed = record["inputs"]["accel_Wh"] * facility / busy
    remark = "accelerator's Wh with idling * k_node * PUE of an H100 node; the record is a TPU; 15 % claimed"
    published = record["expected"]["total_Wh"]
    return HeldFigure(
        record["id"], "I", "Wh (chain)", published, computed, 0.15, True, remark, record["source"]
    )


def _epoch() -> HeldFigure:
    record = record_of("epoch-chatgpt")
    given = record["inputs"]
    seconds = 2 * given["active"] * given["out_tokens"] / (given["flop_util"] * given["peak"])
    joules = seconds * given["W_per_gpu_server"] * given["power_fraction"] * given["pue"]
    published = record["expected"]["Wh"]
    return held_row(record, "A", "Wh", published, joules / J_PER_WH, False, "its own formula, recomputed")


def _bloom_requests() -> HeldFigure:
    record = record_of("bloom-inference")
    computed = record["expected"]["kWh"] * 1e3 / record["inputs"]["requests"]
    return held_row(
        record, "A", "Wh", record["expected"]["Wh_per_request"], computed, False, "energy over requests"
    )


def _statements() -> list[HeldFigure]:
    """Return published statements about models of unknown size, computed for 1e11 active parameters."""
    rows = []
    for name, key, pue, tokens in (
        ("altman-chatgpt", "Wh", None, (250, 500)),
        ("jegham", "gpt4o_short_Wh", 1.12, (100, 300)),
    ):
        record = record_of(name)
        request = estimate_inference(
            InferenceInput(
                accelerator="h100",
                params=1e11,
                input_tokens=tokens[0],
                output_tokens=tokens[1],
                batch=16,
                pue=pue,
            )
        )
        watt_hours = request["energy_per_request.facility"].interval[1] / J_PER_WH
        remark = "the model's size is unpublished: 1e11 active parameters, batch 16 assumed"
        rows.append(held_row(record, "I", "Wh", record["expected"][key], watt_hours, False, remark))
    return [*rows, _mistral()]


def _mistral() -> HeldFigure:
    record = record_of("mistral-large-2")
    request = estimate_inference(
        InferenceInput(
            accelerator="h100",
            params=record["inputs"]["params"],
            input_tokens=250,
            output_tokens=record["inputs"]["out_tokens"],
            batch=16,
        )
    )
    per_hour = Span.of(constant("facility", "embodied"), "kgCO2e/GPU-h").value
    hours = request["gpu_hours_per_request"].interval[1]
    grams = request["co2e_kg_per_request"].to("gCO2e").interval[1] + 1e3 * hours * per_hour
    remark = "grid, batch and input length are unpublished: world mean, 16, 250"
    return held_row(record, "I", "gCO2e", record["expected"]["gCO2e"], grams, False, remark)
