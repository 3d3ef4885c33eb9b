"""Who is drawn: the same bytes in, the same ranking out, for anybody and for ever.

Everything here is what `scripts/verify_draw.py` does over again without a line of this program, and
what docs/draws.md says in words:

* the *leaf* of an entry is its line of the proof file: a JSON array of its position in the log, its
  order's id and number, its model, and a word that stands for the person;
* the *root* is the Merkle tree hash (RFC 9162) of the leaves in the order of their positions;
* the *key* is the SHA-256 of the domain word, the draw's id, the root, the public value and the
  seed, each behind its length, so that no two different ones read alike;
* an entry's *ticket* is the HMAC-SHA256 of its leaf under the key; lower tickets go first.
"""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

KEY_WORD = b"parvandeh draw v1"
PERSON_WORD = "parvandeh draw person v1"
PERSON_DIGITS = 32


class DrawOutcome(StrEnum):
    """What a draw says of an entry."""

    WINNER = "winner"
    RESERVE = "reserve"
    NOT_DRAWN = "not_drawn"


class Places(NamedTuple):
    """How many places a model has, and how many more move up when winners let go."""

    model: str
    winners: int
    reserves: int

    def outcome(self, rank: int) -> DrawOutcome:
        """Return what the entry of this rank, counted from 1, is."""
        if rank <= self.winners:
            return DrawOutcome.WINNER
        if rank <= self.winners + self.reserves:
            return DrawOutcome.RESERVE
        return DrawOutcome.NOT_DRAWN


def person_word(draw_id: UUID, customer_id: UUID) -> str:
    """Return the word that stands for a person in one draw.

    Two entries of one person have the same word, so anyone can see that nobody has two; the words
    of another draw are others, and a customer's id is not found by trying.
    """
    text = f"{PERSON_WORD}\n{draw_id}\n{customer_id}"
    return sha256(text.encode()).hexdigest()[:PERSON_DIGITS]


def leaf_of(position: int, order_id: UUID, number: str | None, model: str, person: str) -> str:
    """Return an entry's leaf; its bytes are those of the text in UTF-8.

    The view of entries writes the same text in SQL, a million at a time.
    """
    return json.dumps([position, str(order_id), number, model, person], ensure_ascii=False)


def commitment_of(seed: bytes) -> str:
    """Return what is published of a seed beforehand: its SHA-256, in hexadecimal."""
    return sha256(seed).hexdigest()


def draw_key(draw_id: UUID, root: bytes, public_value: str, seed: bytes) -> bytes:
    """Return the key that nobody could know before the entries were closed."""
    parts = (KEY_WORD, str(draw_id).encode(), root, public_value.encode(), seed)
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def ranking(
    key: bytes, pages: Iterable[tuple[Sequence[str], Sequence[bytes]]], models: Sequence[str]
) -> dict[str, list[int]]:
    """Return the numbers of the entries of each model in the order of their rank.

    Entries come in pages, as their models and leaves in the order of their numbers, which begin
    with 1; an empty leaf is that of an entry that was left out: it keeps its number, and nobody
    else's ticket or number changes by it. Equal tickets, which nobody will ever see, go by number.
    """
    inner, outer = (bytes(byte ^ pad for byte in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    tickets: dict[str, list[bytes]] = {model: [] for model in models}
    number = 0
    for of_models, leaves in pages:
        for model, leaf in zip(of_models, leaves, strict=True):
            number += 1
            if leaf:  # HMAC (RFC 2104) written out, which is twice as fast as the library's
                ticket = sha256(outer + sha256(inner + leaf).digest()).digest()
                tickets[model].append(ticket + number.to_bytes(8, "big"))
    ranked: dict[str, list[int]] = {}
    for model in models:
        of_model = tickets.pop(model)
        of_model.sort()
        ranked[model] = [int.from_bytes(ticket[32:], "big") for ticket in of_model]
    return ranked
