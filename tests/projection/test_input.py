"""A calculator's input states each field once: checked when made, shared by scenario and command line."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.curation import CurationInput
from qwatt.projection.calculators.development import DevelopmentInput
from qwatt.projection.calculators.distil import DistilInput
from qwatt.projection.calculators.input import stated_fields
from qwatt.projection.calculators.monitoring import MonitoringInput
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.tokenise import TokeniseInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.calculators.tuning import TuningInput
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.spread import Span

INPUTS = (
    CurationInput, DevelopmentInput, DistilInput, InferenceInput, MonitoringInput, SiteInput, TokeniseInput,
    TrainingInput, TuningInput,
)  # fmt: skip
RUN = TrainingInput(params=8e9, tokens=15e12, accelerator="H100-80G-SXM", pue=(1.1, 1.2, 1.3))


@pytest.mark.parametrize("kind", INPUTS)
def test_every_field_says_what_it_means_and_accepts_its_own_default(kind):
    for name, field in stated_fields(kind).items():
        assert field.help, name
        if not field.required and field.default is not None:
            assert field.checked.test(name, field.default) == field.default


def test_values_are_kept_in_their_checked_form():
    assert RUN.accelerator == "h100"
    assert RUN.pue == Span(1.2, 1.1, 1.3)
    assert RUN.place().pue == RUN.pue


@given(params=st.floats(1, 1e16), tokens=st.floats(0, 1e18), pue=st.floats(1, 3))
def test_making_an_input_of_an_input_changes_nothing(params, tokens, pue):
    run = TrainingInput(params=params, tokens=tokens, accelerator="a100", pue=pue)
    assert TrainingInput.of(run) == run == dataclasses.replace(run)


def test_a_replaced_field_is_checked_again():
    with pytest.raises(QwattError, match="tokens"):
        dataclasses.replace(RUN, tokens=-1.0)


def test_a_table_passes_its_fields_by_name_and_leaves_out_what_it_does_not_say():
    scenario = load_scenario("llama-3.1-8b-chat")
    corpus = CurationInput.of(scenario.site, scenario.curation, tokens=1e12, accelerator="h100")
    for name in set(stated_fields(CurationInput)) & set(type(scenario.curation).model_fields):
        assert getattr(corpus, name) == getattr(scenario.curation, name)
    assert corpus.place() == scenario.place()


def test_known_hours_and_a_model_contradict_each_other_in_python_too():
    with pytest.raises(QwattError) as caught:
        TrainingInput(params=8e9, gpu_hours=1e6, accelerator="h100")
    assert caught.value.where == "params"


def test_the_hardware_is_never_assumed_in_python_either():
    with pytest.raises(TypeError, match="accelerator"):
        TrainingInput(params=8e9, tokens=1e12)


@pytest.mark.parametrize("pue", [None, 1.5, (1.2, 1.5, 1.6)])
def test_an_interval_may_be_one_number_or_three(pue):
    run = dataclasses.replace(RUN, pue=pue)
    ratio = (
        estimate_training(run)["energy_kwh.facility"].value / estimate_training(run)["energy_kwh.node"].value
    )
    assert ratio == pytest.approx(1.5 if pue else run.place().pue.value)
