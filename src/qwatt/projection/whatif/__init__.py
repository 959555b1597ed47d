"""What if model, load, grid or QPUs were different: the projection's median future, at once."""

from qwatt.projection.whatif.answer import whatif
from qwatt.projection.whatif.settings import Settings, own_settings

__all__ = ["Settings", "own_settings", "whatif"]
