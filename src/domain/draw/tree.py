"""The Merkle tree hash of a list, as RFC 9162 (Certificate Transparency) section 2.1 says.

A leaf is hashed behind one byte 0x00 and two nodes behind one byte 0x01, so that no node can pass
for a leaf. The root names a list in its order: whoever changes, adds, drops or moves one entry gets
another root.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of a list that holds nothing (section 2.1.1)."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one entry's bytes."""
    return sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of many entries."""
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Return the root of a list of leaf hashes.

    Level by level: pairs are joined, and the odd one at the end moves up as it is, which is the
    same tree as the one the RFC builds from the top.
    """
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    join = sha256
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        pairs = iter(level)
        level = [
            join(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
        ]
        level += odd
    return level[0]


def inclusion_path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes by which one leaf leads to the root, the nearest first (section 2.1.3.1).

    With them one entrant can check that her entry is in the list without having the list.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    path = []
    level = list(hashes)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        odd = [level[-1]] if len(level) % 2 else []
        pairs = iter(level)
        level = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=False)] + odd
        index //= 2
    return path


def root_by_path(hashed: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf's hash and its path lead to; None where they fit no such tree.

    The algorithm of section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, hashed
    for beside in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            root = node_hash(beside, root)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, beside)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None
