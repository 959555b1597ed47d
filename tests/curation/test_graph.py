import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.data.phrases import phrase_documents
from qwatt.stages.curation.dedup import embedding
from qwatt.stages.curation.dedup.components import connected_components
from qwatt.stages.curation.dedup.embedding import cosine_stars
from qwatt.stages.curation.dedup.graph import DuplicateGraph
from qwatt.stages.curation.dedup.keeping import keep_independent, keep_leaders
from qwatt.stages.curation.dedup.leaders import Stars, stars
from qwatt.stages.curation.dedup.lsh import bands_and_rows, buckets, signatures
from qwatt.stages.curation.dedup.overlaps import Overlaps
from qwatt.stages.curation.dedup.pairs import pairs_above
from qwatt.stages.curation.dedup.peeling import RULES, cut_to_fit, greedy_keep, peel
from qwatt.stages.curation.dedup.problem import Removal
from qwatt.stages.curation.dedup.shingles import jaccard, jaccard_to_many, shingle

VERTICES = 14
random_edges = st.sets(
    st.tuples(st.integers(0, VERTICES - 1), st.integers(0, VERTICES - 1)).filter(lambda e: e[0] < e[1]),
    max_size=30,
)
random_weights = st.lists(st.integers(1, 50), min_size=VERTICES, max_size=VERTICES).map(
    lambda w: np.array(w, dtype=float)
)


def plain_jaccard(first, second, width):
    """The definition, with Python sets of words."""
    sets = [
        {tuple(words[i : i + width]) for i in range(max(1, len(words) - width + 1))}
        for words in (first.split(), second.split())
    ]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


words = st.lists(
    st.sampled_from(["ash", "birch", "cedar", "elm", "fir", "oak", "pine", "yew"]), min_size=8, max_size=20
)


@given(words, words, st.sampled_from([2, 3, 5]))
@settings(max_examples=80, deadline=None)
def test_shingle_similarity_is_the_definition(first, second, width):
    texts = [" ".join(first), " ".join(second)]
    hashed = shingle(texts, f"word{width}")
    assert jaccard(*hashed) == pytest.approx(plain_jaccard(*texts, width))


def test_character_shingles_by_hand_and_what_does_not_count():
    a, b = shingle(["a b c d e f g h", "b c d e f g h i"], "char5")  # 15 characters each: 11 runs, 9 shared
    assert jaccard(a, b) == pytest.approx(9 / 13)
    a, b = shingle(["To be, or NOT to be!  To be, or\nnot", "  to be, or\nnot to be! to be, or not"], "char5")
    assert jaccard(a, b) == 1.0
    a, b = shingle(
        ["To be, or NOT to be! To be (or not)", "  to be\nor not  to be to be or not"], "char5", "words"
    )
    assert jaccard(a, b) == 1.0
    a, b = shingle(["", "   "], "char5")
    assert jaccard(a, b) == 1.0


