"""Serving: joules per output token and per request by the additive model of decoding."""

from __future__ import annotations

from collections.abc import Mapping

from qwatt.core.quantity import J_PER_KWH, S_PER_H, Boundary, Quantity
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.decode import DecodeModel, decode_model, power_share
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.calculators.serving import InferenceInput, Serving, joules_per_token, serving
from qwatt.projection.calculators.site import Site
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = (
    "J_token = a*G/B + b*W/B + c*(in + out/2)*KV + d*2*N_active*(1 + in/out); J_request = J_token * out; "
    "E_node = J_request * idle * k_node; E_facility = E_node * PUE; CO2e = E_facility * CI"
)


def estimate_inference(request: InferenceInput) -> Estimate:
    """Estimate serving: joules per output token and per request, CO2e, money.

    Without a batch the answer is the range over the catalogue's batches that fit. Precision changes bytes
    only.

    Returns:
        j_per_output_token and j_per_request (device boundary), energy_per_request {device, node, facility}
        in J, gpu_hours_per_request, co2e_kg_per_request, usd_per_request, largest_batch in the inputs.

    Raises:
        QwattError: too little memory for the weights.
    """
    setup, place = serving(request), request.place()
    coefficients = decode_model(setup.chip)
    if coefficients is None:
        why = f"{setup.chip.id} has neither a measured series nor a published power"
        quantities = _unknown(why)
        source = setup.chip.sources[0]
    else:
        per_token, share = _over_batches(setup, coefficients)
        quantities = _quantities(setup, place, per_token, share)
        source = coefficients.source
    return Estimate(
        name="inference",
        quantities=quantities,
        formula=FORMULA,
        symbols=_symbols(setup, coefficients, place),
        sources=unique(source, *setup.model.sources, *setup.chip.sources, *place.grid.sources),
        notes=_notes(setup, coefficients),
        inputs={
            "model": setup.model.id,
            "accelerator": setup.chip.id,
            "gpus": setup.gpus,
            "batch": setup.batch,
            "largest_batch": min(setup.largest_batch, 65_536.0),
            "input_tokens": setup.input_tokens,
            "output_tokens": setup.output_tokens,
        },
    )


def _over_batches(setup: Serving, coefficients: DecodeModel) -> tuple[Span, Span]:
    """Return J per token and power share, at the batch or over the range of batches that fit."""
    if setup.batch is not None:
        return joules_per_token(setup, coefficients, setup.batch), power_share(setup.batch)
    batches = Span.of(constant("inference", "batch"), "1").capped(max(setup.largest_batch, 1.0))
    few, middle, many = (
        joules_per_token(setup, coefficients, b) for b in (batches.low, batches.value, batches.high)
    )
    shares = [power_share(b) for b in (batches.low, batches.high)]
    share = power_share(batches.value).hull(shares[0].low, shares[1].high)
    return middle.hull(many.low, few.high), share


def _quantities(
    setup: Serving, place: Site, per_token: Span, share: Span
) -> dict[str, Quantity | Mapping[str, Quantity]]:
    per_request = per_token * setup.output_tokens
    idle = Span.of(constant("inference", "idle"), "1")
    k_node = place.node_factor(setup.chip)
    kwh = facility.energies(per_request * (1 / J_PER_KWH), k_node * idle, place.pue)
    hours: Quantity = Quantity.unknown(f"the power of {setup.chip.id} is unpublished", "GPU-h")
    usd: Quantity = Quantity.unknown(f"the power of {setup.chip.id} is unpublished", "USD")
    if setup.chip.tdp is not None:
        busy = per_request / (setup.chip.tdp * share) / S_PER_H * idle
        hours, usd = busy.quantity("GPU-h"), facility.rent(busy, setup.chip, place)
    return {
        "j_per_output_token": per_token.quantity("J/token", Boundary.DEVICE),
        "j_per_request": per_request.quantity("J", Boundary.DEVICE),
        "energy_per_request": {name: energy.to("J") for name, energy in kwh.items()},
        "gpu_hours_per_request": hours,
        "co2e_kg_per_request": facility.carbon(kwh, place),
        "usd_per_request": usd,
        "electricity_usd_per_request": facility.electricity(kwh, place),
    }


def _unknown(why: str) -> dict[str, Quantity | Mapping[str, Quantity]]:
    return {
        "j_per_output_token": Quantity.unknown(why, "J/token", Boundary.DEVICE),
        "j_per_request": Quantity.unknown(why, "J", Boundary.DEVICE),
        "energy_per_request": {name: q.to("J") for name, q in facility.unknown_energies(why).items()},
        "gpu_hours_per_request": Quantity.unknown(why, "GPU-h"),
        "co2e_kg_per_request": Quantity.unknown(why, "kgCO2e"),
        "usd_per_request": Quantity.unknown(why, "USD"),
        "electricity_usd_per_request": Quantity.unknown(why, "USD"),
    }


def _symbols(setup: Serving, c: DecodeModel | None, place: Site) -> dict[str, str]:
    model = setup.model
    fitted = {}
    if c is not None:
        fitted = {
            "a": f"J per iteration and GPU: {c.iteration:.4g}",
            "b": f"J per weight byte: {c.weights:.4g}",
            "c": f"J per cached byte: {c.cache:.4g}",
            "d": f"J per FLOP: {c.flop:.4g}",
        }
    return fitted | {
        "G": f"GPUs that hold one copy: {setup.gpus}",
        "B": f"batch: {'a range' if setup.batch is None else f'{setup.batch:g}'}",
        "W": f"weight bytes read per iteration; {setup.weight_bytes.value:g} a parameter",
        "KV": f"cached bytes per token: {setup.cache_bytes.value * model.kv_values.value:.4g}",
        "N_active": f"parameters that a token touches: {model.active:.4g}",
        "in, out": f"tokens of a request: {setup.input_tokens:g}, {setup.output_tokens:g}",
        "idle": "all over busy accelerator energy",
        **place.symbols(setup.chip),
    }


def _notes(setup: Serving, coefficients: DecodeModel | None) -> tuple[str, ...]:
    notes = list(setup.model.notes)
    if setup.batch is None:
        notes.append(
            "the batch is unknown: the interval spans batches of 8 to 512 that fit; unbatched costs more"
        )
    elif setup.batch > setup.largest_batch:
        notes.append(
            f"a batch of {setup.batch:g} does not fit: the cache leaves room for {setup.largest_batch:.0f}"
        )
    if coefficients is not None and not coefficients.fitted:
        notes.append(f"{setup.chip.id} was not measured: coefficients scaled from H100, factor 2 either way")
    if setup.model.mixture:
        notes.append(
            "mixture of experts: routing and communication are not in the form, so the interval is wide above"
        )
    return tuple(notes)
