"""Arithmetic written down while it is done, so that a page can do it again with other numbers.

The projection's own functions are called with `Recorded` numbers in place of arrays; what they compute
becomes lines of a `Program`. A page evaluates these lines and needs no formula of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Number = Any
"""A float, an array of one number, or a `Recorded` one."""


class Program:
    """Lines of arithmetic: inputs first, then constants, then one operation a line.

    Args:
        inputs: names of the inputs, in order.
    """

    def __init__(self, inputs: Sequence[str]) -> None:
        self.names = tuple(inputs)
        self.routines: dict[str, Program] = {}
        self.outputs: list[int] = []
        self._lines: list[tuple[Any, ...]] = [("input", name) for name in inputs]
        self._known = {line: at for at, line in enumerate(self._lines)}

    def inputs(self) -> list[Recorded]:
        """Return the numbers that stand for the inputs."""
        return [Recorded(self, at) for at in range(len(self.names))]

    def line(self, operation: str, *parts: Any) -> Recorded:
        """Write an operation down, unless it is there already, and return its result."""
        return Recorded(self, self._place((operation, *(self._index(part) for part in parts))))

    def call(self, name: str, routine: Program, parts: Sequence[Any]) -> list[Recorded]:
        """Write the call of a routine down and return its results."""
        self.routines.setdefault(name, routine)
        at = self._place(("call", name, *(self._index(part) for part in parts)))
        return [Recorded(self, self._place(("take", at, i))) for i in range(len(routine.outputs))]

    def gives(self, results: Sequence[Any]) -> None:
        """Name what the program returns, in order."""
        self.outputs = [self._index(result) for result in results]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form: lines of numbers, the operations by their place in a list.

        Returns:
            inputs (names), constants, operations (names), lines ([operation, argument, ...]; an argument is
            the place of an input, a constant, or a line, counted through), outputs, and the routines that
            ["call", routine, argument, ...] calls, of whose results ["take", call, place] takes one.
        """
        rank = {"input": 0, "constant": 1}
        order = sorted(range(len(self._lines)), key=lambda at: rank.get(self._lines[at][0], 2))
        moved = {at: place for place, at in enumerate(order)}
        operations: dict[str, int] = {}
        routines = list(self.routines)
        lines = []
        for operation, *parts in (self._lines[at] for at in order):
            if operation in ("input", "constant"):
                continue
            code = operations.setdefault(operation, len(operations))
            if operation == "call":
                lines.append([code, routines.index(parts[0]), *(moved[at] for at in parts[1:])])
            elif operation == "take":
                lines.append([code, moved[parts[0]], parts[1]])
            else:
                lines.append([code, *(moved[at] for at in parts)])
        constants = [line[1] for line in (self._lines[at] for at in order) if line[0] == "constant"]
        return {
            "inputs": list(self.names),
            "constants": [_json(value) for value in constants],
            "operations": list(operations),
            "lines": lines,
            "outputs": [moved[at] for at in self.outputs],
            "routines": [routine.to_record() for routine in self.routines.values()],
        }

    def _place(self, line: tuple[Any, ...]) -> int:
        if line not in self._known:
            self._known[line] = len(self._lines)
            self._lines.append(line)
        return self._known[line]

    def _index(self, part: Any) -> int:
        part = plain(part)
        if not isinstance(part, Recorded):
            return self._place(("constant", float(part)))
        if part.program is not self:
            raise TypeError("a number of another program")
        return part.at


class Recorded:
    """A number of a program, in place of an array of draws and years.

    Its shape is that of one draw and several years, so that functions take their path for numbers that differ
    by year. It answers numpy's functions by writing them down.
    """

    shape = (1, 2)
    ndim = 2

    def __init__(self, program: Program, at: int) -> None:
        self.program = program
        self.at = at

    def __array_ufunc__(self, function: np.ufunc, method: str, *parts: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        return self.program.line(function.__name__, *parts)

    def __array_function__(self, function: Any, types: Any, parts: Any, options: Any) -> Any:
        return _FUNCTIONS[function.__name__](self.program, *parts, **options)

    def __bool__(self) -> bool:
        raise TypeError("a decision hangs on a number that is not known yet")

    def __neg__(self) -> Recorded:
        return self.program.line("negative", self)

    def __hash__(self) -> int:
        return hash((id(self.program), self.at))


def _operator(name: str, *, turned: bool = False) -> Callable[[Recorded, Any], Recorded]:
    def write(own: Recorded, other: Any) -> Recorded:
        return own.program.line(name, *((other, own) if turned else (own, other)))

    return write


for _name, _function in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
    "and": "bitwise_and",
}.items():  # fmt: skip
    setattr(Recorded, f"__{_name}__", _operator(_function))
    setattr(Recorded, f"__r{_name}__", _operator(_function, turned=True))
for _name, _function in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
    "ne": "not_equal",
}.items():  # fmt: skip
    setattr(Recorded, f"__{_name}__", _operator(_function))


def _json(value: float) -> float | str:
    """Return a number as JSON may hold it: what is not finite by its name in JavaScript."""
    return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")


def plain(part: Any) -> Any:
    """Return the number that an array holds, or several times; a recorded number as it is.

    Raises:
        TypeError: an array of different numbers.
    """
    if not isinstance(part, np.ndarray):
        return part
    first = part.flat[0]
    if part.dtype != object and not np.all(part == first):
        raise TypeError("an array of different numbers cannot be written down")
    return first


def _where(program: Program, condition: Any, yes: Any, no: Any) -> Any:
    chosen = plain(condition)
    if not isinstance(chosen, Recorded):
        return yes if chosen else no
    return program.line("where", chosen, yes, no)


def _select(program: Program, conditions: Sequence[Any], choices: Sequence[Any], otherwise: Any = 0) -> Any:
    result = otherwise
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        result = _where(program, condition, choice, result)
    return result


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "where": _where,
    "select": _select,
    "broadcast_to": lambda program, number, shape: number,
    "ones_like": lambda program, number: 1.0,
    # "any" guards a short cut that skips what the numbers after it rule out as well.
    "any": lambda program, condition: True,
    # Looks up rows of a table that is used where numbers are the same in all years only.
    "searchsorted": lambda program, rows, number, side: number,
}


class Routine:
    """A function of numbers that is written down once, however often it is called.

    Args:
        name: by which programs call it.
        function: takes the inputs by position, returns its results in a sequence.
        inputs: names of the inputs.
    """

    def __init__(self, name: str, function: Callable[..., Sequence[Number]], inputs: Sequence[str]) -> None:
        self.name, self.inputs = name, tuple(inputs)
        self._function = function
        self._program: Program | None = None

    def __call__(self, *parts: Number) -> Sequence[Number]:
        """Return the results, or their places in the program of a recorded part."""
        program = next((part.program for part in parts if isinstance(part, Recorded)), None)
        if program is None:
            return self._function(*parts)
        return program.call(self.name, self._recorded(), parts)

    def _recorded(self) -> Program:
        if self._program is None:
            self._program = Program(self.inputs)
            self._program.gives(self._function(*self._program.inputs()))
        return self._program
