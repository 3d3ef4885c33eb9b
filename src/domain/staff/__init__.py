"""A member of staff: in which roles and for which place she works, how and when to reach her."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.declare import (
    AlreadyExists,
    CaseNotFound,
    Claim,
    Context,
    Decider,
    NotFound,
    NotPermitted,
    Parties,
    Refusal,
    Release,
    Role,
    Unacceptable,
)
from domain.fields import Erased
from domain.quiet_hours import is_quiet
from domain.staff.addresses import (
    LOOPBACK,
    EmailIsWrong,
    WebhookIsWrong,
    address_of,
    is_loopback,
    is_webhook,
)
from domain.staff.messages import (
    AddStaffChannel,
    CorrectStaffName,
    DeactivateStaffMember,
    LiftQuietHours,
    PlaceStaffMember,
    QuietHoursLifted,
    QuietHoursSet,
    ReactivateStaffMember,
    RegisterStaffMember,
    RemoveStaffChannel,
    SetQuietHours,
    StaffChannelAdded,
    StaffChannelKind,
    StaffChannelRemoved,
    StaffCommand,
    StaffEvent,
    StaffMemberDeactivated,
    StaffMemberPlaced,
    StaffMemberReactivated,
    StaffMemberRegistered,
    StaffNameCorrected,
)

# --- refusals -------------------------------------------------------------------------------------


class StaffAdministratorsOnly(NotPermitted, code="staff.administrators_only"):
    """Only an administrator or a manager may change who works where."""


class NotYourOwnChannels(NotPermitted, code="staff.not_your_own_channels"):
    """You may change your own channels and quiet hours only."""


class RoleIsNotOfStaff(Unacceptable, code="staff.role_is_not_of_staff"):
    """This role is not one that a member of staff can have."""


class PlaceIsMissing(Unacceptable, code="staff.place_is_missing"):
    """This role needs a unit, a region or a dealer to be given."""


class TimeZoneIsUnknown(Unacceptable, code="staff.time_zone_is_unknown"):
    """There is no such time zone."""


class QuietAllDay(Unacceptable, code="staff.quiet_all_day"):
    """Quiet hours must leave some time of the day."""


class ChannelNotFound(NotFound, code="staff.channel_not_found"):
    """This member of staff has no such channel."""


class ChannelExists(Refusal, code="staff.channel_exists"):
    """A channel with this id exists, or existed, with other content; choose another id."""


class TooManyChannels(Refusal, code="staff.too_many_channels"):
    """This member of staff has as many channels as a record can hold."""


class StaffMemberIsErased(Refusal, code="staff.is_erased"):
    """This person's data were erased; nothing can be recorded of her any more."""


# --- state ----------------------------------------------------------------------------------------

CHANNELS_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """One member of staff; `account` is empty before she is registered."""

    account: str = ""
    name: str | Erased = ""
    locale: str = "en"
    registered_as: StaffMemberRegistered | None = None
    place: StaffMemberPlaced | None = None
    channels: Mapping[UUID, StaffChannelAdded] = field(default_factory=dict)
    channels_removed: frozenset[UUID] = frozenset()
    quiet_hours: QuietHoursSet | None = None
    active: bool = True


# --- decide ---------------------------------------------------------------------------------------

_UNIT_ROLES = frozenset({Role.UNIT, Role.UNIT_HEAD})


def decide(staff: StaffMember, command: StaffCommand, context: Context) -> Sequence[StaffEvent]:
    """Decide who works where, and how and when she is notified."""
    if isinstance(command, RegisterStaffMember):
        return _register(staff, command, context)
    if staff.place is None:
        raise CaseNotFound
    if isinstance(staff.name, Erased):
        raise StaffMemberIsErased
    match command:
        case PlaceStaffMember() | CorrectStaffName():
            _require_administrator(context)
            return _describe(staff, command)
        case DeactivateStaffMember():
            _require_administrator(context)
            return [StaffMemberDeactivated()] if staff.active else []
        case ReactivateStaffMember():
            _require_administrator(context)
            return [] if staff.active else [StaffMemberReactivated()]
        case AddStaffChannel() | RemoveStaffChannel() | SetQuietHours() | LiftQuietHours():
            if context.actor.id != staff.account and not _administers(context):
                raise NotYourOwnChannels
            return _reach(staff, command)
    assert_never(command)


