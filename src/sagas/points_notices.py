"""What a customer is told of her points: which expire soon, and that a lesser grade is coming.

The points are followed as the saga follows them that lets them expire. Of points that came, or were
carried over, after the day of a reminder she is not reminded late.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import loyalty as lo
from domain.rulebook import RulesPublished
from sagas import loyalty_expiry
from sagas.declare import Hands, Saga, Wake
from sagas.loyalty_expiry import Dues
from sagas.policies import POLICIES, Policies, morning_of
from sagas.to_customers import News, case_of, params_of, tell, wake_for, without
from store.log import Recorded

EXPIRING = "loyalty.points_expiring"
DOWNGRADE = "loyalty.downgrade_announced"
POLICY = "notification_policy"
_MOMENT = timedelta(microseconds=1)

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reminding:
    """When and by which consent a customer is reminded, by the policy in force."""

    days_before: tuple[int, ...] = ()
    at_local: str = "08:00"
    zone: str = "UTC"
    consent: str | None = None


@dataclass(frozen=True)
class Points:
    """One ledger; `since` has the instant from which on reminders of an expiry are owed."""

    ledger: UUID
    customer: UUID
    programme: str
    opened: UUID
    reminding: Reminding = field(default_factory=Reminding)
    dues: Dues | None = None
    since: tuple[tuple[datetime, datetime], ...] = ()
    told: tuple[datetime, datetime] | None = None
    """The newest reminder that was told, or said why not: its instant and that of the expiry."""
    news: tuple[News, ...] = ()


def reminders(points: Points) -> Iterator[tuple[News, datetime]]:
    """Yield the reminders that are still to be told, with the instants of expiry."""
    if points.dues is None:
        return
    since, at = dict(points.since), points.reminding
    for expires_at, amount in sorted(points.dues.expiring.items()):
        last_on = (expires_at - _MOMENT).astimezone(ZoneInfo(at.zone)).date()
        for days in at.days_before:
            told_at = morning_of(last_on, at.at_local, at.zone, days)
            done = points.told is not None and (told_at, expires_at) <= points.told
            if amount > 0 and told_at > since[expires_at] and not done:
                news = News(
                    points.opened,
                    told_at,
                    EXPIRING,
                    params_of(points=amount, programme=points.programme, last_on=last_on),
                    what=f"expiring/{expires_at.isoformat()}/{days}",
                    consent=at.consent,
                    about=f"expiring/{expires_at.isoformat()}",
                )
                yield news, expires_at


# --- evolve ---------------------------------------------------------------------------------------


def evolve(points: Points | None, recorded: Recorded, policies: Policies) -> Points | None:
    """Follow one event of a ledger, or of a notice to its customer; None before it is opened."""
    event = recorded.event
    if points is None:
        if not isinstance(event, lo.LedgerOpened):
            return None
        return Points(
            recorded.stream,
            event.customer_id,
            event.programme.name,
            recorded.event_id,
            _reminding(policies, recorded.recorded_at),
        )
    if isinstance(event, RulesPublished):
        fresh = _reminding(policies, max(recorded.recorded_at, event.effective_from_at))
        return points if fresh == points.reminding else replace(points, reminding=fresh)
    if case_of(recorded) is not None:
        return _told(points, recorded)
    if recorded.topic not in loyalty_expiry.SAGA.topics:
        return points
    moved = _moved(points, recorded)
    if isinstance(event, lo.DowngradeAnnounced):
        return _announced(moved, event, recorded, policies)
    if isinstance(event, lo.GradeReviewed):  # it does not come after all
        left = tuple(one for one in moved.news if one.code != DOWNGRADE)
        return replace(moved, news=left)
    return moved


def _reminding(policies: Policies, at: datetime) -> Reminding:
    policy = policies.at(at)
    rule = policy.rule(EXPIRING)
    days = tuple(sorted(set(rule.days_before), reverse=True))
    return Reminding(days, policy.digest_local, policy.zone, rule.consent)


def _moved(points: Points, recorded: Recorded) -> Points:
    dues = loyalty_expiry.evolve(points.dues, recorded, None)
    before = dict(points.since)
    expiring = () if dues is None else sorted(dues.expiring)
    since = tuple((at, before.get(at, recorded.recorded_at)) for at in expiring)
    return replace(points, dues=dues, since=since)


def _announced(
    points: Points, event: lo.DowngradeAnnounced, recorded: Recorded, policies: Policies
) -> Points:
    news = News(
        recorded.event_id,
        recorded.recorded_at,
        DOWNGRADE,
        params_of(
            grade=event.grade,
            programme=points.programme,
            effective_at=event.effective_at,
            points=event.figures.points,
        ),
        consent=policies.rule(DOWNGRADE, recorded.recorded_at).consent,
    )
    return replace(points, news=(*points.news, news))


def _told(points: Points, recorded: Recorded) -> Points:
    left = replace(points, news=without(points.news, recorded))
    for news, expires_at in reminders(points):
        if news.notice == recorded.stream:
            newest = (news.at, expires_at)
            return replace(left, told=max(newest, left.told or newest))
    return left


# --- wake and perform -----------------------------------------------------------------------------


def _all(points: Points) -> Iterator[News]:
    yield from points.news
    for news, _ in reminders(points):
        yield news


def wake(points: Points) -> Wake | None:
    """Wake when she is to be told something next."""
    return wake_for(_all(points))


def perform(points: Points, now: datetime, hands: Hands) -> bool:
    """Tell her what is to be told by now."""
    return tell(points.ledger, points.customer, tuple(_all(points)), now, hands)


def key(recorded: Recorded) -> UUID | None:
    """Return the ledger that an event is of, or that a notice to its customer is about."""
    if isinstance(recorded.event, RulesPublished):
        return None
    return case_of(recorded) or recorded.stream


def _reaches(recorded: Recorded) -> tuple[str, ...]:
    event: Any = recorded.event
    is_policy = isinstance(event, RulesPublished) and event.kind == POLICY
    return (POLICY,) if is_policy else ()


SAGA: Saga[Points] = Saga(
    name="points_notices",
    revision=1,
    topics=(
        "loyalty.ledger_opened",
        *loyalty_expiry.SAGA.topics,
        "rulebook.published",
        "notification.planned",
        "notification.withheld",
    ),
    state_type=Points,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    waits=False,
    shared=POLICIES,
    tags=lambda _: (POLICY,),
    reaches=_reaches,
)
