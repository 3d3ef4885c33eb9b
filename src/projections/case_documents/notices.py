"""The documents of notices."""

from domain import notification
from domain.declare import Parties
from domain.notification import NotificationStatus as Status
from projections.case_documents.folding import (
    Body,
    Category,
    Envelope,
    Fold,
    Listing,
    added,
    item_of,
    uuid_of,
    without,
)
from store.views import Document

_WHAT = (
    "recipient", "staff_id", "customer_id", "code", "case_id", "case_category", "params", "cause",
)  # fmt: skip


def _planned(document: Document, body: Body, _: Envelope) -> None:
    document.update(body, status=Status.PLANNED.value, deliveries=[])


def _withheld(document: Document, body: Body, _: Envelope) -> None:
    if "deliveries" not in document:  # what was planned stays what it was
        document.update({name: body[name] for name in _WHAT})
    document.update(status=Status.WITHHELD.value, withheld=body["reason"], of=body["of"])


def _became(status: Status) -> Fold:
    """Return the fold that adds an event to the deliveries, and says what that makes of it."""

    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        added(document, "deliveries", {"status": status.value, **item_of(body, envelope)})
        document["status"] = status.value

    return fold


def _failed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "deliveries", {"status": "failed", **item_of(body, envelope)})
    document["status"] = Status.PLANNED.value


def _gave_up(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "deliveries", {"status": "exhausted", **item_of(body, envelope)})


def _postponed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "deliveries", {"status": "postponed", **item_of(body, envelope)})


def _answered(status: Status) -> Fold:
    def fold(document: Document, _body: Body, envelope: Envelope) -> None:
        document[f"{status.value}_at"] = envelope.at
        document["status"] = status.value

    return fold


def _settled(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(settled_at=envelope.at, settled_why=body["why"], status=Status.SETTLED.value)


def _parties(document: Document) -> Parties:
    return Parties(customer_id=uuid_of(document["customer_id"]))


def _listing(document: Document) -> Listing:
    names = ("id", "code", "case_id", "case_category", "recipient", "status", "opened_at")
    summary = {name: document[name] for name in names}
    ended = (Status.WITHHELD.value, Status.ACKNOWLEDGED.value, Status.SETTLED.value)
    return Listing(
        is_open=document["status"] not in ended,
        status=document["status"],
        kind=document["code"],
        about_id=uuid_of(document["case_id"]),
        summary=summary,
        outline=without(summary, "recipient"),
    )


NOTIFICATION = Category(
    name="notification",
    folds={
        notification.NotificationPlanned: _planned,
        notification.NotificationWithheld: _withheld,
        notification.NotificationSent: _became(Status.SENT),
        notification.NotificationDelivered: _became(Status.DELIVERED),
        notification.DeliveryFailed: _failed,
        notification.ChannelExhausted: _gave_up,
        notification.NotificationUndeliverable: _became(Status.UNDELIVERABLE),
        notification.NotificationPostponed: _postponed,
        notification.NotificationSeen: _answered(Status.SEEN),
        notification.NotificationAcknowledged: _answered(Status.ACKNOWLEDGED),
        notification.NotificationSettled: _settled,
    },
    parties=_parties,
    listing=_listing,
)

__all__ = ["NOTIFICATION"]
