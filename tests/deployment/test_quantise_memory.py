"""What a process takes that serves a decoder, against the bytes of the decoder's weights."""

from __future__ import annotations

import pytest
from transformers import LlamaConfig, LlamaForCausalLM

from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.deployment.quantise import service_memory as memory_module
from qwatt.stages.deployment.quantise.service_memory import resident, service_memory, unknown

STATUS = "Name:\tpython\nVmHWM:\t     900 kB\nRssAnon:\t     500 kB\nRssFile:\t     300 kB\nThreads:\t1\n"


def test_the_kernels_account_is_read_in_bytes(tmp_path):
    (tmp_path / "status").write_text(STATUS, "utf-8")
    assert resident(tmp_path) == {"VmHWM": 921_600, "RssAnon": 512_000, "RssFile": 307_200}


def test_a_process_that_does_not_answer_is_a_reason_and_no_number(monkeypatch):
    monkeypatch.setattr(memory_module.sys, "executable", "/bin/false")
    found = service_memory("tiny", "float32", 4, 2)
    assert found == unknown("a process that serves float32 gave no answer (IndexError)")
    assert found["peak_rss_bytes"] is None


@pytest.mark.nightly
def test_fewer_bits_take_less_of_a_serving_process(tmp_path):
    """Linear layers of 84 M weights: 336 MB as float32, 168 as bfloat16, 84 in 8 bits."""
    tokenizer = load_decoder("tiny").tokenizer
    shape = {"hidden_size": 2048, "intermediate_size": 4096, "num_attention_heads": 8}
    network = LlamaForCausalLM(
        LlamaConfig(vocab_size=len(tokenizer), num_hidden_layers=2, tie_word_embeddings=True, **shape)
    )
    linear = sum(w.numel() for name, w in network.named_parameters() if "_proj" in name)
    save_decoder(network, tokenizer, tmp_path / "decoder")
    found = {
        form: service_memory(str(tmp_path / "decoder"), form, 8, 2)
        for form in ("float32", "bfloat16", "int8")
    }
    peak = {form: row["peak_rss_bytes"] for form, row in found.items()}
    for row in found.values():
        assert row["peak_rss_bytes"] > row["before_loading_bytes"] > 0
        assert row["peak_rss_bytes"] >= 0.99 * (row["anonymous_bytes"] + row["file_bytes"])
    assert peak["float32"] - peak["bfloat16"] == pytest.approx(2 * linear, abs=0.5 * linear)
    assert peak["float32"] - peak["int8"] == pytest.approx(3 * linear, abs=0.75 * linear)
