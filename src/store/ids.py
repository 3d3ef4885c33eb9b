"""UUIDv7 (RFC 9562, section 5.7): ids sort by the time they were made, so indexes stay local."""

import time
from uuid import UUID

from store.randomness import random_bytes


def new_id() -> UUID:
    """Return a fresh UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    bits = int.from_bytes(random_bytes(10), "big")
    return UUID(
        int=(milliseconds & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (bits >> 64 & 0xFFF) << 64
        | 0b10 << 62
        | bits & (1 << 62) - 1
    )
