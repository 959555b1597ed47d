"""What is filed beside the energy: idle hardware, embodied carbon, water, grid, sunk training, warnings."""

import math
import re

import pytest

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.life.life_cycle import life_cycle
from qwatt.projection.life.plausible import doubts
from qwatt.projection.scenario.file import all_scenarios, changed, load_scenario, scenario_of

CHAT = load_scenario("llama-3.1-8b-chat")
SERVED = {
    "accelerator": "h100",
    "requests_per_day": "2M",
    "input_tokens": 100,
    "output_tokens": 50,
    "years": 1,
}
DOWNLOADED = {
    "name": "mine",
    "model": {"id": "llama-3.1-8b"},
    "training": "downloaded",
    "deployment": SERVED,
}


@pytest.mark.parametrize("name", sorted(all_scenarios()))
def test_every_stage_has_idle_hardware_embodied_carbon_and_water(name):
    cycle = life_cycle(all_scenarios()[name])
    for record in (*cycle.to_record()["stages"], cycle.to_record()["total"]):
        for key in ("idle", "embodied_kgco2e", "water_l"):
            ends = [record[key][end] for end in ("low", "value", "high")]
            assert 0 <= ends[0] <= ends[1] <= ends[2] < math.inf
    deployment = cycle.stages["deployment"].costs
    assert 0 < deployment["idle"].value < deployment["energy_kwh"]["facility"].value
    assert deployment["water_l"].value > 0 < deployment["embodied_kgco2e"].value


def test_water_of_a_published_run():
    """GPT-3 by arXiv:2304.03271: 0.7 million litres on site, 5.4 in all, for 1,287 MWh at PUE 1.1."""
    run = TrainingInput(accelerator="v100", gpu_hours=10_000 * 14.8 * 24, pue=1.1)
    estimate = estimate_training(run)
    per_kwh = estimate["water_l"].value / estimate["energy_kwh.facility"].value
    low, high = (estimate["water_l"].interval[i] / estimate["energy_kwh.facility"].value for i in (0, 2))
    assert low < 5.4e6 / 1.287e6 < high
    assert per_kwh == pytest.approx(5.4e6 / 1.287e6, rel=0.15)


def test_stated_water_replaces_the_catalogue():
    """OLMo 2 7B: 131 GPU MWh at PUE 1.2, and 1.29 L/kWh in all give 202 kL (arXiv:2501.00656, Table 19)."""
    site = {"pue": 1.2, "k_node": 1.0, "wue_on_site": 0.0, "wue_off_site": 1.29}
    estimate = estimate_training(TrainingInput(accelerator="h100", gpu_hours=131_000 / 0.609, **site))
    assert estimate["water_l"].value == pytest.approx(202e3, rel=0.02)


def test_a_downloaded_model_is_sunk_and_shown_apart():
    scenario = scenario_of(DOWNLOADED)
    cycle = life_cycle(scenario)
    before = [cycle.stages[stage].costs for stage in ("curation", "encoding", "architecture", "training")]
    assert all(costs["energy_kwh"]["facility"].value == 0 for costs in before)
    assert cycle.sunk.costs["gpu_hours"].value == 1_460_000
    assert cycle.sunk.costs["gpu_hours"].basis == "published"
    assert "tCO2e_location 420" in cycle.sunk.note
    total = cycle.total["energy_kwh"]["facility"].value
    assert (
        cycle.sunk.costs["energy_kwh"]["facility"].value
        > total
        == sum(stage.energy.value for stage in cycle.stages.values())
    )
    assert changed(scenario, {}) == scenario
    assert life_cycle(CHAT).sunk is None


def test_what_is_not_published_of_a_downloaded_model_is_unknown():
    scenario = scenario_of(DOWNLOADED | {"model": {"id": "mistral-7b"}})
    sunk = life_cycle(scenario).sunk
    assert sunk.costs["energy_kwh"]["facility"].value is None
    assert "catalogued" in sunk.costs["energy_kwh"]["facility"].reason


