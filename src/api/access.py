"""Who may do what, and whose cases she sees: one table by role here, one by route in `api.doors`.

A request passes three gates, all of them here. `permit`: do her roles open this route (403)?
`sees`: is the case within her sight (404, as if there were none)? And `Scope`: the same rule as
parameters of a list's SQL. What the domain's own rules ask beyond that (whose turn a step is, who
must be another person) is decided in the domain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from api.problems import Problem
from domain.declare import Actor, ActorId, CaseNotFound, Command, Decider, Parties, Role
from domain.notification import Notification, recipient_of
from domain.staff import StaffMember


class Sight(StrEnum):
    """By what a case comes into somebody's sight."""

    ALL = "all"
    CUSTOMER = "customer"
    """It is the case of the customer she is (claim `customer_id`)."""
    DEALER = "dealer"
    """It is assigned to, or was raised by, the dealer she acts for (claim `dealer_id`)."""
    UNIT = "unit"
    """Her unit has a part in it (claim `unit`)."""
    REGION = "region"
    """It belongs to her region (claim `region`); the region `*` is the whole company."""
    UNASSIGNED = "unassigned"
    """Nobody has it yet: no dealer, no region, no unit. Customers and vehicles stay so."""


WHOLE_COMPANY = "*"
"""The `region` claim of staff who serve the whole company; no case can have it as its region."""

SIGHT: Mapping[Role, frozenset[Sight]] = {
    Role.CUSTOMER: frozenset({Sight.CUSTOMER}),
    Role.DEALER: frozenset({Sight.DEALER}),
    Role.UNIT: frozenset({Sight.UNIT}),
    Role.TECHNICAL: frozenset({Sight.UNIT, Sight.REGION}),
    Role.SPECIALIST: frozenset({Sight.UNIT, Sight.REGION, Sight.UNASSIGNED}),
    Role.EXPERT: frozenset({Sight.UNIT, Sight.REGION, Sight.UNASSIGNED}),
    Role.SUPERVISOR: frozenset({Sight.UNIT, Sight.REGION, Sight.UNASSIGNED}),
    Role.UNIT_HEAD: frozenset({Sight.UNIT, Sight.REGION, Sight.UNASSIGNED}),
    Role.LEASING_OFFICER: frozenset({Sight.UNIT, Sight.REGION, Sight.UNASSIGNED}),
    Role.LOYALTY_OFFICER: frozenset({Sight.UNIT, Sight.REGION, Sight.UNASSIGNED}),
    Role.SECRETARIAT: frozenset({Sight.ALL}),
    Role.SPECIAL_EXPERT: frozenset({Sight.ALL}),
    Role.MANAGER: frozenset({Sight.ALL}),
    Role.AUDITOR: frozenset({Sight.ALL}),
    Role.ADMIN: frozenset({Sight.ALL}),
    Role.SYSTEM: frozenset({Sight.ALL}),
}
"""What each role sees. Whoever holds several roles of staff sees what any of them sees."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The cases within an actor's sight; a case is seen when any of the fields lets it be."""

    everything: bool = False
    unassigned: bool = False
    customer_id: UUID | None = None
    dealer_id: str | None = None
    unit: str | None = None
    region: str | None = None

    def sees(self, parties: Parties) -> bool:
        """Tell whether a case of these parties is within sight."""
        if self.everything:
            return True
        return bool(
            (self.customer_id is not None and parties.customer_id == self.customer_id)
            or (self.dealer_id is not None and parties.dealer_id == self.dealer_id)
            or (self.unit is not None and self.unit in parties.units)
            or (self.region is not None and parties.region == self.region)
            or (
                self.unassigned
                and parties.dealer_id is None
                and parties.region is None
                and not parties.units
            )
        )


NOTHING = Scope()


@lru_cache(maxsize=4_096)
def scope_of(actor: Actor) -> Scope:
    """Return what an actor sees, from her roles and what her token says she may act for."""
    sights = frozenset[Sight]().union(*(SIGHT[role] for role in actor.roles))
    by_region = Sight.REGION in sights
    return Scope(
        everything=Sight.ALL in sights or (by_region and actor.region == WHOLE_COMPANY),
        unassigned=Sight.UNASSIGNED in sights,
        customer_id=actor.customer_id if Sight.CUSTOMER in sights else None,
        dealer_id=actor.dealer_id if Sight.DEALER in sights else None,
        unit=actor.unit if Sight.UNIT in sights else None,
        region=actor.region if by_region else None,
    )


_OUTSIDERS = frozenset({Role.CUSTOMER, Role.DEALER})


