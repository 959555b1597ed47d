"""Where rows stand, as "file:row", held as numbers: the places of millions of rows cost a few bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import overload

_NO_NUMBER = -1


class Places(Sequence[str]):
    """A growing sequence of places."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._listed: list[str] = []
        self._files = array("l")
        self._numbers = array("q")

    def append(self, place: str) -> None:
        """Add "file:row", or the name of a file that is one document."""
        name, _, number = place.rpartition(":")
        if not (name and number.isdecimal() and number.isascii() and str(int(number)) == number):
            name, number = place, str(_NO_NUMBER)
        if name not in self._names:
            self._names[name] = len(self._listed)
            self._listed.append(name)
        self._files.append(self._names[name])
        self._numbers.append(int(number))

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        name, number = self._listed[self._files[index]], self._numbers[index]
        return name if number == _NO_NUMBER else f"{name}:{number}"
