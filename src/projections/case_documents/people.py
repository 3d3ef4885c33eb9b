"""The documents of customers and members of staff."""

from typing import Any

from domain import customer, staff
from domain.declare import Parties
from projections.case_documents.folding import (
    Category,
    Fold,
    Listing,
    added,
    changed,
    fields_of,
    item_of,
    uuid_of,
    without,
)
from store.log import Recorded
from store.views import Document

_INTERNAL = ("actor", "role", "why", "version")

# --- customer -------------------------------------------------------------------------------------


def _registered(document: Document, event: customer.CustomerRegistered, _: Recorded) -> None:
    document.update(
        name=event.name,
        kind=event.kind,
        locale=event.locale,
        identifiers=[],
        contacts=[],
        consents={},
        portal_account=None,
        merged_into=None,
        absorbed=[],
    )


def _identified(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "identifiers", {**fields_of(event), "at": recorded.recorded_at})


def _withdrawn(document: Document, event: Any, _: Recorded) -> None:
    document["identifiers"] = [
        item
        for item in document["identifiers"]
        if (item["kind"], item["value"]) != (event.kind, event.value)
    ]


def _set(*names: str) -> Fold:
    def fold(document: Document, event: Any, _: Recorded) -> None:
        for name in names:
            document[name] = getattr(event, name)

    return fold


def _contact_added(document: Document, event: Any, recorded: Recorded) -> None:
    added(
        document,
        "contacts",
        {**fields_of(event), "preferred": False, "at": recorded.recorded_at},
    )


def _contact_verified(document: Document, event: Any, _: Recorded) -> None:
    changed(document, "contacts", "contact_id", event.contact_id, {"verified": True})


def _contact_preferred(document: Document, event: Any, _: Recorded) -> None:
    wanted = str(event.contact_id)
    channel = next(
        (c["channel"] for c in document["contacts"] if str(c["contact_id"]) == wanted), None
    )
    document["contacts"] = [
        {**contact, "preferred": str(contact["contact_id"]) == wanted}
        if contact["channel"] == channel
        else contact
        for contact in document["contacts"]
    ]


def _contact_removed(document: Document, event: Any, _: Recorded) -> None:
    wanted = str(event.contact_id)
    document["contacts"] = [c for c in document["contacts"] if str(c["contact_id"]) != wanted]


def _consented(granted: bool) -> Fold:
    def fold(document: Document, event: Any, _: Recorded) -> None:
        consent = {"granted": granted, "channel": event.channel, "occurred_at": event.occurred_at}
        document["consents"] = {**document["consents"], str(event.purpose): consent}

    return fold


def _account_opened(document: Document, event: Any, recorded: Recorded) -> None:
    document["portal_account"] = {**fields_of(event), "opened_at": recorded.recorded_at}


def _account_closed(document: Document, _event: Any, _: Recorded) -> None:
    document["portal_account"] = None


def _absorbed(document: Document, event: Any, recorded: Recorded) -> None:
    absorbed = {"customer_id": str(event.absorbed_id), "at": recorded.recorded_at}
    document["absorbed"] = [*document["absorbed"], absorbed]


def _absorption_undone(document: Document, event: Any, _: Recorded) -> None:
    undone = str(event.absorbed_id)
    document["absorbed"] = [a for a in document["absorbed"] if a["customer_id"] != undone]


def _merged(document: Document, event: Any, _: Recorded) -> None:
    document["merged_into"] = str(event.survivor_id)


def _merge_undone(document: Document, _event: Any, _: Recorded) -> None:
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
        customer.NameCorrected: _set("name"),
        customer.LocaleChosen: _set("locale"),
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


def _staff_registered(document: Document, event: Any, _: Recorded) -> None:
    document.update(fields_of(event), channels=[], quiet_hours=None, active=True)


def _channel_added(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "channels", {**fields_of(event), "at": recorded.recorded_at})


def _channel_removed(document: Document, event: Any, _: Recorded) -> None:
    wanted = str(event.channel_id)
    document["channels"] = [c for c in document["channels"] if str(c["channel_id"]) != wanted]


def _quiet(document: Document, event: Any, recorded: Recorded) -> None:
    document["quiet_hours"] = {**fields_of(event), "at": recorded.recorded_at}


def _loud(document: Document, _event: Any, _: Recorded) -> None:
    document["quiet_hours"] = None


def _active(active: bool) -> Fold:
    def fold(document: Document, _event: Any, _: Recorded) -> None:
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
        staff.StaffMemberPlaced: _set(*_PLACE),
        staff.StaffNameCorrected: _set("name"),
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

__all__ = ["CUSTOMER", "STAFF", "item_of"]
