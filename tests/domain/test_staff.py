"""A member of staff."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain import staff
from domain.declare import (
    Actor,
    ActorId,
    AlreadyExists,
    CaseNotFound,
    Claim,
    Context,
    Parties,
    Refusal,
    Role,
)
from domain.fields import Erased
from domain.identifiers import PhoneIsWrong
from domain.rulebook import NO_RULES
from domain.staff import messages as told
from tests.domain.steps import CASE, CUSTOMER, NOW, SPECIALIST, acting, claims_of, fresh

ADMIN = acting(Role.ADMIN)
LEILA = Actor(id=ActorId("leila-01"), roles=frozenset({Role.EXPERT}))
REGISTER = told.RegisterStaffMember(
    stream=CASE, account="leila-01", name="لیلا رستمی", roles=(Role.EXPERT,), unit="care"
)
REGISTERED = told.StaffMemberRegistered(
    account="leila-01", name="لیلا رستمی", locale="en", roles=(Role.EXPERT,), unit="care"
)
CHANNEL = UUID(int=1)
ADD = told.AddStaffChannel(
    stream=CASE, channel_id=CHANNEL, kind=told.StaffChannelKind.SMS, address="0912 000 0001"
)
ADDED = told.StaffChannelAdded(
    channel_id=CHANNEL, kind=told.StaffChannelKind.SMS, address="+989120000001"
)
REMOVED = told.StaffChannelRemoved(channel_id=CHANNEL)
QUIET = told.QuietHoursSet(starts_local="22:00", ends_local="07:00", zone="Asia/Tehran")
SET_QUIET = told.SetQuietHours(
    stream=CASE, starts_local="22:00", ends_local="07:00", zone="Asia/Tehran"
)
EMPTY = fresh(staff.DECIDER)
HERE = EMPTY.given(REGISTERED)


def test_a_member_of_staff_is_registered_with_her_place() -> None:
    EMPTY.when(REGISTER, by=ADMIN).then(REGISTERED)


def test_registering_her_twice_is_registering_her_once() -> None:
    HERE.when(REGISTER, by=ADMIN).then()


def test_her_record_stands_for_nobody_else() -> None:
    HERE.when(replace(REGISTER, name="Somebody Else"), by=ADMIN).refused(AlreadyExists)


def test_an_account_is_of_one_member_of_staff() -> None:
    assert claims_of(EMPTY, REGISTERED) == [Claim("staff_account", "leila-01")]
    assert claims_of(HERE, ADDED) == []


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.SYSTEM])
def test_a_customer_or_a_saga_is_no_member_of_staff(role: Role) -> None:
    EMPTY.when(replace(REGISTER, roles=(role,)), by=ADMIN).refused(
        staff.RoleIsNotOfStaff, role=role.value
    )


@pytest.mark.parametrize("role", [Role.DEALER, Role.UNIT, Role.UNIT_HEAD])
def test_some_roles_need_their_place(role: Role) -> None:
    EMPTY.when(replace(REGISTER, roles=(role,), unit=None), by=ADMIN).refused(staff.PlaceIsMissing)


def test_only_administrators_and_managers_place_staff() -> None:
    place = told.PlaceStaffMember(stream=CASE, roles=(Role.SUPERVISOR, Role.EXPERT))
    placed = told.StaffMemberPlaced(roles=(Role.EXPERT, Role.SUPERVISOR))
    HERE.when(place, by=SPECIALIST).refused(staff.StaffAdministratorsOnly)
    HERE.when(place, by=acting(Role.MANAGER)).then(placed).when(place, by=ADMIN).then()
    EMPTY.when(REGISTER, by=SPECIALIST).refused(staff.StaffAdministratorsOnly)


def test_her_name_is_corrected() -> None:
    correct = told.CorrectStaffName(stream=CASE, name="لیلا رستمی‌نژاد")
    corrected = told.StaffNameCorrected(name="لیلا رستمی‌نژاد")
    HERE.when(correct, by=ADMIN).then(corrected).when(correct, by=ADMIN).then()
    HERE.when(correct, by=LEILA).refused(staff.StaffAdministratorsOnly)


def test_she_adds_and_removes_her_own_channels() -> None:
    remove = told.RemoveStaffChannel(stream=CASE, channel_id=CHANNEL)
    with_channel = HERE.when(ADD, by=LEILA).then(ADDED)
    with_channel.when(ADD, by=LEILA).then()
    without = with_channel.when(remove, by=LEILA).then(REMOVED)
    without.when(remove, by=LEILA).then()
    without.when(ADD, by=LEILA).refused(staff.ChannelExists)
    HERE.when(remove, by=LEILA).refused(staff.ChannelNotFound)


def test_a_channel_id_stands_for_one_channel() -> None:
    other = replace(ADD, kind=told.StaffChannelKind.EMAIL, address="leila@example.com")
    HERE.given(ADDED).when(other, by=LEILA).refused(staff.ChannelExists)


def test_a_text_message_needs_a_phone_number() -> None:
    HERE.when(replace(ADD, address="leila"), by=LEILA).refused(PhoneIsWrong)


def test_a_record_holds_only_so_many_channels() -> None:
    many = [replace(ADDED, channel_id=UUID(int=n)) for n in range(2, 2 + staff.CHANNELS_MAX)]
    HERE.given(*many).when(ADD, by=LEILA).refused(staff.TooManyChannels)


def test_nobody_touches_a_colleagues_channels() -> None:
    for wish in (ADD, SET_QUIET):
        HERE.when(wish, by=SPECIALIST).refused(staff.NotYourOwnChannels)
        HERE.when(wish, by=CUSTOMER).refused(staff.NotYourOwnChannels)
    HERE.when(ADD, by=ADMIN).then(ADDED)


def test_quiet_hours_are_set_and_lifted() -> None:
    lift = told.LiftQuietHours(stream=CASE)
    quiet = HERE.when(SET_QUIET, by=LEILA).then(QUIET)
    quiet.when(SET_QUIET, by=LEILA).then()
    quiet.when(lift, by=LEILA).then(told.QuietHoursLifted()).when(lift, by=LEILA).then()


def test_quiet_hours_leave_some_time_and_have_a_real_zone() -> None:
    HERE.when(replace(SET_QUIET, ends_local="22:00"), by=LEILA).refused(staff.QuietAllDay)
    for zone in ("Asia/Nowhere", "../etc/passwd", "Asia"):
        HERE.when(replace(SET_QUIET, zone=zone), by=LEILA).refused(staff.TimeZoneIsUnknown)


@pytest.mark.parametrize(
    ("utc_hour", "utc_minute", "quiet"),
    [(18, 29, False), (18, 30, True), (23, 0, True), (3, 29, True), (3, 30, False), (9, 0, False)],
)
def test_quiet_hours_pass_midnight(utc_hour: int, utc_minute: int, quiet: bool) -> None:
    at = datetime(2026, 7, 1, utc_hour, utc_minute, tzinfo=UTC)
    assert staff.is_quiet(QUIET, at) is quiet


def test_quiet_hours_within_a_day() -> None:
    midday = told.QuietHoursSet(starts_local="12:00", ends_local="13:00", zone="Asia/Shanghai")
    assert staff.is_quiet(midday, datetime(2026, 7, 1, 4, 30, tzinfo=UTC))
    assert not staff.is_quiet(midday, datetime(2026, 7, 1, 5, 0, tzinfo=UTC))


def test_she_leaves_and_comes_back() -> None:
    leave = told.DeactivateStaffMember(stream=CASE)
    back = told.ReactivateStaffMember(stream=CASE)
    HERE.when(back, by=ADMIN).then()
    away = HERE.when(leave, by=ADMIN).then(told.StaffMemberDeactivated())
    away.when(leave, by=ADMIN).then()
    away.when(back, by=ADMIN).then(told.StaffMemberReactivated()).when(back, by=ADMIN).then()
    HERE.when(leave, by=LEILA).refused(staff.StaffAdministratorsOnly)


def test_nothing_is_recorded_of_who_was_never_registered_or_is_erased() -> None:
    EMPTY.when(SET_QUIET, by=ADMIN).refused(CaseNotFound)
    erased = EMPTY.given(replace(REGISTERED, name=Erased()))
    erased.when(SET_QUIET, by=ADMIN).refused(staff.StaffMemberIsErased)


def test_she_belongs_to_her_unit_and_is_her_own_subject() -> None:
    assert staff.DECIDER.parties(HERE.state) == Parties(units=frozenset({"care"}))
    assert staff.DECIDER.parties(EMPTY.state) == Parties()
    assert staff.DECIDER.subject(CASE, HERE.state, ADDED) == CASE


@pytest.mark.parametrize(
    "wish",
    [
        ADD,
        SET_QUIET,
        told.LiftQuietHours(stream=CASE),
        told.DeactivateStaffMember(stream=CASE),
        told.PlaceStaffMember(stream=CASE, roles=(Role.MANAGER, Role.MANAGER)),
        told.CorrectStaffName(stream=CASE, name="L. Rostami"),
    ],
)
def test_any_wish_twice_is_that_wish_once(wish: told.StaffCommand) -> None:
    context = Context(now=NOW, actor=ADMIN, rules=NO_RULES)
    for history in ((), (ADDED,), (QUIET,), (told.StaffMemberDeactivated(),)):
        case = HERE.given(*history)
        try:
            events = staff.decide(case.state, wish, context)
        except Refusal:
            continue
        assert staff.decide(case.given(*events).state, wish, context) == []


@pytest.mark.parametrize(
    ("address", "is_webhook", "is_loopback"),
    [
        ("https://hooks.example.com/notices?team=7", True, False),
        ("https://hooks.example.com:8443", True, False),
        ("http://127.0.0.1:9000/notices", True, True),
        ("https://[::1]/notices", True, True),
        ("http://hooks.example.com/notices", False, False),
        ("http://localhost.example.com/", False, False),
        ("https://hooks.example.com:0/", False, False),
        ("https://hooks.example.com:port/", False, False),
        ("https://maryam@hooks.example.com/", False, False),
        ("https://hooks.example.com/#part", False, False),
        ("https://hooks.example.com/a b", False, False),
        ("hooks.example.com", False, False),
    ],
)
def test_a_webhook_is_an_address_that_may_be_posted_to(
    address: str, is_webhook: bool, is_loopback: bool
) -> None:
    assert (staff.is_webhook(address), staff.is_loopback(address)) == (is_webhook, is_loopback)
    wish = replace(ADD, kind=told.StaffChannelKind.WEBHOOK, address=address)
    if is_webhook:
        HERE.when(wish, by=LEILA).then(replace(ADDED, kind=wish.kind, address=address))
    else:
        HERE.when(wish, by=LEILA).refused(staff.WebhookIsWrong)
