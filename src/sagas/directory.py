"""The directory: who works where, in which roles, and how she is reached; as the log tells it.

A shared fold, so that whoever is to be told of an event is found as things stood at that event. It
holds accounts, places and ids of channels; no names and no addresses, which the case has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from domain import staff
from domain.clocks.rules import Ladder
from domain.declare import Role
from domain.notification import PlannedChannel
from domain.notification_policy import NoticeRule, NotificationPolicy
from domain.organisation import Organisation
from domain.quiet_hours import QuietHours
from domain.rulebook import RulesPublished
from sagas.declare import Shared
from store.log import Recorded

WHOLE_COMPANY = "*"
"""The region of whoever serves the whole company."""

ARREARS_LADDER = "arrears"
"""The ladder that a lease climbs with each class of arrears that it falls into."""

UPWARDS = (
    Role.DEALER, Role.SPECIALIST, Role.EXPERT, Role.SUPERVISOR, Role.UNIT_HEAD, Role.MANAGER,
)  # fmt: skip
"""Who is told instead when nobody has a role: the next of these above it."""


@dataclass(frozen=True)
class Colleague:
    """One member of staff, as far as it matters for telling her something."""

    staff_id: UUID
    account: str
    locale: str
    roles: tuple[Role, ...]
    unit: str | None
    region: str | None
    dealer_id: str | None
    active: bool = True
    quiet_hours: QuietHours | None = None
    allows_urgent: bool = True
    channels: tuple[PlannedChannel, ...] = ()

    @property
    def serves_all(self) -> bool:
        """Tell whether she serves the whole company: by her region, or for want of any place."""
        placed = (self.unit, self.region, self.dealer_id)
        return self.region == WHOLE_COMPANY or placed == (None, None, None)


@dataclass(frozen=True)
class PolicyInForce:
    """One version of the notification policy and from when on it holds."""

    effective_from_at: datetime
    policy: NotificationPolicy


@dataclass(frozen=True)
class Directory:
    """Everybody, the organisation above them, and how long a notice is not repeated."""

    people: Mapping[UUID, Colleague] = field(default_factory=dict)
    organisation: Organisation | None = None
    policies: tuple[PolicyInForce, ...] = ()
    arrears: tuple[Role, ...] = (Role.LEASING_OFFICER, Role.SUPERVISOR)
    """Who is told of a lease in arrears: of the first class the first, of the second both …"""

    @cached_property
    def _by_account(self) -> Mapping[str, Colleague]:
        return {colleague.account: colleague for colleague in self.people.values()}

    @cached_property
    def _by_role(self) -> Mapping[Role, Sequence[Colleague]]:
        found: dict[Role, list[Colleague]] = {}
        for colleague in sorted(self.people.values(), key=lambda one: one.account):
            for role in colleague.roles if colleague.active else ():
                found.setdefault(role, []).append(colleague)
        return found

    def by_account(self, account: str | None) -> Colleague | None:
        """Return who has an account, active or not; None where nobody in the directory has it."""
        return None if account is None else self._by_account.get(account)

    def rule(self, code: str, at: datetime) -> NoticeRule:
        """Return what the policy in force at an instant says of notices of a code."""
        for version in reversed(self.policies):
            if version.effective_from_at <= at:
                return version.policy.rule(code)
        return NotificationPolicy().rule(code)

    def recipients(
        self,
        role: Role,
        *,
        unit: str | None = None,
        region: str | None = None,
        dealer_id: str | None = None,
    ) -> tuple[Colleague, ...]:
        """Return who is to be told of what is put before a role at a place, by account.

        Whoever has the role there; else whoever has it for the whole company; else whoever has it
        above that place; else those who have the next role above; else nobody.
        """
        above = UPWARDS[UPWARDS.index(role) + 1 :] if role in UPWARDS else (Role.MANAGER,)
        if role is Role.LEASING_OFFICER:
            above = UPWARDS[UPWARDS.index(Role.SUPERVISOR) :]
        for wanted in (role, *above):
            found = self._with_role(wanted, unit, region, dealer_id)
            if found:
                return found
        return ()

    def _with_role(
        self, role: Role, unit: str | None, region: str | None, dealer_id: str | None
    ) -> tuple[Colleague, ...]:
        having = self._by_role.get(role, ())
        if role is Role.DEALER:
            return tuple(one for one in having if dealer_id and one.dealer_id == dealer_id)
        there = _at(having, unit, region)
        if there:
            return there
        everywhere = tuple(one for one in having if one.serves_all)
        if everywhere or (unit is None and region is None):
            return everywhere or tuple(having)
        for higher in self._above(unit, region):
            there = _at(having, higher, None)
            if there:
                return there
        return ()

    def _above(self, unit: str | None, region: str | None) -> Iterable[str]:
        if self.organisation is None:
            return ()
        chains = [self.organisation.chain_above(body) for body in (unit, region) if body]
        return tuple(dict.fromkeys(body for chain in chains for body in chain))


def _at(having: Sequence[Colleague], unit: str | None, region: str | None) -> tuple[Colleague, ...]:
    """Return those at both places, else those at the one or the other."""
    in_unit = [one for one in having if unit is not None and one.unit == unit]
    in_region = [one for one in having if region is not None and one.region == region]
    if unit is None or region is None:
        return (*in_unit, *in_region)
    both = tuple(one for one in in_unit if one.region == region)
    return both or tuple(in_region) or tuple(in_unit)


# --- how it follows the log -----------------------------------------------------------------------

_ORGANISATION = TypeAdapter(Organisation)
_POLICY = TypeAdapter(NotificationPolicy)
_LADDER = TypeAdapter(Ladder)
NOBODY_YET = Directory()


def _published(directory: Directory, event: RulesPublished) -> Directory:
    if (event.kind, event.name) == ("organisation", "default"):
        return replace(directory, organisation=_ORGANISATION.validate_json(event.content))
    if (event.kind, event.name) == ("notification_policy", "default"):
        policy = _POLICY.validate_json(event.content)
        version = PolicyInForce(event.effective_from_at, policy)
        return replace(directory, policies=(*directory.policies, version))
    if (event.kind, event.name) == ("ladder", ARREARS_LADDER):
        ladder = _LADDER.validate_json(event.content)
        return replace(directory, arrears=tuple(rung.role for rung in ladder.rungs))
    return directory


def _changes(colleague: Colleague, event: Any) -> Colleague:
    match event:
        case staff.StaffMemberPlaced():
            return replace(
                colleague,
                roles=event.roles,
                unit=event.unit,
                region=event.region,
                dealer_id=event.dealer_id,
            )
        case staff.StaffChannelAdded(channel_id=channel_id, kind=kind):
            channel = PlannedChannel(channel_id=channel_id, kind=kind.value)
            return replace(colleague, channels=(*colleague.channels, channel))
        case staff.StaffChannelRemoved(channel_id=gone):
            left = tuple(one for one in colleague.channels if one.channel_id != gone)
            return replace(colleague, channels=left)
        case staff.QuietHoursSet():
            hours = QuietHours(
                starts_local=event.starts_local, ends_local=event.ends_local, zone=event.zone
            )
            return replace(colleague, quiet_hours=hours, allows_urgent=event.allows_urgent)
        case staff.QuietHoursLifted():
            return replace(colleague, quiet_hours=None, allows_urgent=True)
        case staff.StaffMemberDeactivated():
            return replace(colleague, active=False)
        case staff.StaffMemberReactivated():
            return replace(colleague, active=True)
    return colleague


def evolve(directory: Directory, recorded: Recorded) -> Directory:
    """Return the directory after one more event; what is of nobody in it changes nothing."""
    event, stream = recorded.event, recorded.stream
    if isinstance(event, RulesPublished):
        return _published(directory, event)
    if isinstance(event, staff.StaffMemberRegistered):
        colleague = Colleague(
            staff_id=stream,
            account=event.account,
            locale=event.locale,
            roles=event.roles,
            unit=event.unit,
            region=event.region,
            dealer_id=event.dealer_id,
        )
    else:
        known = directory.people.get(stream)
        if known is None:
            return directory
        colleague = _changes(known, event)
    return replace(directory, people={**directory.people, stream: colleague})


DIRECTORY: Shared[Directory] = Shared(
    topics=(
        "rulebook.published",
        "staff.registered",
        "staff.placed",
        "staff.channel_added",
        "staff.channel_removed",
        "staff.quiet_hours_set",
        "staff.quiet_hours_lifted",
        "staff.deactivated",
        "staff.reactivated",
    ),
    state_type=Directory,
    initial=NOBODY_YET,
    evolve=evolve,
)
