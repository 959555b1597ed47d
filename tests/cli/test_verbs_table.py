"""The table of the verbs says what the verbs say themselves."""

import inspect
from importlib import import_module

import pytest
import typer

from qwatt.cli.verbs import VERBS


@pytest.mark.parametrize("name", VERBS)
def test_the_line_is_the_verb_s_own(name) -> None:
    module, _, attribute = VERBS[name].home.partition(":")
    found = getattr(import_module(module), attribute)
    own = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found).partition("\n")[0]
    assert VERBS[name].line == own


def test_groups_offer_no_completion_of_their_own_and_nothing_is_the_help(qwatt) -> None:
    whole = qwatt([])
    assert (whole.code, whole.err) == (2, "") and whole.out == qwatt("--help").out
    for group in ("runs", "list", "data", "estimate"):
        helped = qwatt([group])
        assert "--install-completion" not in helped.out and "Commands" in helped.out, group
    assert "Did you mean 'compare'?" in qwatt("comparee").err


def test_only_the_verb_that_is_asked_for_is_imported(qwatt, monkeypatch) -> None:
    monkeypatch.setattr("qwatt.cli.verbs.Verb.load", lambda self, name: 1 / 0)
    helped = qwatt("--help")
    assert helped.code == 0 and all(name in helped.out for name in VERBS)
    with pytest.raises(ZeroDivisionError):
        qwatt("doctor")