def _administers(context: Context) -> bool:
    return context.actor.has(Role.ADMIN, Role.MANAGER, Role.SYSTEM)


def _require_administrator(context: Context) -> None:
    if not _administers(context):
        raise StaffAdministratorsOnly


def _placed(command: RegisterStaffMember | PlaceStaffMember) -> StaffMemberPlaced:
    """Answer the place, or refuse a role that is not of staff or that lacks its place."""
    for role in command.roles:
        if role in (Role.CUSTOMER, Role.SYSTEM):
            raise RoleIsNotOfStaff(role=role.value)
        if role is Role.DEALER and command.dealer_id is None:
            raise PlaceIsMissing(role=role.value)
        if role in _UNIT_ROLES and command.unit is None:
            raise PlaceIsMissing(role=role.value)
    return StaffMemberPlaced(
        roles=tuple(sorted(set(command.roles))),
        unit=command.unit,
        region=command.region,
        dealer_id=command.dealer_id,
    )


def _register(
    staff: StaffMember, command: RegisterStaffMember, context: Context
) -> Sequence[StaffEvent]:
    _require_administrator(context)
    placed = _placed(command)
    registered = StaffMemberRegistered(
        account=command.account,
        name=command.name,
        locale=command.locale,
        roles=placed.roles,
        unit=placed.unit,
        region=placed.region,
        dealer_id=placed.dealer_id,
    )
    if staff.registered_as is None:
        return [registered]
    if staff.registered_as == registered:
        return []
    raise AlreadyExists


def _describe(
    staff: StaffMember, command: PlaceStaffMember | CorrectStaffName
) -> Sequence[StaffEvent]:
    match command:
        case PlaceStaffMember():
            placed = _placed(command)
            return [] if staff.place == placed else [placed]
        case CorrectStaffName(name=name):
            return [] if staff.name == name else [StaffNameCorrected(name=name)]
    assert_never(command)


def _reach(
    staff: StaffMember,
    command: AddStaffChannel | RemoveStaffChannel | SetQuietHours | LiftQuietHours,
) -> Sequence[StaffEvent]:
    match command:
        case AddStaffChannel(channel_id=channel_id, kind=kind, address=address):
            added = StaffChannelAdded(
                channel_id=channel_id, kind=kind, address=address_of(kind, address)
            )
            known = staff.channels.get(channel_id)
            if known == added and channel_id not in staff.channels_removed:
                return []
            if known is not None:
                raise ChannelExists
            if len(staff.channels) >= CHANNELS_MAX:
                raise TooManyChannels(at_most=CHANNELS_MAX)
            return [added]
        case RemoveStaffChannel(channel_id=channel_id):
            if channel_id not in staff.channels:
                raise ChannelNotFound
            removed = channel_id in staff.channels_removed
            return [] if removed else [StaffChannelRemoved(channel_id=channel_id)]
        case SetQuietHours():
            return _quiet(staff, command)
        case LiftQuietHours():
            return [] if staff.quiet_hours is None else [QuietHoursLifted()]
    assert_never(command)


def _quiet(staff: StaffMember, command: SetQuietHours) -> Sequence[StaffEvent]:
    hours = QuietHoursSet(
        starts_local=command.starts_local,
        ends_local=command.ends_local,
        zone=command.zone,
        allows_urgent=command.allows_urgent,
    )
    if hours.starts_local == hours.ends_local:
        raise QuietAllDay
    try:
        ZoneInfo(hours.zone)
    except (KeyError, ValueError, OSError):
        raise TimeZoneIsUnknown(zone=hours.zone) from None
    return [] if staff.quiet_hours == hours else [hours]


# --- evolve ---------------------------------------------------------------------------------------