@given(st.lists(words, min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_one_document_against_many_is_the_same_as_pair_by_pair(documents):
    hashed = shingle([" ".join(document) for document in documents], "word2")
    expected = [jaccard(hashed[0], other) for other in hashed]
    np.testing.assert_allclose(jaccard_to_many(hashed[0], hashed), expected)
    assert jaccard_to_many(hashed[0], []).shape == (0,)


def near_duplicates(count=120):
    """Texts of which many share sentences, so that all similarities occur."""
    rng = np.random.default_rng(5)
    lines = [text.split("\n") for _, text in phrase_documents(count, 3)]
    mixed = []
    for own in lines:
        other = lines[rng.integers(10)]
        share = rng.integers(0, 8)
        mixed.append("\n".join(own[:share] + other[share:]))
    return mixed


def brute_force_pairs(shingles, threshold):
    return {
        (i, j)
        for i in range(len(shingles))
        for j in range(i + 1, len(shingles))
        if jaccard(shingles[i], shingles[j]) >= threshold
    }


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_lsh_finds_nearly_all_pairs_and_none_below_the_threshold(threshold):
    shingles = shingle(near_duplicates(), "char5")
    truth = brute_force_pairs(shingles, threshold)
    digests = signatures(shingles, seed=1)
    found = pairs_above(Overlaps(shingles), digests, buckets(digests, threshold), threshold)
    assert len(truth) > 50
    assert set(found) <= truth
    assert len(found) >= 0.95 * len(truth)
    assert all(found[i, j] == jaccard(shingles[i], shingles[j]) for i, j in found)


def test_signatures_estimate_the_similarity():
    shingles = shingle(near_duplicates(), "char5")
    digests = signatures(shingles, seed=1)
    pairs = [(i, j) for i in range(40) for j in range(i)]
    exact = np.array([jaccard(shingles[i], shingles[j]) for i, j in pairs])
    estimate = np.array([(digests[i] == digests[j]).mean() for i, j in pairs])
    assert abs((estimate - exact).mean()) < 0.01
    assert (np.abs(estimate - exact) < 5 * np.sqrt(0.25 / 128)).all()


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.5, 0.8, 0.95])
def test_bands_keep_the_promise_and_are_the_longest_that_do(threshold):
    bands, rows = bands_and_rows(threshold)

    def chance(r):
        return 1 - (1 - threshold**r) ** (128 // r)

    assert bands * rows <= 128
    assert chance(rows) >= 0.95
    assert all(chance(longer) < 0.95 for longer in range(rows + 1, 129))


def is_star_cover(found, similar, threshold):
    """Leaders are not similar to each other; followers are directly similar to a leader that leads itself."""
    leads = found.leader == np.arange(len(found.leader))
    assert leads[found.leader].all()
    for i, leader in enumerate(found.leader.tolist()):
        if i != leader:
            assert found.similarity[i] == pytest.approx(similar(i, leader), abs=1e-6)
            assert found.similarity[i] >= threshold
    return np.flatnonzero(leads)


def test_cosine_stars_are_independent_and_dominate_across_blocks(monkeypatch):
    monkeypatch.setattr(embedding, "_BLOCK", 7)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = vectors @ vectors.T
    worth = rng.permutation(60).astype(float)
    found = cosine_stars(vectors, worth, 0.6)
    leaders = is_star_cover(found, lambda i, j: cosine[i, j], 0.6)
    assert 5 < len(leaders) < 50
    assert (cosine[np.ix_(leaders, leaders)] - np.eye(len(leaders)) < 0.6).all()
    for i in range(60):  # a document leads only when no worthier leader resembles it
        worthier = [j for j in leaders if worth[j] > worth[i]]
        assert (found.leader[i] == i) == (not (cosine[i, worthier] >= 0.6).any())
    some = cosine_stars(vectors, worth, 0.6, among=[0, 1, 2])
    assert (some.leader[3:] == np.arange(3, 60)).all()


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_stars_of_texts_remove_nothing_for_a_stranger(threshold):
    shingles = shingle(near_duplicates(), "char5")
    worth = np.random.default_rng(1).permutation(len(shingles)).astype(float)
    found = stars(shingles, worth, threshold, seed=1)
    leaders = set(is_star_cover(found, lambda i, j: jaccard(shingles[i], shingles[j]), threshold).tolist())
    left = [(i, j) for i, j in brute_force_pairs(shingles, threshold) if i in leaders and j in leaders]
    assert len(left) <= 0.05 * len(brute_force_pairs(shingles, threshold))  # what LSH may miss
    assert len(leaders) < len(shingles)


def test_a_chain_is_not_removed_for_its_end():
    """Neighbours of a chain share 10 of 12 words, ends nothing: every removed one has a kept neighbour."""
    line = [f"word{i}" for i in range(60)]
    texts = [" ".join(line[i : i + 12]) for i in range(0, 48, 2)]
    shingles = shingle(texts, "word1")
    found = stars(shingles, np.ones(len(texts)), 0.5, seed=3)
    leaders = is_star_cover(found, lambda i, j: jaccard(shingles[i], shingles[j]), 0.5)
    assert len(leaders) >= len(texts) / 5


@given(random_edges)
@settings(max_examples=60, deadline=None)
def test_components_agree_with_networkx(edges):
    reference = nx.Graph()
    reference.add_nodes_from(range(VERTICES))
    reference.add_edges_from(edges)
    expected = sorted(sorted(c) for c in nx.connected_components(reference))
    assert connected_components(range(VERTICES), edges) == expected


def is_maximal_independent(keep, edges):
    kept = set(keep)
    independent = not any(i in kept and j in kept for i, j in edges)
    touched = kept | {i for i, j in edges if j in kept} | {j for i, j in edges if i in kept}
    return independent and touched == set(range(VERTICES))


@given(random_edges, random_weights, st.sampled_from(sorted(RULES)))
@settings(max_examples=60, deadline=None)
def test_greedy_sets_are_independent_and_maximal(edges, weights, rule):
    assert is_maximal_independent(greedy_keep(list(range(VERTICES)), sorted(edges), weights, rule), edges)


@given(random_edges, random_weights, st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_peeling_leaves_pieces_that_fit_and_never_touch_what_it_kept(edges, weights, largest):
    kept, pieces = peel(list(range(VERTICES)), sorted(edges), weights, largest)
    assert all(len(piece) <= largest for piece in pieces)
    left = [v for piece in pieces for v in piece]
    assert len(set(left) | set(kept)) == len(left) + len(kept)
    assert not any(a in kept and (b in left or b in kept) for i, j in edges for a, b in ((i, j), (j, i)))
    neighbours_of_kept = {b for i, j in edges for a, b in ((i, j), (j, i)) if a in kept}
    assert set(left) | set(kept) | neighbours_of_kept == set(range(VERTICES))


def test_peeling_by_hand():
    """A star of 6: a leaf has the fewest neighbours, so the heaviest leaf is kept and the centre dropped."""
    star = [(0, i) for i in range(1, 6)]
    kept, pieces = peel(list(range(6)), star, np.array([9, 1, 1, 5, 1, 1.0]), 5)
    assert kept == [3]
    assert pieces == [[1], [2], [4], [5]]


def star_graph():
    edges = {(0, 1): 0.9, (0, 2): 0.8, (2, 3): 0.7}
    return DuplicateGraph((0, 1, 2, 3, 4), edges, {5: 1, 6: 4}, {})


def test_keeping_leaders_and_what_has_their_text():
    found = Stars(np.array([0, 0, 2, 2, 4]), np.array([1, 0.9, 1, 0.7, 1]))
    answer = keep_leaders([10, 11, 12, 13, 14], {15: 11, 16: 14}, found)
    assert answer.keep.tolist() == [10, 12, 14]
    assert {i: (r.kept, r.similarity, r.reason) for i, r in answer.dropped.items()} == {
        11: (10, 0.9, "near duplicate"),
        13: (12, 0.7, "near duplicate"),
        15: (10, 0.9, "near duplicate"),
        16: (14, 1.0, "same text"),
    }
    assert answer.pairs == {(10, 11): 0.9, (12, 13): 0.7, (10, 15): 0.9, (14, 16): 1.0}


def test_keeping_an_independent_set_names_the_nearest_kept_neighbour():
    answer = keep_independent(star_graph(), [0, 3, 4])
    assert answer.keep.tolist() == [0, 3, 4]
    assert {i: r.kept for i, r in answer.dropped.items()} == {1: 0, 2: 0, 5: 0, 6: 4}
    assert keep_independent(star_graph(), [1]).keep.tolist() == [1, 2, 3, 4]


def test_hubs_are_kept_and_their_followers_go():
    settled = {8: Removal(7, 0.6, "near duplicate")}
    graph = DuplicateGraph((0, 1), {(0, 1): 0.9}, {9: 8}, settled, hubs=(7,))
    answer = keep_independent(graph, [0])
    assert answer.keep.tolist() == [0, 7]
    assert {i: (r.kept, r.similarity) for i, r in answer.dropped.items()} == {
        1: (0, 0.9),
        8: (7, 0.6),
        9: (7, 0.6),
    }


@given(random_edges, random_weights)
@settings(max_examples=20, deadline=None)
def test_only_components_with_an_edge_go_to_the_qpu(edges, weights):
    graph = DuplicateGraph(tuple(range(VERTICES)), dict.fromkeys(sorted(edges), 0.5), {}, {})
    keep, pieces, peeled = cut_to_fit(graph, weights, 16)
    assert peeled == 0
    assert sorted([*keep, *(v for vertices, _ in pieces for v in vertices)]) == list(range(VERTICES))
    sent = {tuple(sorted((vs[i], vs[j]))) for vs, own in pieces for i, j in own.tolist()}
    assert sent == edges
