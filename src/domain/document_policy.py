"""Which documents are taken into a case, as a rule document."""

from domain.declare import value


@value
class DocumentPolicy:
    """The media types that are taken, how large a document and how many a case may have."""

    media_types: tuple[str, ...]
    size_bytes_max: int
    documents_max: int

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could be taken, with `ValueError`."""
        if self.size_bytes_max < 1 or self.documents_max < 1 or not self.media_types:
            raise ValueError("a document policy takes at least one document of one byte")
