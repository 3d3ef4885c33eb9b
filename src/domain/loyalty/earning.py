"""Points are earned by the programme's rules, once for each reference, within its caps."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import ActorId, Command, Context, Refusal, Role, Unacceptable, command, event
from domain.fields import Between, Instant, Line, Text
from domain.loyalty.fraud import EarningHeld, suspicion
from domain.loyalty.ledger import (
    Earned,
    Follow,
    Ledger,
    Lot,
    Tally,
    added,
    day_key,
    month_of,
    opened,
    programme_of,
    reference_key,
    require_care,
    require_officer,
)
from domain.loyalty.lots import put, sooner
from domain.loyalty.opening import past
from domain.loyalty.programme import EarningRule, GradeRules, LoyaltyProgramme
from domain.loyalty.words import EarningSource, LotState, Part
from domain.money import CurrenciesDiffer, Money
from domain.rulebook import Pin, Provenance

POINTS_MAX = 1_000_000_000_000
Points = Annotated[int, Between(1, POINTS_MAX)]
Reference = Annotated[str, Text(max=120)]

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.points_earned")
class PointsEarned:
    """A lot was earned: `points` by the rule of this code in this version of the programme.

    `reference` names what they were earned for, once for each source. The lot is pending where
    `active_from_at` is after `occurred_at`. `held`: a fraud rule keeps it until it is cleared.
    `counted_on` is the customer's day that caps and grades count it in; `capped_points` is what a
    cap took off. `provenance` says where a carried-over balance comes from.
    """

    lot_id: UUID
    source: EarningSource
    reference: str
    points: int
    occurred_at: datetime
    counted_on: date
    active_from_at: datetime
    expires_at: datetime | None
    held: bool
    rule: str
    programme: Pin
    by: ActorId
    amount: Money | None = None
    units: int = 1
    capped_points: int = 0
    counts_for_grade: bool = True
    referred_id: UUID | None = None
    provenance: Provenance | None = None


# --- commands -------------------------------------------------------------------------------------


@command
class EarnPoints(Command):
    """Credit what the programme gives for something that happened; `reference` makes it once.

    `referred_id` is the customer whom this one has brought, where it is about that.
    """

    earning_id: UUID
    source: EarningSource
    reference: Reference
    amount: Money | None = None
    units: Annotated[int, Between(1, 1_000)] = 1
    occurred_at: Instant | None = None
    referred_id: UUID | None = None


@command
class CarryOverBalance(Command):
    """Credit a balance that another system kept, with where it comes from.

    The points never expire unless an end is named.
    """

    earning_id: UUID
    reference: Reference
    points: Points
    origin: Line
    occurred_at: Instant
    expires_at: Instant | None = None


# --- refusals -------------------------------------------------------------------------------------


class SourceEarnsNothing(Unacceptable, code="loyalty.source_earns_nothing"):
    """The programme has no rule by which this earns points."""


class ReferenceDiffers(Refusal, code="loyalty.reference_differs"):
    """Points were earned for this reference already, for something else."""


class ItemExists(Refusal, code="loyalty.item_exists"):
    """Something else was recorded under this id; choose another id."""


class EarningTooLate(Unacceptable, code="loyalty.earning_too_late"):
    """This happened too long ago for points to be earned for it."""


class AmountIsNegative(Unacceptable, code="loyalty.amount_is_negative"):
    """Nothing is earned for less than nothing."""


class EndBeforeBeginning(Unacceptable, code="loyalty.end_before_beginning"):
    """The points would end before they begin."""


# --- rules ----------------------------------------------------------------------------------------

EarningCommand = EarnPoints | CarryOverBalance
EarningEvent = PointsEarned | EarningHeld


def decide(ledger: Ledger, command: EarningCommand, context: Context) -> Sequence[EarningEvent]:
    """Decide what is earned."""
    opened(ledger)
    match command:
        case EarnPoints():
            require_care(context)
            return _earn(ledger, command, context)
        case CarryOverBalance():
            require_officer(context)
            return _carry_over(ledger, command, context)
    assert_never(command)


def is_taken(ledger: Ledger, item_id: UUID, wish: int) -> bool:
    """Tell whether exactly this wish was granted under this id; refuse another one."""
    standing = ledger.wish(item_id)
    if standing is None:
        return False
    if standing != wish:
        raise ItemExists(item=str(item_id))
    return True


def _wish(
    occurred_at: datetime | None, amount: Money | None, units: int, referred_id: UUID | None
) -> int:
    return hash((occurred_at, _unsaid(amount, units, referred_id)))


def _unsaid(amount: Money | None, units: int, referred_id: UUID | None) -> int:
    """Return a hash of a wish that does not say when it occurred."""
    if amount is None:
        return hash((units, referred_id))
    return hash((amount.minor, amount.currency, units, referred_id))


def _earn(ledger: Ledger, command: EarnPoints, context: Context) -> Sequence[EarningEvent]:
    standing = ledger.reference(command.source, command.reference)
    if standing is not None:
        _require_same(ledger, command, standing)
        return []
    if ledger.knows(command.earning_id):
        raise ItemExists(item=str(command.earning_id))
    at = past(command.occurred_at, context)
    published = programme_of(ledger, context, at)
    programme = published.content
    rule = programme.earns(command.source)
    if rule is None:
        raise SourceEarnsNothing(source=command.source.value)
    _require_earnable(command, programme, rule, at, context)
    on = programme.day_of(at)
    wished = rule.points(command.units, None if command.amount is None else command.amount.minor)
    wished = wished * _percent(programme.grading, ledger.grade) // 100
    points = _capped(wished, rule, ledger.tally(command.source, on.toordinal()))
    doubt = suspicion(
        ledger, programme.fraud, command.source, on, command.referred_id, context.actor
    )
    earned = PointsEarned(
        lot_id=command.earning_id,
        source=command.source,
        reference=command.reference,
        points=points,
        occurred_at=at,
        counted_on=on,
        active_from_at=at + timedelta(days=rule.pending_days) if rule.pending_days else at,
        expires_at=programme.expires_at(on, rule.expiry),
        held=doubt is not None,
        rule=rule.code,
        programme=published.pin,
        by=context.actor.id,
        amount=command.amount,
        units=command.units,
        capped_points=wished - points,
        counts_for_grade=rule.counts_for_grade,
        referred_id=command.referred_id,
    )
    if doubt is None:
        return [earned]
    frozen = Part(
        lot_id=earned.lot_id, points=points, expires_at=earned.expires_at, state=LotState.FROZEN
    )
    held = EarningHeld(
        lot_id=earned.lot_id, rule=doubt, parts=(frozen,), held_at=context.now, earned_by=earned.by
    )
    return [earned, held]


def _require_same(ledger: Ledger, command: EarnPoints, standing: Earned) -> None:
    said = _wish(command.occurred_at, command.amount, command.units, command.referred_id)
    unsaid = ledger.wish(standing.lot_id) if command.occurred_at is None else None
    if standing.wish == said or (
        unsaid is not None and unsaid == _unsaid(command.amount, command.units, command.referred_id)
    ):
        return
    raise ReferenceDiffers(source=command.source.value)


def _require_earnable(
    command: EarnPoints,
    programme: LoyaltyProgramme,
    rule: EarningRule,
    at: datetime,
    context: Context,
) -> None:
    amount = command.amount
    if amount is not None and amount.currency is not programme.currency:
        raise CurrenciesDiffer(
            currency=programme.currency.value, other_currency=amount.currency.value
        )
    if amount is not None and amount.minor < 0:
        raise AmountIsNegative
    if at < context.now - timedelta(days=rule.late_days) and not context.actor.has(Role.SYSTEM):
        raise EarningTooLate(within_days=rule.late_days)


def _percent(grading: GradeRules | None, grade: str | None) -> int:
    return 100 if grading is None else grading.grades[grading.rank(grade)].earning_percent


def _capped(points: int, rule: EarningRule, today: Tally) -> int:
    most = rule.earnings_per_day_max
    if most is not None and today.earnings >= most:
        return 0
    cap = rule.earned_per_day_max
    return points if cap is None else max(0, min(points, cap - today.points))


def _carry_over(
    ledger: Ledger, command: CarryOverBalance, context: Context
) -> Sequence[EarningEvent]:
    standing = ledger.reference(EarningSource.OPENING, command.reference)
    if standing is not None:
        wish = _wish(command.occurred_at, None, 1, None)
        if (standing.points, standing.wish) != (command.points, wish):
            raise ReferenceDiffers(source=EarningSource.OPENING.value)
        return []
    if ledger.knows(command.earning_id):
        raise ItemExists(item=str(command.earning_id))
    at = past(command.occurred_at, context)
    if command.expires_at is not None and command.expires_at <= at:
        raise EndBeforeBeginning
    published = programme_of(ledger, context)
    return [
        PointsEarned(
            lot_id=command.earning_id,
            source=EarningSource.OPENING,
            reference=command.reference,
            points=command.points,
            occurred_at=at,
            counted_on=published.content.day_of(at),
            active_from_at=at,
            expires_at=command.expires_at,
            held=False,
            rule="opening",
            programme=published.pin,
            by=context.actor.id,
            counts_for_grade=False,
            provenance=Provenance(source=command.origin, confirmed="carried_over"),
        )
    ]


# --- what follows ---------------------------------------------------------------------------------


def _earned(ledger: Ledger, event: PointsEarned) -> Ledger:
    pending = event.active_from_at > event.occurred_at
    state = LotState.FROZEN if event.held else LotState.PENDING if pending else LotState.ACTIVE
    amount_minor = 0 if event.amount is None else event.amount.minor
    lot = Lot(
        event.lot_id, event.points, event.expires_at, state, event.active_from_at,
        event.occurred_at, event.source, event.reference, event.by,
    )  # fmt: skip
    day = day_key(event.source, event.counted_on.toordinal())
    tallies = ledger.tallies
    more = Tally(event.points, 1, amount_minor)
    new: dict[int | str, Tally] = {day: added(tallies.get(day), more)}
    month = month_of(event.counted_on) if event.counts_for_grade else 0
    if month and not event.held:
        new[month] = added(tallies.get(month), more)
    unsaid = _unsaid(event.amount, event.units, event.referred_id)
    wish = hash((event.occurred_at, unsaid))
    earned = Earned(event.lot_id, event.points, 0, wish, month, amount_minor)
    return ledger._replace(
        lots=put(ledger.lots, lot),
        next_active_at=(sooner(ledger, event.active_from_at) if pending else ledger.next_active_at),
        earned=ledger.earned + event.points,
        known=ledger.known.knowing_all(
            {reference_key(event.source, event.reference): earned, event.lot_id.int: unsaid}
        ),
        tallies=tallies.knowing_all(new),
    )


FOLLOW: Follow = {PointsEarned: _earned}
