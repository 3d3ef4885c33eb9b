"""Who is told of an event, how urgently, and with which facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.clocks.messages import (
    Binds,
    ClocksPaused,
    ClocksStarted,
    DeadlineBreached,
    DeadlineForeseen,
    DeadlineWarned,
    PauseReason,
    Urgency,
)
from domain.complaint.escalation import ComplaintEscalated, EscalationClimbed
from domain.complaint.guidance import ReminderSent
from domain.complaint.intake import ComplaintRegistered
from domain.complaint.sorting import ComplaintAssigned, ComplaintGraded
from domain.declare import Role
from domain.lease import (
    ArrearsBucketChanged,
    LeaseApplied,
    LeaseCarriedOver,
    LeaseContractSigned,
)
from domain.notification import Param
from domain.order import FinancingConfirmed, FinancingFailed, OrderCancelled, OrderPlaced
from domain.referral.distribution import ReferralDistributed
from domain.referral.escalation import ReferralEscalated, ReferralEscalationClimbed
from domain.referral.intake import ReferralRegistered
from sagas.directory import Colleague, Directory

Raised = ComplaintEscalated | ReferralEscalated
Climbed = EscalationClimbed | ReferralEscalationClimbed
FINANCED_CANCELLED = "order.financed_cancelled"
"""That an order was cancelled which a lease pays for: whoever leases has to end that too."""


@dataclass(frozen=True)
class Running:
    """A clock that runs, as far as notices speak of it."""

    clock: str
    urgency: Urgency


@dataclass(frozen=True)
class CaseFacts:
    """What is known of a case, as far as it says whom to tell what."""

    number: str | None = None
    """What people call the case by."""
    handler: str | None = None
    unit: str | None = None
    region: str | None = None
    dealer_id: str | None = None
    priority: str | None = None
    special: bool = False
    """Whether it is an authority's referral, whose owner is a special-customers expert."""
    clocks: Mapping[int, Running] = field(default_factory=dict)
    escalations: Mapping[int, str] = field(default_factory=dict)
    """The clock of each escalation by its number; empty for one that is about none."""
    buckets: tuple[str, ...] = ()
    """The classes of arrears of a lease, the lightest first."""
    financed: bool = False
    """Whether a lease pays for it, an order."""
    arrears_n: int = 0
    """How often the lease fell into arrears."""


@dataclass(frozen=True)
class Word:
    """What an event has to be told of: to whom, about what, and with which facts.

    `code` is what it says where that is not the name of the event.
    """

    to: tuple[Colleague, ...]
    urgency: Urgency
    facts: tuple[Param, ...]
    code: str | None = None


def about_of(facts: Iterable[Param]) -> str:
    """Return what a notice is about within its case, by its facts: `clock:3`, `escalation:1/2`."""
    said = {fact.name: fact.value for fact in facts}
    if "escalation" in said:
        return f"escalation:{said['escalation']}/{said.get('rung', '')}"
    if "arrears_n" in said:
        return f"arrears:{said['arrears_n']}/{said['bucket']}"
    for name, key in (("clock", "clock_n"), ("pause", "pause")):
        if key in said:
            return f"{name}:{said[key]}"
    return f"{said.get('awaited', '')}:{said.get('n', '')}"


def _facts(**facts: object) -> tuple[Param, ...]:
    """Return facts as a notice holds them; those that are not known are left out."""
    return tuple(
        Param(name=name, value=_text(fact)) for name, fact in facts.items() if fact is not None
    )


def _text(fact: object) -> str:
    if isinstance(fact, datetime):
        return fact.isoformat().replace("+00:00", "Z")
    return str(fact)


def _handler(case: CaseFacts, directory: Directory) -> tuple[Colleague, ...]:
    """Return whoever owns the case, and whoever gives it to somebody where nobody does now."""
    owner = directory.by_account(case.handler)
    if owner is not None and owner.active:
        return (owner,)
    away = () if owner is None else (owner,)
    if case.special:
        experts = directory.recipients(Role.SPECIAL_EXPERT, unit=case.unit, region=case.region)
        return (*away, *experts)
    return (*away, *_supervisors(case, directory))


def _supervisors(case: CaseFacts, directory: Directory) -> tuple[Colleague, ...]:
    return directory.recipients(Role.SUPERVISOR, unit=case.unit, region=case.region)


def _of_clock(
    case: CaseFacts, event: DeadlineWarned | DeadlineForeseen | DeadlineBreached, who: Directory
) -> Word:
    running = case.clocks.get(event.n)
    facts: dict[str, object] = {
        "number": case.number,
        "clock_n": event.n,
        "clock": None if running is None else running.clock,
        "due_at": event.due_at,
        "priority": case.priority,
    }
    to, urgency = _handler(case, who), Urgency.WARNING
    match event:
        case DeadlineWarned(code=code):
            facts["warning"] = code
        case DeadlineForeseen(expected_at=expected_at, step=step):
            facts.update(expected_at=expected_at, step=step)
        case DeadlineBreached():
            urgency = Urgency.ESCALATION if running is None else running.urgency
            to = _each_once((*to, *_supervisors(case, who)))
    return Word(to, urgency, _facts(**facts))


