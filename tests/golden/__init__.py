"""One file per stored name and past shape: what the log holds must open for ever.

Each file has a stored body, sealed under the keys below, and what it must read as. Files are
written once (`python -m tests.golden` writes those that are missing) and never changed: a new
shape of an event is a new file beside the old one, `<topic>.2.json`.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FOLDER = Path(__file__).parent
CIPHER = AESGCM(bytes(range(32)))
STREAM = UUID("01933b5c-7a00-7000-8000-00000000c0de")
VERSION = 7


@dataclass(frozen=True)
class Golden:
    """One stored body and the plain JSON that its event must dump to."""

    path: Path
    topic: str
    body: bytes
    reads_as: Any


def golden() -> Iterator[Golden]:
    """Yield every golden file."""
    for path in sorted(FOLDER.glob("*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        yield Golden(path, kept["topic"], base64.b64decode(kept["body_base64"]), kept["reads_as"])
