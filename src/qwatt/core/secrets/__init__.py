"""Keeps credentials out of whatever leaves the process: records, reports, messages, logs, tracebacks."""

from qwatt.core.secrets.scrub import scrubbed, scrubber

__all__ = ["scrubbed", "scrubber"]
