"""Who is to be told of what: plans notices, and settles those that ask for nothing any more.

One instance per case. Recipients are those whom the directory names at the event that is told of,
so a rebuilt saga tells the same people. A notice's id is made of its cause and the recipient's
account: told twice is told once.
"""

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
from sagas.recipients import CaseFacts, Word, after, word_of
from store.log import Recorded

NOBODY = "nobody"
TOLD_MAX = 100
"""How many of the newest notices of a case are remembered so as not to repeat them."""

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
class Pending:
    """What is still to be recorded because of one event."""

    cause: UUID
    at: datetime
    urgency: Urgency
    plans: tuple[PlanNotification, ...] = ()
    withheld: tuple[WithholdNotification, ...] = ()
    settles: tuple[SettleNotification, ...] = ()

    def without(self, notice: UUID) -> "Pending | None":
        """Return what is left when one of the notices is recorded; None when nothing is."""
        left = replace(
            self,
            plans=tuple(one for one in self.plans if one.stream != notice),
            withheld=tuple(one for one in self.withheld if one.stream != notice),
            settles=tuple(one for one in self.settles if one.stream != notice),
        )
        return left if left.plans or left.withheld or left.settles else None


@dataclass(frozen=True)
class CaseNotices:
    """What notices of one case rest on, what was told, and what is still to be."""

    facts: CaseFacts = field(default_factory=CaseFacts)
    told: tuple[Told, ...] = ()
    open: tuple[Told, ...] = ()
    """Notices that are settled when what they are about is over."""
    pending: tuple[Pending, ...] = ()


# --- evolve ---------------------------------------------------------------------------------------


def _ended(event: object) -> tuple[str, ...]:
    """Return what is over with an event, in the words that notices are about."""
    match event:
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


def _settle(case: CaseNotices, recorded: Recorded) -> CaseNotices:
    """Settle the notices whose matter is over; one not planned yet is not settled but told."""
    over = _ended(recorded.event)
    gone = [one for one in case.open if one.about.partition("/")[0] in over]
    if not gone:
        return case
    why = recorded.topic.rpartition(".")[2]
    settles = tuple(SettleNotification(stream=one.notice, why=why) for one in gone)
    pending = Pending(recorded.event_id, recorded.recorded_at, Urgency.REMINDER, settles=settles)
    left = tuple(one for one in case.open if one not in gone)
    return replace(case, open=left, pending=(*case.pending, pending))


def _tell(case: CaseNotices, recorded: Recorded, word: Word, who: Directory) -> CaseNotices:
    """Plan a notice to each recipient, or say why there is none."""
    cause, at = recorded.event_id, recorded.recorded_at
    window = timedelta(minutes=who.rule(recorded.topic, at).same_within_minutes)
    told = [one for one in case.told if at - one.at < max(window, timedelta(days=1))]
    opened, plans, withheld = list(case.open), [], []
    for one in word.to:
        notice = made_by(cause, one.account)
        same = [
            before
            for before in told
            if (before.recipient, before.code, before.about)
            == (one.account, recorded.topic, word.about)
            and at - before.at < window
        ]
        if not one.active or same:
            reason = WithheldReason.DUPLICATE if one.active else WithheldReason.INACTIVE
            of = same[-1].notice if one.active else None
            withheld.append(_withhold(recorded, word, notice, reason, one, of))
            continue
        plans.append(_plan(case, recorded, word, notice, one))
        entry = Told(notice, one.account, recorded.topic, word.about, at)
        told.append(entry)
        if word.lasts:
            opened.append(entry)
    if not word.to:
        nobody = made_by(cause, NOBODY)
        withheld.append(_withhold(recorded, word, nobody, WithheldReason.NOBODY_TO_TELL))
    pending = Pending(cause, at, word.urgency, tuple(plans), tuple(withheld))
    return replace(
        case,
        told=tuple(told[-TOLD_MAX:]),
        open=tuple(opened),
        pending=(*case.pending, pending),
    )


def _plan(
    case: CaseNotices, recorded: Recorded, word: Word, notice: UUID, to: Colleague
) -> PlanNotification:
    return PlanNotification(
        stream=notice,
        recipient=to.account,
        staff_id=to.staff_id,
        locale=to.locale,
        code=recorded.topic,
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
        code=recorded.topic,
        case_id=recorded.stream,
        case_category=recorded.topic.partition(".")[0],
        params=word.facts,
        cause=recorded.event_id,
        recipient=None if to is None else to.account,
        staff_id=None if to is None else to.staff_id,
        of=of,
    )


def _recorded(case: CaseNotices, notice: UUID, *, is_open: bool) -> CaseNotices:
    """Follow what became of a notice: what was pending of it is done."""
    left = [pending.without(notice) for pending in case.pending]
    standing = case.open if is_open else tuple(one for one in case.open if one.notice != notice)
    return replace(
        case, open=standing, pending=tuple(pending for pending in left if pending is not None)
    )


def evolve(case: CaseNotices | None, recorded: Recorded, who: Directory) -> CaseNotices:
    """Follow one event of a case, or of a notice about it."""
    event = recorded.event
    before = case
    if before is None:
        before = CaseNotices(CaseFacts(special=recorded.topic.startswith("referral.")))
    match event:
        case NotificationPlanned():
            return _recorded(before, recorded.stream, is_open=True)
        case NotificationWithheld() | NotificationAcknowledged() | NotificationSettled():
            return _recorded(before, recorded.stream, is_open=False)
    facts = after(before.facts, event)
    word = word_of(facts, event, who)
    known = replace(before, facts=facts)
    if word is not None:
        known = _tell(known, recorded, word, who)
    return _settle(known, recorded)


# --- what is to be done ---------------------------------------------------------------------------


def wake(case: CaseNotices) -> Wake | None:
    """Wake at once when something is to be recorded, as urgently as the most urgent of it."""
    if not case.pending:
        return None
    first = min(case.pending, key=lambda pending: (pending.urgency.lane, pending.at))
    return Wake(first.at, first.urgency)


def todo(case: CaseNotices, now: datetime) -> list[Do]:
    """Return what is to be recorded, the most urgent first; each event's notices by themselves."""
    ordered = sorted(case.pending, key=lambda pending: (pending.urgency.lane, pending.at))
    return [
        Do((*pending.plans, *pending.withheld, *pending.settles), pending.cause)
        for pending in ordered
        if pending.at <= now
    ]


def key(recorded: Recorded) -> UUID | None:
    """Return the case that an event is of, or that a notice is about."""
    event = recorded.event
    match event:
        case (
            NotificationPlanned(case_id=case_id)
            | NotificationWithheld(case_id=case_id)
            | NotificationAcknowledged(case_id=case_id)
            | NotificationSettled(case_id=case_id)
        ):
            return case_id
    return recorded.stream


_FOLLOWED = (
    NotificationPlanned, NotificationWithheld, NotificationAcknowledged, NotificationSettled,
    ComplaintRegistered, ComplaintAssigned, ComplaintGraded, ReminderSent,
    ReferralRegistered, ReferralDistributed,
    ComplaintEscalated, EscalationClimbed, EscalationAcknowledged, EscalationEnded,
    ReferralEscalated, ReferralEscalationClimbed, ReferralEscalationAcknowledged,
    ReferralEscalationEnded,
    ClocksStarted, ClocksStopped, ClockCancelled, ClocksPaused,
    DeadlineWarned, DeadlineForeseen, DeadlineBreached,
)  # fmt: skip

SAGA: Saga[CaseNotices] = Saga(
    name="notices",
    revision=1,
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
