"""Layers to put into a transformer of your own, the quantum one among them; importing this imports torch."""

from qwatt.core.extras import importing

with importing("qwatt.torch"):
    from qwatt.torch.blocks import PLACES, Nothing, attached, blocks_of, find_block
    from qwatt.torch.bottleneck import Bottleneck
    from qwatt.torch.classical_layers import FourierLayer, LowRankLayer, MlpLayer
    from qwatt.torch.quantum_layer import QuantumLayer
    from qwatt.torch.saved import load_layer, save_layer

__all__ = [
    "PLACES",
    "Bottleneck",
    "FourierLayer",
    "LowRankLayer",
    "MlpLayer",
    "Nothing",
    "QuantumLayer",
    "attached",
    "blocks_of",
    "find_block",
    "load_layer",
    "save_layer",
]
