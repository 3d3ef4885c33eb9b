"""UUIDv7 (RFC 9562, section 5.7): ids sort by the time they were made, so indexes stay local."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a fresh UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    bits = int.from_bytes(os.urandom(10), "big")
    return UUID(
        int=(milliseconds & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (bits >> 64 & 0xFFF) << 64
        | 0b10 << 62
        | bits & (1 << 62) - 1
    )
