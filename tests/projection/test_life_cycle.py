"""The life cycle: seven stages, shares, and what must move when an assumption moves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.task import STAGES
from qwatt.projection.life.life_cycle import life_cycle
from qwatt.projection.scenario.file import all_scenarios, changed, load_scenario

CHAT = load_scenario("llama-3.1-8b-chat")


@pytest.mark.parametrize("name", ["llama-3.1-8b-chat", "llama-3.1-405b", "smollm2-edge", "my-model"])
def test_every_stage_has_energy_money_and_carbon(name):
    cycle = life_cycle(all_scenarios()[name])
    assert tuple(cycle.stages) == STAGES
    for stage in cycle.stages.values():
        for quantity in (stage.energy, stage.costs["usd"], stage.costs["co2e_kg"]):
            low, value, high = quantity.interval
            assert 0 <= low <= value <= high < math.inf
    assert sum(stage.share.value for stage in cycle.stages.values()) == pytest.approx(1.0)
    assert all(0 <= s.share.low <= s.share.value <= s.share.high <= 1 for s in cycle.stages.values())


def test_the_total_is_the_sum():
    cycle = life_cycle(CHAT)
    total = sum(stage.energy.to("kWh").interval[1] for stage in cycle.stages.values())
    assert cycle.total["energy_kwh"]["facility"].value == pytest.approx(total)
    record = cycle.to_record()
    assert [stage["stage"] for stage in record["stages"]] == list(STAGES)


def test_the_published_hours_are_used_and_labelled():
    hours = life_cycle(CHAT).stages["training"].costs["gpu_hours"]
    assert hours.value == 1_460_000
    assert hours.basis == "published"
    modelled = life_cycle(changed(CHAT, {"training.tokens": 1.5e13})).stages["training"].costs["gpu_hours"]
    assert modelled.basis == "modelled"
    assert modelled.low < 1_460_000 < modelled.high


def test_a_downloaded_model_books_no_training():
    stages = life_cycle(changed(CHAT, {"model.booked_share": 0.0})).stages
    assert all(stages[s].energy.value == 0 for s in ("curation", "encoding", "architecture", "training"))
    assert stages["deployment"].share.value > 0.9


def test_served_tokens_decide_the_share():
    few, many = (
        life_cycle(changed(CHAT, {"deployment.requests_per_day": r})).stages["deployment"].share.value
        for r in (1e4, 1e10)
    )
    assert few < 0.01
    assert many > 0.9


def test_removing_tokens_books_the_saving_in_training():
    before = life_cycle(changed(CHAT, {"training.tokens": 2e13})).stages
    after = life_cycle(changed(CHAT, {"training.tokens": 1e13})).stages
    assert after["training"].energy.value == pytest.approx(before["training"].energy.value / 2, rel=0.01)
    assert after["curation"].energy.value == before["curation"].energy.value


@given(factor=st.floats(1, 100), key=st.sampled_from(["requests_per_day", "input_tokens", "output_tokens"]))
def test_more_use_never_costs_less(factor, key):
    usual = getattr(CHAT.deployment, key)
    more = life_cycle(changed(CHAT, {f"deployment.{key}": usual * factor}))
    for name, stage in life_cycle(CHAT).stages.items():
        assert more.stages[name].energy.value >= stage.energy.value * (1 - 1e-12)


def test_an_unknown_power_makes_the_shares_unknown_with_a_reason():
    stages = life_cycle(changed(CHAT, {"training.accelerator": "tpu-v5p"})).stages
    assert stages["training"].energy.value is None
    assert "unpublished" in stages["training"].energy.reason
    assert "training" in stages["deployment"].share.reason
    assert stages["deployment"].energy.known
