"""The documents of customers and members of staff."""

from domain import customer, staff
from domain.declare import Parties
from projections.case_documents.folding import (
    Body,
    Category,
    Envelope,
    Fold,
    Listing,
    added,
    changed,
    set_to,
    uuid_of,
    without,
)
from store.views import Document

# --- customer -------------------------------------------------------------------------------------


def _registered(document: Document, body: Body, _: Envelope) -> None:
    document.update(
        name=body["name"],
        kind=body["kind"],
        locale=body["locale"],
        identifiers=[],
        contacts=[],
        consents={},
        portal_account=None,
        merged_into=None,
        absorbed=[],
    )


def _identified(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "identifiers", {**body, "at": envelope.at})


def _withdrawn(document: Document, body: Body, _: Envelope) -> None:
    document["identifiers"] = [
        item
        for item in document["identifiers"]
        if (item["kind"], item["value"]) != (body["kind"], body["value"])
    ]


def _contact_added(document: Document, body: Body, envelope: Envelope) -> None:
    added(
        document,
        "contacts",
        {**body, "preferred": False, "at": envelope.at},
    )


def _contact_verified(document: Document, body: Body, _: Envelope) -> None:
    changed(document, "contacts", "contact_id", body["contact_id"], {"verified": True})


def _contact_preferred(document: Document, body: Body, _: Envelope) -> None:
    wanted = body["contact_id"]
    channel = next((c["channel"] for c in document["contacts"] if c["contact_id"] == wanted), None)
    document["contacts"] = [
        {**contact, "preferred": contact["contact_id"] == wanted}
        if contact["channel"] == channel
        else contact
        for contact in document["contacts"]
    ]


def _contact_removed(document: Document, body: Body, _: Envelope) -> None:
    wanted = body["contact_id"]
    document["contacts"] = [c for c in document["contacts"] if c["contact_id"] != wanted]


def _consented(granted: bool) -> Fold:
    def fold(document: Document, body: Body, _: Envelope) -> None:
        consent = {
            "granted": granted,
            "channel": body["channel"],
            "occurred_at": body["occurred_at"],
        }
        document["consents"] = {**document["consents"], body["purpose"]: consent}

    return fold


def _account_opened(document: Document, body: Body, envelope: Envelope) -> None:
    document["portal_account"] = {**body, "opened_at": envelope.at}


def _account_closed(document: Document, _body: Body, _: Envelope) -> None:
    document["portal_account"] = None


def _absorbed(document: Document, body: Body, envelope: Envelope) -> None:
    absorbed = {"customer_id": body["absorbed_id"], "at": envelope.at}
    document["absorbed"] = [*document["absorbed"], absorbed]


def _absorption_undone(document: Document, body: Body, _: Envelope) -> None:
    undone = body["absorbed_id"]
    document["absorbed"] = [a for a in document["absorbed"] if a["customer_id"] != undone]


def _merged(document: Document, body: Body, _: Envelope) -> None:
    document["merged_into"] = body["survivor_id"]


def _merge_undone(document: Document, _body: Body, _: Envelope) -> None:
    document["merged_into"] = None


def _customer_parties(document: Document) -> Parties:
    return Parties(customer_id=uuid_of(document["merged_into"] or document["id"]))


def _customer_listing(document: Document) -> Listing:
    return Listing(
        is_open=document["merged_into"] is None,
        kind=document["kind"],
        summary={
            "name": document["name"],
            "kind": document["kind"],
            "locale": document["locale"],
            "merged_into": document["merged_into"],
        },
    )


def _for_customer(document: Document) -> Document:
    return without(document, "absorbed", "position")


CUSTOMER = Category(
    name="customer",
    folds={
        customer.CustomerRegistered: _registered,
        customer.CustomerIdentified: _identified,
        customer.IdentifierWithdrawn: _withdrawn,
        customer.NameCorrected: set_to("name"),
        customer.LocaleChosen: set_to("locale"),
        customer.ContactAdded: _contact_added,
        customer.ContactVerified: _contact_verified,
        customer.ContactPreferred: _contact_preferred,
        customer.ContactRemoved: _contact_removed,
        customer.ConsentGranted: _consented(True),
        customer.ConsentWithdrawn: _consented(False),
        customer.PortalAccountOpened: _account_opened,
        customer.PortalAccountClosed: _account_closed,
        customer.CustomerAbsorbed: _absorbed,
        customer.AbsorptionUndone: _absorption_undone,
        customer.CustomerMerged: _merged,
        customer.MergeUndone: _merge_undone,
    },
    parties=_customer_parties,
    listing=_customer_listing,
    customer=_for_customer,
)

# --- staff ----------------------------------------------------------------------------------------

_PLACE = ("roles", "unit", "region", "dealer_id")


def _staff_registered(document: Document, body: Body, _: Envelope) -> None:
    document.update(body, channels=[], quiet_hours=None, active=True)


def _channel_added(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "channels", {**body, "at": envelope.at})


def _channel_removed(document: Document, body: Body, _: Envelope) -> None:
    wanted = body["channel_id"]
    document["channels"] = [c for c in document["channels"] if c["channel_id"] != wanted]


def _quiet(document: Document, body: Body, envelope: Envelope) -> None:
    document["quiet_hours"] = {**body, "at": envelope.at}


def _loud(document: Document, _body: Body, _: Envelope) -> None:
    document["quiet_hours"] = None


def _active(active: bool) -> Fold:
    def fold(document: Document, _body: Body, _: Envelope) -> None:
        document["active"] = active

    return fold


def _staff_parties(document: Document) -> Parties:
    units = frozenset() if document["unit"] is None else frozenset({document["unit"]})
    return Parties(dealer_id=document["dealer_id"], region=document["region"], units=units)


def _staff_listing(document: Document) -> Listing:
    names = ("account", "name", "locale", *_PLACE, "active")
    return Listing(is_open=document["active"], summary={n: document[n] for n in names})


STAFF = Category(
    name="staff",
    folds={
        staff.StaffMemberRegistered: _staff_registered,
        staff.StaffMemberPlaced: set_to(*_PLACE),
        staff.StaffNameCorrected: set_to("name"),
        staff.StaffChannelAdded: _channel_added,
        staff.StaffChannelRemoved: _channel_removed,
        staff.QuietHoursSet: _quiet,
        staff.QuietHoursLifted: _loud,
        staff.StaffMemberDeactivated: _active(False),
        staff.StaffMemberReactivated: _active(True),
    },
    parties=_staff_parties,
    listing=_staff_listing,
)

__all__ = ["CUSTOMER", "STAFF"]
