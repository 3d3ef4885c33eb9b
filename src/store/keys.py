"""Keys: one per person for her personal fields, all wrapped by one master key; keyed hashes.

A national id can be guessed in minutes, so nothing that identifies a person is stored plain or
under an unkeyed hash: lookups, claims and idempotency scopes are HMACs under keys derived from the
master key. Destroying a person's wrapped key makes every field of hers unreadable for ever.
"""

import hmac
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import Connection

from store.blocks import Blocks
from store.randomness import random_bytes

SQL = Blocks(Path(__file__).with_name("log.sql"))

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12
_CACHED_KEYS_MAX = 50_000

MARK = UUID(int=0)
"""Nobody's key: what it is wrapped with is the master key of the database."""


class WrongMasterKey(Exception):  # noqa: N818
    """The master key is not the one that this database's keys were wrapped with."""


def seal(cipher: AESGCM, plain: bytes, associated: bytes) -> bytes:
    """Encrypt with a fresh 96-bit nonce, which stands before the ciphertext."""
    nonce = random_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, associated)


def unseal(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt what `seal` made; raises `InvalidTag` when anything of it was changed."""
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated)


class Keys:
    """What is derived from the master key (HKDF-SHA256, one label per purpose)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != MASTER_KEY_BYTES:
            raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes")
        self._master = master
        self._wrapping = AESGCM(self.derived("subject key wrapping"))
        self._lookup = self.derived("lookup hash")
        self._request = self.derived("idempotent request")

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes that serve one purpose and reveal nothing of any other."""
        info = b"parvandeh " + purpose.encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._master)

    def lookup_hash(self, kind: str, normalized: str) -> bytes:
        """Return the keyed hash under which an identifier is claimed and looked up."""
        return hmac.digest(self._lookup, f"{kind}\x00{normalized}".encode(), "sha256")

    def request_hash(self, *parts: bytes) -> bytes:
        """Return the keyed hash of a request's scope or body; parts cannot run into each other."""
        joined = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._request, joined, "sha256")

    def wrap(self, subject_id: UUID, key: bytes) -> bytes:
        """Wrap a subject's key for storage; bound to the subject."""
        return seal(self._wrapping, key, subject_id.bytes)

    def unwrap(self, subject_id: UUID, wrapped: bytes) -> AESGCM:
        """Return the cipher of a subject; raises `WrongMasterKey`."""
        try:
            return AESGCM(unseal(self._wrapping, wrapped, subject_id.bytes))
        except InvalidTag:
            raise WrongMasterKey(
                "a subject key cannot be unwrapped: this database was written under another "
                "master key (APP_MASTER_KEY or APP_MASTER_KEY_FILE)"
            ) from None


class KeyRing:
    """The ciphers of subjects, read from the database when first needed and kept bounded."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._ciphers: OrderedDict[UUID, AESGCM] = OrderedDict()
        self._mutex = threading.Lock()

    def known(self, subject_id: UUID) -> AESGCM | None:
        """Return the cipher if it is at hand."""
        return self._ciphers.get(subject_id)

    def load(
        self, connection: Connection[tuple[object, ...]], subject_ids: Iterable[UUID]
    ) -> Mapping[UUID, AESGCM]:
        """Return the ciphers of these subjects; one that is missing was erased or never was."""
        wanted = set(subject_ids)
        found = {s: cipher for s in wanted if (cipher := self._ciphers.get(s)) is not None}
        missing = list(wanted - found.keys())
        if missing:
            rows = connection.execute(
                SQL["keys"],
                (missing,),
                binary=True,
            )
            for subject_id, wrapped in rows:
                assert isinstance(subject_id, UUID) and isinstance(wrapped, bytes)
                found[subject_id] = self.remember(subject_id, wrapped)
        return found

    def remember(self, subject_id: UUID, wrapped: bytes) -> AESGCM:
        """Unwrap a stored key and keep it."""
        cipher = self.keys.unwrap(subject_id, wrapped)
        with self._mutex:
            self._ciphers[subject_id] = cipher
            while len(self._ciphers) > _CACHED_KEYS_MAX:
                self._ciphers.popitem(last=False)
        return cipher

    def forget(self, subject_id: UUID) -> None:
        """Drop a cipher, because its key was destroyed or is another one than was thought."""
        with self._mutex:
            self._ciphers.pop(subject_id, None)

    def check(self, connection: Connection[tuple[object, ...]]) -> None:
        """Raise `WrongMasterKey` for a database of another one; the first check leaves a mark.

        Under another master key no claim is known and no person's old data can be read, so nothing
        may be written.
        """
        for _ in range(2):
            found = connection.execute(SQL["first_key"], binary=True).fetchone()
            if found is not None:
                subject_id, wrapped = found
                assert isinstance(subject_id, UUID) and isinstance(wrapped, bytes)
                self.keys.unwrap(subject_id, wrapped)
                if subject_id == MARK:
                    return
            connection.execute(SQL["mark"], (MARK, self.make(MARK)[1]))

    def make(self, subject_id: UUID) -> tuple[AESGCM, bytes]:
        """Make a fresh key: its cipher, and the wrapped bytes that go into the append."""
        key = AESGCM.generate_key(bit_length=256)
        return AESGCM(key), self.keys.wrap(subject_id, key)
