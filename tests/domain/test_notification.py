"""A notice to one person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import notification as n
from domain.channels import StaffChannelKind
from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, AlreadyExists, CaseNotFound, Context, Refusal, Role
from domain.notification.messages import NotificationCommand
from domain.notification_policy import NoticeRule, NotificationPolicy
from domain.quiet_hours import QuietHours
from domain.rulebook import NO_RULES, Pin, Published, Rules
from tests.scenario import CASE, Scenario, case

NIGHT_AT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
"""23:30 in Tehran."""
MORNING_AT = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
"""07:00 there."""
NOON_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAIL = n.PlannedChannel(channel_id=UUID(int=11), kind="email")
TEXT = n.PlannedChannel(channel_id=UUID(int=12), kind="sms")
QUIET = QuietHours(starts_local="22:00", ends_local="07:00", zone="Asia/Tehran")
POLICY = NotificationPolicy(
    rules=(
        NoticeRule(
            code="complaint.escalated",
            must_acknowledge=True,
            overrides_quiet_hours_for=("urgent",),
            attempts_max=2,
            back_off_s=(60,),
        ),
        NoticeRule(
            code="referral.deadline_breached", overrides_quiet_hours_for=("urgent", "statutory")
        ),
        NoticeRule(code="complaint.reminder_sent", digest=True, channels=(StaffChannelKind.EMAIL,)),
        NoticeRule(
            code="*",
            channels=(StaffChannelKind.SMS, StaffChannelKind.EMAIL),
            attempts_max=3,
            back_off_s=(60, 600),
        ),
    ),
    digest_local="08:00",
    zone="Asia/Tehran",
)
RULES = Rules(
    {
        (NotificationPolicy, "default"): (
            Published("default", 1, datetime(2020, 1, 1, tzinfo=UTC), POLICY),
        )
    }
)
MARYAM = Actor(id=ActorId("maryam-01"), roles=frozenset({Role.SUPERVISOR}))
ELSE = Actor(id=ActorId("reza-02"), roles=frozenset({Role.MANAGER}))
PLAN = n.PlanNotification(
    stream=CASE,
    recipient="maryam-01",
    staff_id=UUID(int=21),
    locale="fa",
    code="complaint.deadline_warned",
    case_id=UUID(int=31),
    case_category="complaint",
    params=(n.Param(name="clock", value="resolution"),),
    urgency=Urgency.WARNING,
    priority="normal",
    cause=UUID(int=41),
    caused_at=NOON_AT,
    channels=(MAIL, TEXT),
    quiet_hours=QUIET,
)
PLANNED = n.NotificationPlanned(
    recipient="maryam-01",
    staff_id=UUID(int=21),
    locale="fa",
    zone="Asia/Tehran",
    code="complaint.deadline_warned",
    case_id=UUID(int=31),
    case_category="complaint",
    params=(n.Param(name="clock", value="resolution"),),
    urgency=Urgency.WARNING,
    must_acknowledge=False,
    cause=UUID(int=41),
    send_after_at=NOON_AT,
    channels=(TEXT, MAIL),
    quiet_hours=QUIET,
    digest=None,
    attempts_max=3,
    back_off_s=(60, 600),
    policy=Pin(name="default", version=1),
)
WITHHOLD = n.WithholdNotification(
    stream=CASE,
    reason=n.WithheldReason.NOBODY_TO_TELL,
    code="complaint.deadline_breached",
    case_id=UUID(int=31),
    case_category="complaint",
    cause=UUID(int=41),
)
WITHHELD = n.NotificationWithheld(
    reason=n.WithheldReason.NOBODY_TO_TELL,
    code="complaint.deadline_breached",
    case_id=UUID(int=31),
    case_category="complaint",
    params=(),
    cause=UUID(int=41),
    recipient=None,
    staff_id=None,
    of=None,
)
EMPTY = case(n.DECIDER, rules=RULES, now=NOON_AT)
HERE = EMPTY.given(PLANNED)
SENT = n.NotificationSent(channel_id=TEXT.channel_id, kind="sms", attempt=1, key="k")
SEND = n.RecordSent(stream=CASE, channel_id=TEXT.channel_id, attempt=1, key="k")
SEEN = n.NotificationSeen(seen_at=NOON_AT)
ACKNOWLEDGED = n.NotificationAcknowledged(by="maryam-01", case_id=UUID(int=31))
SETTLE = n.SettleNotification(stream=CASE, why="clocks_stopped")
SETTLED = n.NotificationSettled(why="clocks_stopped", case_id=UUID(int=31))
HOLD_BACK = n.HoldBackNotification(stream=CASE, reason=n.WithheldReason.INACTIVE)


def failing(attempt: int, channel: n.PlannedChannel = TEXT, **more: Any) -> Any:
    return n.RecordDeliveryFailure(
        stream=CASE, channel_id=channel.channel_id, attempt=attempt, error="timeout", **more
    )


def failed(
    attempt: int, retry_at: datetime | None, channel: n.PlannedChannel = TEXT
) -> n.DeliveryFailed:
    return n.DeliveryFailed(
        channel_id=channel.channel_id, kind=channel.kind, attempt=attempt, error="timeout",
        retry_at=retry_at,
    )  # fmt: skip


# --- planned --------------------------------------------------------------------------------------


def test_a_notice_is_planned_as_the_policy_says() -> None:
    EMPTY.when(PLAN).then(PLANNED)


def test_a_notice_that_stands_is_planned_once_whatever_is_said_of_its_channels_since() -> None:
    HERE.when(replace(PLAN, channels=(), quiet_hours=None)).then_nothing()
    HERE.when(replace(PLAN, recipient="reza-02")).refused(AlreadyExists)


def test_where_no_policy_is_published_the_plainest_holds() -> None:
    planned = replace(
        PLANNED, channels=(MAIL, TEXT), attempts_max=4, back_off_s=(60, 300, 1800), policy=None
    )
    case(n.DECIDER, now=NOON_AT).when(PLAN).then(planned)


def test_at_night_sending_waits_for_the_morning() -> None:
    EMPTY.at(NIGHT_AT).when(replace(PLAN, caused_at=NIGHT_AT)).then(
        replace(PLANNED, send_after_at=MORNING_AT)
    )


@pytest.mark.parametrize(
    ("priority", "allows_urgent", "send_after_at", "hours"),
    [
        ("urgent", True, NIGHT_AT, None),
        ("urgent", False, MORNING_AT, QUIET),
        ("high", True, MORNING_AT, QUIET),
        (None, True, MORNING_AT, QUIET),
    ],
)
def test_an_urgent_escalation_wakes_her_who_lets_it(
    priority: str | None, allows_urgent: bool, send_after_at: datetime, hours: QuietHours | None
) -> None:
    plan = replace(
        PLAN,
        code="complaint.escalated",
        caused_at=NIGHT_AT,
        priority=priority,
        allows_urgent=allows_urgent,
    )
    planned = replace(
        PLANNED,
        code="complaint.escalated",
        must_acknowledge=True,
        send_after_at=send_after_at,
        quiet_hours=hours,
        channels=(MAIL, TEXT),
        attempts_max=2,
        back_off_s=(60,),
    )
    EMPTY.at(NIGHT_AT).when(plan).then(planned)


def test_a_statutory_clock_wakes_her_where_the_policy_says_so() -> None:
    plan = replace(
        PLAN, code="referral.deadline_breached", caused_at=NIGHT_AT, urgency=Urgency.STATUTORY
    )
    at_night = EMPTY.at(NIGHT_AT)
    assert at_night.after((at_night.actor, plan)).state.planned.send_after_at == NIGHT_AT
    ordinary = replace(plan, urgency=Urgency.ESCALATION)
    assert at_night.after((at_night.actor, ordinary)).state.planned.send_after_at == MORNING_AT


def test_what_can_wait_waits_for_the_digest_of_the_day() -> None:
    plan = replace(PLAN, code="complaint.reminder_sent")
    planned = replace(
        PLANNED,
        code="complaint.reminder_sent",
        send_after_at=datetime(2026, 3, 3, 4, 30, tzinfo=UTC),
        digest="2026-03-03",
        channels=(MAIL,),
        attempts_max=4,
        back_off_s=(60, 300, 1800),
    )
    EMPTY.when(plan).then(planned)


def test_a_digest_waits_for_the_end_of_quiet_hours_too() -> None:
    late = replace(QUIET, ends_local="09:00")
    plan = replace(PLAN, code="complaint.reminder_sent", quiet_hours=late)
    planned = EMPTY.after((EMPTY.actor, plan)).state.planned
    assert planned.send_after_at == datetime(2026, 3, 3, 5, 30, tzinfo=UTC)


def test_an_instant_follows_from_the_cause_unless_the_plan_was_late() -> None:
    soon = EMPTY.at(NOON_AT + timedelta(minutes=4))
    soon.when(PLAN).then(PLANNED)
    late_at = NOON_AT + timedelta(minutes=6)
    EMPTY.at(late_at).when(PLAN).then(replace(PLANNED, send_after_at=late_at))


def test_quiet_hours_that_cannot_be_are_refused() -> None:
    for wrong in (replace(QUIET, zone="Mars/Base"), replace(QUIET, ends_local="7 am")):
        EMPTY.at(NIGHT_AT).when(replace(PLAN, caused_at=NIGHT_AT, quiet_hours=wrong)).refused(
            n.QuietHoursAreWrong
        )


@pytest.mark.parametrize("wish", [PLAN, WITHHOLD, SEND, SETTLE, HOLD_BACK, failing(1)])
def test_only_the_system_plans_and_sends(wish: Any) -> None:
    for history in (EMPTY, HERE):
        history.when(wish, by=MARYAM).refused(n.NotificationsAreTheSystems)


# --- withheld -------------------------------------------------------------------------------------


def test_that_nobody_was_told_is_recorded_once() -> None:
    EMPTY.when(WITHHOLD).then(WITHHELD)
    EMPTY.given(WITHHELD).when(replace(WITHHOLD, of=CASE)).refused(AlreadyExists)
    HERE.when(WITHHOLD).refused(AlreadyExists)
    EMPTY.given(WITHHELD).when(PLAN).refused(AlreadyExists)


def test_nothing_becomes_of_a_notice_that_was_withheld() -> None:
    for wish in (SEND, SETTLE, HOLD_BACK, failing(1)):
        EMPTY.given(WITHHELD).when(wish).refused(n.NotificationIsWithheld)
        EMPTY.when(wish).refused(CaseNotFound)
    seen = n.MarkSeen(stream=CASE)
    EMPTY.given(WITHHELD).when(seen, by=MARYAM).refused(CaseNotFound)


def test_what_is_not_sent_yet_is_held_back_and_stays_in_the_inbox() -> None:
    held = replace(
        WITHHELD,
        reason=n.WithheldReason.INACTIVE,
        code=PLANNED.code,
        params=PLANNED.params,
        recipient="maryam-01",
        staff_id=UUID(int=21),
    )
    after = HERE.when(HOLD_BACK).then(held)
    assert after.state.status is n.NotificationStatus.WITHHELD
    assert n.due_attempt(after.state) is None
    after.when(n.MarkSeen(stream=CASE), by=MARYAM).then(SEEN)
    HERE.given(SENT).when(HOLD_BACK).refused(n.AlreadySent)


# --- sent -----------------------------------------------------------------------------------------


def test_the_first_channel_is_tried_when_sending_may_begin() -> None:
    assert n.due_attempt(HERE.state) == n.DueAttempt(TEXT, 1, NOON_AT)
    after = HERE.when(SEND).then(SENT)
    assert n.due_attempt(after.state) is None
    assert after.state.status is n.NotificationStatus.SENT


def test_what_another_attempt_sent_is_refused() -> None:
    HERE.when(replace(SEND, attempt=2)).refused(n.AttemptIsNotDue)
    HERE.when(replace(SEND, channel_id=MAIL.channel_id)).refused(n.AttemptIsNotDue)
    HERE.given(SENT).when(replace(SEND, key="other")).refused(n.AttemptIsNotDue)
    HERE.given(SENT).when(replace(SEND, attempt=2)).refused(n.AttemptIsNotDue)


def test_a_receipt_says_that_it_was_delivered() -> None:
    delivered = n.NotificationDelivered(channel_id=TEXT.channel_id, kind="sms", attempt=1)
    receipt = n.RecordDelivered(stream=CASE, channel_id=TEXT.channel_id, attempt=1)
    after = HERE.given(SENT).when(receipt).then(delivered)
    assert after.state.status is n.NotificationStatus.DELIVERED
    HERE.when(receipt).refused(n.AttemptIsNotDue)
    after.when(failing(1)).refused(n.AttemptIsNotDue)


def test_a_failure_is_tried_again_after_a_while_and_then_the_next_channel_is() -> None:
    first = failed(1, NOON_AT + timedelta(seconds=60))
    again = HERE.when(failing(1)).then(first)
    assert n.due_attempt(again.state) == n.DueAttempt(TEXT, 2, NOON_AT + timedelta(seconds=60))
    later_at = NOON_AT + timedelta(seconds=61)
    second = failed(2, later_at + timedelta(seconds=600))
    again = again.at(later_at).when(failing(2)).then(second)
    last_at = later_at + timedelta(seconds=601)
    exhausted = n.ChannelExhausted(
        channel_id=TEXT.channel_id, kind="sms", next_channel=MAIL, next_at=last_at
    )
    given_up = again.at(last_at).when(failing(3)).then(failed(3, None), exhausted)
    assert n.due_attempt(given_up.state) == n.DueAttempt(MAIL, 1, last_at)
    given_up.when(failing(3)).then_nothing()
    mail = replace(SEND, channel_id=MAIL.channel_id)
    given_up.when(mail).then(replace(SENT, channel_id=MAIL.channel_id, kind="email"))


def test_a_permanent_failure_goes_to_the_next_channel_at_once_and_the_last_to_none() -> None:
    exhausted = n.ChannelExhausted(
        channel_id=TEXT.channel_id, kind="sms", next_channel=MAIL, next_at=NOON_AT
    )
    on_mail = HERE.when(failing(1, permanent=True)).then(failed(1, None), exhausted)
    nothing_left = n.ChannelExhausted(
        channel_id=MAIL.channel_id, kind="email", next_channel=None, next_at=None
    )
    over = on_mail.when(failing(1, MAIL, permanent=True)).then(
        failed(1, None, MAIL), nothing_left, n.NotificationUndeliverable()
    )
    assert over.state.status is n.NotificationStatus.UNDELIVERABLE
    assert n.due_attempt(over.state) is None
    over.when(failing(2, MAIL)).refused(n.AttemptIsNotDue)


def test_a_retry_does_not_come_at_night() -> None:
    evening_at = datetime(2026, 3, 2, 18, 29, 30, tzinfo=UTC)  # 21:59:30 there
    HERE.at(evening_at).when(failing(1)).then(failed(1, datetime(2026, 3, 3, 3, 30, tzinfo=UTC)))


def test_what_bounced_is_tried_again() -> None:
    bounced = HERE.given(SENT).when(failing(1)).then(failed(1, NOON_AT + timedelta(seconds=60)))
    assert n.due_attempt(bounced.state) == n.DueAttempt(TEXT, 2, NOON_AT + timedelta(seconds=60))


def test_a_failure_of_another_attempt_is_refused() -> None:
    HERE.when(failing(2)).refused(n.AttemptIsNotDue)
    HERE.when(failing(1, MAIL)).refused(n.AttemptIsNotDue)
    replace_channels = EMPTY.given(replace(PLANNED, channels=()))
    replace_channels.when(failing(1)).refused(n.AttemptIsNotDue)
    assert n.due_attempt(replace_channels.state) is None


# --- seen and acknowledged ------------------------------------------------------------------------


def test_her_notice_is_seen_and_acknowledged_by_her_alone() -> None:
    seen = HERE.when(n.MarkSeen(stream=CASE), by=MARYAM).then(SEEN)
    answered = seen.when(n.AcknowledgeNotification(stream=CASE), by=MARYAM).then(ACKNOWLEDGED)
    assert answered.state.status is n.NotificationStatus.ACKNOWLEDGED
    for wish in (n.MarkSeen(stream=CASE), n.AcknowledgeNotification(stream=CASE)):
        HERE.when(wish, by=ELSE).refused(n.NotTheRecipient)
        HERE.when(wish).refused(n.NotTheRecipient)


@pytest.mark.parametrize("over", [SEEN, ACKNOWLEDGED, SETTLED])
def test_nothing_more_is_sent_of_what_she_knows_or_what_is_over(over: Any) -> None:
    after = HERE.given(over)
    assert n.due_attempt(after.state) is None
    after.when(SEND).then(SENT)  # it was on its way already


def test_a_notice_is_settled_once_unless_it_was_answered() -> None:
    HERE.when(SETTLE).then(SETTLED)
    HERE.given(ACKNOWLEDGED).when(SETTLE).then_nothing()
    HERE.given(SETTLED).when(n.AcknowledgeNotification(stream=CASE), by=MARYAM).then(ACKNOWLEDGED)


def test_a_notice_is_put_off_until_quiet_hours_end_and_is_then_due() -> None:
    morning_at = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)
    put_off = n.NotificationPostponed(until_at=morning_at)
    later = HERE.when(n.PostponeNotification(stream=CASE, until_at=morning_at)).then(put_off)
    due = n.due_attempt(later.state)
    assert due is not None and (due.at, due.attempt) == (morning_at, 1)
    earlier = n.PostponeNotification(stream=CASE, until_at=NOON_AT)
    later.when(earlier).then_nothing()
    HERE.given(SENT).when(earlier).then_nothing()
    HERE.given(SEEN).when(n.PostponeNotification(stream=CASE, until_at=morning_at)).then_nothing()


# --- laws -----------------------------------------------------------------------------------------

HISTORIES: tuple[tuple[Any, ...], ...] = (
    (PLANNED,), (WITHHELD,), (PLANNED, SENT), (PLANNED, SEEN), (PLANNED, failed(1, NOON_AT)),
    (PLANNED, SETTLED), (PLANNED, SEEN, ACKNOWLEDGED), (),
)  # fmt: skip
WISHES: tuple[NotificationCommand, ...] = (
    PLAN, WITHHOLD, HOLD_BACK, SEND, failing(1), failing(2, permanent=True), SETTLE,
    n.RecordDelivered(stream=CASE, channel_id=TEXT.channel_id, attempt=1),
    n.MarkSeen(stream=CASE), n.AcknowledgeNotification(stream=CASE),
    n.PostponeNotification(stream=CASE, until_at=datetime(2026, 3, 3, 3, 30, tzinfo=UTC)),
)  # fmt: skip


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("history", HISTORIES)
def test_any_wish_twice_is_that_wish_once(
    wish: NotificationCommand, history: Sequence[Any]
) -> None:
    roles = frozenset({Role.SYSTEM, Role.SUPERVISOR})
    context = Context(now=NOON_AT, actor=replace(MARYAM, roles=roles), rules=RULES)
    scenario: Scenario = EMPTY.given(*history)
    try:
        events = n.decide(scenario.state, wish, context)
    except Refusal:
        return
    assert n.decide(scenario.given(*events).state, wish, context) == []


def test_attempts_are_bounded_whatever_fails() -> None:
    scenario, tries = HERE, 0
    while (due := n.due_attempt(scenario.state)) is not None:
        failure = failing(due.attempt, due.channel)
        scenario = scenario.at(due.at).after((scenario.actor, failure))
        tries += 1
        assert tries <= PLANNED.attempts_max * len(PLANNED.channels)
    assert scenario.state.is_undeliverable


def test_a_notice_is_of_no_party_of_a_case() -> None:
    assert n.DECIDER.parties(HERE.state) == n.DECIDER.parties(EMPTY.state)
    assert NO_RULES.documents == {}


# --- customers ------------------------------------------------------------------------------------

HER = UUID(int=51)
TO_HER = replace(
    PLAN, recipient=f"customer:{HER}", staff_id=None, customer_id=HER, allows_urgent=False
)
HERSELF = Actor(id=ActorId("sub-77"), roles=frozenset({Role.CUSTOMER}), customer_id=HER)


def test_a_customer_keeps_the_quiet_hours_of_the_policy_and_has_to_agree() -> None:
    night = QuietHours(starts_local="20:00", ends_local="09:00", zone="Asia/Tehran")
    policy = replace(POLICY, customers_quiet=night)
    rules = Rules(
        {
            (NotificationPolicy, "default"): (
                Published("default", 1, datetime(2020, 1, 1, tzinfo=UTC), policy),
            )
        }
    )
    (planned,) = case(n.DECIDER, rules=rules, now=NIGHT_AT).decide(
        replace(TO_HER, caused_at=NIGHT_AT), n.Notification()
    )
    assert (planned.quiet_hours, planned.zone) == (night, "Asia/Tehran")
    assert planned.send_after_at > MORNING_AT
    assert (planned.customer_id, planned.staff_id) == (HER, None)
    assert planned.consent == "service_notices"


def test_a_notice_is_for_one_of_staff_or_for_one_customer() -> None:
    EMPTY.when(replace(TO_HER, staff_id=UUID(int=21))).refused(n.RecipientIsUnclear)
    EMPTY.when(replace(TO_HER, customer_id=None)).refused(n.RecipientIsUnclear)


def test_a_customer_answers_for_her_own_notices_by_whichever_account_she_comes() -> None:
    theirs = replace(PLANNED, recipient=f"customer:{HER}", staff_id=None, customer_id=HER)
    EMPTY.given(theirs).when(n.MarkSeen(stream=CASE), by=HERSELF).then(SEEN)
    other = replace(HERSELF, customer_id=UUID(int=52))
    EMPTY.given(theirs).when(n.MarkSeen(stream=CASE), by=other).refused(n.NotTheRecipient)
    HERE.when(n.MarkSeen(stream=CASE), by=HERSELF).refused(n.NotTheRecipient)
