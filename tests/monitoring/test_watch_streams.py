"""Detectors that remember: betting over a whole stream, ADWIN and DDM; levels, delays, and going on."""

import base64
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from monitoring_setups import setup_of
from river.drift.binary import DDM
from scipy import stats
from watching import printed, run_watch, scores, write_rows

from qwatt.core.errors import QwattError
from qwatt.stages.monitoring.drift.ddm import WARM_START
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.kernel_mmd_twin import KernelMmdTwin
from qwatt.stages.monitoring.drift.mean_score import MeanScore
from qwatt.stages.monitoring.drift.mixture_overlap_twin import MixtureOverlapTwin
from qwatt.stages.monitoring.drift.mmd_rbf import MmdRbf
from qwatt.stages.monitoring.drift.psi import StabilityIndex
from qwatt.stages.monitoring.drift.watch.adwin_stream import AdwinStream
from qwatt.stages.monitoring.drift.watch.bets import Bets
from qwatt.stages.monitoring.drift.watch.bounded import BoundedNumbers, mean_intervals
from qwatt.stages.monitoring.drift.watch.ddm_stream import DdmStream
from qwatt.stages.monitoring.drift.watch.permuted import PermutedDetector
from qwatt.stages.monitoring.drift.watch.ranks import RankDetector

STREAMS = [Bets, AdwinStream, DdmStream]


def test_intervals_hold_the_means():
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(300):
        low, high = mean_intervals(rng.beta(2, 5, (200, 3)), 0.1)
        missed += not ((low <= 2 / 7) & (high >= 2 / 7)).all()
        assert (high - low < 0.35).all()
    assert missed <= stats.binom.ppf(0.999, 300, 0.1)


def test_bounded_numbers_are_ranks_and_their_distance_from_the_middle():
    rows = np.arange(10.0)[:, None]
    found = BoundedNumbers.of(rows)(np.array([[-5.0], [4.5], [0.0], [99.0]]))
    assert found == pytest.approx(np.array([[0.0, 1.0], [0.5, 0.0], [0.05, 0.9], [1.0, 1.0]]))


def test_wealth_at_the_bound_is_a_fair_game_at_most():
    """One game at a time: the mean factor of a row whose mean is the bound is 1, and never more within."""
    setup = setup_of(np.random.default_rng(1).random((400, 1)))
    bets = Bets(setup)
    bets._low, bets._high = np.array([0.3]), np.array([0.6])
    for mean, most in ((0.6, 1.0), (0.45, 1.0), (0.3, 1.0)):
        values = np.array([0.0, 1.0])
        chances = np.array([1 - mean, mean])
        each = np.stack([bets._gains(np.array([[v]]))[:, 0] for v in values])
        expected = (chances[:, None, None] * each).sum(axis=0)
        assert (expected <= most + 1e-9).all()
        assert expected.max() == pytest.approx(1.0) if mean != 0.45 else expected.max() < 1


def test_betting_gives_no_false_alarm_at_any_time_more_often_than_alpha():
    """200 streams without drift of 40 windows each: the chance is of any alarm in all of it."""
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(200):
        bets = Bets(setup_of(rng.normal(size=(300, 2)), alpha=0.2, window=25))
        alarms += any(bets.look(rng.normal(size=(25, 2)), k).alert for k in range(1, 41))
    assert alarms <= stats.binom.ppf(0.999, 200, 0.2)


@pytest.mark.parametrize("late", [0, 60])
def test_a_late_change_is_noticed_as_soon_as_an_early_one(late):
    rng = np.random.default_rng(5)
    bets = Bets(setup_of(rng.normal(size=(3_000, 2)), window=50))
    before = [bets.look(rng.normal(size=(50, 2)), k).alert for k in range(1, late + 1)]
    after = [
        bets.look(rng.normal([1.0, 0.0], 1.0, size=(50, 2)), k).alert for k in range(late + 1, late + 30)
    ]
    assert not any(before) and True in after[:6]
    spread = Bets(setup_of(rng.normal(size=(3_000, 2)), window=50))
    found = [spread.look(3.0 * rng.normal(size=(50, 2)), k) for k in range(1, 7)]
    assert any(finding.alert for finding in found) and found[0].e_value > 0 and found[0].p_value is None


@pytest.mark.parametrize("detector", [AdwinStream, DdmStream, RankDetector])
def test_a_stream_without_drift_alarms_about_as_often_as_it_may(detector):
    rng = np.random.default_rng(6)
    found = detector(setup_of(rng.normal(size=(4_000, 1)), window=50, alpha=0.05))
    alarms = sum(found.look(rng.normal(size=(50, 1)), k).alert for k in range(1, 201))
    assert alarms <= stats.binom.ppf(0.999, 200, 0.05)


