"""Conformance checks that third-party methods, tasks and backends inherit.

Example:
    class TestMyMethod(MethodChecks):
        method = MyMethod
"""

from qwatt.testing.backend_checks import BackendChecks
from qwatt.testing.method_checks import MethodChecks
from qwatt.testing.task_checks import TaskChecks

__all__ = ["BackendChecks", "MethodChecks", "TaskChecks"]
