"""The documents of vehicles and of rule documents."""

from typing import Any

from domain import rulebook
from domain.declare import Parties
from domain.vehicle import events as vehicle
from projections.case_documents.folding import (
    Body,
    Category,
    Envelope,
    Fold,
    Listing,
    added,
    changed,
    only,
    set_to,
    uuid_of,
    without,
)
from store.views import Document

# --- vehicle --------------------------------------------------------------------------------------

_DESCRIPTION = ("make", "model", "model_year", "trim", "colour")


def _registered(document: Document, body: Body, _: Envelope) -> None:
    document.update(
        body,
        plate=None,
        ownerships=[],
        holder_id=None,
        warranties=[],
        documents=[],
        visits=[],
        insurance=None,
        inspection=None,
        reserved_for=None,
    )


def _entry(key: str, named: str) -> Fold:
    """Add an event as an entry of a list; the same entry recorded twice replaces itself."""

    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        entry = {**body, "at": envelope.at}
        if envelope.subject_id is not None:
            entry["subject_id"] = envelope.subject_id
        _take_out(document, key, named, body[named])
        added(document, key, entry)

    return fold


def _take_out(document: Document, key: str, named: str, wanted: Any) -> None:
    document[key] = [item for item in document[key] if item[named] != wanted]


def _gone(key: str, named: str) -> Fold:
    def fold(document: Document, body: Body, _: Envelope) -> None:
        _take_out(document, key, named, body[named])

    return fold


def _with_holder(fold: Fold) -> Fold:
    """Work out anew who has the vehicle: the lessee where there is one, the newest of them."""

    def folded(document: Document, body: Body, envelope: Envelope) -> None:
        fold(document, body, envelope)
        standing = [o for o in document["ownerships"] if o["to_on"] is None]
        newest = max(standing, key=lambda o: (o["role"] == "lessee", o["from_on"]), default=None)
        document["holder_id"] = None if newest is None else newest["customer_id"]

    return folded


def _ownership_ended(document: Document, body: Body, _: Envelope) -> None:
    change = {"to_on": body["to_on"]}
    changed(document, "ownerships", "ownership_id", body["ownership_id"], change)


def _reserved(document: Document, body: Body, _: Envelope) -> None:
    document["reserved_for"] = body["order_id"]


def _free(document: Document, _body: Body, _: Envelope) -> None:
    document["reserved_for"] = None


def _standing(key: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document[key] = {**body, "at": envelope.at}

    return fold


def _vehicle_parties(document: Document) -> Parties:
    return Parties(customer_id=uuid_of(document["holder_id"]))


def _vehicle_listing(document: Document) -> Listing:
    insurance, inspection = document["insurance"], document["inspection"]
    visits = document["visits"]
    last_visit = max(visits, key=lambda v: v["visited_on"], default=None)
    summary = {
        **only(document, "id", "vin", "vin_part", *_DESCRIPTION, "plate"),
        "insurance_expires_on": insurance["expires_on"] if insurance else None,
        "inspection_next_due_on": inspection["next_due_on"] if inspection else None,
        "next_service_due_on": last_visit["next_service_due_on"] if last_visit else None,
        "next_service_due_km": last_visit["next_service_due_km"] if last_visit else None,
        "mileage_km": last_visit["mileage_km"] if last_visit else None,
        "warranty_ends_on": max((w["ends_on"] for w in document["warranties"]), default=None),
    }
    return Listing(summary=summary)


def _vehicle_for_holder(document: Document) -> Document:
    """Leave out what belongs to those who had the vehicle before."""
    holder = document["holder_id"]
    body = without(document, "holder_id", "vin_source", "position", "reserved_for")
    body["ownerships"] = [
        without(o, "subject_id") for o in document["ownerships"] if o["customer_id"] == holder
    ]
    body["documents"] = [
        without(d, "subject_id") for d in document["documents"] if d.get("subject_id") == holder
    ]
    for key in ("warranties", "visits"):
        body[key] = [without(entry, "subject_id") for entry in document[key]]
    return body


def _vehicle_for_workshop(document: Document) -> Document:
    """What a dealer needs who works on the vehicle; whose it is and was stays out."""
    hidden = ("holder_id", "vin_source", "position", "ownerships", "documents", "insurance")
    body = without(document, *hidden, "reserved_for")
    for key in ("warranties", "visits"):
        body[key] = [without(entry, "subject_id") for entry in document[key]]
    return body


VEHICLE = Category(
    name="vehicle",
    folds={
        vehicle.VehicleRegistered: _registered,
        vehicle.VinCompleted: set_to("vin"),
        vehicle.VinCorrected: set_to("vin"),
        vehicle.DescriptionCorrected: set_to(*_DESCRIPTION),
        vehicle.PlateRecorded: set_to("plate"),
        vehicle.OwnershipRecorded: _with_holder(_entry("ownerships", "ownership_id")),
        vehicle.OwnershipEnded: _with_holder(_ownership_ended),
        vehicle.OwnershipWithdrawn: _with_holder(_gone("ownerships", "ownership_id")),
        vehicle.VehicleReserved: _reserved,
        vehicle.ReservationEnded: _free,
        vehicle.WarrantyRecorded: _entry("warranties", "warranty_id"),
        vehicle.WarrantyVoided: _gone("warranties", "warranty_id"),
        vehicle.VehicleDocumentRecorded: _entry("documents", "document_id"),
        vehicle.VehicleDocumentWithdrawn: _gone("documents", "document_id"),
        vehicle.VisitRecorded: _entry("visits", "visit_id"),
        vehicle.VisitWithdrawn: _gone("visits", "visit_id"),
        vehicle.InsuranceRecorded: _standing("insurance"),
        vehicle.InspectionRecorded: _standing("inspection"),
    },
    parties=_vehicle_parties,
    listing=_vehicle_listing,
    customer=_vehicle_for_holder,
    dealer=_vehicle_for_workshop,
)

# --- rulebook -------------------------------------------------------------------------------------


def _published(document: Document, body: Body, envelope: Envelope) -> None:
    publication = without(body, "kind", "name", "content")
    publication["at"] = envelope.at
    document.update(kind=body["kind"], name=body["name"], content=body["content"])
    added(document, "versions", publication)


def _applied(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "applications", {"version": body["version"], "at": envelope.at})


def _nobody(_document: Document) -> Parties:
    return Parties()


def _rules_listing(document: Document) -> Listing:
    newest = document["versions"][-1]
    summary = {
        "kind": document["kind"],
        "name": document["name"],
        "newest_version": newest["version"],
        "effective_from_at": newest["effective_from_at"],
        "sha256": newest["sha256"],
    }
    return Listing(kind=document["kind"], summary=summary)


RULEBOOK = Category(
    name="rulebook",
    folds={rulebook.RulesPublished: _published, rulebook.RulesApplied: _applied},
    parties=_nobody,
    listing=_rules_listing,
)
