"""The ladder of energy readers and the windows that use it.

NVML counter, then RAPL, then CPU time x W/vCPU, memory by resident gigabytes; else unknown with a reason.
"""

from qwatt.energy.meter.ladder import Sources, climb
from qwatt.energy.meter.meter import Meter
from qwatt.energy.meter.reader import Reader, Rung
from qwatt.energy.meter.window import Measurement, Window

__all__ = ["Measurement", "Meter", "Reader", "Rung", "Sources", "Window", "climb"]
