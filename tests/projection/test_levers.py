"""Levers of every kind: closed forms of savings, costs, payback, ranking, verdicts, measured effects."""

import json
from dataclasses import replace

import numpy as np
import pytest

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.registry import get_method
from qwatt.core.run_folder import RunFolder
from qwatt.core.task import STAGES
from qwatt.core.trial import Trial, TrialSpec
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.effects import known
from qwatt.projection.effects.known import EffectBasis, LeverEffect, effect_of
from qwatt.projection.effects.stages import stage_shares
from qwatt.projection.levers.lever import payback
from qwatt.projection.levers.ranked import ranked_levers
from qwatt.projection.life.life_cycle import life_cycle
from qwatt.projection.life.service import service_of
from qwatt.projection.project import project
from qwatt.projection.scaling import all_cards, scenario_sizes
from qwatt.projection.scaling.quantile import central_quantiles
from qwatt.projection.scenario.file import all_scenarios, changed, load_scenario, scenario_of
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.rules import WORDS

CHAT = load_scenario("llama-3.1-8b-chat")
BATCHED = changed(CHAT, {"deployment.utilisation": 0.5, "deployment.always_on": 0})
KEYS = {
    *("id", "stage", "task", "kind", "name", "saved_kwh", "saved_usd", "saved_co2e_kg", "cost_usd"),
    *("cost_kwh", "payback_requests", "assumed_share", "verdict"),
}


def exact(kind, remaining, *, raw=False, factor=1.0):
    span = Span.given(remaining)
    return LeverEffect(kind, span, Span.given(factor), EffectBasis.MEASURED, "a test", of_raw_corpus=raw)


def shares(effect, scenario=BATCHED):
    found = stage_shares(effect, scenario, central_quantiles, "test")
    return {stage: float(share[0]) for stage, share in found.shares.items()}, found


def levers(scenario=CHAT, run=None):
    found = ranked_levers(all_cards(), [], life_cycle(scenario), scenario_sizes(scenario), run or {})
    return {lever.id: lever for lever in found}


@pytest.fixture(scope="module")
def record():
    return project(CHAT, draws=100).to_record()


def test_the_record_has_the_contract(record):
    for lever in record["levers"]:
        assert lever.keys() >= KEYS
        assert lever["saved_kwh"].keys() == {"value", "low", "high", "basis"}
        assert lever["verdict"] in WORDS and lever["why"]
    assert {lever["kind"] for lever in record["levers"]} == {"classical", "inspired", "quantum"}
    assert json.dumps(record["levers"], allow_nan=False)


def test_levers_are_ranked_by_stage_and_what_needs_no_quantum_computer_comes_first(record):
    order = [(STAGES.index(e["stage"]), e["kind"] == "quantum") for e in record["levers"]]
    assert order == sorted(order)
    ordinary = [e for e in record["levers"] if e["stage"] == "deployment" and e["kind"] != "quantum"]
    net = [(e["saved_kwh"]["value"] or 0.0) - (e["cost_kwh"] or 0.0) for e in ordinary]
    assert net == sorted(net, reverse=True)


def test_every_quantum_enhancement_is_a_lever_with_its_own_verdict(record):
    verdicts = {e["id"]: e["verdict"] for e in record["enhancements"] if e["kind"] == "quantum"}
    found = {e["id"]: e["verdict"] for e in record["levers"] if e["kind"] == "quantum"}
    assert found == verdicts


def test_fewer_tokens_save_in_proportion_of_the_runs():
    found, _ = shares(exact(EffectKind.TRAINING_TOKENS, 0.6))
    assert found == pytest.approx(dict.fromkeys(("encoding", "architecture", "training"), 0.4))
    half, _ = shares(exact(EffectKind.TOKENS_TO_TARGET, 0.6, factor=0.5))
    assert half == pytest.approx({"architecture": 0.2, "training": 0.2})


