"""What the routes work with: opened at start-up, closed at shutdown, nothing of it global."""

from dataclasses import dataclass

from api.auth import Verifier
from api.conventions import Cursors
from api.crew import Crew
from api.freshness import Freshness
from api.streams import Streams
from api.texts import Texts
from store.casebook import Casebook
from store.files import Files
from store.openings import Openings
from store.readers import Readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The casebook and all that reading, writing and knowing the caller need."""

    casebook: Casebook
    readers: Readers
    freshness: Freshness
    streams: Streams
    verifier: Verifier
    texts: Texts
    cursors: Cursors
    files: Files
    webhooks_to_loopback: bool
    """Whether webhooks may lead to this machine itself."""
    openings: Openings
    """Where new cases are decided that nothing has to be asked for."""
    writers: Crew
    """Where commands are decided, and the log is asked: each in a thread of its own."""
