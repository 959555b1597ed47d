"""Makes a verb of a calculator: its options are the fields of the calculator's input."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer

from qwatt.projection.calculators.input import Input, StatedField, stated_fields
from qwatt.projection.calculators.site import SiteInput

Verb = Callable[..., None]
METAVARS = {"number": "N", "whole": "N", "interval": "N|L,V,H", "model": "ID|N", "name": "NAME"}
SYMBOLS: dict[str, str | None] = {
    **dict.fromkeys(("accelerator", "model"), "ID"),
    **dict.fromkeys(("precision", "cache_precision"), "FORMAT"),
    **dict.fromkeys(("p", "budget"), "P"),
    **{"tokens": "D", "batch": "B", "fraction": "Q", "cycle_ns": "NS", "grid": None},
}
"""What stands for the value of a field whose symbol is not that of its kind."""

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, alone on stdout.")]


def verb_of(kind: type[Input], estimate: Callable[[Any], Any], show: str = "show_estimate") -> Verb:
    """Return the verb of a calculator; its help is the calculator's first line.

    Args:
        kind: the calculator's input.
        estimate: the calculator.
        show: what of `qwatt.cli.estimate.output` prints the answer.
    """
    fields = stated_fields(kind).values()

    def answer(texts: dict[str, Any]) -> Any:
        return estimate(kind(**read(fields, texts)))

    return asking(answer, fields, estimate.__doc__, show=show)


def asking(
    answer: Callable[[dict[str, Any]], Any],
    fields: Iterable[StatedField],
    docstring: str | None,
    more: Sequence[inspect.Parameter] = (),
    show: str = "show_estimate",
) -> Verb:
    """Return a verb that asks for fields as text and prints the answer.

    Args:
        answer: takes the texts by field, None where left out.
        fields: what to ask for; those of a site come last.
        docstring: its first line is the verb's help.
        more: further options.
        show: what of `qwatt.cli.estimate.output` prints the answer.
    """

    def verb(as_json: bool, **texts: Any) -> None:
        from qwatt.cli.estimate import output

        getattr(output, show)(answer(texts), as_json)

    site = stated_fields(SiteInput)
    options = {field.name: _option(field) for field in fields}
    own = [option for name, option in options.items() if name not in site]
    place = [option for name, option in options.items() if name in site]
    parameters = [*own, *more, _parameter("as_json", Json, False), *place]
    verb.__doc__ = (docstring or "").partition("\n")[0]
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return verb


def read(fields: Iterable[StatedField], texts: dict[str, Any]) -> dict[str, Any]:
    """Return the values of fields from what was written; what was left out is absent.

    Raises:
        QwattError: not a number where one is needed; names the field and what was given.
    """
    return {field.name: _read(field, texts[field.name]) for field in fields if texts[field.name] is not None}


def _read(field: StatedField, text: Any) -> Any:
    from qwatt.cli.estimate.numbers import interval, number, number_or_name, whole

    readers: dict[str, Callable[[str, str], Any]] = {
        **{"number": number, "whole": whole, "interval": interval, "model": number_or_name}
    }
    reader = readers.get(field.checked.written)
    return text if reader is None else reader(field.name, text)


def _option(field: StatedField) -> inspect.Parameter:
    flag, written = "--" + field.name.replace("_", "-"), field.checked.written
    if written == "flag":
        return _parameter(field.name, Annotated[bool, typer.Option(flag, help=field.help)], field.default)
    metavar = SYMBOLS.get(field.name, METAVARS[written])
    option = typer.Option(flag, metavar=metavar, help=field.help)
    if field.required:
        return _parameter(field.name, Annotated[str, option])
    if field.default is None:
        return _parameter(field.name, Annotated[str | None, option], None)
    text = field.default if isinstance(field.default, str) else f"{field.default:g}"
    return _parameter(field.name, Annotated[str, option], text)


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