def test_a_corpus_that_was_brought_down_is_in_place_and_worth_what_it_spares():
    """Chat trains on half of its raw tokens: without the removal, training would take twice as much."""
    found, shape = shares(exact(EffectKind.TRAINING_TOKENS, 0.5, raw=True))
    assert shape.in_place and found["training"] == pytest.approx(1.0)
    less, _ = shares(exact(EffectKind.TRAINING_TOKENS, 0.8, raw=True))
    assert less["training"] == pytest.approx(0.25)
    untouched = changed(BATCHED, {"curation.raw_tokens": 1.5e13})
    todo, shape = shares(exact(EffectKind.TRAINING_TOKENS, 0.5, raw=True), untouched)
    assert not shape.in_place and todo["training"] == pytest.approx(0.5)


def test_weights_of_half_the_bits_save_what_the_serving_calculator_says():
    served = service_of(BATCHED)
    whole, half = (
        estimate_inference(service_of(changed(BATCHED, {"deployment.precision": name})))
        for name in ("bfloat16", "int8")
    )
    expected = 1 - half["energy_per_request.facility"].value / whole["energy_per_request.facility"].value
    found, shape = shares(exact(EffectKind.WEIGHT_BITS, 0.5))
    assert served.precision == "bfloat16" and not shape.in_place
    assert found["deployment"] == pytest.approx(expected, rel=1e-9) and 0.05 < expected < 0.5


def test_a_smaller_model_saves_what_the_serving_calculator_says():
    own = scenario_of(
        {
            "name": "own",
            "model": {"params": 8e9, "kv_values": 65536},
            "training": {"accelerator": "h100", "tokens": 1e12},
            "deployment": dict(BATCHED.deployment),
        }
    )
    whole = estimate_inference(service_of(own))
    small = estimate_inference(service_of(changed(own, {"model.params": 6e9})))
    expected = 1 - small["energy_per_request.facility"].value / whole["energy_per_request.facility"].value
    found, _ = shares(exact(EffectKind.WEIGHTS, 0.75), own)
    assert found["deployment"] == pytest.approx(expected, rel=1e-6)


def test_bits_that_are_served_already_are_in_place():
    served = changed(BATCHED, {"deployment.precision": "int4", "deployment.batch": 8})
    found, shape = shares(exact(EffectKind.WEIGHT_BITS, 0.28), served)
    assert shape.in_place and found["deployment"] > 0
    half = changed(BATCHED, {"deployment.precision": "fp8"})
    assert shares(exact(EffectKind.WEIGHT_BITS, 0.53), half)[1].in_place


def test_a_copy_that_is_always_on_is_paid_however_light_its_model_is():
    quiet = changed(CHAT, {"deployment.requests_per_day": 1000})
    found = stage_shares(exact(EffectKind.WEIGHT_BITS, 0.5), quiet, central_quantiles, "test")
    assert float(found.usd_shares["deployment"][0]) == pytest.approx(0.0)
    assert 0 < float(found.shares["deployment"][0]) < 0.05


def test_lighter_weights_may_need_fewer_accelerators():
    large = changed(
        load_scenario("llama-3.1-405b"),
        {"deployment.requests_per_day": 100, "deployment.precision": "bfloat16", "deployment.gpus": 16},
    )
    stated = stage_shares(exact(EffectKind.WEIGHT_BITS, 0.25), large, central_quantiles, "test")
    free = changed(large, {"deployment.gpus": None})
    fewest = stage_shares(exact(EffectKind.WEIGHT_BITS, 0.25), free, central_quantiles, "test")
    assert float(stated.usd_shares["deployment"][0]) == pytest.approx(0.0)
    assert float(fewest.usd_shares["deployment"][0]) > 0.5


def test_nothing_of_a_downloaded_model_can_be_saved_before_tuning():
    for kind in (EffectKind.TRAINING_TOKENS, EffectKind.TOKENS_TO_TARGET, EffectKind.SEARCH_TRAININGS):
        found = stage_shares(
            exact(kind, 0.5), changed(CHAT, {"training.downloaded": True}), central_quantiles, "test"
        )
        assert found.none and not found.shares
    without = changed(CHAT, {"tuning.runs_per_year": 0})
    assert shares(exact(EffectKind.RETRAININGS, 0.1), without)[1].none


def test_what_takes_more_is_a_loss():
    found, _ = shares(exact(EffectKind.TOKENS_TO_TARGET, 1.25))
    assert found["training"] == pytest.approx(-0.25)


