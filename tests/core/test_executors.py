"""The seam that spreads work: order, laziness, errors, and workers that die."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.core.executors import ATTEMPTS, Lost, Serial, open_executor
from qwatt.core.executors.open import check_executor


def square(x: int) -> int:
    return x * x


def refuse(x: int) -> int:
    raise MissingExtraError("a test", "extra") if x else QwattError("no", where="here", mend="try again")


def die_once(file: str) -> str:
    """Kill the worker, in the midst of work, when nobody did so before."""
    marker = Path(file)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marker.name


def die_if_asked(item: tuple[str, bool]) -> str:
    if item[1]:
        with Path(item[0]).open("a") as stream:
            stream.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return item[0]


def own_pid(_: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def sleep_long(_: int) -> None:
    time.sleep(600)


def test_serial_takes_an_item_when_the_one_before_is_done() -> None:
    heard = []

    def items():
        for x in range(3):
            heard.append(f"take {x}")
            yield x

    for item, result in Serial().map(square, items()):
        heard.append(f"done {item}: {result}")
    assert heard == ["take 0", "done 0: 0", "take 1", "done 1: 1", "take 2", "done 2: 4"]


def test_processes_answer_as_this_process_does() -> None:
    with open_executor("processes:2") as here:
        assert dict(here.map(square, range(20))) == {x: x * x for x in range(20)}
        pids = {pid for _, pid in here.map(own_pid, range(8))}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_a_killed_worker_costs_one_item_which_is_tried_again(tmp_path: Path) -> None:
    files = [str(tmp_path / f"item{n}") for n in range(3)]
    with open_executor("processes:2") as here:
        assert sorted(r for _, r in here.map(die_once, files)) == ["item0", "item1", "item2"]


def test_an_item_that_kills_every_worker_is_lost_and_nothing_else(tmp_path: Path) -> None:
    items = [(str(tmp_path / f"item{n}"), n == 1) for n in range(4)]
    with open_executor("processes:2") as here:
        found = {Path(item[0]).name: result for item, result in here.map(die_if_asked, items)}
    assert found.pop("item1") == Lost("signal SIGKILL")
    assert found == {f"item{n}": str(tmp_path / f"item{n}") for n in (0, 2, 3)}
    assert (tmp_path / "item1").read_text() == "x" * ATTEMPTS


def test_errors_arrive_whole() -> None:
    with open_executor("processes:1") as here:
        with pytest.raises(QwattError, match="no") as caught:
            list(here.map(refuse, [0]))
        assert (caught.value.what, caught.value.where, caught.value.mend) == ("no", "here", "try again")
        with pytest.raises(MissingExtraError, match=r"pip install 'qwatt\[extra\]'"):
            list(here.map(refuse, [1]))


def test_closing_ends_what_is_at_work() -> None:
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt), open_executor("processes:1") as here:

        def items():
            yield 0
            raise KeyboardInterrupt

        here._count = 2  # so that the second item is asked for while the first is at work
        list(here.map(sleep_long, items()))
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize(
    "spec", ["parallel", "serial:2", "processes:", "processes:0", "processes:many", "ray:"]
)
def test_what_is_no_executor_is_refused(spec: str) -> None:
    with pytest.raises(QwattError) as caught:
        check_executor(spec)
    assert caught.value.mend


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'qwatt\[ray\]'"), open_executor("ray"):
        pass


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)  # where its workers look
    from qwatt.core.executors.executor import nothing
    from qwatt.core.executors.on_ray import OnRay

    here = OnRay("local", 2, nothing)
    try:
        assert dict(here.map(square, range(20))) == {x: x * x for x in range(20)}
        files = [str(tmp_path / f"item{n}") for n in range(3)]
        assert sorted(r for _, r in here.map(die_once, files)) == ["item0", "item1", "item2"]
        items = [(str(tmp_path / f"lost{n}"), n == 1) for n in range(3)]
        found = {Path(item[0]).name: result for item, result in here.map(die_if_asked, items)}
        assert isinstance(found["lost1"], Lost)
        assert (tmp_path / "lost1").read_text() == "x" * ATTEMPTS
        with pytest.raises(QwattError, match="no"):
            list(here.map(refuse, [0]))
    finally:
        here.close()