def hat_of(roles: frozenset[Role]) -> frozenset[Role]:
    """Return the roles in which somebody who holds all of these acts: as one kind of person.

    An auditor audits, whatever else she is, and so changes nothing. Staff are staff, a dealer is a
    dealer: what a colleague is told of a case she may not hear as its customer, nor may a dealer
    work on what is hers as a customer. Who wants to be the customer brings a token of that role.
    """
    if Role.AUDITOR in roles:
        return frozenset({Role.AUDITOR})
    staff = roles - _OUTSIDERS
    if staff:
        return staff
    return frozenset({Role.DEALER}) if Role.DEALER in roles else roles


def is_outsider(actor: Actor) -> bool:
    """Tell whether the actor is a customer or a dealer."""
    return actor.roles <= _OUTSIDERS


@dataclass(frozen=True, slots=True)
class Guard:
    """Shown each case before a command is decided on it; lets pass what is within sight.

    `aside` are cases that nobody named: the service itself found them to belong to the matter.
    """

    scope: Scope
    actor: Actor
    aside: frozenset[UUID] = frozenset()

    def __call__(
        self, decider: Decider[Any, Any, Any], stream: UUID, state: Any, version: int
    ) -> None:
        """Raise `CaseNotFound` for a case that is not within sight; a new one is nobody's yet.

        A case of another kind than the command's is left to the casebook, which refuses it.
        """
        if version == 0 or stream in self.aside or type(state) is not type(decider.initial):
            return
        require_case(self.actor, self.scope, decider, state)


def require_case(actor: Actor, scope: Scope, decider: Decider[Any, Any, Any], state: Any) -> None:
    """Raise `CaseNotFound` for a case that is not within sight, or that is somebody's very own.

    A notice is its recipient's alone, whatever else anybody sees. A member of staff sees her own
    record, and others' only as `CONFIDENTIAL` says.
    """
    match state:
        case Notification(planned=planned):
            if planned is None or planned.recipient != recipient_of(actor):
                raise CaseNotFound
        case StaffMember(account=account):
            if account != actor.id:
                require_category(actor, decider.category)
                require_sight(scope, decider.parties(state))
        case _:
            require_sight(scope, decider.parties(state))


def require_sight(scope: Scope, parties: Parties) -> None:
    """Raise `CaseNotFound` for a case that is not within sight."""
    if not scope.sees(parties):
        raise CaseNotFound


CONFIDENTIAL: Mapping[str, frozenset[Role]] = {
    "staff": frozenset({Role.MANAGER, Role.ADMIN, Role.AUDITOR}),
    "notification": frozenset({Role.MANAGER, Role.ADMIN, Role.AUDITOR}),
}
"""Kinds of cases that are opened by these roles only, wherever they are read as any case is.

A member of staff's record holds her private numbers, and addresses by which whoever knows them can
post in her name: no business of whoever supervises her.
"""


def require_category(actor: Actor, category: str) -> None:
    """Raise `CaseNotFound` for a kind of case that is not for everybody who reads cases."""
    allowed = CONFIDENTIAL.get(category)
    if allowed is not None and actor.roles.isdisjoint(allowed):
        raise CaseNotFound


def acting_for(actor: Actor, command: Command) -> dict[str, Any]:
    """Return what an outsider's own command must say of whose it is, or refuse.

    A customer opens cases of her own and a dealer his; what they leave out is filled in, and
    naming somebody else is answered as if that one did not exist.
    """
    if not is_outsider(actor):
        return {}
    owns = (
        (Role.CUSTOMER, "customer_id", actor.customer_id),
        (Role.DEALER, "dealer_id", actor.dealer_id),
    )
    for role, name, own in owns:
        if role in actor.roles and own is not None and hasattr(command, name):
            given = getattr(command, name)
            if given is None:
                return {name: own}
            if given == own:
                return {}
    if any(role in actor.roles and hasattr(command, name) for role, name, _ in owns):
        raise CaseNotFound
    return {}


_OWN_PURCHASES = frozenset({"order_id", "lease_id"})


def must_own(actor: Actor, field: str) -> bool:
    """Tell whether a case named in this field has to be one that the actor sees.

    A customer may speak of her own vehicle only, and she and a dealer of their own orders and
    leases only. Staff and dealers name customers and vehicles that they were told of; that one
    exists is no secret to them.
    """
    if not is_outsider(actor):
        return False
    if field in _OWN_PURCHASES:
        return True
    return field == "vehicle_id" and Role.CUSTOMER in actor.roles


def permit(roles: frozenset[Role], actor: Actor) -> None:
    """Raise the problem that none of the actor's roles opens a route."""
    if actor.roles.isdisjoint(roles):
        raise Problem("role.not_entitled")


NOBODY = Actor(id=ActorId("nobody"), roles=frozenset())
"""Whoever asks an open route."""
