"""A quantum layer in your own transformer: trained beside a frozen model, saved, loaded, read with shots.

    python examples/quantum_layer.py

Any decoder of transformers whose blocks have a part `mlp` will do; here it is a Llama of random weights.
"""

import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from qwatt.torch import QuantumLayer, attached, load_layer, save_layer


def main(folder: Path, steps: int = 20) -> list[float]:
    """Train on a text of random tokens; return the loss of every step, and last that with finite shots."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=50, **sizes)).requires_grad_(False)
    ids = torch.randint(0, 50, (4, 16))

    layer = QuantumLayer(model.config.hidden_size, qubits=4, reuploads=2, layers=1, shots=1000)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=0.1)
    losses = []
    with attached(model, layer, block=-1, place="adapter"):
        for _ in range(steps):
            optimiser.zero_grad()
            loss = model(input_ids=ids, labels=ids).loss
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
    print(
        f"loss {losses[0]:.3f} -> {losses[-1]:.3f}; a QPU would have run {layer.demand.circuits:,} circuits"
    )

    save_layer(layer, folder, block=-1, place="adapter")
    loaded, facts = load_layer(folder)  # in evaluation mode: expectation values are read with the shots
    with attached(model, loaded, facts["block"], facts["place"]), torch.no_grad():
        losses.append(float(model(input_ids=ids, labels=ids).loss))
    print(f"loss with {loaded.config['shots']} shots a circuit: {losses[-1]:.3f}")
    return losses


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "quantum-layer"))