def _of_escalation(case: CaseFacts, event: Raised | Climbed, who: Directory) -> Word:
    raised = event if isinstance(event, Raised) else None
    dealer_id = case.dealer_id if raised is None else raised.dealer_id
    facts = _facts(
        number=case.number,
        escalation=event.n,
        cause=None if raised is None else raised.cause,
        clock=case.escalations.get(event.n) or None,
        rung=event.rung,
        role=event.role.value,
        unit=event.unit,
        region=event.region,
        climbs_at=event.climbs_at,
        priority=case.priority,
    )
    to = who.recipients(event.role, unit=event.unit, region=event.region, dealer_id=dealer_id)
    return Word(to, Urgency.ESCALATION, facts)


def _of_reminder(case: CaseFacts, event: ReminderSent, who: Directory) -> Word:
    if event.to_handler is not None:
        one = who.by_account(event.to_handler)
        to = (one,) if one is not None else _supervisors(case, who)
    elif event.to_dealer_id is not None:
        to = who.recipients(Role.DEALER, dealer_id=event.to_dealer_id, region=case.region)
    else:
        to = who.recipients(Role.UNIT, unit=event.to_unit)
    facts = _facts(
        number=case.number, awaited=event.awaited.value, n=event.n, priority=case.priority
    )
    return Word(to, Urgency.REMINDER, facts)


def _of_arrears(case: CaseFacts, event: ArrearsBucketChanged, who: Directory) -> Word | None:
    """Tell the leasing officers, and with each worse class one more rung above them."""
    places = {code: place for place, code in enumerate(case.buckets)}
    place = places.get(event.bucket or "", -1)
    if place <= places.get(event.was or "", -1):
        return None
    at = {"unit": case.unit, "region": case.region}
    found = [who.recipients(role, **at) for role in who.arrears[: place + 1]]
    facts = _facts(
        number=case.number,
        arrears_n=case.arrears_n,
        bucket=event.bucket,
        amount=f"{event.arrears.minor} {event.arrears.currency.value}",
        oldest_due_on=event.oldest_unpaid_due_on,
        days_past_due=event.days_past_due,
        region=case.region,
    )
    return Word(_each_once(one for people in found for one in people), Urgency.REMINDER, facts)


def word_of(case: CaseFacts, event: object, who: Directory) -> Word | None:
    """Return what is to be told of an event, None where nothing is."""
    match event:
        case DeadlineWarned() | DeadlineForeseen() | DeadlineBreached():
            return _of_clock(case, event, who)
        case (
            ComplaintEscalated()
            | EscalationClimbed()
            | ReferralEscalated()
            | ReferralEscalationClimbed()
        ):
            return _of_escalation(case, event, who)
        case ReminderSent():
            return _of_reminder(case, event, who)
        case ClocksPaused(reason=PauseReason.REGULATOR, n=n, clocks=clocks):
            numbers = ",".join(str(clock) for clock in clocks)
            facts = _facts(number=case.number, pause=n, reason=event.reason.value, clocks=numbers)
            return Word(_handler(case, who), Urgency.REMINDER, facts)
        case ArrearsBucketChanged():
            return _of_arrears(case, event, who)
        case OrderCancelled() if case.financed:
            officers = who.recipients(Role.LEASING_OFFICER, unit=case.unit, region=case.region)
            said = _facts(number=case.number, order_cancel_reason=event.reason.value)
            return Word(officers, Urgency.REMINDER, said, FINANCED_CANCELLED)
    return None


def _each_once(people: Iterable[Colleague]) -> tuple[Colleague, ...]:
    return tuple({one.account: one for one in people}.values())


def after(case: CaseFacts, event: Any) -> CaseFacts:
    """Return the case with what an event says of it, before anybody is told."""
    match event:
        case ComplaintRegistered():
            return replace(
                case, number=event.number, region=event.region, dealer_id=event.dealer_id
            )
        case ReferralRegistered(number=number):
            return replace(case, number=number)
        case ComplaintAssigned() | ReferralDistributed():
            return replace(
                case,
                handler=event.handler or case.handler,
                unit=event.unit,
                region=event.region,
                dealer_id=event.dealer_id,
            )
        case ComplaintGraded(priority=priority):
            return replace(case, priority=priority.value)
        case ClocksStarted(clocks=clocks):
            ours = {
                one.n: Running(one.clock, one.urgency)
                for one in clocks
                if one.binds is Binds.COMPANY
            }
            return replace(case, clocks={**case.clocks, **ours})
        case ComplaintEscalated(n=n, clock=clock) | ReferralEscalated(n=n, clock=clock):
            running = None if clock is None else case.clocks.get(clock)
            known = "" if running is None else running.clock
            return replace(case, escalations={**case.escalations, n: known})
        case LeaseApplied():
            return replace(case, region=event.region, dealer_id=event.dealer_id)
        case LeaseCarriedOver():
            case = replace(case, region=event.region, dealer_id=event.dealer_id)
            return _contracted(case, event)
        case LeaseContractSigned():
            return _contracted(case, event)
        case OrderPlaced():
            case = replace(case, region=event.region, dealer_id=event.dealer_id)
            return replace(case, number=event.number)
        case FinancingConfirmed() | FinancingFailed():
            return replace(case, financed=isinstance(event, FinancingConfirmed))
        case ArrearsBucketChanged(was=None):
            return replace(case, arrears_n=case.arrears_n + 1)
    return case


def _contracted(case: CaseFacts, event: LeaseContractSigned | LeaseCarriedOver) -> CaseFacts:
    buckets = tuple(bucket.code for bucket in event.arrears.buckets)
    return replace(case, number=event.contract_number, buckets=buckets)
