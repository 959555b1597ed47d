"""Serving: joules per output token and per request by the additive model of decoding."""

from __future__ import annotations

from collections.abc import Mapping

from qwatt.core.quantity import J_PER_KWH, S_PER_H, Boundary, Quantity
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.decode import DecodeModel, decode_model, power_share
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.calculators.serving import (
    InferenceInput,
    Serving,
    idle_hours,
    joules_per_token,
    launched_from_python,
    provisioned_hours,
    serving,
    with_or_without_server,
)
from qwatt.projection.calculators.site import Site
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = (
    "J_token = a * G/B + b*W/B + c*(in + out/2)*KV + d*2*N_active*(1 + in/out); J_request = J_token * out; "
    "hours = J_request / (P * 3600); idle_hours = max(hours * (1/U - 1), always_on - hours); "
    "E_device = J_request + idle_hours * 3600 * P_idle; "
    "E_node = E_device * k_node; E_facility = E_node * PUE; CO2e = E_facility * CI"
)


def estimate_inference(request: InferenceInput) -> Estimate:
    """Estimate serving: joules per output token and per request, CO2e, money.

    Without a batch the answer is the range over the catalogue's batches that fit. Precision changes bytes
    only.

    Returns:
        j_per_output_token and j_per_request (device boundary, busy), energy_per_request {device, node,
        facility} in J with idle hardware, idle_per_request (facility, contained in it), gpu_hours_per_request
        (idle ones contained), co2e_kg_per_request, usd_per_request, water_l_per_request; largest_batch in the
        inputs.

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
    """Return J per token and power share, at the batch or over the range of a server's batches that fit."""
    if setup.batch is not None:
        return with_or_without_server(setup, coefficients, setup.batch), power_share(setup.batch)
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
    per_request, tdp = per_token * setup.output_tokens, setup.chip.tdp
    assert tdp is not None  # a chip without a published power has no coefficients
    busy = per_request / (tdp * share) / S_PER_H
    idle, hours = idle_hours(setup, busy), provisioned_hours(setup, busy)
    idle_j = idle * (tdp * Span.of(constant("inference", "idle_share"), "1")) * S_PER_H
    k_node = place.node_factor(setup.chip)
    kwh = facility.energies((per_request + idle_j) * (1 / J_PER_KWH), k_node, place.pue)
    idle_energy = idle_j * k_node * place.pue
    return {
        "j_per_output_token": per_token.quantity("J/token", Boundary.DEVICE),
        "j_per_request": per_request.quantity("J", Boundary.DEVICE),
        "energy_per_request": {name: energy.to("J") for name, energy in kwh.items()},
        "idle_per_request": idle_energy.quantity("J", Boundary.FACILITY, reason=_idle_reason(setup, busy)),
        "gpu_hours_per_request": hours.quantity("GPU-h", reason="idle hours contained"),
        "co2e_kg_per_request": facility.carbon(kwh, place),
        "usd_per_request": facility.rent(hours, setup.chip, place),
        "electricity_usd_per_request": facility.electricity(kwh, place),
        "water_l_per_request": facility.water(kwh, place),
    }


def _idle_reason(setup: Serving, busy: Span) -> str:
    if setup.reserved_h * setup.utilisation.value > busy.value:
        return (
            f"copies that are always on are busy for {100 * busy.value / setup.reserved_h:.2g} % of the time"
        )
    return f"busy share of provisioned time {setup.utilisation}"


def _unknown(why: str) -> dict[str, Quantity | Mapping[str, Quantity]]:
    return {
        "j_per_output_token": Quantity.unknown(why, "J/token", Boundary.DEVICE),
        "j_per_request": Quantity.unknown(why, "J", Boundary.DEVICE),
        "energy_per_request": {name: q.to("J") for name, q in facility.unknown_energies(why).items()},
        "gpu_hours_per_request": Quantity.unknown(why, "GPU-h"),
        "idle_per_request": Quantity.unknown(why, "J", Boundary.FACILITY),
        "co2e_kg_per_request": Quantity.unknown(why, "kgCO2e"),
        "water_l_per_request": Quantity.unknown(why, "L"),
        "usd_per_request": Quantity.unknown(why, "USD"),
        "electricity_usd_per_request": Quantity.unknown(why, "USD"),
    }


def _symbols(setup: Serving, c: DecodeModel | None, place: Site) -> dict[str, str]:
    model = setup.model
    fitted = {}
    if c is not None:
        fitted = {
            "a": f"J per iteration and GPU: {c.served.iteration:.4g}",
            "b": f"J per weight byte: {c.served.weights:.4g}",
            "c": f"J per cached byte: {c.served.cache:.4g}",
            "d": f"J per FLOP: {c.served.flop:.4g}",
        }
    return fitted | {
        "G": f"GPUs that hold one copy: {setup.gpus}",
        "B": f"batch: {'a range' if setup.batch is None else f'{setup.batch:g}'}",
        "W": f"weight bytes read per iteration; {setup.weight_bytes.value:g} a parameter",
        "KV": f"cached bytes per token: {setup.cache_bytes.value * model.kv_values.value:.4g}",
        "N_active": f"parameters that a token touches: {model.active:.4g}",
        "in, out": f"tokens of a request: {setup.input_tokens:g}, {setup.output_tokens:g}",
        "U": f"busy share of provisioned accelerator time: {setup.utilisation}",
        "always_on": f"accelerator hours per request of copies that are always on: {setup.reserved_h:.4g}",
        "P_idle": "accelerator's power with the model in memory and no work",
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
    bare = setup.batch is not None and not setup.model.mixture
    if bare and coefficients is not None and coefficients.loop is not None:
        notes.append("the value is a server's; the interval reaches to a bare loop without one")
        python = launched_from_python(setup, coefficients, setup.batch or 1.0)
        if python is not None:
            low, value, high = (f"{end:.2g}" for end in (python.low, python.value, python.high))
            notes.append(
                f"launched from Python (transformers' generate) it takes {value} J a token ({low} to {high})"
            )
    if setup.model.mixture:
        notes.append(
            "mixture of experts: routing and communication are not in the form, so the interval is wide above"
        )
    return tuple(notes)
