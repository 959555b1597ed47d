"""Rows of the validation table that are not series: measured energies, single requests, arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from qwatt.core.quantity import J_PER_WH
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.curation import CurationInput, estimate_curation
from qwatt.projection.calculators.development import DevelopmentInput, estimate_development
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.catalogued.find import constant, record_of
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class HeldFigure:
    """One published figure beside what qwatt computes.

    Args:
        id: record.
        test: kind of test.
        quantity: what is compared.
        published, computed: the two figures.
        limit: stated tolerance as a relative error.
        counted: whether it counts in the accuracy that is claimed.
        remark: why not counted, or how it was computed.
        source: where the published figure is from.
    """

    id: str
    test: str
    quantity: str
    published: float
    computed: float
    limit: float
    counted: bool
    remark: str
    source: str

    @property
    def error(self) -> float:
        """Relative error of the computed figure."""
        return self.computed / self.published - 1.0

    @property
    def within(self) -> bool:
        """Whether the error is within the tolerance; an order of magnitude is symmetric in the ratio."""
        if self.limit > 1:
            return 1 / self.limit <= self.computed / self.published <= self.limit
        return abs(self.error) <= self.limit

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self) | {"error": self.error, "within": self.within}


def energy_rows(records: Iterable[dict[str, Any]]) -> list[HeldFigure]:
    """Return measured GPU energy of whole runs, predicted from parameters, tokens and chip alone."""
    rows = []
    for record in records:
        if "E" not in record["tests"]:
            continue
        inputs, expected = record["inputs"], record["expected"]
        tokens = inputs["tokens"]
        if isinstance(tokens, str):
            tokens = (inputs["tokens_low"] + inputs["tokens_high"]) / 2
        run = estimate_training(
            TrainingInput(params=inputs["params"], tokens=tokens, accelerator=record["accelerator"])
        )
        device = run["energy_kwh.device"].to("MWh").interval[1]
        why = f"; {record['explanation']}" if "explanation" in record else ""
        remark = f"no OLMo run entered the fit{why}"
        rows.append(_row(record, "E", "GPU MWh", expected["gpu_MWh"], device, True, remark))
    return rows


def arithmetic_rows(records: Iterable[dict[str, Any]]) -> list[HeldFigure]:
    """Return what tests units and bookkeeping only; never counted."""
    rows: list[HeldFigure] = []
    for record in records:
        inputs, expected, tests = record["inputs"], record["expected"], record["tests"]
        if "A" in tests:
            kwh = inputs["chips"] * inputs["days"] * 24 * inputs["W_per_chip"] * 1e-3
            energy = facility.node_energies(Span.given(kwh), Span.given(inputs["pue"]))
            place = SiteInput(kg_per_kwh=inputs["kgCO2_per_kWh"]).place()
            tonnes = expected.get("tCO2e_gross") or expected["tCO2e"]
            mwh = energy["facility"].to("MWh").interval[1]
            rows.append(_row(record, "A", "MWh", expected["MWh"], mwh, False, "power * time * PUE"))
            carbon = facility.carbon(energy, place).to("tCO2e").interval[1]
            rows.append(_row(record, "A", "tCO2e", tonnes, carbon, False, "power * time * PUE * CI"))
        if "C" in tests:
            rows += _carbon(record)
    return rows + _bookkeeping()


def _carbon(record: dict[str, Any]) -> list[HeldFigure]:
    inputs, expected = record["inputs"], record["expected"]
    hours = expected.get("gpu_hours") or expected.get("chip_hours")
    watts, pue = inputs.get("W") or inputs.get("W_avg"), inputs.get("pue", 1.0)
    rows, mwh = [], expected.get("gpu_MWh")
    if hours and watts:
        mwh = hours * watts * 1e-6
        published = expected.get("MWh") or expected.get("kWh_dynamic", 0) / 1e3
        if published:
            rows.append(_row(record, "C", "MWh", published, mwh * pue, False, "circular: hours * power"))
    tonnes = next((expected[k] for k in ("tCO2e", "tCO2e_dynamic", "tCO2e_location") if k in expected), None)
    factor = inputs.get("kgCO2_per_kWh") or expected.get("implied_kg_per_kWh")
    remark = "carbon of the published energy"
    if factor is None:
        factor = record_of("llama2-70B")["expected"]["implied_kg_per_kWh"]
        remark = "no factor published: that implied by the Llama 2 card"
    if tonnes and mwh:
        node = facility.node_energies(Span.given(mwh * 1e3), Span.given(pue))
        carbon = facility.carbon(node, SiteInput(kg_per_kwh=factor).place()).to("tCO2e").interval[1]
        rows.append(_row(record, "C", "tCO2e", tonnes, carbon, False, remark))
    return rows


def _bookkeeping() -> list[HeldFigure]:
    olmo, bloom, web = record_of("olmo-development"), record_of("bloom-176b"), record_of("fineweb")
    run = TrainingInput(gpu_hours=1.0, accelerator="h100")
    final = estimate_training(run)
    ratio = olmo["expected"]["dev_MWh"] / olmo["inputs"]["final_MWh"]
    development = estimate_development(DevelopmentInput(final=run, multiple=ratio))[
        "energy_kwh.device"
    ].interval[1]
    scale = olmo["inputs"]["final_MWh"] / final["energy_kwh.device"].interval[1]
    share = bloom["expected"]["kWh_dynamic"] / bloom["expected"]["project_kWh"]
    filtering = estimate_curation(CurationInput(tokens=web["inputs"]["tokens"], accelerator="h100"))
    filtered = filtering["gpu_hours"].interval[1]
    return [
        _row(
            olmo,
            "L",
            "development MWh",
            olmo["expected"]["dev_MWh"],
            development * scale,
            False,
            "bookkeeping",
        ),
        _row(
            bloom,
            "L",
            "final share",
            bloom["expected"]["final_share_of_project"],
            share,
            False,
            "bookkeeping",
        ),
        _row(
            web,
            "L",
            "classifier GPU-h",
            web["expected"]["edu_classifier_H100_h"],
            filtered,
            False,
            "circular: the utilisation of small encoders is from this record",
        ),
    ]


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
        _row(
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
    return _row(record, "A", "Wh", record["expected"]["total_Wh"], parts, False, "sum of its parts")


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
    facility, device = (request[f"energy_per_request.{name}"].interval[1] for name in ("facility", "device"))
    computed = record["inputs"]["accel_Wh"] * facility / device
    remark = "accelerator's Wh * idle * k_node * PUE of an H100 node; the record is a TPU; 15 % claimed"
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
    return _row(record, "A", "Wh", published, joules / J_PER_WH, False, "its own formula, recomputed")


def _bloom_requests() -> HeldFigure:
    record = record_of("bloom-inference")
    computed = record["expected"]["kWh"] * 1e3 / record["inputs"]["requests"]
    return _row(
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
        rows.append(_row(record, "I", "Wh", record["expected"][key], watt_hours, False, remark))
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
    return _row(record, "I", "gCO2e", record["expected"]["gCO2e"], grams, False, remark)


def _row(
    record: dict[str, Any],
    test: str,
    quantity: str,
    published: float,
    computed: float,
    counted: bool,
    remark: str,
) -> HeldFigure:
    limits = record["limit"]
    limit = limits.get(test) or limits.get("I") or limits["C"]
    return HeldFigure(
        record["id"],
        test,
        quantity,
        float(published),
        float(computed),
        limit,
        counted,
        remark,
        record["source"],
    )
