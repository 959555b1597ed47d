import pytest

from qwatt.core.quantity import Quantity
from qwatt.core.task import STAGES
from qwatt.core.trial import Trial, TrialSpec
from qwatt.projection.futures.montecarlo import DrawSettings
from qwatt.projection.life.life_cycle import life_cycle
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.verdicts import claims
from qwatt.projection.verdicts.measured import Measured

CYCLE = life_cycle(load_scenario("llama-3.1-8b-chat"))
SETTINGS = DrawSettings()
NOTHING = Measured((), ())


def _entries(chances=None, saved_share=0.5):
    """One enhancement a stage that breaks even with the given chance from the first year on."""
    entries = []
    for stage in STAGES:
        energy = CYCLE.stages[stage].energy.to("kWh").interval[1]
        p = (chances or {}).get(stage, 0.0)
        entries.append(
            {
                "stage": stage,
                "id": "tuning/head/reupload-forward" if stage == "tuning" else f"{stage}/x/y",
                "name": f"of {stage}",
                "kind": "quantum",
                "today": {"executable": stage == "tuning"},
                "p_advantage": dict.fromkeys(SETTINGS.years, p),
                "ratio": {2050: {"p50": 100.0}},
                "saved_kwh": {"if_it_wins": {"p90": saved_share * energy} if p else None},
            }
        )
    return entries


def _audit(entries, found=NOTHING):
    return {claim["id"]: claim for claim in claims.audit(entries, CYCLE, SETTINGS, found)}


def test_the_seven_rows_and_the_statements_are_there():
    known = {claim["id"] for claim in claims.all_claims()}
    assert {f"row-{stage}" for stage in STAGES} <= known
    expected = ("long-prompt", "kilowatts", "fine-tuning", "crossover", "grid-clusters")
    assert {*expected, "clinical-encoding", "grover-weights", "head-accuracy"} <= known


def test_every_claim_gets_a_word_and_evidence():
    for claim in _audit(_entries()).values():
        assert claim["finding"] in (claims.SUPPORTED, claims.CONTRADICTED, claims.UNDECIDED)
        assert claim["evidence"] and claim["source"] and claim["text"]


def test_rows_follow_the_chances():
    never = _audit(_entries())
    assert never["row-tuning"]["finding"] == "contradicted"
    assert "1 of 1 enhancements of tuning can run" in never["row-tuning"]["evidence"]
    assert never["row-encoding"]["finding"] == "supported", "long term, low potential: nothing happens"
    assert never["row-curation"]["potential_finding"] == "supported"
    assert never["row-curation"]["time_scale_finding"] == "contradicted"
    soon = _audit(_entries(dict.fromkeys(STAGES, 0.9)))
    assert soon["row-tuning"]["finding"] == "supported"
    assert soon["row-encoding"]["time_scale_finding"] == "contradicted"
    half = _audit(_entries(dict.fromkeys(STAGES, 0.3)))
    assert half["row-deployment"]["finding"] == "undecided"


def test_a_low_potential_is_supported_by_small_savings():
    small = _audit(_entries({"curation": 0.9}, saved_share=0.001))
    assert small["row-curation"]["potential_finding"] == "supported"
    large = _audit(_entries({"curation": 0.9}, saved_share=0.5))
    assert large["row-curation"]["potential_finding"] == "contradicted"


def test_fine_tuning_is_judged_by_its_own_near_term_chance():
    assert _audit(_entries())["fine-tuning"]["finding"] == "contradicted"
    assert _audit(_entries({"tuning": 0.8}))["fine-tuning"]["finding"] == "supported"
    behind = _audit(_entries({"tuning": 0.6, "curation": 0.9}))
    assert behind["fine-tuning"]["finding"] != "contradicted"


def test_crossover_is_supported_against_simulation_and_says_so():
    claim = _audit(_entries())["crossover"]
    assert claim["finding"] == "supported"
    assert "36 to 45" in claim["evidence"] and "best classical method" in claim["evidence"]


def test_supremacy_is_contradicted_by_the_newer_classical_side():
    claim = _audit(_entries())["supremacy"]
    assert claim["finding"] == "contradicted" and "1.8" in claim["evidence"]


def test_power_is_tens_of_kilowatts_but_not_of_a_large_machine():
    claim = _audit(_entries())["kilowatts"]
    assert claim["finding"] == "supported" and "MW" in claim["evidence"]


def test_the_prompt_stays_undecided_because_the_model_is_undisclosed():
    claim = _audit(_entries())["long-prompt"]
    assert claim["finding"] == "undecided" and "29" in claim["evidence"]


def _trial(task, method, quality, seed):
    spec = TrialSpec(task, method, "source", "s", seed, "engine", 1000, 1)
    energy = Quantity(1.0, unit="J", boundary="node")
    return Trial(spec, "quantum", "accuracy", "done", quality, host_energy=energy)


class _Found(Measured):
    def quality(self, task, method):
        return [t.quality for t in self.trials if (t.spec.task, t.spec.method) == (task, method)]


@pytest.mark.parametrize(("parallel", "word"), [(0.9, "supported"), (0.55, "contradicted")])
def test_measured_trials_decide_a_case(parallel, word):
    trials = [
        _trial("curation/cluster", method, quality, seed)
        for seed in range(5)
        for method, quality in (("quantum-kmeans-parallel", parallel), ("quantum-kmeans", 0.52))
    ]
    claim = _audit(_entries(), _Found(trials, ()))["grid-clusters"]
    assert claim["finding"] == word and "quantum-kmeans" in claim["evidence"]
