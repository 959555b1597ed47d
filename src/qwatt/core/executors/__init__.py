"""Who does the work: this process, several processes, or a Ray cluster. The result is the same."""

from qwatt.core.executors.executor import ATTEMPTS, Executor, Lost, nothing
from qwatt.core.executors.open import open_executor
from qwatt.core.executors.serial import Serial

__all__ = ["ATTEMPTS", "Executor", "Lost", "Serial", "nothing", "open_executor"]
