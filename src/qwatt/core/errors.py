"""Errors that tell the user what happened, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from qwatt.core.near_names import near_names
from qwatt.core.printable import one_line

_LONGEST = 600
"""Characters of one part of a message, at most."""


class QwattError(Exception):
    """Something the user can mend.

    Args:
        what: what is wrong, in one sentence.
        where: the file, line, key or field it was found in.
        mend: what to do about it, as an instruction.
    """

    def __init__(self, what: str, *, where: str | None = None, mend: str | None = None) -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(self._text())

    def found_in(self, where: str) -> Self:
        """Return the same error with the place it was found in, unless it names one already."""
        if self.where is None:
            self.where = where
            self.args = (self._text(),)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as it is, so that a worker's error arrives whole."""
        return _again, (type(self), self.args, self.__dict__)

    def _text(self) -> str:
        what = _bounded(one_line(self.what))
        text = f"{_bounded(one_line(self.where))}: {what}" if self.where else what
        return f"{text}\n  mend: {self.mend}" if self.mend else text


def _bounded(text: str) -> str:
    """Return the text, or its beginning and end when it holds a name without end."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"


def _again(cls: type[QwattError], args: tuple[Any, ...], found: dict[str, Any]) -> QwattError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(found)
    return error


class BudgetError(QwattError):
    """Going on would cost more money than the user allows: it ends the run, not only the trial."""


class MissingExtraError(QwattError, ImportError):
    """An optional dependency is not installed; the mend is the exact install line.

    Args:
        feature: what needs it.
        extra: the extra that brings it.
        missing: the modules that are not there, as far as they are known.
    """

    def __init__(self, feature: str, extra: str, missing: Sequence[str] = ()) -> None:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        lacks = f"{', '.join(missing[:3])}{more}: not installed" if missing else "an optional package"
        super().__init__(f"{feature} needs {lacks}", mend=f"pip install 'qwatt[{extra}]'")

    __str__ = Exception.__str__  # an ImportError's would not follow `found_in`


_MOST_NAMES = 40


def unknown_name(kind: str, name: str, known: Iterable[str], *, where: str | None = None) -> QwattError:
    """Build the error for a name that does not exist, with the nearest ones that do."""
    names = sorted(known)
    near = near_names(name, names)
    listed = ", ".join(names[:_MOST_NAMES]) or "none"
    more = f" and {len(names) - _MOST_NAMES} more; see `qwatt list`" if len(names) > _MOST_NAMES else ""
    mend = f"did you mean {' or '.join(near)}?" if near else f"known: {listed}{more}"
    return QwattError(f"unknown {kind} {name!r}", where=where, mend=mend)
