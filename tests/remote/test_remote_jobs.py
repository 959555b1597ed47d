"""Jobs are billed once and results kept, whatever the network, the provider and kills do; budgets hold."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_provider import USD_PER_JOB, USD_PER_SHOT, Cloud, random_faults, served

from qwatt.core.errors import BudgetError, QwattError
from qwatt.quantum.remote.dispatch import PATIENCE_S, Dispatch
from qwatt.quantum.remote.http import TOKEN, HttpProvider
from qwatt.quantum.remote.ledger import FILE, Ledger
from qwatt.quantum.remote.program import Program
from qwatt.quantum.remote.provider import Answer, Busy, JobFailedError, Price

JOB_USD = USD_PER_JOB + 10 * USD_PER_SHOT


def programs(count: int) -> list[Program]:
    return [Program(2, (("rx", (0.1 * n,), (0,)),), 10) for n in range(count)]


def quick(_: float) -> None:
    """Wait hardly at all."""
    time.sleep(0.001)


def test_faults_of_all_kinds_cost_nothing_twice(tmp_path: Path) -> None:
    cloud = Cloud(fault=random_faults(3), seconds=0.02)
    with served(cloud) as url:
        found = Dispatch(HttpProvider(url, 5), Ledger(tmp_path), "trial", sleep=quick).run(programs(25))
    assert found == [{"00": 10}] * 25
    assert len(cloud.jobs) == 25
    assert cloud.duplicates > 0, "no answer was lost after a job was taken: the test tests nothing"
    assert cloud.billed_usd == pytest.approx(25 * JOB_USD)
    assert Ledger(tmp_path).usd == pytest.approx(cloud.billed_usd)


def test_a_repeated_trial_asks_for_what_it_has_paid(tmp_path: Path) -> None:
    cloud = Cloud()
    with served(cloud) as url:
        first = Dispatch(HttpProvider(url), Ledger(tmp_path), "trial").run(programs(3) * 2)
        assert len(cloud.jobs) == 6, "the same circuit sent twice is two jobs"
        again = Dispatch(HttpProvider(url), Ledger(tmp_path), "trial").run(programs(3) * 2)
        assert again == first
        assert len(cloud.jobs) == 6
        Dispatch(HttpProvider(url), Ledger(tmp_path), "other").run(programs(3))
        assert len(cloud.jobs) == 9, "another trial's circuits are its own"
    with served(cloud) as url:
        elsewhere = Ledger(tmp_path / "elsewhere") if (tmp_path / "elsewhere").mkdir() is None else None
        assert elsewhere is not None
        Dispatch(HttpProvider(url), elsewhere, "trial").run(programs(3))
    assert len(cloud.jobs) == 12, "another run's circuits are its own"


def test_the_wait_that_a_provider_asks_for_is_kept(tmp_path: Path) -> None:
    waits: list[float] = []

    class Slow:
        asked = 0

        def price(self) -> Price:
            return Price(0.0, 0.0)

        def submit(self, program: Program, key: str) -> str:
            self.asked += 1
            if self.asked < 3:
                raise Busy("HTTP 429", 7.0)
            return "job"

        def poll(self, job: str) -> Answer | None:
            return Answer({"00": 10}, 0.0) if len(waits) > 5 else None

    Dispatch(Slow(), Ledger(None), "trial", sleep=waits.append).run(programs(1))
    assert waits[:2] == [7.0, 7.0]
    assert waits[2:] == [0.1, 0.2, 0.4, 0.8]


def test_a_provider_that_never_answers_is_left_for_now() -> None:
    class Gone:
        def price(self) -> Price:
            raise Busy("no route")

    waits: list[float] = []
    with pytest.raises(QwattError, match="has not answered") as caught:
        Dispatch(Gone(), Ledger(None), "trial", sleep=waits.append).run(programs(1))  # type: ignore[arg-type]
    assert "not paid again" in str(caught.value)
    assert 0.9 * PATIENCE_S < sum(waits) <= PATIENCE_S


def test_the_budget_is_never_exceeded_and_can_be_raised(tmp_path: Path) -> None:
    cloud = Cloud()
    budget = 4.5 * JOB_USD
    with served(cloud) as url:
        with pytest.raises(BudgetError, match="would be exceeded"):
            Dispatch(HttpProvider(url), Ledger(tmp_path, budget), "trial").run(programs(10))
        assert len(cloud.jobs) == 4
        assert cloud.billed_usd <= budget
        with pytest.raises(BudgetError):
            Dispatch(HttpProvider(url), Ledger(tmp_path, budget), "trial").run(programs(10))
        assert len(cloud.jobs) == 4
        Dispatch(HttpProvider(url), Ledger(tmp_path, 10 * JOB_USD + 1e-9), "trial").run(programs(10))
    assert len(cloud.jobs) == 10
    assert cloud.billed_usd == pytest.approx(10 * JOB_USD)


def test_two_processes_share_one_budget(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path, 2.5), Ledger(tmp_path, 2.5)
    assert one.token == other.token
    one.reserve("a", 1.0, "trial")
    other.reserve("b", 1.0, "trial")
    for ledger in (one, other):
        with pytest.raises(BudgetError):
            ledger.reserve("c", 1.0, "trial")
    one.finish("a", 0.25, {"0": 1})
    other.reserve("c", 1.0, "trial")
    assert other.usd == 2.25


def test_a_failed_job_is_billed_and_the_next_attempt_is_another(tmp_path: Path) -> None:
    cloud = Cloud(fails={0})
    with served(cloud) as url:
        with pytest.raises(JobFailedError, match="recalibrated"):
            Dispatch(HttpProvider(url), Ledger(tmp_path), "trial").run(programs(1))
        assert Dispatch(HttpProvider(url), Ledger(tmp_path), "trial").run(programs(1)) == [{"00": 10}]
    assert len(cloud.jobs) == 2
    assert Ledger(tmp_path).usd == pytest.approx(2 * JOB_USD)


def test_a_book_torn_anywhere_costs_nothing(tmp_path: Path) -> None:
    cloud = Cloud()
    with served(cloud) as url:
        Dispatch(HttpProvider(url), Ledger(tmp_path), "trial").run(programs(2))
        whole = (tmp_path / FILE).read_bytes()
        begin = whole.index(b"\n") + 1
        for end in range(begin, len(whole) + 1, 7):
            (tmp_path / FILE).write_bytes(whole[:end])
            Dispatch(HttpProvider(url), Ledger(tmp_path), "trial").run(programs(2))
            assert len(cloud.jobs) == 2, f"torn after {end} bytes"


def test_a_book_that_was_changed_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path).reserve("a", 1.0, "trial")
    with (tmp_path / FILE).open("a") as stream:
        stream.write("[1]\n")
    with pytest.raises(QwattError, match="not a job record"):
        Ledger(tmp_path)


@pytest.mark.parametrize("usd", ["NaN", "-1000", "Infinity", "null"])
def test_a_book_with_no_amount_of_money_is_refused(tmp_path: Path, usd: str) -> None:
    Ledger(tmp_path, 1.0).reserve("one", 0.9, "trial")
    with (tmp_path / FILE).open("a") as stream:
        stream.write(f'{{"event": "reserve", "key": "two", "usd": {usd}, "trial": "trial"}}\n')
    with pytest.raises(QwattError, match="not a job record"):
        Ledger(tmp_path, 1.0)


@pytest.mark.parametrize("usd", [float("nan"), -1.0])
def test_what_is_no_price_is_not_written_down(tmp_path: Path, usd: float) -> None:
    ledger = Ledger(tmp_path, 1.0)
    with pytest.raises(ValueError, match="no amount of money"):
        ledger.reserve("one", usd, "trial")
    assert Ledger(tmp_path, 1.0).usd == 0.0


CLIENT = """
import sys
from pathlib import Path
from qwatt.quantum.remote.dispatch import Dispatch
from qwatt.quantum.remote.http import HttpProvider
from qwatt.quantum.remote.ledger import Ledger
from qwatt.quantum.remote.program import Program

