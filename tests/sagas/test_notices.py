"""Who is told of what: the directory, and the notices that are planned for a case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from domain import complaint as c
from domain import notification as n
from domain import staff
from domain.clocks.messages import PauseReason, Urgency
from domain.complaint.words import Awaited, Channel, Kind, Origin, Priority
from domain.declare import ActorId, Context, Role, stored_name
from domain.notification_policy import NoticeRule, NotificationPolicy
from domain.organisation import Organisation, Region, Unit
from domain.procedure import Taker
from domain.quiet_hours import QuietHours
from domain.referral import (
    ReferralClocksStarted,
    ReferralDeadlineBreached,
    ReferralEscalated,
    ReferralEscalationAcknowledged,
)
from domain.rulebook import NO_RULES, Pin, Provenance, RulesPublished, content_hash
from sagas import notices
from sagas.declare import made_by
from sagas.directory import DIRECTORY, Directory
from sagas.notices import CaseNotices
from store.log import Recorded
from store.rulebook import canonical
from tests.sagas import clocks

CONTEXT = Context(
    now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC), actor=notices.SAGA.actor, rules=NO_RULES
)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASE = UUID(int=0xCA5E)
DUE_AT = AT + timedelta(days=1)
BY = Taker(id=ActorId("someone"))
MAIL = UUID(int=0xE)


def recorded(event: Any, position: int, at: datetime = AT, stream: UUID = CASE) -> Recorded:
    return Recorded(
        position=position, stream=stream, version=position, topic=stored_name(type(event)),
        event=event, event_id=UUID(int=position), recorded_at=at, actor="tests", role="system",
        reason=None, correlation_id=None, causation_id=None, subject_id=None, state=b"",
    )  # fmt: skip


def registered(account: str, *roles: Role, **place: str) -> staff.StaffMemberRegistered:
    return staff.StaffMemberRegistered(
        account=account, name="Somebody", locale="fa", roles=roles, **place
    )


def published(kind: str, content: object) -> RulesPublished:
    text = canonical(kind, content)
    return RulesPublished(
        kind=kind, name="default", version=1, content=text, sha256=content_hash(text),
        effective_from_at=datetime(2020, 1, 1, tzinfo=UTC), provenance=Provenance(source="test"),
    )  # fmt: skip


ORGANISATION = Organisation(
    units=(Unit(code="care"), Unit(code="complaints", above="care")),
    regions=(Region(code="north", above="care"), Region(code="south", above="care")),
)
POLICY = NotificationPolicy(
    rules=(
        NoticeRule(code="complaint.deadline_warned", same_within_minutes=60),
        NoticeRule(code="*", same_within_minutes=0),
    )
)
PEOPLE: dict[str, Sequence[Any]] = {
    "leila": (
        registered("leila", Role.EXPERT, unit="complaints", region="north"),
        staff.StaffChannelAdded(
            channel_id=MAIL, kind=staff.StaffChannelKind.EMAIL, address="leila@example.com"
        ),
        staff.QuietHoursSet(
            starts_local="22:00", ends_local="07:00", zone="Asia/Tehran", allows_urgent=False
        ),
    ),
    "maryam": (registered("maryam", Role.SUPERVISOR, region="north"),),
    "omid": (registered("omid", Role.SUPERVISOR, region="*"),),
    "parisa": (registered("parisa", Role.UNIT_HEAD, unit="care"),),
    "reza": (registered("reza", Role.MANAGER),),
    "dara": (registered("dara", Role.DEALER, dealer_id="d-1"),),
    "unit": (registered("unit", Role.UNIT, unit="parts"),),
}
STAFF_ID = {account: UUID(int=0x57AFF00 + k) for k, account in enumerate(PEOPLE)}


def directory(*accounts: str, **more: Any) -> Directory:
    """Fold these people's records after the rules; `more` are further events by account."""
    told = [
        recorded(published("organisation", ORGANISATION), 1),
        recorded(published("notification_policy", POLICY), 2),
    ]
    for account in accounts or PEOPLE:
        events = [*PEOPLE[account], *more.get(account, ())]
        told.extend(recorded(event, 3, stream=STAFF_ID[account]) for event in events)
    found: Directory = DIRECTORY.initial
    adapter = TypeAdapter(Directory)
    for one in told:
        found = adapter.validate_json(adapter.dump_json(DIRECTORY.evolve(found, one)))
    return found


