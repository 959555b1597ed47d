"""Runs the command line in this process, as `qwatt ...` would."""

import json
import sys
from dataclasses import dataclass

import pytest

from qwatt.cli.app import run


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def record(self):
        return json.loads(self.out)


class Command:
    def __init__(self, capsys, monkeypatch):
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, line):
        words = line if isinstance(line, list) else line.split()
        self.monkeypatch.setattr(sys, "argv", ["qwatt", *words])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = self.capsys.readouterr()
        code = ended.value.code
        return Ran(0 if code is None else int(code), out, err)


@pytest.fixture
def qwatt(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    return Command(capsys, monkeypatch)
