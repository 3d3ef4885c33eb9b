"""Who is to be told of what: plans notices, and settles those that ask for nothing any more.

One instance per case. Recipients are those whom the directory names at the event that is told of,
so a rebuilt saga tells the same people. A notice's id is made of its cause and the recipient's
account: told twice is told once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain import DECIDERS
from domain.clocks.messages import (
    ClockCancelled,
    ClocksPaused,
    ClocksStarted,
    ClocksStopped,
    DeadlineBreached,
    DeadlineForeseen,
    DeadlineWarned,
    Urgency,
)
from domain.complaint.escalation import (
    ComplaintEscalated,
    EscalationAcknowledged,
    EscalationClimbed,
    EscalationEnded,
)
from domain.complaint.guidance import ReminderSent
from domain.complaint.intake import ComplaintRegistered
from domain.complaint.sorting import ComplaintAssigned, ComplaintGraded
from domain.declare import stored_name
from domain.lease import (
    ArrearsBucketChanged,
    LeaseApplied,
    LeaseCarriedOver,
    LeaseCompleted,
    LeaseContractSigned,
    LeaseSettled,
)
from domain.notification import (
    NotificationAcknowledged,
    NotificationPlanned,
    NotificationSettled,
    NotificationWithheld,
    PlanNotification,
    SettleNotification,
    WithheldReason,
    WithholdNotification,
)
from domain.order import FinancingConfirmed, FinancingFailed, OrderCancelled, OrderPlaced
from domain.referral.distribution import ReferralDistributed
from domain.referral.escalation import (
    ReferralEscalated,
    ReferralEscalationAcknowledged,
    ReferralEscalationClimbed,
    ReferralEscalationEnded,
)
from domain.referral.intake import ReferralRegistered
from sagas.declare import Do, Saga, Wake, made_by
from sagas.directory import DIRECTORY, Colleague, Directory
from sagas.recipients import CaseFacts, Word, about_of, after, word_of
from store.log import Recorded

NOBODY = "nobody"
TOLD_MAX = 50
"""How many of the newest notices of a case are remembered so as not to repeat them."""
LASTING = (
    "deadline_warned", "deadline_foreseen", "escalated", "escalation_climbed", "bucket_changed",
)  # fmt: skip
"""What asks for something until what it is about is over; a breach stays what it is."""

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A notice that was planned; `about` tells apart what it is about within the case."""

    notice: UUID
    recipient: str
    code: str
    about: str
    at: datetime


@dataclass(frozen=True)
class Over:
    """That what notices are about is over: because of which event, and why."""

    about: str
    cause: UUID
    why: str
    at: datetime


@dataclass(frozen=True)
class Pending:
    """The notices that are still to be recorded because of one event."""

    cause: UUID
    at: datetime
    urgency: Urgency
    plans: tuple[PlanNotification, ...] = ()
    withheld: tuple[WithholdNotification, ...] = ()


@dataclass(frozen=True)
class CaseNotices:
    """What notices of one case rest on, what was told, and what is still to be.

    What was told is known by what the log says was planned, and not by what was meant to be: of a
    cause that the log has notices of, nobody else is told, however the saga is changed and rebuilt.
    """

    facts: CaseFacts = field(default_factory=CaseFacts)
    told: tuple[Told, ...] = ()
    open: tuple[Told, ...] = ()
    """Notices that are settled when what they are about is over."""
    over: tuple[Over, ...] = ()
    pending: tuple[Pending, ...] = ()

    @property
    def settled(self) -> list[tuple[Over, list[Told]]]:
        """Return what is over, each with the notices that are still to be settled because of it."""
        found = [
            (over, [one for one in self.open if matter(one) == over.about]) for over in self.over
        ]
        return [(over, notices) for over, notices in found if notices]


def matter(told: Told) -> str:
    """Return what has to be over for a notice to be settled: a clock, an escalation."""
    return told.about.partition("/")[0]


# --- evolve ---------------------------------------------------------------------------------------


