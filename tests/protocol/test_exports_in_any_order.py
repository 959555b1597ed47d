"""Whichever trial ends first, a method's first seed that finished is the one whose artifact is kept."""

from collections.abc import Callable, Iterable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from protocol_numbers import TASK, method, quiet, study

from qwatt.core.executors import Serial
from qwatt.core.run_folder import RunFolder
from qwatt.protocol.node import Node
from qwatt.protocol.remaining import Remaining
from qwatt.protocol.worker import Worker

pytestmark = pytest.mark.usefixtures("register")


class InOrder:
    """Begins all items at once and ends them in a given order."""

    spreads = True

    def __init__(self, order: tuple[int, ...]) -> None:
        self.order = order

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        begun = list(items)
        for number in self.order:
            yield begun[number], function(begun[number])


def seeded(x: int, context: Any) -> float:
    if context.seed == 0:
        raise ValueError("the first seed has no luck")
    return x + 10 * context.seed


def kept(folder: RunFolder) -> dict[str, Any]:
    """What a run leaves: statuses, who has which artifact, and what is in it."""
    trials = {(t.spec.method, t.spec.seed): (t.status, t.artifacts) for t in folder.trials()}
    files = {str(f.relative_to(folder.path)): f.read_text() for f in folder.path.rglob("number.txt")}
    return {"trials": sorted(trials.items()), "files": files}


def test_artifacts_do_not_depend_on_the_order(tmp_path: Path, register: Callable[..., None]) -> None:
    register(method("seeded", seeded))
    asked = study(seeds=3, tuning_trials=1, task={"methods": ["seeded"]})
    serial = RunFolder(tmp_path / "serial")
    Remaining(asked, serial, quiet).run(Serial(), Worker(Node(waits=False)))
    truth = kept(serial)
    assert truth["files"] == {f"artifacts/{TASK}/seeded/number.txt": "11"}, (
        "seed 1 is the first that finished"
    )
    for order in permutations(range(3)):
        folder = RunFolder(tmp_path / "".join(map(str, order)))
        Remaining(asked, folder, quiet).run(InOrder(order), Worker(Node(waits=False)))
        assert kept(folder) == truth, order


def test_what_was_recorded_is_not_exported_again(tmp_path: Path, register: Callable[..., None]) -> None:
    register(method("seeded", seeded))
    folder = RunFolder(tmp_path / "run")
    for seeds in (2, 4):
        asked = study(seeds=seeds, tuning_trials=1, task={"methods": ["seeded"]})
        Remaining(asked, folder, quiet).run(Serial(), Worker(Node(waits=False)))
    assert kept(folder)["files"] == {f"artifacts/{TASK}/seeded/number.txt": "11"}
    assert not list(folder.path.rglob(".pending"))
