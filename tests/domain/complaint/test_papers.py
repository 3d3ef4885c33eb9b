from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain import complaint as c
from domain.document_policy import (
    DocumentPolicy,
    DocumentTooLarge,
    MediaTypeNotAllowed,
    TooManyDocuments,
)
from domain.rulebook import Published, Rules
from tests.domain.complaint.desk import CLOSED, LETTER_IN, RECEIPT, RECEIVED, RULES, SALES, an_id
from tests.scenario import CASE, NOW


def add(number: int = 30, **facts: Any) -> c.AddDocument:
    defaults: dict[str, Any] = {
        "kind": c.PaperKind.INVOICE,
        "title": "Proof of payment",
        "media_type": "application/pdf",
        "size_bytes": 20_000,
        "content_sha256": "ab" * 32,
    }
    return c.AddDocument(stream=CASE, document_id=an_id(number), **{**defaults, **facts})


def record(**facts: Any) -> c.RecordCorrespondence:
    defaults: dict[str, Any] = {
        "direction": c.Direction.IN,
        "correspondent": c.Correspondent.CUSTOMER,
        "channel": c.Channel.EMAIL,
        "content": "Thank you, I withdraw my complaint.",
        "happened_at": RECEIVED,
    }
    return c.RecordCorrespondence(
        stream=CASE,
        correspondence_id=an_id(31),
        **{**defaults, **facts},
    )


def test_a_document_is_added_also_after_the_end() -> None:
    SALES.when(add()).then(RECEIPT)
    CLOSED.when(add(33, title="Photo of the car", media_type="image/jpeg")).then(
        c.DocumentAdded(
            document_id=an_id(33),
            kind=c.PaperKind.INVOICE,
            title="Photo of the car",
            media_type="image/jpeg",
            size_bytes=20_000,
            content_sha256="ab" * 32,
        )
    )


def test_an_id_stands_for_one_document() -> None:
    SALES.given(RECEIPT).when(add(content_sha256="cd" * 32)).refused(c.ItemExists)


def test_the_policy_says_which_documents_are_taken() -> None:
    SALES.when(add(media_type="application/x-msdownload")).refused(MediaTypeNotAllowed)
    SALES.when(add(size_bytes=20 * 2**20)).then(
        c.DocumentAdded(
            document_id=an_id(30),
            kind=c.PaperKind.INVOICE,
            title="Proof of payment",
            media_type="application/pdf",
            size_bytes=20 * 2**20,
            content_sha256="ab" * 32,
        )
    )
    SALES.when(add(size_bytes=20 * 2**20 + 1)).refused(DocumentTooLarge, size_bytes_max=20 * 2**20)


def test_the_policy_says_how_many_documents_a_case_has() -> None:
    one = DocumentPolicy(media_types=("application/pdf",), size_bytes_max=10**6, documents_max=1)
    since = RULES.documents[DocumentPolicy, "default"][0].effective_from_at
    strict = Rules(
        {**RULES.documents, (DocumentPolicy, "default"): [Published("default", 2, since, one)]}
    )
    full = replace(SALES.given(RECEIPT), rules=strict)
    full.when(add(33)).refused(TooManyDocuments, documents_max=1)


def test_correspondence_is_recorded_with_its_party_and_channel() -> None:
    SALES.when(record()).then(LETTER_IN)
    SALES.given(LETTER_IN).when(record(content="I do not withdraw.")).refused(c.ItemExists)


def test_correspondence_without_an_instant_is_of_now() -> None:
    letter = c.CorrespondenceRecorded(
        correspondence_id=an_id(31),
        direction=c.Direction.IN,
        correspondent=c.Correspondent.AUTHORITY,
        channel=c.Channel.LETTER,
        content="Please comment.",
        happened_at=NOW,
        letter_number="12/345",
        document_ids=(an_id(30),),
    )
    command = record(
        happened_at=None,
        correspondent=c.Correspondent.AUTHORITY,
        channel=c.Channel.LETTER,
        content="Please comment.",
        letter_number="12/345",
        document_ids=(an_id(30),),
    )
    case = SALES.given(RECEIPT).when(command).then(letter)
    case.when(command, at=NOW + timedelta(days=1)).then_nothing()


def test_correspondence_names_documents_that_are_there() -> None:
    SALES.when(record(document_ids=(an_id(30),))).refused(c.PaperNotFound)


def test_correspondence_does_not_come_from_the_future() -> None:
    SALES.when(record(happened_at=NOW + timedelta(days=1))).refused(c.InstantInFuture)