def test_grid_year_method_and_scope_are_stated():
    stated = life_cycle(CHAT).to_record()["accounting"]
    assert (
        stated["grid_year"] == 2023 and "location based" in stated["method"] and "scope 2" in stated["scope"]
    )
    assert (
        stated["co2e_market_kg"]["value"] is None
        and "market_kg_per_kwh" in stated["co2e_market_kg"]["reason"]
    )
    contract = life_cycle(changed(CHAT, {"site.market_kg_per_kwh": 0.01}))
    energy = contract.total["energy_kwh"]["facility"].value
    assert contract.to_record()["accounting"]["co2e_market_kg"]["value"] == pytest.approx(0.01 * energy)
    assert contract.total["co2e_kg"].value == life_cycle(CHAT).total["co2e_kg"].value


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"training.gpu_hours": 1.5e4}, "training.gpu_hours is 1.5e+04, far from"),
        ({"training.mfu": 0.9}, "training.mfu"),
        ({"training.tokens": 1e11}, "training.tokens"),
        ({"site.pue": 2.5}, "site.pue"),
        ({"site.kg_per_kwh": 0.01}, "site.kg_per_kwh"),
        ({"site.usd_per_gpu_hour": 0.1}, "site.usd_per_gpu_hour"),
        ({"deployment.batch": 5000}, "the cache leaves room"),
        ({"deployment.utilisation": 0.9, "deployment.requests_per_day": 100}, "always on are busy"),
        ({"curation.raw_tokens": 1e12}, "corpus is repeated"),
    ],
)
def test_a_number_far_from_the_expected_is_warned_of(changes, word):
    assert doubts(CHAT) == []
    assert any(word in doubt for doubt in doubts(changed(CHAT, changes)))


def test_the_published_hours_of_the_catalogued_models_raise_no_doubt():
    for name in ("llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b", "bloom-176b"):
        scenario = scenario_of(DOWNLOADED | {"model": {"id": name}, "training": {"accelerator": "h100"}})
        shape = scenario.model.shape()
        stated = changed(
            scenario, {"training.gpu_hours": shape.gpu_hours, "training.accelerator": shape.trained_on}
        )
        assert not [doubt for doubt in doubts(stated) if "gpu_hours" in doubt]


def test_numbers_may_have_suffixes_in_toml(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "8B, not 9B"  # 7B\n[model]\nparams = 8B\n[training]\naccelerator = "h100"\ntokens = 2T\n'
        '[deployment]\naccelerator = "h100"\nrequests_per_day = 2M\ninput_tokens = "1k"\noutput_tokens = 50\n'
        "years = 1\n[site]\npue = [1.1, 1.2, 1.3]\n",
        encoding="utf-8",
    )
    scenario = load_scenario(path)
    assert scenario.name == "8B, not 9B"
    assert (scenario.model.params, scenario.training_tokens) == (8e9, 2e12)
    assert (scenario.deployment.requests_per_day, scenario.deployment.input_tokens) == (2e6, 1e3)


def test_all_missing_keys_are_named_at_once():
    with pytest.raises(QwattError) as caught:
        scenario_of({"name": "mine", "model": {"params": 1e9}, "training": {"tokens": 1e9}}, "mine.toml")
    for key in ("training.accelerator", "deployment.accelerator", "deployment.years", "requests_per_day"):
        assert key in caught.value.what
    assert "[deployment]" in caught.value.mend and "[training]" in caught.value.mend


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ("deployment", "requests", "did you mean requests_per_day"),
        ("deployment", "tokens_in", "input_tokens"),
        ("deployment", "pue", "belongs under .site."),
        ("training", "num_gpus", "did you mean gpus"),
    ],
)
def test_a_near_miss_is_suggested(table, key, words):
    data = {
        "name": "mine",
        "model": {"params": 1e9},
        "training": {"accelerator": "h100", "tokens": 1e9},
        "deployment": dict(SERVED),
    }
    data[table][key] = 1
    with pytest.raises(QwattError) as caught:
        scenario_of(data, "mine.toml")
    assert caught.value.mend and re.search(words, caught.value.mend)
