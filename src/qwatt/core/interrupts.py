"""An interrupt is never taken for a failure, also where something broke on its way out."""

from __future__ import annotations


def let_interrupts_pass(error: BaseException) -> None:
    """Raise the interrupt during whose passage an error arose, if there is one.

    A `finally` or `__exit__` that breaks while Ctrl-C or an exit passes through it hides these behind its own
    error, whose `__context__` they become. `raise ... from` says that the exit was meant to be converted.

    Args:
        error: what was caught.

    Raises:
        KeyboardInterrupt: Ctrl-C lies behind it.
        SystemExit: an exit lies behind it.
    """
    seen: set[int] = set()
    behind: BaseException | None = error
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        if isinstance(behind, KeyboardInterrupt | SystemExit):
            raise behind from None
        behind = None if behind.__suppress_context__ else behind.__context__
