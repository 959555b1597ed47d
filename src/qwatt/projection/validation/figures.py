"""Rows of the validation table that are not series: measured energies, and arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from qwatt.projection.calculators import facility
from qwatt.projection.calculators.curation import CurationInput, estimate_curation
from qwatt.projection.calculators.development import DevelopmentInput, estimate_development
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.catalogued.find import record_of
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
        rows.append(held_row(record, "E", "GPU MWh", expected["gpu_MWh"], device, True, remark))
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
            rows.append(held_row(record, "A", "MWh", expected["MWh"], mwh, False, "power * time * PUE"))
            carbon = facility.carbon(energy, place).to("tCO2e").interval[1]
            rows.append(held_row(record, "A", "tCO2e", tonnes, carbon, False, "power * time * PUE * CI"))
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
            rows.append(held_row(record, "C", "MWh", published, mwh * pue, False, "circular: hours * power"))
    tonnes = next((expected[k] for k in ("tCO2e", "tCO2e_dynamic", "tCO2e_location") if k in expected), None)
    factor = inputs.get("kgCO2_per_kWh") or expected.get("implied_kg_per_kWh")
    remark = "carbon of the published energy"
    if factor is None:
        factor = record_of("llama2-70B")["expected"]["implied_kg_per_kWh"]
        remark = "no factor published: that implied by the Llama 2 card"
    if tonnes and mwh:
        node = facility.node_energies(Span.given(mwh * 1e3), Span.given(pue))
        carbon = facility.carbon(node, SiteInput(kg_per_kwh=factor).place()).to("tCO2e").interval[1]
        rows.append(held_row(record, "C", "tCO2e", tonnes, carbon, False, remark))
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
        held_row(
            olmo,
            "L",
            "development MWh",
            olmo["expected"]["dev_MWh"],
            development * scale,
            False,
            "bookkeeping",
        ),
        held_row(
            bloom,
            "L",
            "final share",
            bloom["expected"]["final_share_of_project"],
            share,
            False,
            "bookkeeping",
        ),
        held_row(
            web,
            "L",
            "classifier GPU-h",
            web["expected"]["edu_classifier_H100_h"],
            filtered,
            False,
            "circular: the utilisation of small encoders is from this record",
        ),
    ]


def held_row(
    record: dict[str, Any],
    test: str,
    quantity: str,
    published: float,
    computed: float,
    counted: bool,
    remark: str,
) -> HeldFigure:
    """Return a figure with the tolerance that its record states for this test; else as `HeldFigure`."""
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