def _ended(event: object, facts: CaseFacts) -> tuple[str, ...]:
    """Return what is over with an event, in the words that notices are about."""
    match event:
        case ArrearsBucketChanged(bucket=None) | LeaseCompleted() | LeaseSettled():
            return (f"arrears:{facts.arrears_n}",) if facts.arrears_n else ()
        case ClocksStopped(stops=stops):
            return tuple(f"clock:{stop.n}" for stop in stops)
        case ClockCancelled(n=n):
            return (f"clock:{n}",)
        case (
            EscalationAcknowledged(n=n)
            | EscalationEnded(n=n)
            | ReferralEscalationAcknowledged(n=n)
            | ReferralEscalationEnded(n=n)
        ):
            return (f"escalation:{n}",)
    return ()


def _is_over(case: CaseNotices, recorded: Recorded) -> CaseNotices:
    why, at = recorded.topic.rpartition(".")[2], recorded.recorded_at
    known = {over.about for over in case.over}
    found = [about for about in _ended(recorded.event, case.facts) if about not in known]
    if not found:
        return case
    added = tuple(Over(about, recorded.event_id, why, at) for about in found)
    return replace(case, over=(*case.over, *added))


def _tell(case: CaseNotices, recorded: Recorded, word: Word, who: Directory) -> CaseNotices:
    """Plan a notice to each recipient, or say why there is none."""
    cause, at = recorded.event_id, recorded.recorded_at
    code = word.code or recorded.topic
    rule = who.rule(code, at)
    since = at - timedelta(minutes=rule.same_within_minutes)
    before = {
        one.recipient: one.notice
        for one in (*case.told, *_meant(case))
        if (one.code, one.about) == (code, about_of(word.facts)) and one.at > since
    }
    same = before if rule.same_within_minutes else {}
    plans, withheld = [], []
    for one in word.to:
        notice = made_by(cause, one.account)
        if not one.active:
            withheld.append(_withhold(recorded, word, notice, WithheldReason.INACTIVE, one))
        elif one.account in same:
            of = same[one.account]
            withheld.append(_withhold(recorded, word, notice, WithheldReason.DUPLICATE, one, of))
        else:
            plans.append(_plan(case, recorded, word, notice, one))
    if not word.to:
        nobody = made_by(cause, NOBODY)
        withheld.append(_withhold(recorded, word, nobody, WithheldReason.NOBODY_TO_TELL))
    pending = Pending(cause, at, word.urgency, tuple(plans), tuple(withheld))
    return replace(case, pending=(*case.pending, pending))


def _meant(case: CaseNotices) -> Iterator[Told]:
    """Yield the notices that are meant to be planned, and are not yet."""
    for pending in case.pending:
        for plan in pending.plans:
            yield Told(plan.stream, plan.recipient, plan.code, about_of(plan.params), pending.at)


def _plan(
    case: CaseNotices, recorded: Recorded, word: Word, notice: UUID, to: Colleague
) -> PlanNotification:
    return PlanNotification(
        stream=notice,
        recipient=to.account,
        staff_id=to.staff_id,
        locale=to.locale,
        code=word.code or recorded.topic,
        case_id=recorded.stream,
        case_category=recorded.topic.partition(".")[0],
        params=word.facts,
        urgency=word.urgency,
        priority=case.facts.priority,
        cause=recorded.event_id,
        caused_at=recorded.recorded_at,
        channels=to.channels,
        quiet_hours=to.quiet_hours,
        allows_urgent=to.allows_urgent,
    )


def _withhold(
    recorded: Recorded,
    word: Word,
    notice: UUID,
    reason: WithheldReason,
    to: Colleague | None = None,
    of: UUID | None = None,
) -> WithholdNotification:
    return WithholdNotification(
        stream=notice,
        reason=reason,
        code=word.code or recorded.topic,
        case_id=recorded.stream,
        case_category=recorded.topic.partition(".")[0],
        params=word.facts,
        cause=recorded.event_id,
        recipient=None if to is None else to.account,
        staff_id=None if to is None else to.staff_id,
        of=of,
    )


def _planned(case: CaseNotices, event: NotificationPlanned, recorded: Recorded) -> CaseNotices:
    told = Told(
        recorded.stream,
        event.recipient,
        event.code,
        about_of(event.params),
        recorded.recorded_at,
    )
    lasts = event.code.partition(".")[2] in LASTING
    return replace(
        case,
        told=(*case.told, told)[-TOLD_MAX:],
        open=(*case.open, told) if lasts else case.open,
        pending=_without(case, event.cause),
    )


