"""Effects: ratios by seed with an interval, or unknown with a reason; the tasks' own hooks."""

import pytest

from qwatt.core.effect import Effect, EffectKind, paired_ratios
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_tasks
from qwatt.core.trial import Trial, TrialSpec


def trial(task, method, seed, quality=1.0, status="done", **extras):
    spec = TrialSpec(task, method, "builtin", "s", seed, "engine", None, 4)
    return Trial(spec, "classical", "m", status, quality=quality, extras=extras)


def effect(task, groups, method):
    return all_tasks()[task]().effect(groups[method], groups)


def test_ratios_give_the_median_and_an_interval():
    found = Effect.of_ratios(EffectKind.WEIGHTS, [0.5, 0.6, 0.7], "floats")
    low, value, high = found.remaining
    assert value == 0.6 and 0.5 <= low <= value <= high <= 0.7
    assert found.seeds == 3 and found.known
    assert Effect.from_record(found.to_record()) == found


def test_what_is_unknown_says_why():
    assert not Effect.of_ratios(EffectKind.WEIGHTS, [], "floats").known
    with pytest.raises(QwattError, match="reason"):
        Effect(EffectKind.WEIGHTS)
    with pytest.raises(QwattError, match="positive"):
        Effect(EffectKind.WEIGHTS, (0.0, 0.5, 1.0))


def test_pairs_are_of_one_seed():
    mine = [trial("t/t", "a", seed, x=2.0 * seed) for seed in (1, 2, 3)]
    theirs = [trial("t/t", "b", seed, x=4.0 * seed) for seed in (2, 3, 4)]
    assert paired_ratios(mine, theirs, lambda t: t.extras["x"]) == [0.5, 0.5]


def test_documents_left_of_a_corpus():
    extras = {"documents_in": 10, "documents_kept": 7, "recall": 0.9}
    groups = {"minhash": [trial("curation/dedup", "minhash", seed, **extras) for seed in (0, 1)]}
    left = effect("curation/dedup", groups, "minhash")
    assert left.kind is EffectKind.TRAINING_TOKENS and left.remaining == (0.7, 0.7, 0.7)
    assert left.found == 0.9


def test_a_search_counts_by_the_trainings_to_one_of_the_best():
    def searched(method, tops):
        return [
            trial("architecture/search", method, seed, trainings=24.0, trainings_to_top=top)
            for seed, top in enumerate(tops)
        ]

    groups = {
        "random": searched("random", [20.0, None, 20.0, 10.0]),
        "tpe": searched("tpe", [10.0, 12.0, 10.0, 5.0]),
        "gp": searched("gp", [4.0, None, None, None]),
    }
    assert effect("architecture/search", groups, "tpe").remaining == (0.5, 0.5, 0.5)
    assert "1 of 4 seeds" in effect("architecture/search", groups, "gp").reason
    live = {"tpe": [trial("architecture/search", "tpe", 0, trainings=24.0)]}
    assert "table" in effect("architecture/search", live, "tpe").reason


def test_rounding_counts_where_the_loss_stays():
    def rounded(method, quality):
        return [
            trial("deployment/quantise", method, s, quality, float_nats_per_token=3.0, bits_per_weight=4.25)
            for s in range(3)
        ]

    groups = {"gptq": rounded("gptq", 3.005), "round-to-nearest": rounded("round-to-nearest", 3.2)}
    assert effect("deployment/quantise", groups, "gptq").remaining[1] == pytest.approx(4.25 / 16)
    lost = effect("deployment/quantise", groups, "round-to-nearest")
    assert not lost.known and "0.2 nats" in lost.reason


def test_pruning_counts_where_the_loss_stays():
    def pruned(quality, **more):
        extras = {"loss_before": 3.0, "parameters": 80, "parameters_before": 100} | more
        return [trial("deployment/prune", "taylor", s, quality, **extras) for s in range(3)]

    assert effect("deployment/prune", {"taylor": pruned(3.01)}, "taylor").remaining == (0.8, 0.8, 0.8)
    assert not effect("deployment/prune", {"taylor": pruned(3.5)}, "taylor").known
    encoder = pruned(0.01, loss_before=0.0, similarity_rank_correlation=0.99)
    assert "an encoder" in effect("deployment/prune", {"taylor": encoder}, "taylor").reason


def test_a_student_counts_where_it_is_as_good_as_its_teacher():
    def taught(quality):
        extras = {"teacher_bits_per_character": 2.0, "parameters": 30, "teacher_parameters": 100}
        return {"hinton": [trial("tuning/distil", "hinton", s, quality, **extras) for s in range(3)]}

    assert effect("tuning/distil", taught(2.01), "hinton").remaining == (0.3, 0.3, 0.3)
    assert "0.3 bits" in effect("tuning/distil", taught(2.3), "hinton").reason


def test_tokens_to_the_loss_that_adamw_ends_with():
    def trained(method, losses, model="decoder"):
        curve = [{"tokens": 100 * (i + 1), "loss": loss} for i, loss in enumerate(losses)]
        return [trial("training/optimise", method, s, model=model, curve=curve) for s in range(3)]

    groups = {
        "adamw": trained("adamw", [5.0, 4.5, 4.2, 4.0]),
        "muon": trained("muon", [4.6, 4.1, 3.9, 3.8]),
        "sgd": trained("sgd", [5.5, 5.4, 5.3, 5.2]),
    }
    assert effect("training/optimise", groups, "muon").remaining == (0.75, 0.75, 0.75)
    assert effect("training/optimise", groups, "adamw").remaining == (1.0, 1.0, 1.0)
    assert "0 of 3 seeds" in effect("training/optimise", groups, "sgd").reason
    circuit = {"adamw": trained("adamw", [0.5], "circuit")}
    assert "circuit" in effect("training/optimise", circuit, "adamw").reason


def test_retraining_may_wait_for_an_alarm_only_if_drift_is_noticed():
    def watched(power):
        extras = {"false_alarm_rate": 0.05, "null_windows": 100}
        return {"ks": [trial("monitoring/drift", "ks", s, power, **extras) for s in range(3)]}

    assert effect("monitoring/drift", watched(0.9), "ks").remaining == (0.05, 0.05, 0.05)
    assert not effect("monitoring/drift", watched(0.2), "ks").known


def test_bytes_of_vectors_count_where_the_recall_is_reached():
    def stored(quality):
        return {"int8": [trial("encoding/load", "int8", 0, quality, compression=4.0)]}

    assert effect("encoding/load", stored(0.97), "int8").remaining == (0.25, 0.25, 0.25)
    assert not effect("encoding/load", stored(0.9), "int8").known


def test_tokens_of_a_text_beside_byte_pairs():
    groups = {
        "bpe": [trial("encoding/tokenise", "bpe", 0, bytes_per_token=4.0)],
        "characters": [trial("encoding/tokenise", "characters", 0, bytes_per_token=1.0)],
    }
    assert effect("encoding/tokenise", groups, "characters").remaining == (4.0, 4.0, 4.0)