WHO = directory()


def accounts(found: Sequence[Any]) -> list[str]:
    return [one.account for one in found]


# --- the directory --------------------------------------------------------------------------------


def test_the_directory_knows_accounts_places_and_channels_and_no_addresses() -> None:
    leila = WHO.by_account("leila")
    assert leila is not None
    assert leila.channels == (n.PlannedChannel(channel_id=MAIL, kind="email"),)
    assert leila.quiet_hours == QuietHours(
        starts_local="22:00", ends_local="07:00", zone="Asia/Tehran"
    )
    assert not leila.allows_urgent
    text = TypeAdapter(Directory).dump_json(WHO).decode()
    assert "example.com" not in text
    assert "Somebody" not in text
    assert WHO.by_account("nobody") is WHO.by_account(None) is None


@pytest.mark.parametrize(
    ("role", "place", "found"),
    [
        (Role.SUPERVISOR, {"region": "north"}, ["maryam"]),
        (Role.SUPERVISOR, {"region": "south"}, ["omid"]),
        (Role.SUPERVISOR, {"unit": "complaints", "region": "north"}, ["maryam"]),
        (Role.SUPERVISOR, {}, ["omid"]),
        (Role.UNIT_HEAD, {"unit": "complaints"}, ["parisa"]),
        (Role.UNIT_HEAD, {"region": "south"}, ["parisa"]),
        (Role.MANAGER, {"region": "north"}, ["reza"]),
        (Role.DEALER, {"dealer_id": "d-1", "region": "north"}, ["dara"]),
        (Role.DEALER, {"dealer_id": "d-2", "region": "north"}, ["leila"]),
        (Role.UNIT, {"unit": "parts"}, ["unit"]),
        (Role.UNIT, {"unit": "accounting"}, ["reza"]),
        (Role.SPECIAL_EXPERT, {}, ["reza"]),
    ],
)
def test_whom_a_role_at_a_place_names(role: Role, place: dict[str, str], found: list[str]) -> None:
    assert accounts(WHO.recipients(role, **place)) == found


def test_who_left_is_told_nothing_and_who_moved_is_told_there() -> None:
    away = directory(maryam=[staff.StaffMemberDeactivated()])
    assert accounts(away.recipients(Role.SUPERVISOR, region="north")) == ["omid"]
    back = directory(maryam=[staff.StaffMemberDeactivated(), staff.StaffMemberReactivated()])
    assert accounts(back.recipients(Role.SUPERVISOR, region="north")) == ["maryam"]
    moved = staff.StaffMemberPlaced(roles=(Role.SUPERVISOR,), region="south")
    there = directory(maryam=[moved])
    assert accounts(there.recipients(Role.SUPERVISOR, region="south")) == ["maryam"]


def test_without_anybody_there_is_nobody() -> None:
    assert directory("dara").recipients(Role.SUPERVISOR, region="north") == ()


def test_a_removed_channel_and_lifted_quiet_hours_are_gone() -> None:
    gone = [staff.StaffChannelRemoved(channel_id=MAIL), staff.QuietHoursLifted()]
    leila = directory(leila=gone).by_account("leila")
    assert leila is not None
    assert (leila.channels, leila.quiet_hours, leila.allows_urgent) == ((), None, True)


# --- the notices of a case ------------------------------------------------------------------------


def complaint_of(region: str | None = "north") -> c.ComplaintRegistered:
    return c.ComplaintRegistered(
        kind=Kind.QUALITY, origin=Origin.CUSTOMER, channel=Channel.PHONE, narrative="It jerks.",
        received_at=AT, procedure=Pin(name="dealer", version=1), region=region, number="C-7",
    )  # fmt: skip