@pytest.mark.parametrize("detector", [Bets, AdwinStream, DdmStream, RankDetector])
def test_drift_is_noticed_within_windows(detector):
    """Errors rise where scores fall."""
    rng = np.random.default_rng(7)
    found = detector(setup_of(rng.normal(size=(2_000, 1)), window=50))
    for k in range(1, 21):
        found.look(rng.normal(size=(50, 1)), k)
    delay = next(k for k in range(1, 41) if found.look(rng.normal(-1.5, 1, size=(50, 1)), 20 + k).alert)
    assert delay <= 5


def test_errors_in_windows_alarm_where_rivers_ddm_does_one_by_one():
    rng = np.random.default_rng(8)
    errors = (rng.random(3_000) < np.where(np.arange(3_000) % 1_000 < 600, 0.1, 0.4)).astype(float)
    for deviations in (2.0, 3.0):
        theirs, detector = [], DDM(warm_start=WARM_START, drift_threshold=deviations)
        for i, error in enumerate(errors):
            detector.update(bool(error))
            theirs += [i] * detector.drift_detected
        ours = DdmStream(setup_of(rng.normal(size=(200, 1))))
        ours.begin(deviations)
        alarms = [ours.read(errors[i : i + 50]) for i in range(0, 3_000, 50)]
        assert alarms == np.bincount(np.array(theirs) // 50, minlength=60).tolist() and sum(alarms) >= 3


@pytest.mark.parametrize("detector", STREAMS)
def test_what_is_remembered_survives_json(detector):
    rng = np.random.default_rng(9)
    setup = setup_of(rng.normal(size=(800, 2)), window=40)
    whole, first, second = (detector(setup) for _ in range(3))
    rows = [rng.normal(-0.02 * k, 1, size=(40, 2)) for k in range(60)]
    wanted = [whole.look(window, k) for k, window in enumerate(rows, 1)]
    found = [first.look(window, k) for k, window in enumerate(rows[:25], 1)]
    second.restore(json.loads(json.dumps(first.state())))
    found += [second.look(window, k) for k, window in enumerate(rows[25:], 26)]
    assert found == wanted and any(finding.alert for finding in wanted)
    assert len(json.dumps(first.state())) < 20_000


class Evil:
    """What a checkpoint from somewhere else could hold."""

    def __reduce__(self):
        return print, ("executed",)


def test_a_checkpoint_is_data_and_runs_nothing(capsys):
    detector = AdwinStream(setup_of(np.random.default_rng(1).normal(size=(400, 1))))
    with pytest.raises(QwattError, match="ADWIN's state cannot be read"):
        detector.restore({"adwin": base64.b64encode(pickle.dumps(Evil())).decode()})
    assert "executed" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["sequential", "adwin", "ddm"])
def test_by_name_and_after_a_restart(tmp_path, name):
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 800))
    stream = write_rows(tmp_path / "stream.jsonl", [*scores(2, 600), *scores(3, 600, power=4.0)])
    whole = tmp_path / "whole"
    whole.mkdir()
    outcome = run_watch(whole, reference, stream, window=50, detector=name)
    wanted = printed(whole / "out.jsonl")
    assert outcome.notes and any(row["alert"] for row in wanted[12:]) and len(wanted) == 24
    lines = Path(stream).read_bytes().splitlines(keepends=True)
    for end in (333, 1_200):
        (tmp_path / "part").write_bytes(b"".join(lines[:end]))
        run_watch(tmp_path, reference, tmp_path / "part", window=50, detector=name, resume=True)
    assert printed(tmp_path / "out.jsonl") == wanted


@pytest.mark.parametrize("method", [MmdRbf, StabilityIndex, KernelMmdTwin, MixtureOverlapTwin, MeanScore])
def test_windows_against_rows_of_a_reference_keep_the_level(method):
    """200 references and windows of one distribution: what was fitted to is not what is compared with."""
    rng = np.random.default_rng(12)
    alarms = 0
    for seed in range(200):
        setup = replace(setup_of(rng.normal(size=(48, 3)), window=16), seed=seed)
        alarms += PermutedDetector(method(), setup).look(rng.normal(size=(16, 3)), 1).alert
    assert stats.binom.ppf(0.001, 200, 0.05) <= alarms <= stats.binom.ppf(0.999, 200, 0.05)


def test_one_number_is_enough_for_a_ring_and_an_untuned_bandwidth_is_noted():
    rng = np.random.default_rng(13)
    for bandwidth, untuned in ((0.5, False), (1e-4, True)):
        setup = setup_of(rng.normal(size=(400, 1)), window=40, bandwidth=bandwidth)
        detector = PermutedDetector(KernelMmd(), setup)
        assert bool(detector.notes()) is untuned
        assert detector.look(rng.normal(3.0, 1.0, size=(40, 1)), 1).alert is not untuned
