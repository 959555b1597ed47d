"""Keeps credentials out of whatever leaves the process: records, reports, messages, logs, tracebacks."""

from qwatt.core.secrets.scrub import scrubbed, scrubbed_tree

__all__ = ["scrubbed", "scrubbed_tree"]
