"""The slow way to similarities, one document and one pair at a time: what the fast one is held against."""

from hashlib import blake2b

import numpy as np

from qwatt.stages.curation.dedup.text import is_short, tokens


def slow_shingles(text, unit, width):
    """Shingles of a normalised text."""
    if is_short(text):
        return _hashes(_characters(text), max(1, len(text)))
    if unit == "char":
        return _hashes(_characters(text), width)
    codes = [slow_code(word.encode("utf-8", "surrogatepass")) for word in tokens(text)]
    return _hashes(np.array(codes, dtype=np.uint64), width)


def slow_code(word):
    """Code of a word of so many bytes: its first ones beyond a multiple of eight, then eight at a time."""
    if len(word) > 256:
        return int.from_bytes(blake2b(word, digest_size=8).digest(), "little")
    head = (len(word) - 1) % 8 + 1
    value = _mixed(int.from_bytes(word[:head], "little") + len(word) * 0x9E3779B97F4A7C15)
    for start in range(head, len(word), 8):
        value = _mixed(value ^ int.from_bytes(word[start : start + 8], "little"))
    return value


def _mixed(value):
    value = value * 0x9E3779B97F4A7C15 % 2**64
    return value ^ value >> 32


def _characters(text):
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def _hashes(symbols, width):
    count = max(1, len(symbols) - width + 1)
    value = np.zeros(count, dtype=np.uint64)
    for offset in range(min(width, len(symbols))):
        value = value * np.uint64(0x9E3779B97F4A7C15) + symbols[offset : offset + count] + np.uint64(1)
    value = (value ^ (value >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return np.unique(value ^ (value >> np.uint64(32)))


def slow_jaccard(first, second):
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)


def slow_stars(sets, digests, homes, worth, threshold, bound, most_leaders):
    """Leaders and similarities, every document compared with the leaders of its buckets one by one."""
    leader, similarity = list(range(len(sets))), [1.0] * len(sets)
    members = {}
    for i in sorted(range(len(sets)), key=lambda i: -worth[i]):
        own = [number for number in homes[i].tolist() if number >= 0]
        others = dict.fromkeys(j for number in own for j in members.get(number, ()))
        likely = [j for j in others if (digests[i] == digests[j]).mean() >= bound]
        shares = [slow_jaccard(sets[i], sets[j]) for j in likely]
        if shares and max(shares) >= threshold:
            similarity[i] = max(shares)
            leader[i] = likely[shares.index(similarity[i])]
            continue
        for number in own:
            if len(members.setdefault(number, [])) < most_leaders:
                members[number].append(i)
    return leader, similarity


def slow_graph(sets, digests, homes, worth, threshold, bound, crowd, hubs_of_a_bucket):
    """(followers, hubs, capped buckets, edges): crowds collapsed, then all pairs of every bucket."""
    homes, followers, hubs, capped = homes.copy(), {}, set(), 0
    numbers, counts = np.unique(homes, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    for number in [int(numbers[n]) for n in order if counts[n] > crowd and numbers[n] >= 0]:
        for _ in range(hubs_of_a_bucket):
            inside = np.flatnonzero((homes == number).any(axis=1))
            if len(inside) <= crowd:
                break
            hub = int(inside[np.argmax(worth[inside])])
            mates = np.flatnonzero(((homes == homes[hub]) & (homes >= 0)).any(axis=1))
            likely = [int(i) for i in mates if i != hub and (digests[i] == digests[hub]).mean() >= bound]
            near = {i: s for i in likely if (s := slow_jaccard(sets[hub], sets[i])) >= threshold}
            if near:
                hubs.add(hub)
                followers |= {i: (hub, s) for i, s in near.items()}
            homes[[hub, *near]] = -1
        else:
            if (homes == number).any(axis=1).sum() > crowd:
                homes[homes == number] = -1
                capped += 1
    edges = {}
    for i in range(len(sets)):
        mates = np.flatnonzero(((homes == homes[i]) & (homes >= 0)).any(axis=1))
        for j in mates[mates > i].tolist():
            if (digests[i] == digests[j]).mean() >= bound and (
                s := slow_jaccard(sets[i], sets[j])
            ) >= threshold:
                edges[i, j] = s
    return followers, hubs, capped, edges
