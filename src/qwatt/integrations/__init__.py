"""Energy rows from the user's own scripts: a context manager, a decorator, and a transformers callback."""

from qwatt.integrations.record import Record, record

__all__ = ["Record", "record"]
