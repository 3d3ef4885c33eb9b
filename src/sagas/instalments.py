"""Reminds a lessee of her instalments, and has arrears assessed when they become a class worse.

The account is followed as the lease itself follows it, so that whatever moves it (a payment of an
earlier day, one that does not count, a new schedule) moves what is reminded of. Nothing is told of
days before the schedule was issued or the lease carried over, nor of days on which arrears pause.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import lease as ls
from domain.clocks.messages import Urgency
from domain.declare import stored_name
from domain.money import Currency
from domain.rulebook import RulesPublished
from sagas.declare import Do, Hands, Saga, Wake
from sagas.policies import POLICIES, Policies
from sagas.to_customers import News, case_of, params_of, tell, wake_for, without
from sagas.watched_lease import DUE, Reminding, Watched, assess_at, reminders
from store.log import Recorded

IN_ARREARS = "lease.in_arrears"
POLICY = "notification_policy"
"""The word by which a new policy reaches every lease."""

# --- evolve ---------------------------------------------------------------------------------------


def evolve(lease: Watched | None, recorded: Recorded, policies: Policies) -> Watched | None:
    """Follow one event of a lease, or of a notice to its lessee; None before its contract."""
    event = recorded.event
    match event:
        case ls.LeaseContractSigned() | ls.LeaseCarriedOver():
            return _begun(lease, recorded, policies)
        case ls.LeaseApplied(customer_id=customer_id):
            return _applied(recorded, customer_id, event.price.currency, policies)
    if lease is None:
        return None
    if isinstance(event, RulesPublished):
        at = max(recorded.recorded_at, event.effective_from_at)
        fresh = _reminding(policies, at)
        return lease if fresh == lease.reminding else replace(lease, reminding=fresh)
    if case_of(recorded) is not None:
        return _told(lease, recorded)
    if isinstance(event, ls.ArrearsBucketChanged):
        return _assessed(lease, event, recorded)
    moved = _moved(lease, recorded)
    return None if moved.status in _FORGOTTEN and not moved.news else moved


_FORGOTTEN = frozenset({ls.LeaseStatus.REJECTED, ls.LeaseStatus.WITHDRAWN})
"""The statuses from which no lease comes back; a paid one may be owed again."""


def _applied(
    recorded: Recorded, customer_id: UUID | None, currency: Currency, policies: Policies
) -> Watched:
    at = recorded.recorded_at
    return Watched(
        lease=recorded.stream,
        customer=customer_id,
        number="",
        currency=currency,
        status=ls.LeaseStatus.APPLIED,
        account=ls.Account(),
        issued=recorded.event_id,
        since=at,
        moved=recorded.event_id,
        moved_at=at,
        reminding=_reminding(policies, at),
    )


def _begun(lease: Watched | None, recorded: Recorded, policies: Policies) -> Watched | None:
    event = recorded.event
    carried = event if isinstance(event, ls.LeaseCarriedOver) else None
    if carried is not None:
        lease = _applied(recorded, carried.customer_id, carried.original.currency, policies)
    if lease is None:
        return None
    found = _moved(replace(lease, number=event.contract_number), recorded)
    today = found.reminding.today(recorded.recorded_at)
    return found if carried is None else replace(found, silent=found.bucket_on(today))


def _reminding(policies: Policies, at: datetime) -> Reminding:
    policy = policies.at(at)
    rule = policy.rule(DUE)
    return Reminding(
        tuple(sorted(set(rule.days_before), reverse=True)),
        policy.digest_local,
        policy.zone,
        rule.consent,
        policy.rule(IN_ARREARS).consent,
    )


def _moved(lease: Watched, recorded: Recorded) -> Watched:
    """Follow what moves the account, as the lease itself does."""
    event, at = recorded.event, recorded.recorded_at
    case = ls.Lease(status=lease.status, account=lease.account, assessed=lease.assessed)
    case = ls.evolve(case, event)
    before = {line.n: line.unpaid for line in lease.account.lines}
    again = dict(lease.unpaid_since)
    if isinstance(event, _ISSUING):
        lease, again = replace(lease, issued=recorded.event_id, since=at), {}
    else:
        if isinstance(event, ls.ArrearsResumed):
            lease = replace(lease, since=at)  # what was not told meanwhile is not told late
        paid_before = {n for n, unpaid in before.items() if unpaid <= 0}
        for line in case.account.lines:
            if line.n in paid_before and line.unpaid > 0:
                again[line.n] = at
    moved = replace(
        lease,
        status=case.status,
        account=case.account,
        assessed=case.assessed,
        moved=recorded.event_id,
        moved_at=at,
        unpaid_since=tuple(sorted(again.items())),
    )
    if moved.silent is not None and moved.bucket_on(moved.reminding.today(at)) != moved.silent:
        moved = replace(moved, silent=None)
    return moved


def _told(lease: Watched, recorded: Recorded) -> Watched:
    left = replace(lease, news=without(lease.news, recorded))
    for reminder, n in reminders(lease):
        if reminder.notice == recorded.stream:
            newest = max((reminder.at, n), lease.told or (reminder.at, n))
            return replace(left, told=newest)
    return left


def _assessed(lease: Watched, event: ls.ArrearsBucketChanged, recorded: Recorded) -> Watched:
    """Tell the lessee that she is in arrears, when it is a worse class than before."""
    assessed = replace(
        lease, assessed=event.bucket, silent=None, moved=recorded.event_id,
        moved_at=max(recorded.recorded_at, lease.reminding.morning_of(event.as_of_on)),
    )  # fmt: skip
    codes = [bucket.code for bucket in lease.account.arrears.buckets]
    if lease.customer is None or not is_worse(codes, event):
        return assessed
    news = News(
        recorded.event_id,
        recorded.recorded_at,
        IN_ARREARS,
        params_of(
            number=lease.number,
            amount=event.arrears,
            oldest_due_on=event.oldest_unpaid_due_on,
            days_past_due=event.days_past_due,
        ),
        consent=lease.reminding.arrears_consent,
        about="arrears",
    )
    return replace(assessed, news=(*assessed.news, news))


def is_worse(codes: list[str], event: ls.ArrearsBucketChanged) -> bool:
    """Tell whether a lease fell into a worse class of arrears, and not into a better one."""
    places = {code: place for place, code in enumerate(codes)}
    return places.get(event.bucket or "", -1) > places.get(event.was or "", -1)


# --- wake and perform -----------------------------------------------------------------------------


def wake(lease: Watched) -> Wake | None:
    """Wake when she is to be reminded, or arrears to be assessed, next."""
    found = wake_for((*lease.news, *(reminder for reminder, _ in reminders(lease))))
    at = assess_at(lease)
    if at is None or (found is not None and found.at <= at):
        return found
    return Wake(at, Urgency.REMINDER)


def perform(lease: Watched, now: datetime, hands: Hands) -> bool:
    """Have arrears assessed, and tell what is to be told by now."""
    rests = True
    at = assess_at(lease)
    if at is not None and at <= now:
        wish = ls.AssessArrears(stream=lease.lease, as_of_on=lease.reminding.today(now))
        rests = not hands.act(Do((wish,), lease.moved)).events
    if lease.customer is None:
        return rests
    news = (*lease.news, *(reminder for reminder, _ in reminders(lease)))
    return tell(lease.lease, lease.customer, news, now, hands) and rests


def key(recorded: Recorded) -> UUID | None:
    """Return the lease that an event is of, or that a notice to its lessee is about."""
    if isinstance(recorded.event, RulesPublished):
        return None
    return case_of(recorded) or recorded.stream


_ISSUING = (
    ls.LeaseContractSigned,
    ls.LeaseCarriedOver,
    ls.LeasePrepaid,
    ls.LeaseRestructured,
    ls.LeaseScheduleWithdrawn,
    ls.LeaseSettled,
)
_FOLLOWED: tuple[type[Any], ...] = (
    *_ISSUING,
    ls.LeaseApplied,
    ls.LeaseDecided,
    ls.LeaseActivated,
    ls.LeasePaymentReceived,
    ls.LeasePaymentReversed,
    ls.LeaseAccountReplayed,
    ls.LeaseFeeCharged,
    ls.LeaseSurplusRefunded,
    ls.LeaseRefundReclaimed,
    ls.LeaseCompleted,
    ls.LeaseReopened,
    ls.ArrearsPaused,
    ls.ArrearsResumed,
    ls.ArrearsBucketChanged,
    ls.LeaseWithdrawn,
    ls.LeaseDefaulted,
    ls.LeaseReinstated,
)

SAGA: Saga[Watched] = Saga(
    name="instalments",
    revision=1,
    topics=(
        *(stored_name(event) for event in _FOLLOWED),
        "rulebook.published",
        "notification.planned",
        "notification.withheld",
    ),
    state_type=Watched,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    waits=False,
    shared=POLICIES,
    tags=lambda _: (POLICY,),
    reaches=lambda recorded: (
        (POLICY,)
        if isinstance(recorded.event, RulesPublished) and recorded.event.kind == POLICY
        else ()
    ),
)