def evolve(staff: StaffMember, event: StaffEvent) -> StaffMember:
    """Follow one event of a member of staff's record."""
    match event:
        case StaffMemberRegistered():
            place = StaffMemberPlaced(
                roles=event.roles, unit=event.unit, region=event.region, dealer_id=event.dealer_id
            )
            return replace(
                staff,
                account=event.account,
                name=event.name,
                locale=event.locale,
                place=place,
                registered_as=event,
            )
        case StaffMemberPlaced():
            return replace(staff, place=event)
        case StaffNameCorrected(name=name):
            return replace(staff, name=name)
        case StaffChannelAdded(channel_id=channel_id):
            return replace(staff, channels={**staff.channels, channel_id: event})
        case StaffChannelRemoved(channel_id=channel_id):
            return replace(staff, channels_removed=staff.channels_removed | {channel_id})
        case QuietHoursSet():
            return replace(staff, quiet_hours=event)
        case QuietHoursLifted():
            return replace(staff, quiet_hours=None)
        case StaffMemberDeactivated():
            return replace(staff, active=False)
        case StaffMemberReactivated():
            return replace(staff, active=True)
    assert_never(event)


def parties(staff: StaffMember) -> Parties:
    """Answer the unit, region or dealer she works for."""
    place = staff.place
    if place is None:
        return Parties()
    units = frozenset() if place.unit is None else frozenset({place.unit})
    return Parties(dealer_id=place.dealer_id, region=place.region, units=units)


def subject(stream: UUID, _staff: StaffMember, _event: StaffEvent) -> UUID:
    """Every event of a member of staff's record is encrypted with her own key."""
    return stream


def claims(_staff: StaffMember, event: StaffEvent) -> Sequence[Claim | Release]:
    """Name the account, which belongs to one member of staff alone."""
    match event:
        case StaffMemberRegistered(account=account):
            return [Claim("staff_account", account)]
        case _:
            return ()


DECIDER: Decider[StaffMember, StaffCommand, StaffEvent] = Decider(
    category="staff",
    initial=StaffMember(),
    decide=decide,
    evolve=evolve,
    commands=(
        RegisterStaffMember,
        PlaceStaffMember,
        CorrectStaffName,
        AddStaffChannel,
        RemoveStaffChannel,
        SetQuietHours,
        LiftQuietHours,
        DeactivateStaffMember,
        ReactivateStaffMember,
    ),
    opens=(RegisterStaffMember,),
    events=(
        StaffMemberRegistered,
        StaffMemberPlaced,
        StaffNameCorrected,
        StaffChannelAdded,
        StaffChannelRemoved,
        QuietHoursSet,
        QuietHoursLifted,
        StaffMemberDeactivated,
        StaffMemberReactivated,
    ),
    parties=parties,
    subject=subject,
    claims=claims,
)

__all__ = [
    "CHANNELS_MAX",
    "DECIDER",
    "LOOPBACK",
    "AddStaffChannel",
    "ChannelExists",
    "ChannelNotFound",
    "CorrectStaffName",
    "DeactivateStaffMember",
    "EmailIsWrong",
    "LiftQuietHours",
    "NotYourOwnChannels",
    "PlaceIsMissing",
    "PlaceStaffMember",
    "QuietAllDay",
    "QuietHoursLifted",
    "QuietHoursSet",
    "ReactivateStaffMember",
    "RegisterStaffMember",
    "RemoveStaffChannel",
    "RoleIsNotOfStaff",
    "SetQuietHours",
    "StaffAdministratorsOnly",
    "StaffChannelAdded",
    "StaffChannelKind",
    "StaffChannelRemoved",
    "StaffCommand",
    "StaffEvent",
    "StaffMember",
    "StaffMemberDeactivated",
    "StaffMemberIsErased",
    "StaffMemberPlaced",
    "StaffMemberReactivated",
    "StaffMemberRegistered",
    "StaffNameCorrected",
    "TimeZoneIsUnknown",
    "TooManyChannels",
    "WebhookIsWrong",
    "is_loopback",
    "is_quiet",
    "is_webhook",
]
