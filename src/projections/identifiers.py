"""Identifiers: by what a customer or a case of hers is found, as keyed hashes and nothing else.

A number that somebody read out is hashed with the key derived from the master key and looked up;
the table holds no identifier in any readable form.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain import customer, lease, loyalty, order
from domain.customer import ContactChannel
from domain.declare import Unacceptable
from domain.identifiers import IdentifierKind, last_8_of_vin, normalized
from domain.vehicle import events as vehicle
from projections.reading import Reading, all_rows
from store.keys import Keys
from store.views import TableView, Work, beside

SQL = beside(__file__)

VIN_LAST_8 = "vin_last_8"
VIN_PART = "vin_part"
LOOKED_UP: tuple[str, ...] = (*(kind.value for kind in IdentifierKind), VIN_LAST_8, VIN_PART)
"""Every kind of identifier that the table holds."""

MATCHES_MAX = 50
"""How many matches of one identifier are told; more say no more than that it tells nobody."""

Entry = tuple[str, str, str]
"""Kind, value in normal form, and the entry of the case that it belongs to."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What an event adds, and which entries of its case it takes away first."""

    gone: tuple[str, ...] = ()
    new: tuple[Entry, ...] = ()
    of_papers: bool = False
    """Whether it is a number of the company's own, which outlives whose paper bears it."""


def _plain(*entries: tuple[str, Any, str]) -> tuple[Entry, ...]:
    """Return the entries whose value is readable; an erased one is looked up by nobody."""
    return tuple((kind, value, entry) for kind, value, entry in entries if isinstance(value, str))


def _vin(event: Any) -> _Change:
    vin: str | None = event.vin
    part: str | None = getattr(event, "vin_part", None)
    new: list[tuple[str, Any, str]] = []
    if vin is not None:
        new = [(IdentifierKind.VIN.value, vin, "vin"), (VIN_LAST_8, last_8_of_vin(vin), "vin")]
    elif part is not None:
        new = [(VIN_PART, part, "vin")]
        if len(part) == 8:
            new.append((VIN_LAST_8, part, "vin"))
    return _Change(gone=("vin",), new=_plain(*new))


def _identified(event: customer.CustomerIdentified) -> _Change:
    return _Change(new=_plain((event.kind.value, event.value, f"identifier:{event.kind.value}")))


def _contact(event: customer.ContactAdded) -> _Change:
    if event.channel is not ContactChannel.PHONE:
        return _Change()
    entry = (IdentifierKind.PHONE.value, event.value, f"contact:{event.contact_id}")
    return _Change(new=_plain(entry))


def _login(event: customer.PortalAccountOpened) -> _Change:
    entry = (IdentifierKind.PHONE.value, event.login_phone, "login")
    return _Change(gone=("login",), new=_plain(entry))


def _plate(event: vehicle.PlateRecorded) -> _Change:
    return _Change(gone=("plate",), new=_plain((IdentifierKind.PLATE.value, event.plate, "plate")))


def _number(kind: IdentifierKind, number: Any) -> _Change:
    """Return what a number adds, in the form in which it is looked up."""
    of_papers = kind is IdentifierKind.CONTRACT_NUMBER
    try:
        forms = (normalized(kind, number),) if isinstance(number, str) else ()
    except Unacceptable:  # as another system had written it; nobody can ask for it
        forms = ()
    new = tuple((kind.value, form, "number") for form in forms)
    return _Change(gone=("number",), new=new, of_papers=of_papers)


def _contract(
    event: order.OrderPlaced | order.OrderContracted | order.OrderCorrected,
) -> _Change:
    return _number(IdentifierKind.CONTRACT_NUMBER, event.number)


def _lease(event: lease.LeaseContractSigned | lease.LeaseCarriedOver) -> _Change:
    return _number(IdentifierKind.CONTRACT_NUMBER, event.contract_number)


