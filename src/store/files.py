"""Files of cases: encrypted with the key of the person they are about, named by their ciphertext.

A file begins with a mark and the subject's id, so it can be read whoever the case's customer is
found to be later; destroying the subject's key makes it unreadable. The nonce is a keyed hash of
the content: the same file of the same case is stored once, so repeating an upload is harmless.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.declare import NotFound, Refusal
from store.keys import KeyRing
from store.private_files import make_private_folder, sync_folder, write_private_file
from store.recorder import Pool

_MARK = b"PVF1"
_NONCE_BYTES = 12
_HEAD_BYTES = len(_MARK) + 16
_ADDRESS = re.compile(r"[0-9a-f]{64}")


class FileIsGone(NotFound, code="file.is_gone"):
    """The file cannot be read any more: its bytes are away, or its person's data were erased."""


class Files:
    """The folder of encrypted files: `<folder>/ab/cdef…`, named by the SHA-256 of their bytes."""

    def __init__(self, folder: Path, ring: KeyRing, pool: Pool) -> None:
        self._folder = folder
        self._ring = ring
        self._pool = pool
        self._nonce_key = ring.keys.derived("file nonce")
        self._nobody = AESGCM(ring.keys.derived("files without a subject"))

    @contextmanager
    def kept_if_done(self, content: bytes, *, stream: UUID, subject: UUID | None) -> Iterator[str]:
        """Keep a file beside the command that names its address: it stands when that is done.

        It is durable before the command is tried, under a name of this attempt's own; a refusal
        takes it away again, so that what nobody refers to does not fill the disk. Where the outcome
        is not known the waiting file stays, and is read like one that stands.
        """
        address, sealed = self._sealed(content, stream, subject)
        path = self._path(address)
        if path.exists():
            yield address
            return
        make_private_folder(self._folder)
        make_private_folder(path.parent)
        waiting = path.with_name(f"{path.name}.{uuid4().hex}")
        write_private_file(waiting, sealed)
        try:
            yield address
        except Refusal:
            waiting.unlink(missing_ok=True)
            raise
        os.replace(waiting, path)
        sync_folder(path.parent)

    def store(self, content: bytes, *, stream: UUID, subject: UUID | None) -> str:
        """Encrypt and keep a file durably; return its address.

        Raises `FileIsGone` for a subject whose key was destroyed.
        """
        with self.kept_if_done(content, stream=stream, subject=subject) as address:
            return address

    def _sealed(self, content: bytes, stream: UUID, subject: UUID | None) -> tuple[str, bytes]:
        cipher = self._nobody if subject is None else self._cipher(subject)
        if cipher is None:
            raise FileIsGone
        head = _MARK + (subject.bytes if subject else bytes(16))
        associated = head + stream.bytes
        nonce = hmac.digest(self._nonce_key, associated + content, "sha256")[:_NONCE_BYTES]
        sealed = head + nonce + cipher.encrypt(nonce, content, associated)
        return hashlib.sha256(sealed).hexdigest(), sealed

    def read(self, address: str, *, stream: UUID) -> bytes:
        """Return a file's content; raises `FileIsGone`."""
        sealed = self._bytes_at(self._path(address))
        if hashlib.sha256(sealed).hexdigest() != address or not sealed.startswith(_MARK):
            raise FileIsGone
        head = sealed[:_HEAD_BYTES]
        subject_bytes = head[len(_MARK) :]
        cipher = self._cipher(UUID(bytes=subject_bytes)) if any(subject_bytes) else self._nobody
        if cipher is None:
            raise FileIsGone
        nonce = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[_HEAD_BYTES + _NONCE_BYTES :], head + stream.bytes)
        except InvalidTag:
            raise FileIsGone from None

    def _bytes_at(self, path: Path) -> bytes:
        with suppress(OSError):
            return path.read_bytes()
        for place in (*path.parent.glob(f"{path.name}.*"), path):  # it may be put in place now
            with suppress(OSError):
                return place.read_bytes()
        raise FileIsGone

    def _cipher(self, subject: UUID) -> AESGCM | None:
        known = self._ring.known(subject)
        if known is not None:
            return known
        with self._pool.connection() as connection:
            return self._ring.load(connection, [subject]).get(subject)

    def _path(self, address: str) -> Path:
        if not _ADDRESS.fullmatch(address):
            raise FileIsGone
        return self._folder / address[:2] / address[2:]