def _without(case: CaseNotices, cause: UUID) -> tuple[Pending, ...]:
    """Return what is pending but for one cause, whose notices are recorded all together."""
    return tuple(one for one in case.pending if one.cause != cause)


def _answered(case: CaseNotices, notice: UUID) -> CaseNotices:
    return replace(case, open=tuple(one for one in case.open if one.notice != notice))


def evolve(case: CaseNotices | None, recorded: Recorded, who: Directory) -> CaseNotices | None:
    """Follow one event of a case, or of a notice about it."""
    event = recorded.event
    before = case
    if before is None and isinstance(event, _NO_BEGINNING):
        return None  # of a case, or of a notice about one, of which staff are told nothing
    if before is None:
        before = CaseNotices(CaseFacts(special=recorded.topic.startswith("referral.")))
    match event:
        case NotificationPlanned():
            return _planned(before, event, recorded)
        case NotificationWithheld(cause=cause):
            left = replace(before, pending=_without(before, cause))
            return _answered(left, recorded.stream)
        case NotificationAcknowledged() | NotificationSettled():
            return _answered(before, recorded.stream)
    facts = after(before.facts, event)
    word = word_of(facts, event, who)
    known = replace(before, facts=facts)
    if word is not None:
        known = _tell(known, recorded, word, who)
    return _is_over(known, recorded)


# --- what is to be done ---------------------------------------------------------------------------


def wake(case: CaseNotices) -> Wake | None:
    """Wake at once when something is to be recorded, as urgently as the most urgent of it."""
    if case.pending:
        first = min(case.pending, key=_order)
        return Wake(first.at, first.urgency)
    settled = case.settled
    return Wake(min(over.at for over, _ in settled), Urgency.REMINDER) if settled else None


def todo(case: CaseNotices, now: datetime) -> list[Do]:
    """Return what is to be recorded, the most urgent first; each event's notices by themselves."""
    told = [
        Do((*pending.plans, *pending.withheld), pending.cause)
        for pending in sorted(case.pending, key=_order)
        if pending.at <= now
    ]
    settled = [
        Do(tuple(SettleNotification(stream=one.notice, why=over.why) for one in ones), over.cause)
        for over, ones in case.settled
        if over.at <= now
    ]
    return [*told, *settled]


def _order(pending: Pending) -> tuple[int, datetime]:
    return (pending.urgency.lane, pending.at)


def key(recorded: Recorded) -> UUID | None:
    """Return the case that an event is of, or that a notice is about."""
    event = recorded.event
    match event:
        case NotificationPlanned(customer_id=UUID()) | NotificationWithheld(customer_id=UUID()):
            return None
        case OrderPlaced(lease_id=None):
            return None
        case (
            NotificationPlanned(case_id=case_id)
            | NotificationWithheld(case_id=case_id)
            | NotificationAcknowledged(case_id=case_id)
            | NotificationSettled(case_id=case_id)
        ):
            return case_id
    return recorded.stream


_NO_BEGINNING = (NotificationAcknowledged, NotificationSettled, OrderCancelled, FinancingFailed)
_FOLLOWED = (
    NotificationPlanned, NotificationWithheld, NotificationAcknowledged, NotificationSettled,
    ComplaintRegistered, ComplaintAssigned, ComplaintGraded, ReminderSent,
    ReferralRegistered, ReferralDistributed,
    ComplaintEscalated, EscalationClimbed, EscalationAcknowledged, EscalationEnded,
    ReferralEscalated, ReferralEscalationClimbed, ReferralEscalationAcknowledged,
    ReferralEscalationEnded,
    ClocksStarted, ClocksStopped, ClockCancelled, ClocksPaused,
    DeadlineWarned, DeadlineForeseen, DeadlineBreached,
    LeaseApplied, LeaseCarriedOver, LeaseContractSigned, ArrearsBucketChanged,
    LeaseCompleted, LeaseSettled,
    OrderPlaced, FinancingConfirmed, FinancingFailed, OrderCancelled,
)  # fmt: skip

SAGA: Saga[CaseNotices] = Saga(
    name="notices",
    revision=2,
    topics=tuple(
        stored_name(event)
        for decider in DECIDERS
        for event in decider.events
        if issubclass(event, _FOLLOWED)
    ),
    state_type=CaseNotices,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=todo,
    shared=DIRECTORY,
)
