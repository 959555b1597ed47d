"""Scenarios: what ships loads, and every mistake is answered with place, value and range."""

import pytest

from qwatt.core.errors import QwattError
from qwatt.projection.scenario.file import all_scenarios, changed, load_scenario, scenario_of

SMALL = {
    "name": "small",
    "model": {"params": 1e9},
    "training": {"accelerator": "a100", "tokens": 1e11},
    "deployment": {
        "accelerator": "H100",
        "requests_per_day": 1000,
        "input_tokens": 100,
        "output_tokens": 100,
        "years": 2.5,
    },
}


def altered(dotted, value):
    data = {key: dict(item) if isinstance(item, dict) else item for key, item in SMALL.items()}
    *path, last = dotted.split(".")
    table = data
    for part in path:
        table = table.setdefault(part, {})
    table[last] = value
    return data


def test_the_shipped_scenarios_load():
    found = all_scenarios()
    assert {"llama-3.1-8b-chat", "llama-3.1-405b", "smollm2-edge", "my-model"} <= set(found)
    assert found["my-model"].id == "my-model"


def test_names_are_normalised_and_defaults_come_from_the_catalogue():
    scenario = scenario_of(SMALL)
    assert scenario.training.accelerator == "a100-80"
    assert scenario.deployment.accelerator == "h100"
    assert scenario.place().pue.low < scenario.place().pue.value < scenario.place().pue.high


def test_requests_grow_by_the_year():
    steady = scenario_of(SMALL).deployment
    assert steady.requests == pytest.approx(365.25 * 1000 * 2.5)
    growing = scenario_of(altered("deployment.growth_per_year", 1.0)).deployment
    assert growing.requests == pytest.approx(365.25 * 1000 * (1 + 2 + 0.5 * 4))


@pytest.mark.parametrize(
    ("dotted", "value", "words"),
    [
        ("training.tokens", -1, "training.tokens: tokens is -1"),
        ("training.accelerator", "h10", "did you mean h100"),
        ("deployment.accelerator", "gpu9", "deployment.accelerator"),
        ("site.pue", 0.5, "more than|from 1 to 3"),
        ("site.pue", "1.2 kWh", "without a unit.*from 1 to 3"),
        ("site.pue", [1.3, 1.2, 1.1], "low, value, high"),
        ("site.grid", "germoney", "did you mean germany"),
        ("site.kg_per_kwh", 381, "kilograms per kWh, not grams"),
        ("monitoring.fraction", 5, "not a percentage"),
        ("training.mfu", 40, "not a percentage"),
        ("model.booked_share", 150, "from 0 to 1"),
        ("deployment.batch", 0, "deployment.batch"),
        ("deployment.years", 0, "more than 0"),
        ("deployment.growth_per_year", 30, "0.2 is 20 %"),
        ("deployment.precision", "bf16x", "did you mean"),
        ("deployment.request_per_day", 5, "did you mean requests_per_day"),
        ("deploymnt.years", 5, "did you mean deployment"),
        ("encoding.tokenizer", "hf-rusty", "did you mean hf-rust"),
        ("tuning.method", "qlora", "did you mean lora"),
        ("tuning.distil", {"student_params": 1e8, "token": 1e9}, "tokens is missing|did you mean tokens"),
        ("model.id", "llama-3.1-8b", "either id or params"),
        ("model.active", 1e10, "more than all"),
        ("outlook.roadmap", "hope", "history"),
        ("outlook.draws", 1, "draws is 1, outside the valid range .from 100 to 1e.06"),
        ("outlook.draws", 150.5, "whole"),
        ("outlook.seed", -1, "seed is -1"),
        ("outlook.discount_rate", 7, "from 0 to 1; a share, not a percentage"),
        ("outlook.first_year", 1999, "first_year is 1999, outside the valid range .from 2024 to 2050"),
        ("outlook.last_year", 3000, "from 2024 to 2060"),
    ],
)
def test_a_mistake_names_place_value_and_range(dotted, value, words):
    with pytest.raises(QwattError, match=words) as caught:
        scenario_of(altered(dotted, value), "mine.toml")
    assert caught.value.where.startswith("mine.toml:")
    assert dotted.split(".")[0] in caught.value.where
    assert caught.value.mend


def test_a_missing_key_is_named():
    data = altered("model.params", 1e9)
    del data["deployment"]["years"]
    with pytest.raises(QwattError, match=r"mine.toml:deployment.years: years is missing"):
        scenario_of(data, "mine.toml")


def test_a_model_without_catalogued_tokens_needs_them():
    data = altered("model", {"id": "mixtral-8x7b"})
    del data["training"]["tokens"]
    with pytest.raises(QwattError, match=r"training\.tokens"):
        scenario_of(data, "mine.toml")


def test_files_that_do_not_exist_or_parse(tmp_path):
    with pytest.raises(QwattError, match="did you mean my-model"):
        load_scenario("my-modle")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = \n", encoding="utf-8")
    with pytest.raises(QwattError, match=r"broken.toml: not valid TOML"):
        load_scenario(broken)


def test_changes_are_checked_again():
    scenario = load_scenario("llama-3.1-8b-chat")
    assert changed(scenario, {"deployment.batch": 8, "site.pue": 1.5}).deployment.batch == 8
    assert changed(scenario, {}) == scenario
    with_intervals = load_scenario("llama-3.1-405b")
    assert changed(with_intervals, {}) == with_intervals
    assert changed(with_intervals, {"site.pue": (1.1, 1.2, 1.3)}).place().pue.high == 1.3
    with pytest.raises(QwattError, match="from 1 to 3"):
        changed(scenario, {"site.pue": 0.9})
    with pytest.raises(QwattError, match="did you mean deployment"):
        changed(scenario, {"deploymen.batch": 1})