programs = [Program(2, (("rx", (0.1 * n,), (0,)),), 10) for n in range(8)]
found = Dispatch(HttpProvider(sys.argv[1]), Ledger(Path(sys.argv[2])), "trial").run(programs)
print(sum(sum(counts.values()) for counts in found))
"""


def test_killed_between_submit_and_result_it_is_billed_once(tmp_path: Path) -> None:
    cloud = Cloud(seconds=0.3)
    words = [sys.executable, "-c", CLIENT]
    with served(cloud) as url:
        for jobs in (1, 4, 8):
            process = subprocess.Popen([*words, url, str(tmp_path)])
            while len(cloud.jobs) < jobs and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            process.wait()
        done = subprocess.run([*words, url, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "80", done.stderr
    assert len(cloud.jobs) == 8
    assert Ledger(tmp_path).usd == pytest.approx(8 * JOB_USD)


@pytest.mark.parametrize("url", ["http://example.com/v1", "ftp://127.0.0.1", "", "https://me:secret@host/v1"])
def test_addresses_that_would_leak_are_refused(url: str) -> None:
    with pytest.raises(QwattError) as caught:
        HttpProvider(url)
    assert "secret" not in str(caught.value)
    assert caught.value.mend


def test_a_token_is_sent_and_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "a-long-secret-of-mine")
    cloud = Cloud(fault=lambda what: "unauthorised")
    with served(cloud) as url, pytest.raises(QwattError, match="HTTP 401") as caught:
        HttpProvider(url).price()
    assert cloud.requests[0][1]["Authorization"] == "Bearer a-long-secret-of-mine"
    assert "a-long-secret" not in str(caught.value)
    assert os.environ[TOKEN]
