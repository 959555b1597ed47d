"""What users of other deduplicators reported; the list with addresses is design/0003-public-reports.md."""

import numpy as np
import pytest
from test_real_input import LEXICAL, kept

SHORT = ["cat", "dog", "cat", "a bird sings", "cow"]
CHINESE = ["猫", "狗", "猫", "鸟儿在唱歌", "牛"]
QUOTES = [
    "世界经济史是一部基于假象和谎言的连续剧。要获得财富，做法就是认清其假象，投入其中，"
    "然后在假象被公众认识之前退出游戏。\nby某个名字都不能说的人。",
    "世界经济史是一部基于假象和谎言的连续剧。要想获得财富，做法就是认清其假象，投入其中，"
    "然后在假象被公众认识之前退出游戏。——索罗斯",
    "今天天气很好，我们去公园散步，看到很多花。",
    "书店里有许多关于历史和哲学的书，值得一读。",
    "科学家发现了一种新的鱼类，它生活在深海里。",
]


@pytest.mark.parametrize("name", LEXICAL)
@pytest.mark.parametrize("texts", [SHORT, CHINESE], ids=["english", "chinese"])
def test_texts_shorter_than_a_shingle_are_told_apart(name, texts, tmp_path):
    found, _ = kept(name, texts, tmp_path, tuning_trials=2)
    assert sorted(found) == sorted(set(texts))


@pytest.mark.parametrize("name", LEXICAL)
def test_one_of_many_copies_survives(name, tmp_path):
    texts = ["the same line of text for everyone to read"] * 6 + ["another line", "third one here", "fourth"]
    found, _ = kept(name, texts, tmp_path, tuning_trials=2)
    assert sorted(found) == sorted(set(texts))


def test_long_texts_that_share_only_common_words_all_stay(tmp_path):
    drawn = np.random.default_rng(0)
    words = ["the", "of", "and", "to", "a", "in", "that", "it", "is", "was", "he", "for", "with"] + [
        f"w{i}" for i in range(400)
    ]
    texts = [" ".join(drawn.choice(words, 4000)) for _ in range(12)]
    found, _ = kept("minhash", texts, tmp_path, tuning_trials=4)
    assert len(found) == 12


def test_two_versions_of_a_chinese_quotation_are_one(tmp_path):
    found, _ = kept("minhash", QUOTES, tmp_path, tuning_trials=4)
    assert len(found) == 4 and set(QUOTES[2:]) <= set(found)
    found, _ = kept("exact-hash", QUOTES, tmp_path, tuning_trials=4)
    assert len(found) == 5
