"""Codes of words, shingles, similarities, stars and graphs by whole arrays are those of one at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_similarity import slow_code, slow_graph, slow_jaccard, slow_shingles, slow_stars

from qwatt.data.phrases import phrase_documents
from qwatt.stages.curation.dedup.codes import codes_of
from qwatt.stages.curation.dedup.crowds import CROWD, HUBS_OF_A_BUCKET, collapse
from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.lsh import (
    HASHES,
    LEADERS_OF_A_BUCKET,
    bands_and_rows,
    buckets,
    least_agreement,
    repeated,
    signatures,
)
from qwatt.stages.curation.dedup.overlaps import Overlaps
from qwatt.stages.curation.dedup.pairs import pairs_above
from qwatt.stages.curation.dedup.shingles import shingle_kind, shingle_normalised
from qwatt.stages.curation.dedup.symbols import Block
from qwatt.stages.curation.dedup.text import normalise, tokens, words
from qwatt.stages.curation.dedup.vocabulary import vocabularies

ODD = "aé 中\u0301ก\u0e31!\u200d\u3099か-_ \u302a\u093eह٣     abcde\U0001f600\x1c\ud800"
odd_texts = st.lists(st.text(st.one_of(st.characters(), st.sampled_from(ODD)), max_size=60), max_size=6)


@given(odd_texts)
@settings(max_examples=150, deadline=None)
def test_words_of_any_script_are_those_of_the_regular_expression(texts):
    plain = [normalise(text) for text in texts]
    block = Block.of(plain)
    codes, counts = block.words()
    expected = [tokens(text) for text in plain]
    assert counts.tolist() == [len(found) for found in expected]
    assert codes.tolist() == [
        slow_code(word.encode("utf-8", "surrogatepass")) for found in expected for word in found
    ]


@given(odd_texts)
@settings(max_examples=100, deadline=None)
def test_vocabularies_are_the_distinct_words(texts):
    for text, found in zip(texts, vocabularies(texts), strict=True):
        assert found.tolist() == sorted({slow_code(w.encode("utf-8", "surrogatepass")) for w in words(text)})


def test_codes_of_slices_of_any_length_are_those_of_one_at_a_time():
    ends = np.cumsum([1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 24, 25, 255, 256, 257, 1000, 31])
    starts = np.append(0, ends[:-1])
    data = np.random.default_rng(0).integers(0, 256, size=ends[-1]).astype(np.uint8)
    expected = [slow_code(data[a:b].tobytes()) for a, b in zip(starts, ends, strict=True)]
    assert codes_of(data, starts, ends).tolist() == expected


@pytest.mark.parametrize("length", [1, 2, 8, 9, 16, 24, 257])
def test_words_that_differ_in_a_bit_differ_in_their_codes(length):
    word = np.random.default_rng(length).integers(0, 256, size=length).astype(np.uint8)
    words = np.tile(word, (8 * length + 1, 1))
    words[1:] ^= np.packbits(np.eye(8 * length, dtype=np.uint8), axis=1)
    starts = np.arange(len(words)) * length
    codes = codes_of(words.reshape(-1), starts, starts + length)
    assert len(set(codes.tolist())) == len(words)


@given(odd_texts, st.sampled_from(["char5", "word3", "own3", "char1", "word1", "word20", "char50"]))
@settings(max_examples=150, deadline=None)
def test_shingles_of_many_texts_are_those_of_each(texts, kind):
    plain = [normalise(text) for text in texts]
    found = shingle_normalised(plain, kind)
    unit, width = shingle_kind(kind)
    assert len(found) == len(texts)
    for own, text in zip(found, plain, strict=True):
        assert np.array_equal(own, slow_shingles(text, unit, width))


@given(st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 5, 2**63, 2**64 - 1]), max_size=30))
def test_repeated_hashes_are_those_that_occur_more_than_once(keys):
    found = repeated(np.array(keys, dtype=np.uint64))
    assert found.tolist() == [i for i, key in enumerate(keys) if keys.count(key) > 1]


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.8])
def test_documents_share_a_bucket_where_a_whole_band_agrees(threshold):
    digests = np.random.default_rng(1).integers(0, 3, size=(90, HASHES)).astype(np.uint32)
    bands, rows = bands_and_rows(threshold)
    homes = buckets(digests, threshold)
    assert homes.shape == (90, bands)
    for band in range(bands):
        part = [tuple(row) for row in digests[:, band * rows : (band + 1) * rows].tolist()]
        alone = [part.count(row) == 1 for row in part]
        assert (homes[:, band] == -1).tolist() == alone
        numbers = {row: homes[i, band] for i, row in enumerate(part) if not alone[i]}
        assert all(homes[i, band] == numbers[row] for i, row in enumerate(part) if not alone[i])
        assert len(set(numbers.values())) == len(numbers)
        others = np.delete(homes, band, axis=1)
        assert not np.isin(list(numbers.values()), others).any()


@pytest.fixture(scope="module")
def family():
    """Texts with near duplicates, and a crowd of one template whose pages differ more or less."""
    rng = np.random.default_rng(0)
    texts = [normalise(text) for _, text in phrase_documents(60, 1)]
    for _ in range(110):
        words = texts[0].split()
        for place in rng.integers(len(words), size=int(rng.integers(0, 9))):
            words[place] = f"w{rng.integers(40)}"
        texts.append(" ".join(words))
    for i in range(10, 40):
        words = texts[i].split()
        words[int(rng.integers(len(words)))] = "other"
        texts.append(" ".join(words))
    return texts, rng.permutation(len(texts)).astype(float)


@pytest.mark.parametrize("kind", ["char5", "word3"])
@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.8])
def test_stars_and_graph_are_those_of_one_pair_at_a_time(family, kind, threshold):
    texts, worth = family
    sets = shingle_normalised(texts, kind)
    digests = signatures(sets, 0)
    homes = buckets(digests, threshold)
    bound = least_agreement(threshold)
    found = stars(sets, worth, threshold, 0)
    leader, similarity = slow_stars(sets, digests, homes, worth, threshold, bound, LEADERS_OF_A_BUCKET)
    assert found.leader.tolist() == leader
    assert found.similarity.tolist() == similarity
    followers, hubs, capped, edges = slow_graph(
        sets, digests, homes, worth, threshold, bound, CROWD, HUBS_OF_A_BUCKET
    )
    assert len(followers) > 20 or threshold > 0.6
    overlaps = Overlaps(sets)
    crowds = collapse(overlaps, digests, homes, worth, threshold)
    assert (crowds.followers, crowds.hubs, crowds.capped) == (followers, hubs, capped)
    assert pairs_above(overlaps, digests, homes, threshold) == edges


def test_overlaps_are_the_same_before_and_after_shingles_are_numbered(family):
    sets = shingle_normalised(family[0], "char5")
    overlaps = Overlaps(sets)
    for one in (0, 5, 70, 0, 5, 70, 199, 3, 0):
        others = [i for i in range(len(sets)) if i != one]
        assert overlaps.jaccard(one, others).tolist() == [slow_jaccard(sets[one], sets[i]) for i in others]
    assert "_index" in vars(overlaps)
    assert overlaps.jaccard(0, []).shape == (0,)
