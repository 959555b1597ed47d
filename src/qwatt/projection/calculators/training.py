"""Pre-training: GPU-hours from 6ND and utilisation, then energy, carbon and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import J_PER_KWH, S_PER_H, Basis, Boundary, Quantity
from qwatt.projection import check
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.fields import (
    AcceleratorName,
    ActiveParams,
    Extent,
    Gpus,
    Hours,
    Params,
    Tokens,
    Utilisation,
)
from qwatt.projection.calculators.site import Site, SiteInput
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator, utilisation
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = "C = f * N_active * D + C_attention; hours = C / (peak * MFU); E_device = hours * P; "


@dataclass(frozen=True, kw_only=True)
class TrainingInput(SiteInput):
    """One pre-training run: parameters and tokens, or the GPU-hours where they are known."""

    accelerator: AcceleratorName
    params: Params | None = None
    tokens: Annotated[Tokens | None, "Training tokens, as in 15e12 or 15T."] = None
    active: ActiveParams | None = None
    gpu_hours: Annotated[Hours | None, "Known GPU-hours, in place of params and tokens."] = None
    mfu: Annotated[Utilisation | None, "Whole-run share of the dense 16-bit peak, 0 to 1."] = None
    gpus: Gpus | None = None
    context: Extent = 0
    layers: Extent = 0
    width: Extent = 0

    def check_together(self) -> None:
        """Refuse both or neither of the two routes, and more active parameters than all."""
        if self.gpu_hours is None:
            if self.params is None or self.tokens is None:
                raise QwattError(
                    "params and tokens, or gpu_hours, are needed",
                    where="training",
                    mend="give --params and --tokens",
                )
            require_part(self.params, self.active)
            return
        useless = [n for n in ("params", "tokens", "active", "mfu") if getattr(self, n) is not None]
        if useless:
            mend = "known GPU-hours need no params, tokens, active or mfu; leave one side out"
            raise QwattError(f"--gpu-hours and --{useless[0]} are both given", where=useless[0], mend=mend)


def require_part(params: float, active: float | None) -> None:
    """Refuse more active parameters than all.

    Raises:
        QwattError: not positive, or more than `params`.
    """
    if active is not None:
        check.number("active", active, 0, params, above=True, hint="active parameters are part of all")


def training_flop(
    active: float,
    tokens: float,
    *,
    factor: str = "flop_full",
    context: int = 0,
    layers: int = 0,
    width: int = 0,
) -> float:
    """Return the FLOP of training.

    Args:
        active: parameters that a token touches.
        tokens: training tokens, repetitions counted.
        factor: "flop_full" (6 per parameter and token), "flop_adapter" (4) or "flop_forward" (2).
        context, layers, width: shape, for the attention beyond the context that the fitted MFU absorbs.
    """
    per_param = Span.of(constant("training", factor), "FLOP/token").value
    absorbed = Span.of(constant("training", "attention_context"), "1").value
    attention = Span.of(constant("training", "attention_factor"), "FLOP/token").value
    beyond = attention * layers * width * max(context - absorbed, 0.0)
    return (per_param * active + beyond) * tokens


def accelerator_hours(flop: float, chip: Accelerator, mfu: Span) -> Span:
    """Return GPU-hours of a number of FLOP at an utilisation of the dense 16-bit peak."""
    return Span.given(flop) / (chip.peak * mfu) / S_PER_H


def estimate_training(run: TrainingInput) -> Estimate:
    """Estimate a pre-training run: GPU-hours, energy at three boundaries, CO2e, money.

    Returns:
        gpu_hours, energy_kwh {device, node, facility}, co2e_kg, usd, electricity_usd, embodied_kgco2e, and
        wall_hours with `gpus`. Mean leave-one-out error of the hours: 18 % on A100, 28 % on H100.
    """
    chip = accelerator(run.accelerator)
    if run.gpu_hours is not None:
        hours = Span.given(run.gpu_hours)
        quantities = consequences(hours, chip, run.place(), Basis.PUBLISHED)
        return _estimate(run, hours, quantities, {"gpu_hours": hours.value}, {})
    assert run.params is not None
    assert run.tokens is not None
    active = run.params if run.active is None else run.active
    flop = training_flop(active, run.tokens, context=run.context, layers=run.layers, width=run.width)
    used = utilisation(chip, active) if run.mfu is None else Span.given(run.mfu)
    hours = accelerator_hours(flop, chip, used)
    inputs = {"params": run.params, "active": active, "tokens": run.tokens, "context": run.context}
    symbols = {
        "C": f"training FLOP: {flop:.4g}",
        "f": "6 per active parameter and token (forward 2, backward 4)",
        "C_attention": "attention FLOP beyond the context that MFU absorbs",
        "N_active": f"parameters that a token touches: {active:.4g}",
        "D": f"training tokens: {run.tokens:.4g}",
        "peak": f"dense 16-bit FLOP/s of {chip.name}: {chip.peak.value:.4g}",
        "MFU": f"whole-run utilisation: {used}",
    }
    return _estimate(run, hours, consequences(hours, chip, run.place()), inputs, symbols, flop)


def consequences(hours: Span, chip: Accelerator, place: Site, basis: Basis = Basis.MODELLED) -> Quantities:
    """Return energy, carbon and money of GPU-hours spent in training."""
    given = "given, not estimated here" if basis is Basis.PUBLISHED else None
    if chip.training_w is None:
        energy = facility.unknown_energies(f"the power of {chip.id} is unpublished")
    else:
        energy = facility.energies(hours * chip.training_w * 1e-3, place.node_factor(chip), place.pue)
    return {
        "gpu_hours": hours.quantity("GPU-h", basis=basis, reason=given),
        "energy_kwh": energy,
        "idle": facility.busy_only(),
        "co2e_kg": facility.carbon(energy, place),
        "usd": facility.rent(hours, chip, place),
        "electricity_usd": facility.electricity(energy, place),
        "embodied_kgco2e": facility.embodied(hours),
        "water_l": facility.water(energy, place),
    }


def _estimate(
    run: TrainingInput,
    hours: Span,
    quantities: Quantities,
    inputs: Mapping[str, Any],
    symbols: Mapping[str, str],
    flop: float | None = None,
) -> Estimate:
    chip, place, more = accelerator(run.accelerator), run.place(), {}
    if run.gpus is not None:
        more["wall_hours"] = (hours / run.gpus).quantity("h", reason=f"{run.gpus} accelerators")
    if flop is not None and chip.j_per_flop is not None:
        more["device_kwh_by_flop"] = second_route(flop, chip.j_per_flop)
    return Estimate(
        name="training",
        quantities={**quantities, **more},
        formula=FORMULA + facility.FORMULA,
        symbols={
            **symbols,
            "hours": "accelerator hours",
            "P": f"W per {chip.id} while training: {chip.training_w}",
            **place.symbols(chip),
        },
        sources=unique("arXiv:2001.08361", "arXiv:2104.10350", *chip.sources, *place.grid.sources),
        notes=(
            "energy is hours * mean power; a published 'energy' that is hours * TDP cannot confirm it",
            "6ND does not hold for pruned or distilled models: give their GPU-hours",
        ),
        inputs={"accelerator": chip.id, "gpus": run.gpus, **inputs},
    )


def second_route(flop: float, j_per_flop: Span) -> Quantity:
    """Return device energy by measured joules per model FLOP of whole runs, without MFU and power."""
    energy = Span.given(flop) * j_per_flop * (1 / J_PER_KWH)
    return energy.quantity(
        "kWh", Boundary.DEVICE, reason="second route: measured J per model FLOP of OLMo runs"
    )