@pytest.mark.parametrize(
    ("cost", "before", "service", "expected"),
    [(10.0, 20.0, 0.0, 0.0), (10.0, 0.0, 5.0, 200.0), (10.0, 5.0, 5.0, 100.0), (10.0, 0.0, 0.0, None)],
)
def test_payback_by_hand(cost, before, service, expected):
    assert payback(cost, before, service, requests=100.0) == expected
    assert payback(cost, before, service, requests=0.0) == (0.0 if expected == 0.0 else None)


def test_assumed_shares():
    assert exact(EffectKind.WEIGHTS, 0.5).assumed_share == 0.0
    assert exact(EffectKind.WEIGHTS, 0.5, factor=0.5).assumed_share == 0.0
    wide = replace(exact(EffectKind.WEIGHTS, 0.5), factor=Span(0.4, 0.1, 0.6))
    assert wide.assumed_share == pytest.approx(0.75)
    prior = LeverEffect(
        EffectKind.WEIGHTS, Span.given(0.5), Span.given(1.0), EffectBasis.ASSUMED, "a judgement"
    )
    assert prior.assumed_share == 1.0


def test_a_judged_effect_is_never_to_be_used_now():
    for lever in levers().values():
        if lever.assumed_share is not None and lever.assumed_share >= 0.5:
            assert lever.verdict in ("watch", "do not"), lever.id


def test_verdicts_of_ordinary_levers_do_not_depend_on_the_futures_drawn(record):
    other = {e["id"]: e for e in project(CHAT, draws=150).to_record()["levers"]}
    for lever in record["levers"]:
        if lever["kind"] != "quantum":
            assert lever == other[lever["id"]]


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(all_scenarios()))
def test_verdicts_do_not_flip_between_draws_or_say_that_they_sit_on_a_threshold(name):
    few, many = (
        {e["id"]: e for e in project(all_scenarios()[name], draws=draws).to_record()["levers"]}
        for draws in (4_000, 20_000)
    )
    for key, lever in few.items():
        other = many[key]
        assert lever["verdict"] == other["verdict"] or lever["on_threshold"] or other["on_threshold"], key


def test_a_runs_own_effect_replaces_the_catalogues():
    usual = levers()["deployment/quantise/gptq"]
    own = Effect(EffectKind.WEIGHT_BITS, (0.5, 0.5, 0.5), 5, "against floats")
    run = {("deployment/quantise", "gptq"): own}
    measured = levers(run=run)["deployment/quantise/gptq"]
    assert measured.saved_kwh["basis"] == "measured" and measured.assumed_share == 0.0
    assert 0 < measured.saved_kwh["value"] < usual.saved_kwh["value"]
    lost = {("deployment/quantise", "gptq"): Effect.unknown("0.3 nats per token are lost")}
    none = levers(run=lost)["deployment/quantise/gptq"]
    assert none.saved_kwh["value"] is None and "0.3 nats" in none.why and none.verdict == "do not"


def test_the_shipped_effects_say_when_where_and_of_how_many_seeds():
    shipped = known.reference_record()
    assert shipped["date"] and shipped["machine"] and shipped["packages"]["qwatt"]
    for entry in shipped["effects"]:
        assert get_method(entry["task"], entry["method"]).name == entry["method"]
        assert entry["trials"] >= 3 and entry["source"] and entry["size"]
        assert Effect.from_record(entry["effect"]).known or entry["effect"]["reason"]
    assert len({(e["task"], e["method"]) for e in shipped["effects"]}) == len(shipped["effects"])


def test_reference_trials_tell_methods_apart_without_saying_how_much_the_user_has(monkeypatch):
    def documents(recall):
        return Effect(EffectKind.TRAINING_TOKENS, (0.9, 0.9, 0.9), 5, "against the corpus", found=recall)

    shipped = {
        ("curation/dedup", "minhash"): documents(0.8),
        ("curation/dedup", "semantic"): documents(0.4),
    }
    monkeypatch.setattr(known, "reference", lambda: shipped)
    best, half = (effect_of("curation/dedup", name, {}) for name in ("minhash", "semantic"))
    assert best.basis == half.basis == EffectBasis.PUBLISHED
    assert best.remaining == half.remaining and "90% left on small data" in best.source
    assert (best.scale, half.scale) == (1.0, pytest.approx(0.5))


