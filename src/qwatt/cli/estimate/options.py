"""Options that several calculators share; numbers come as text, so that a mistake can name its field."""

from typing import Annotated

import typer

Params = Annotated[str | None, typer.Option("--params", metavar="N", help="Parameters, as in 8e9 or 8B.")]
Active = Annotated[
    str | None, typer.Option("--active", metavar="N", help="Parameters a token touches (mixture of experts).")
]
Tokens = Annotated[str, typer.Option("--tokens", metavar="D", help="Tokens, as in 15e12 or 15T.")]
Accelerator = Annotated[
    str, typer.Option("--accelerator", metavar="ID", help="One of `qwatt list accelerators`.")
]
Gpus = Annotated[str | None, typer.Option("--gpus", metavar="N", help="Number of accelerators.")]
InputTokens = Annotated[
    str, typer.Option("--input-tokens", metavar="N", help="Input tokens of a mean request.")
]
OutputTokens = Annotated[
    str, typer.Option("--output-tokens", metavar="N", help="Output tokens of a mean request.")
]
GpuHours = Annotated[
    str | None,
    typer.Option("--gpu-hours", metavar="N|L,V,H", help="Known GPU-hours, in place of params and tokens."),
]
Mfu = Annotated[
    str | None,
    typer.Option("--mfu", metavar="N|L,V,H", help="Whole-run share of the dense 16-bit peak, 0 to 1."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, alone on stdout.")]
