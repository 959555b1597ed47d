"""Domains: texts of one kind beside those of another."""

import pytest

from qwatt.core.errors import QwattError
from qwatt.data.domains import DOMAINS, ELSEWHERE, LOGS, PROMPTS, WEATHER, read_domain


@pytest.mark.parametrize("name", [LOGS, WEATHER])
def test_built_in_domains_share_no_text(name):
    found = read_domain(name)
    normal, other = ({text for _, text in side} for side in found)
    assert len(normal) == len(found.normal) and len(other) == len(found.other)
    assert len(normal) > 100 and len(other) > 100 and not normal & other
    assert len({name for side in found for name, _ in side}) == len(normal) + len(other)
    assert read_domain(name) == found


@pytest.mark.network
@pytest.mark.nightly
@pytest.mark.parametrize("name", ELSEWHERE)
def test_snippets_of_elsewhere_are_no_snippets_of_the_domain(name):
    normal, other = ({text for _, text in side} for side in read_domain(name))
    assert len(normal) > 3_000 and len(other) > 3_000 and not normal & other


@pytest.mark.network
@pytest.mark.nightly
def test_prompts_and_injections_are_as_many_as_the_packages_hold():
    found = read_domain(PROMPTS)
    assert (len(found.normal), len(found.other)) == (749, 117)
    assert any("gnore all previous instructions" in text for _, text in found.other)


def test_an_unknown_domain_gives_the_nearest():
    assert PROMPTS in DOMAINS
    with pytest.raises(QwattError, match=r"unknown domain 'builtin:log'[\s\S]*builtin:logs"):
        read_domain("builtin:log")