ASSIGNED = c.ComplaintAssigned(region="north", dealer_id="d-1", unit=None, by=BY, handler="leila")
STARTED = clocks.clocks(clocks.started(1, DUE_AT), clocks.started(2, DUE_AT, clock="plan"))
WARNED = c.ComplaintDeadlineWarned(n=1, code="share_75", due_at=DUE_AT)
BREACHED = c.ComplaintDeadlineBreached(n=1, due_at=DUE_AT)
ESCALATED = c.ComplaintEscalated(
    escalation_id=UUID(int=0xE5C), n=1, cause=c.EscalationCause.BREACH, clock=1,
    ladder=Pin(name="customer_care", version=1), rung=0, role=Role.SUPERVISOR, unit=None,
    region="north", dealer_id="d-1", climbs_at=DUE_AT, reason=None,
)  # fmt: skip
CLIMBED = c.EscalationClimbed(
    n=1, rung=1, role=Role.UNIT_HEAD, unit="care", region=None, climbs_at=None
)


class Case:
    """A case with its notices, followed one event after the other."""

    def __init__(self, who: Directory = WHO) -> None:
        self.who = who
        self.position = 0
        self.state: CaseNotices | None = None

    def happens(self, *events: Any, at: datetime = AT, stream: UUID = CASE) -> "Case":
        adapter = TypeAdapter(CaseNotices | None)
        for event in events:
            self.position += 1
            entry = recorded(event, self.position, at, stream)
            assert notices.key(entry) == CASE
            state = notices.evolve(self.state, entry, self.who)
            self.state = adapter.validate_json(adapter.dump_json(state))
        return self

    @property
    def todo(self) -> list[Any]:
        assert self.state is not None
        return [
            one for do in notices.todo(self.state, AT + timedelta(days=9)) for one in do.commands
        ]

    def done(self) -> "Case":
        """Let all that is to be done be recorded."""
        for wish in self.todo:
            if isinstance(wish, n.SettleNotification):
                event: Any = n.NotificationSettled(why=wish.why, case_id=CASE)
            else:
                (event,) = n.DECIDER.decide(n.DECIDER.initial, wish, CONTEXT)
            self.happens(event, stream=wish.stream)
        return self

    def told(self) -> list[tuple[str | None, str]]:
        return [(one.recipient, one.code) for one in self.todo]


def open_case(who: Directory = WHO) -> Case:
    return Case(who).happens(complaint_of(), ASSIGNED, STARTED)


def test_a_warning_is_for_whoever_owns_the_case() -> None:
    case = open_case().happens(WARNED)
    (plan,) = case.todo
    cause = UUID(int=case.position)
    assert (plan.recipient, plan.staff_id) == ("leila", STAFF_ID["leila"])
    assert (plan.stream, plan.cause, plan.caused_at) == (made_by(cause, "leila"), cause, AT)
    assert {fact.name: fact.value for fact in plan.params} == {
        "number": "C-7", "clock_n": "1", "clock": "resolution", "due_at": "2026-03-03T09:00:00Z",
        "warning": "share_75",
    }  # fmt: skip
    assert plan.channels == (n.PlannedChannel(channel_id=MAIL, kind="email"),)
    assert (plan.urgency, plan.priority, plan.locale) == (Urgency.WARNING, None, "fa")
    assert case.done().todo == []


def test_a_case_that_nobody_owns_is_its_supervisors() -> None:
    case = Case().happens(complaint_of(), STARTED, WARNED)
    assert case.told() == [("maryam", "complaint.deadline_warned")]
    stranger = Case().happens(replace(ASSIGNED, handler="not-registered"), WARNED)
    assert stranger.told() == [("maryam", "complaint.deadline_warned")]


def test_a_breach_is_for_the_owner_and_her_supervisor_as_urgently_as_its_clock() -> None:
    case = open_case().happens(BREACHED)
    code = "complaint.deadline_breached"
    assert case.told() == [("leila", code), ("maryam", code)]
    statutory = clocks.clocks(clocks.started(3, DUE_AT, urgency=Urgency.STATUTORY))
    case = open_case().happens(statutory, replace(BREACHED, n=3))
    assert case.state is not None
    wake = notices.wake(case.state)
    assert wake is not None
    assert (wake.at, wake.urgency) == (AT, Urgency.STATUTORY)


