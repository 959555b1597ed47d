"""Formulas as text that is both printed and computed: arithmetic and a few functions, nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.primitives.named import Named, primitives


def _largest(*parts: Any) -> Any:
    result = parts[0]
    for part in parts[1:]:
        result = np.maximum(result, part)
    return result


def _smallest(*parts: Any) -> Any:
    result = parts[0]
    for part in parts[1:]:
        result = np.minimum(result, part)
    return result


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": np.sqrt,
    "ln": np.log,
    "log2": np.log2,
    "exp": np.exp,
    "ceil": np.ceil,
    "floor": np.floor,
    "max": _largest,
    "min": _smallest,
}
CONSTANTS = {"pi": float(np.pi)}
_NODES = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.keyword, ast.Name, ast.Load, ast.Constant),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub),
)


def names_in(text: str, demand: bool = False) -> frozenset[str]:
    """Return the symbols that a formula uses, functions and constants apart.

    Raises:
        QwattError: the text is not a formula.
    """
    return _parsed(text, demand).names


def calls_in(text: str) -> tuple[Named, ...]:
    """Return the primitives that a demand or a formula calls, the outermost first.

    Raises:
        QwattError: the text is not a formula.
    """
    return tuple(primitives()[name] for name in _parsed(text, True).calls if name in primitives())


def compute(
    text: str,
    values: Mapping[str, Any],
    where: str = "formula",
    demand: bool = False,
    free_loading: bool = False,
) -> Any:
    """Return a formula's value.

    Args:
        text: arithmetic with + - * / **, numbers, symbols, the functions of `FUNCTIONS` and the primitives
            that give numbers, or sizes for these.
        values: a number or an array for each symbol.
        where: what to name in an error.
        demand: whether all primitives may be called; the value may then be a bill.
        free_loading: whether primitives that load data take no gates.

    Raises:
        QwattError: not a formula, or a symbol without a value.
    """
    parsed = _parsed(text, demand)
    for name in parsed.names:
        if name not in values:
            raise unknown_name("symbol", name, values, where=where)
    scope = {name: values[name] for name in parsed.names}
    functions = {
        name: p.unloaded if free_loading and p.loads else p.function for name, p in parsed.primitives
    }
    return eval(parsed.code, {"__builtins__": {}, **FUNCTIONS, **CONSTANTS, **functions}, scope)


@dataclass(frozen=True)
class _Parsed:
    code: CodeType
    names: frozenset[str]
    calls: tuple[str, ...]
    primitives: tuple[tuple[str, Named], ...]


@cache
def _parsed(text: str, demand: bool) -> _Parsed:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise QwattError(f"not a formula: {text!r}") from error
    known = {name: p for name, p in primitives().items() if demand or p.gives in ("number", "size")}
    calls = []
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise QwattError(f"a formula may not contain {type(node).__name__}: {text!r}")
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in {**FUNCTIONS, **known}:
                mend = f"known: {', '.join([*FUNCTIONS, *known])}"
                raise QwattError(f"unknown function in {text!r}", mend=mend)
            calls.append(node.func)
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
            raise QwattError(f"not a number in {text!r}")
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n not in calls}
    used_primitives = {call.id: known[call.id] for call in calls if call.id in known}
    names = frozenset(used - CONSTANTS.keys())
    if clash := names & used_primitives.keys():
        raise QwattError(f"{min(clash)} is a symbol and a primitive in {text!r}", mend="rename the symbol")
    called = tuple(dict.fromkeys(call.id for call in calls))
    return _Parsed(compile(tree, text, "eval"), names, called, tuple(used_primitives.items()))
