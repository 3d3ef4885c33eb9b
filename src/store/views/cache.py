"""Documents that were written lately, so that a batch need not load them again."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

CACHED_BYTES_MAX = 12 * 1024 * 1024


class DocumentCache:
    """The newest documents by stream, bounded by the bytes of their JSON.

    What was put becomes visible only with `keep`, after the batch is committed; `clear` forgets
    everything, because the batch was rolled back or another process has led the view meanwhile.
    """

    def __init__(self, bytes_max: int = CACHED_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[UUID, tuple[dict[str, Any], int]] = OrderedDict()
        self._put: dict[UUID, tuple[dict[str, Any], int]] = {}

    def get(self, stream: UUID) -> dict[str, Any] | None:
        """Return the document as it stands after the last committed batch."""
        found = self._kept.get(stream)
        if found is None:
            return None
        self._kept.move_to_end(stream)
        return found[0]

    def put(self, stream: UUID, document: dict[str, Any], size_bytes: int) -> None:
        """Remember a document of the batch that is being written."""
        self._put[stream] = (document, size_bytes)

    def keep(self) -> None:
        """The batch is committed: what was put is what stands in the table."""
        for stream, entry in self._put.items():
            before = self._kept.pop(stream, None)
            self._bytes += entry[1] - (before[1] if before else 0)
            self._kept[stream] = entry
        self._put.clear()
        while self._bytes > self._bytes_max and self._kept:
            _, (_, size_bytes) = self._kept.popitem(last=False)
            self._bytes -= size_bytes

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._put.clear()
        self._bytes = 0
