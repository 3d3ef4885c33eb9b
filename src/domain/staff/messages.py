"""What can happen to a member of staff's record, and what may be wished of it."""

from typing import Annotated
from uuid import UUID

from domain.channels import StaffChannelKind as StaffChannelKind
from domain.declare import Command, Role, command, event
from domain.fields import Code, Items, Line, Name, Personal, Text

# --- events ---------------------------------------------------------------------------------------


@event("staff.registered")
class StaffMemberRegistered:
    """A member of staff was registered, with the place where she works.

    `account` is her opaque login id, the token's `sub`.
    """

    account: str
    name: Personal[str]
    locale: str
    roles: tuple[Role, ...]
    unit: str | None = None
    region: str | None = None
    dealer_id: str | None = None


@event("staff.placed")
class StaffMemberPlaced:
    """She works in these roles, for this unit, region or dealer, from now on."""

    roles: tuple[Role, ...]
    unit: str | None = None
    region: str | None = None
    dealer_id: str | None = None


@event("staff.name_corrected")
class StaffNameCorrected:
    """The name was recorded wrongly, or has changed; it corrects the name before."""

    name: Personal[str]


@event("staff.channel_added")
class StaffChannelAdded:
    """Notices reach her this way too."""

    channel_id: UUID
    kind: StaffChannelKind
    address: Personal[str]


@event("staff.channel_removed")
class StaffChannelRemoved:
    """Notices do not reach her this way any more."""

    channel_id: UUID


@event("staff.quiet_hours_set")
class QuietHoursSet:
    """She gets no notice between these local times (`22:00`), which may pass midnight.

    `allows_urgent`: what the notification policy holds to be urgent may come nonetheless.
    """

    starts_local: str
    ends_local: str
    zone: str
    allows_urgent: bool = True


@event("staff.quiet_hours_lifted")
class QuietHoursLifted:
    """She may be notified at any hour."""


@event("staff.deactivated")
class StaffMemberDeactivated:
    """She does not work here at present; nothing is assigned or sent to her."""


@event("staff.reactivated")
class StaffMemberReactivated:
    """She works here again."""


StaffEvent = (
    StaffMemberRegistered
    | StaffMemberPlaced
    | StaffNameCorrected
    | StaffChannelAdded
    | StaffChannelRemoved
    | QuietHoursSet
    | QuietHoursLifted
    | StaffMemberDeactivated
    | StaffMemberReactivated
)

# --- commands -------------------------------------------------------------------------------------

LocaleCode = Annotated[str, Text(max=2, pattern="^(en|fa|zh)$")]
LocalTime = Annotated[str, Text(max=5, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Roles = Annotated[tuple[Role, ...], Items(max=len(Role), min=1)]


@command
class RegisterStaffMember(Command):
    """Register a member of staff and the place where she works."""

    account: Code
    name: Name
    roles: Roles
    unit: Code | None = None
    region: Code | None = None
    dealer_id: Code | None = None
    locale: LocaleCode = "en"


@command
class PlaceStaffMember(Command):
    """Let her work in other roles or at another place."""

    roles: Roles
    unit: Code | None = None
    region: Code | None = None
    dealer_id: Code | None = None


@command
class CorrectStaffName(Command):
    """Record the right name."""

    name: Name


@command
class AddStaffChannel(Command):
    """Add a way by which notices reach her."""

    channel_id: UUID
    kind: StaffChannelKind
    address: Line


@command
class RemoveStaffChannel(Command):
    """Stop sending notices this way."""

    channel_id: UUID


@command
class SetQuietHours(Command):
    """Send her no notice between two local times of a time zone (`Asia/Tehran`)."""

    starts_local: LocalTime
    ends_local: LocalTime
    zone: Annotated[str, Text(max=64, pattern="^[A-Za-z0-9_+/-]+$")]
    allows_urgent: bool = True


@command
class LiftQuietHours(Command):
    """Send her notices at any hour."""


@command
class DeactivateStaffMember(Command):
    """Let nothing be assigned or sent to her any more."""


@command
class ReactivateStaffMember(Command):
    """Let her work here again."""


StaffCommand = (
    RegisterStaffMember
    | PlaceStaffMember
    | CorrectStaffName
    | AddStaffChannel
    | RemoveStaffChannel
    | SetQuietHours
    | LiftQuietHours
    | DeactivateStaffMember
    | ReactivateStaffMember
)
