"""Keeps credentials out of whatever leaves the process: records, reports, messages, logs, tracebacks."""

from qwatt.core.secrets.scrub import scrubbed

__all__ = ["scrubbed"]