def test_an_escalation_is_for_the_role_that_its_rung_names() -> None:
    case = open_case().happens(c.ComplaintGraded(
        importance=c.Importance.HIGH, priority=Priority.URGENT, points=9, risks=(),
        grading=Pin(name="default", version=1), by=BY,
    ))  # fmt: skip
    case.happens(ESCALATED)
    (first,) = case.todo
    assert (first.recipient, first.urgency, first.priority) == (
        "maryam", Urgency.ESCALATION, "urgent",
    )  # fmt: skip
    facts = {fact.name: fact.value for fact in first.params}
    assert (facts["escalation"], facts["clock"], facts["rung"]) == ("1", "resolution", "0")
    climbed = case.done().happens(CLIMBED)
    assert climbed.told() == [("parisa", "complaint.escalation_climbed")]


def test_a_pause_by_a_regulator_is_told_and_any_other_is_not() -> None:
    paused = clocks.paused(1, AT, 1, 2)
    case = open_case().happens(paused)
    assert case.todo == []
    case.happens(replace(paused, reason=PauseReason.REGULATOR))
    assert case.told() == [("leila", "complaint.clocks_paused")]


@pytest.mark.parametrize(
    ("to", "account"),
    [
        ({"to_handler": "leila"}, "leila"),
        ({"to_dealer_id": "d-1"}, "dara"),
        ({"to_unit": "parts"}, "unit"),
        ({"to_handler": "not-registered"}, "maryam"),
    ],
)
def test_a_reminder_is_for_whoever_is_late(to: dict[str, Any], account: str) -> None:
    reminder = c.ReminderSent(reminder_id=UUID(int=5), awaited=Awaited.PLAN, **to)
    assert open_case().happens(reminder).told() == [(account, "complaint.reminder_sent")]


def test_where_there_is_nobody_to_tell_that_is_recorded() -> None:
    case = open_case(directory("dara")).happens(BREACHED)
    (withheld,) = case.todo
    assert withheld.stream == made_by(UUID(int=case.position), "nobody")
    assert withheld.reason is n.WithheldReason.NOBODY_TO_TELL
    assert (withheld.recipient, withheld.code) == (None, "complaint.deadline_breached")
    assert case.done().todo == []


def test_an_escalation_of_a_referral_is_told_and_settled_as_a_complaints_is() -> None:
    started = ReferralClocksStarted(clocks=(clocks.started(1, DUE_AT, clock="reply"),))
    escalated = ReferralEscalated(
        escalation_id=UUID(int=0xE5D), n=1, cause="breach", clock=1, dealer_id=None,
        ladder=Pin(name="customer_care", version=1), rung=0, role=Role.SUPERVISOR, unit=None,
        region="north", climbs_at=DUE_AT, reason=None,
    )  # fmt: skip
    case = Case().happens(started, escalated)
    (plan,) = case.todo
    assert (plan.recipient, plan.code) == ("maryam", "referral.escalated")
    facts = {fact.name: fact.value for fact in plan.params}
    assert (facts["escalation"], facts["cause"], facts["clock"]) == ("1", "breach", "reply")
    answered = ReferralEscalationAcknowledged(n=1, by=BY, will_do="Write.", done_by_at=DUE_AT)
    (settle,) = case.done().happens(answered).todo
    assert settle.stream == plan.stream


@pytest.mark.parametrize("event", [WARNED, BREACHED])
def test_who_does_not_work_at_present_is_not_told_and_her_supervisor_is(event: Any) -> None:
    away = directory(leila=[staff.StaffMemberDeactivated()])
    told, withheld = open_case(away).happens(event).todo
    assert (told.recipient, withheld.recipient) == ("maryam", "leila")
    assert withheld.reason is n.WithheldReason.INACTIVE


def test_a_referral_that_nobody_owns_is_its_experts() -> None:
    expert = registered("mahin", Role.SPECIAL_EXPERT, unit="special_customers")
    who = DIRECTORY.evolve(WHO, recorded(expert, 9, stream=UUID(int=0x3A)))
    started = ReferralClocksStarted(clocks=(clocks.started(1, DUE_AT, clock="reply"),))
    breached = ReferralDeadlineBreached(n=1, due_at=DUE_AT)
    case = Case(who).happens(started, breached)
    code = "referral.deadline_breached"
    assert case.told() == [("mahin", code), ("omid", code)]


