"""Pre-training: GPU-hours from 6ND and utilisation, then energy, carbon and money."""

from __future__ import annotations

from collections.abc import Mapping

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator, utilisation
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = "C = f * N_active * D + C_attention; hours = C / (peak * MFU); E_device = hours * P; "
J_PER_KWH = 3.6e6


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
    return Span.given(flop) / (chip.peak * mfu) / 3600.0


def estimate_training(
    params: float | None = None,
    tokens: float | None = None,
    accelerator_name: str = "h100",
    *,
    active: float | None = None,
    gpu_hours: check.Given | None = None,
    mfu: check.Given | None = None,
    gpus: int | None = None,
    context: int = 0,
    layers: int = 0,
    width: int = 0,
    place: Site | None = None,
) -> Estimate:
    """Estimate one pre-training run.

    Args:
        params: N, all parameters.
        tokens: D, training tokens.
        accelerator_name: catalogue id or alias.
        active: parameters that a token touches; `params` when dense.
        gpu_hours: known GPU-hours; then params and tokens are not needed.
        mfu: whole-run utilisation of the dense 16-bit peak; the catalogue's fit when None.
        gpus: number of accelerators, for the wall-clock time.
        context, layers, width: shape, for long contexts only.
        place: PUE, grid and prices; the catalogue's when None.

    Returns:
        gpu_hours, energy_kwh {device, node, facility}, co2e_kg, usd, electricity_usd, embodied_kgco2e, and
        wall_hours with `gpus`. Mean leave-one-out error of the hours: 18 % on A100, 28 % on H100.

    Raises:
        QwattError: an unknown accelerator, or a number outside its range.
    """
    chip, place = accelerator(accelerator_name), place or chain.site()
    if gpu_hours is not None:
        hours = check.span("gpu_hours", gpu_hours, 0, 1e12)
        return _of_hours(
            hours, chip, place, inputs={"gpu_hours": hours.value}, gpus=gpus, basis=Basis.PUBLISHED
        )
    if params is None or tokens is None:
        raise QwattError(
            "params and tokens, or gpu_hours, are needed", where="training", mend="give --params and --tokens"
        )
    active = active_params(params, active)
    flop = training_flop(active, check.tokens("tokens", tokens), context=context, layers=layers, width=width)
    inputs = {"params": params, "active": active, "tokens": tokens, "context": context}
    used = utilisation(chip, active) if mfu is None else check.span("mfu", mfu, 0, 1, above=True)
    return _of_hours(
        accelerator_hours(flop, chip, used), chip, place, inputs=inputs, gpus=gpus, mfu=used, flop=flop
    )


def active_params(params: float, active: float | None) -> float:
    """Return the checked number of active parameters.

    Raises:
        QwattError: not positive, or more active than all.
    """
    everything = check.params("params", params)
    if active is None:
        return everything
    return check.number("active", active, 0, everything, above=True, hint="active parameters are part of all")


def consequences(
    hours: Span, chip: Accelerator, place: Site, basis: Basis = Basis.MODELLED
) -> dict[str, Quantity | Mapping[str, Quantity]]:
    """Return energy, carbon and money of GPU-hours spent in training."""
    given = "given, not estimated here" if basis is Basis.PUBLISHED else None
    if chip.training_w is None:
        energy = chain.unknown_energies(f"the power of {chip.id} is unpublished")
    else:
        energy = chain.energies(hours * chip.training_w * 1e-3, place.k_node or chip.k_node, place.pue)
    return {
        "gpu_hours": hours.quantity("GPU-h", basis=basis, reason=given),
        "energy_kwh": energy,
        "co2e_kg": chain.carbon(energy, place),
        "usd": chain.rent(hours, chip, place),
        "electricity_usd": chain.electricity(energy, place),
        "embodied_kgco2e": chain.embodied(hours),
    }


def _of_hours(
    hours: Span,
    chip: Accelerator,
    place: Site,
    *,
    inputs: Mapping[str, float],
    gpus: int | None = None,
    mfu: Span | None = None,
    flop: float | None = None,
    basis: Basis = Basis.MODELLED,
) -> Estimate:
    quantities = consequences(hours, chip, place, basis)
    if gpus is not None:
        quantities["wall_hours"] = (hours / check.whole("gpus", gpus)).quantity(
            "h", reason=f"{gpus} accelerators"
        )
    if flop is not None and chip.j_per_flop is not None:
        quantities["device_kwh_by_flop"] = second_route(flop, chip.j_per_flop)
    symbols = {"hours": "accelerator hours", "P": f"W per {chip.id} while training: {chip.training_w}"}
    if flop is not None and mfu is not None:
        symbols = {
            "C": f"training FLOP: {flop:.4g}",
            "f": "6 per active parameter and token (forward 2, backward 4)",
            "C_attention": "attention FLOP beyond the context that MFU absorbs",
            "N_active": f"parameters that a token touches: {inputs['active']:.4g}",
            "D": f"training tokens: {inputs['tokens']:.4g}",
            "peak": f"dense 16-bit FLOP/s of {chip.name}: {chip.peak.value:.4g}",
            "MFU": f"whole-run utilisation: {mfu}",
        } | symbols
    return Estimate(
        name="training",
        quantities=quantities,
        formula=FORMULA + chain.FORMULA,
        symbols=symbols | chain.symbols(place, place.k_node or chip.k_node),
        sources=unique("arXiv:2001.08361", "arXiv:2104.10350", *chip.sources, *place.grid.sources),
        notes=(
            "energy is hours * mean power; a published 'energy' that is hours * TDP cannot confirm it",
            "6ND does not hold for pruned or distilled models: give their GPU-hours",
        ),
        inputs={"accelerator": chip.id, "gpus": gpus, **inputs},
    )


def second_route(flop: float, j_per_flop: Span) -> Quantity:
    """Return device energy by measured joules per model FLOP of whole runs, without MFU and power."""
    energy = Span.given(flop) * j_per_flop * (1 / J_PER_KWH)
    return energy.quantity(
        "kWh", Boundary.DEVICE, reason="second route: measured J per model FLOP of OLMo runs"
    )
