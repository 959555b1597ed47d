"""Formulas as text that is both printed and computed: arithmetic and a few functions, nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError, unknown_name


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
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub),
)


def names_in(text: str) -> frozenset[str]:
    """Return the symbols that a formula uses, functions and constants apart.

    Raises:
        QwattError: the text is not a formula.
    """
    return _parsed(text)[1]


def compute(text: str, values: Mapping[str, Any], where: str = "formula") -> Any:
    """Return a formula's value.

    Args:
        text: arithmetic with + - * / **, numbers, symbols and the functions of `FUNCTIONS`.
        values: a number or an array for each symbol.
        where: what to name in an error.

    Raises:
        QwattError: not a formula, or a symbol without a value.
    """
    code, names = _parsed(text)
    for name in names:
        if name not in values:
            raise unknown_name("symbol", name, values, where=where)
    scope = {name: values[name] for name in names}
    return eval(code, {"__builtins__": {}, **FUNCTIONS, **CONSTANTS}, scope)


@cache
def _parsed(text: str) -> tuple[CodeType, frozenset[str]]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise QwattError(f"not a formula: {text!r}") from error
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise QwattError(f"a formula may not contain {type(node).__name__}: {text!r}")
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
            raise QwattError(f"unknown function in {text!r}", mend=f"known: {', '.join(FUNCTIONS)}")
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
            raise QwattError(f"not a number in {text!r}")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return compile(tree, text, "eval"), frozenset(used - FUNCTIONS.keys() - CONSTANTS.keys())