def test_the_same_is_not_said_twice_within_the_window_of_its_code() -> None:
    case = open_case().happens(WARNED).done()
    first = made_by(UUID(int=4), "leila")
    soon = AT + timedelta(minutes=59)
    (withheld,) = case.happens(WARNED, at=soon).todo
    assert (withheld.reason, withheld.of) == (n.WithheldReason.DUPLICATE, first)
    case.done().happens(replace(WARNED, n=2), at=soon)  # of another clock
    assert [type(one) for one in case.todo] == [n.PlanNotification]
    later = open_case().happens(WARNED).done().happens(WARNED, at=AT + timedelta(minutes=61))
    assert later.told() == [("leila", "complaint.deadline_warned")]


def test_a_warning_is_settled_when_its_clock_stops_and_a_breach_stands() -> None:
    case = open_case().happens(WARNED).done()
    warned = made_by(UUID(int=4), "leila")
    case.happens(BREACHED).done()
    (settle,) = case.happens(clocks.stopped(1, AT)).todo
    assert (settle.stream, settle.why) == (warned, "clocks_stopped")
    assert case.done().todo == []
    assert case.happens(clocks.stopped(1, AT)).todo == []


def test_what_is_over_before_it_was_told_is_told_and_settled() -> None:
    case = open_case().happens(WARNED, clocks.stopped(1, AT))
    (plan,) = case.todo
    case.happens(*n.DECIDER.decide(n.DECIDER.initial, plan, CONTEXT), stream=plan.stream)
    (settle,) = case.todo
    assert (settle.stream, settle.why) == (plan.stream, "clocks_stopped")
    assert case.done().todo == []


def test_a_saga_that_names_other_people_now_tells_nobody_of_what_was_told() -> None:
    first = open_case().happens(BREACHED)
    cause = UUID(int=first.position)
    (plan, *_) = first.todo
    changed = open_case(directory("omid", "reza")).happens(BREACHED)
    assert {one.recipient for one in changed.todo} == {"omid"}
    assert plan.cause == cause
    changed.happens(*n.DECIDER.decide(n.DECIDER.initial, plan, CONTEXT), stream=plan.stream)
    assert changed.todo == []


def test_an_escalation_that_one_acknowledges_is_settled_for_all_others() -> None:
    two = directory(omid=[staff.StaffMemberPlaced(roles=(Role.SUPERVISOR,), region="north")])
    case = open_case(two).happens(ESCALATED).done().happens(CLIMBED).done()
    cause = UUID(int=4)
    hers = n.NotificationAcknowledged(by="maryam", case_id=CASE)
    case.happens(hers, stream=made_by(cause, "maryam"))
    case.happens(c.EscalationAcknowledged(n=1, by=BY, will_do="Call her.", done_by_at=DUE_AT))
    settled = {settle.stream for settle in case.todo}
    assert settled == {made_by(cause, "omid"), made_by(UUID(int=7), "parisa")}


def test_an_acknowledgement_that_comes_meanwhile_leaves_nothing_to_settle() -> None:
    case = open_case().happens(WARNED).done().happens(clocks.stopped(1, AT))
    (settle,) = case.todo
    case.happens(n.NotificationAcknowledged(by="leila", case_id=CASE), stream=settle.stream)
    assert case.todo == []
    assert case.state is not None
    assert notices.wake(case.state) is None


def test_the_most_urgent_is_told_first() -> None:
    case = open_case().happens(WARNED, ESCALATED)
    assert [code for _, code in case.told()] == ["complaint.escalated", "complaint.deadline_warned"]


def test_it_follows_whatever_starts_and_stops_clocks_in_any_kind_of_case() -> None:
    for name in ("deadline_warned", "deadline_breached", "clocks_stopped"):
        assert f"complaint.{name}" in notices.SAGA.topics
        assert f"referral.{name}" in notices.SAGA.topics
