"""Cards and built methods: the same names, the same kinds, and leftovers that say so."""

from dataclasses import replace

import pytest
from card_coverage import coverage, coverage_of

from qwatt.core.registry import all_methods
from qwatt.projection.scaling import all_cards
from qwatt.projection.scaling.load import card_of

CONTROLS = {
    "architecture/layer/hybrid-qnn-random",
    "architecture/layer/hybrid-qnn-separable",
    "architecture/search/exhaustive",
    "architecture/search/random-one-hot",
    "architecture/search/vqc-surrogate-random",
    "architecture/search/vqc-surrogate-separable",
    "curation/dedup/random-keep",
    "curation/select/matching-random-windows",
    "curation/select/random",
    "deployment/prune/random",
    "deployment/prune/random-masks",
    "encoding/tokenise/bytes",
    "encoding/tokenise/characters",
    "monitoring/drift/kernel-mmd-separable",
    "monitoring/drift/random-labels",
    "training/optimise/adamw-separable",
    "training/optimise/mlp-same-size",
    "training/optimise/natural-gradient-elsewhere",
    "training/optimise/random-search",
    "training/optimise/sgd",
    "training/weights/grover-uniform",
    "training/weights/qubo-random",
    "training/weights/random-candidate",
    "tuning/distil/quantum-relational-separable",
    "tuning/distil/quantum-student-random",
    "tuning/head/linear-same-size",
    "tuning/head/reupload-random",
    "tuning/head/reupload-separable",
    "tuning/reinforce/random",
    "tuning/reinforce/reupload-random",
    "tuning/reinforce/reupload-separable",
}
"""Built to show what the quantum part is worth: nobody would run them, so they are not projected."""


def test_every_card_has_its_method_or_says_in_the_catalogue_that_none_is_built():
    found = coverage()
    assert not found.lost, "renamed? rename the card, or give it `built = false`"
    assert not found.unsaid, "built by now: take `built = false` off the card"
    assert found.not_built == {name for name, card in all_cards().items() if not card.built}


def test_cards_and_methods_are_of_one_kind():
    assert coverage().unlike == {}


def test_what_is_built_is_projected_except_controls():
    found = coverage()
    own = {f"{m.task}/{m.name}" for m in all_methods() if m.__module__.startswith("qwatt.")}
    assert found.without_card >= CONTROLS
    assert {m.kind for m in all_methods() if f"{m.task}/{m.name}" in CONTROLS} == {"control"}
    assert {"curation/dedup/independent-set-qaoa", "tuning/head/reupload"} <= found.both
    assert own == (found.both | found.without_card) & own


@pytest.mark.parametrize("renamed", ["curation/dedup/minhash", "tuning/head/reupload"])
def test_a_renamed_method_is_noticed(renamed):
    kinds = {name: all_cards()[name].kind for name in coverage().both}
    kinds[renamed + "-2"] = kinds.pop(renamed)
    found = coverage_of(all_cards(), kinds)
    assert found.lost == {renamed} and renamed + "-2" in found.without_card


def test_a_changed_kind_and_a_method_built_unsaid_are_noticed():
    cards = dict(all_cards())
    kinds = {name: cards[name].kind for name in coverage().both}
    name = "curation/dedup/exact-hash"
    assert coverage_of(cards, kinds | {name: "control"}).unlike == {name: ("classical", "control")}
    cards[name] = replace(cards[name], built=False)
    assert coverage_of(cards, kinds).unsaid == {name}


def test_a_method_finds_its_card():
    methods = {m.name: m for m in all_methods("curation/dedup")}
    assert card_of(methods["minhash"]) is all_cards()["curation/dedup/minhash"]
    assert card_of(methods["random-keep"]) is None
