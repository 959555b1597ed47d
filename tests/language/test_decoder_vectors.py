"""A decoder as a sentence encoder: the mean of its last hidden states."""

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.language import get_encoder
from qwatt.language.decoder import load_decoder

TEXTS = ["The king is dead.", "Long live the king, who lives in the old house by the sea."]


def test_vectors_are_means_of_the_models_own_hidden_states():
    import torch

    decoder = load_decoder("tiny")
    found = get_encoder("tiny").compute(TEXTS)
    for text, vector in zip(TEXTS, found, strict=True):
        ids = torch.tensor([get_encoder("tiny").tokens([text])[0]])
        with torch.no_grad():
            states = decoder.model(ids, output_hidden_states=True).hidden_states[-1]
        mean = states[0].mean(dim=0).numpy()
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_its_work_counts_the_gates():
    encoder = get_encoder("tiny")
    tokens = [len(ids) for ids in encoder.tokens(TEXTS)]
    named = encoder.network.named_parameters()
    weights = sum(w.numel() for name, w in named if name.startswith("layers.") and w.ndim == 2)
    layers = encoder.network.config.num_hidden_layers
    attention = 4.0 * layers * encoder.dimensions * sum(n**2 for n in tokens)
    assert encoder.work(TEXTS)["encoder_flop"] == pytest.approx(2.0 * weights * sum(tokens) + attention)


def test_a_folder_without_a_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(QwattError, match=r"model\.safetensors, tokenizer\.json"):
        get_encoder(str(tmp_path))