def test_what_a_small_decoder_says_of_an_optimiser_does_not_replace_what_larger_ones_say(monkeypatch):
    small = Effect(EffectKind.TOKENS_TO_TARGET, (0.3, 0.38, 0.4), 3, "against AdamW")
    monkeypatch.setattr(known, "reference", lambda: {("training/optimise", "muon"): small})
    found = effect_of("training/optimise", "muon", {})
    assert found.basis is EffectBasis.PUBLISHED and found.remaining.value == 0.8
    assert "38% left" in found.source
    own = effect_of("training/optimise", "muon", {("training/optimise", "muon"): small})
    assert own.basis is EffectBasis.MEASURED and own.remaining.value == 0.38


def test_saved_energy_is_the_share_of_the_stages():
    """With the published halving in place, deduplication saves at most what the stages take once more."""
    cycle = life_cycle(CHAT)
    lever = levers()["curation/dedup/minhash"]
    most = sum(cycle.stages[s].energy.to("kWh").interval[1] for s in ("encoding", "architecture", "training"))
    assert lever.in_place and lever.cost_kwh > 0
    assert 0.3 * most < lever.saved_kwh["value"] < most
    assert lever.saved_co2e_kg == pytest.approx(0.369 * lever.saved_kwh["value"], rel=0.05)


def test_an_unknown_stage_leaves_the_saving_unknown():
    unknown = changed(CHAT, {"deployment.accelerator": "tpu-v5p", "deployment.gpus": 8})
    found = levers(unknown)["deployment/quantise/gptq"]
    assert found.saved_kwh["value"] is None and "unpublished" in found.why
    assert np.isfinite(levers()["deployment/quantise/gptq"].cost_usd)


def test_a_quantum_method_is_credited_what_its_solutions_save_beyond_the_best_other():
    """Half the weight bits by a QPU beside 3/4 by the best other: the difference is what it adds."""
    cards = {name: all_cards()[name] for name in ("deployment/quantise/gptq", "deployment/quantise/annealer")}
    entry = {
        "id": "deployment/quantise/annealer", "saved_kwh": {"expected": 0.0}, "ceiling": {"kwh_p90": 0.0},
        "money": None, "today": None, "verdict": "do not", "why": "", "verdict_probabilities": {},
        "on_threshold": "",
    }  # fmt: skip
    run = {
        ("deployment/quantise", name): Effect(EffectKind.WEIGHT_BITS, (left,) * 3, 5, "against floats")
        for name, left in (("gptq", 0.75), ("annealer", 0.5))
    }
    sizes = scenario_sizes(BATCHED)
    other, own = ranked_levers(cards, [entry], life_cycle(BATCHED), sizes, run)
    energy = life_cycle(BATCHED).stages["deployment"].energy.to("kWh").interval[1]
    more = shares(exact(EffectKind.WEIGHT_BITS, 0.5))[0]["deployment"] * energy - other.saved_kwh["value"]
    assert own.kind == "quantum" and own.saved_kwh["value"] == pytest.approx(more, rel=0.02) and more > 0


def test_a_run_folder_brings_its_effects(tmp_path):
    folder = RunFolder(tmp_path / "run")
    for seed in range(5):
        spec = TrialSpec("deployment/quantise", "gptq", "own-text", "s", seed, "engine", None, 1)
        extras = {"float_nats_per_token": 3.0, "bits_per_weight": 8.0}
        folder.append(Trial(spec, "classical", "nats_per_token", "done", quality=3.001, extras=extras))
    record = project(CHAT, draws=100, run_folder=folder).to_record()
    lever = next(e for e in record["levers"] if e["id"] == "deployment/quantise/gptq")
    assert lever["saved_kwh"]["basis"] == "measured" and lever["effect"]["remaining"] == [0.5] * 3
    assert "5 seeds of the run" in lever["effect"]["source"]
