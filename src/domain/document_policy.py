"""Which documents are taken into a case, as a rule document, and the refusals of all others."""

from typing import Annotated

from domain.declare import Context, Refusal, Unacceptable, value
from domain.fields import Between, Text

# --- fields of commands that add a document -------------------------------------------------------

MediaType = Annotated[str, Text(max=100, pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")]
SizeBytes = Annotated[int, Between(1, 10**12)]
Sha256 = Annotated[str, Text(min=64, max=64, pattern=r"^[0-9a-f]{64}$")]


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


# --- refusals -------------------------------------------------------------------------------------


class MediaTypeNotAllowed(Unacceptable, code="document.media_type_not_allowed"):
    """Documents of this media type are not taken."""


class DocumentTooLarge(Unacceptable, code="document.too_large"):
    """The document is larger than documents may be."""


class TooManyDocuments(Refusal, code="document.too_many"):
    """The case has as many documents as a case may have."""


# --- rules ----------------------------------------------------------------------------------------

DOCUMENT_POLICY = "default"


def require_admitted(
    media_type: str, size_bytes: int, documents: int, context: Context, name: str = DOCUMENT_POLICY
) -> None:
    """Refuse a document that the policy in force does not take into a case of so many documents."""
    policy = context.rules.in_force(DocumentPolicy, name, context.now).content
    if media_type not in policy.media_types:
        raise MediaTypeNotAllowed(media_type=media_type, allowed=policy.media_types)
    if size_bytes > policy.size_bytes_max:
        raise DocumentTooLarge(size_bytes=size_bytes, size_bytes_max=policy.size_bytes_max)
    if documents >= policy.documents_max:
        raise TooManyDocuments(documents_max=policy.documents_max)