def _member(event: loyalty.LedgerOpened) -> _Change:
    return _number(IdentifierKind.MEMBERSHIP_NUMBER, event.membership_number)


_CHANGES: dict[type[Any], Callable[[Any], _Change]] = {
    customer.CustomerIdentified: _identified,
    customer.ContactAdded: _contact,
    customer.ContactRemoved: lambda event: _Change(gone=(f"contact:{event.contact_id}",)),
    customer.PortalAccountOpened: _login,
    customer.PortalAccountClosed: lambda _event: _Change(gone=("login",)),
    vehicle.VehicleRegistered: lambda event: _Change(new=_vin(event).new),
    vehicle.VinCompleted: _vin,
    vehicle.VinCorrected: _vin,
    vehicle.PlateRecorded: _plate,
    lease.LeaseContractSigned: _lease,
    lease.LeaseCarriedOver: _lease,
    loyalty.LedgerOpened: _member,
    order.OrderPlaced: _contract,
    order.OrderContracted: _contract,
    order.OrderCorrected: _contract,
}

Row = tuple[str, bytes, UUID, str, str, int, UUID | None]


def _fill(work: Work) -> None:
    """Follow the batch in memory, then take away and add as the batch leaves it."""
    gone: dict[tuple[UUID, str], None] = {}
    withdrawn: dict[tuple[UUID, str, bytes], None] = {}
    new: dict[tuple[UUID, str], dict[tuple[str, bytes], Row]] = {}
    for recorded in work.events:
        event, stream = recorded.event, recorded.stream
        if isinstance(event, customer.IdentifierWithdrawn):
            if isinstance(event.value, str):
                kind, entry = event.kind.value, f"identifier:{event.kind.value}"
                hashed = work.keys.lookup_hash(kind, event.value)
                withdrawn[stream, entry, hashed] = None
                new.get((stream, entry), {}).pop((kind, hashed), None)
            continue
        change = _CHANGES[type(event)](event)
        for entry in change.gone:
            gone[stream, entry] = None
            new.pop((stream, entry), None)
        for kind, value, entry in change.new:
            hashed = work.keys.lookup_hash(kind, value)
            new.setdefault((stream, entry), {})[kind, hashed] = (
                kind, hashed, stream, entry, recorded.topic.partition(".")[0], recorded.position,
                None if change.of_papers else recorded.subject_id,
            )  # fmt: skip
    work.write("remove_entries", ("stream", "entry"), list(gone))
    work.write("remove_values", ("stream", "entry", "value_hash"), list(withdrawn))
    columns = ("kind", "value_hash", "stream", "entry", "category", "position", "subject_id")
    work.write("insert", columns, [row for rows in new.values() for row in rows.values()])


VIEW = TableView(
    name="identifiers",
    sql=SQL,
    tables={"identifiers": ("kind", "value_hash", "stream", "entry")},
    topics=(*(cls.__stored_name__ for cls in _CHANGES), "customer.identifier_withdrawn"),
    fill=_fill,
)


@dataclass(frozen=True, slots=True)
class Match:
    """A case that carries an identifier that was looked up."""

    kind: str
    stream: UUID
    category: str
    """The kind of case: `customer`, `vehicle`, `order`, `lease` or `loyalty`."""
    customer_id: UUID | None
    """The customer it leads to: whose case it is, or who has the vehicle now; the record that
    survives where several were merged."""


async def find(
    connection: Reading, keys: Keys, wanted: Sequence[tuple[str, str]]
) -> tuple[int, list[Match]]:
    """Return the view's position and every match of (kind, value in normal form), oldest first.

    Whether several matches are one person is not guessed at here.
    """
    rows = await all_rows(
        connection,
        SQL["find"],
        {
            "kinds": [kind for kind, _ in wanted],
            "hashes": [keys.lookup_hash(kind, value) for kind, value in wanted],
            "limit": MATCHES_MAX,
        },
    )
    return rows[0][0], [Match(*row[1:]) for row in rows if row[1] is not None]
