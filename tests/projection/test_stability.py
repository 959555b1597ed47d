"""Verdicts do not hang on how many futures are drawn, or they say that they sit on a threshold."""

import pytest

from qwatt.projection.project import project
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.verdicts.rules import WORDS

BUNDLED = ("llama-3.1-8b-chat", "llama-3.1-405b", "smollm2-edge", "my-model")


@pytest.mark.nightly
@pytest.mark.parametrize("name", BUNDLED)
def test_verdicts_do_not_flip_between_4000_and_20000_futures(name):
    few, many = (
        {e["id"]: e for e in project(load_scenario(name), draws=draws).to_record()["enhancements"]}
        for draws in (4_000, 20_000)
    )
    for card, entry in few.items():
        other = many[card]["verdict"]
        assert other in (entry["verdict"], entry["on_threshold"]), f"{card}: {entry['why']}"
        assert entry["on_threshold"] in ("", *WORDS)
