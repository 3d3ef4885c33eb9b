"""The Merkle tree hash of a list, as RFC 9162 (Certificate Transparency) section 2.1 says.

A leaf is hashed behind one byte 0x00 and two nodes behind one byte 0x01, so that no node can pass
for a leaf. The root names a list in its order: whoever changes, adds, drops or moves one entry gets
another root.
"""

from collections.abc import Iterable
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of a list that holds nothing (section 2.1.1)."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one entry's bytes."""
    return sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of many entries."""
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


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
