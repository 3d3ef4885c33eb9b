"""Telling a customer something: what is owed to her ear, and the notice that it becomes.

A saga remembers codes, numbers and days. Whether she agrees to be told, by which contacts and in
which language is read from her record when the notice is recorded; a notice that is not given says
why. Its id follows from the cause, so that told twice is told once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.clocks.messages import Urgency
from domain.declare import CaseNotFound, Command, Refusal
from domain.money import Money
from domain.notification import (
    NotificationPlanned,
    NotificationWithheld,
    Param,
    PlanNotification,
    WithheldReason,
    WithholdNotification,
)
from sagas.addressees import channels_of, may_not_be_told, record_of
from sagas.declare import Do, Hands, Wake, made_by
from store.log import Recorded


@dataclass(frozen=True)
class News:
    """What a customer is to be told from `at` on, because of the event `cause`.

    `what` tells apart several things of one cause. `consent` is what she must agree to. Of what is
    told again and again, coming nearer, `about` says what it is: of several that are to be told at
    once only the newest is.
    """

    cause: UUID
    at: datetime
    code: str
    params: tuple[Param, ...] = ()
    what: str = ""
    consent: str | None = None
    about: str = ""

    @property
    def notice(self) -> UUID:
        """Return the id of the notice that it becomes."""
        return made_by(self.cause, f"customer {self.what or self.code}")


def params_of(**facts: object) -> tuple[Param, ...]:
    """Return facts as a notice holds them; those that are not known are left out."""
    return tuple(
        Param(name=name, value=_text(fact)) for name, fact in facts.items() if fact is not None
    )


def _text(fact: object) -> str:
    match fact:
        case datetime():
            return fact.isoformat().replace("+00:00", "Z")
        case date():
            return fact.isoformat()
        case Money(minor=minor, currency=currency):
            return f"{minor} {currency.value}"
    return str(fact)


def without(news: tuple[News, ...], recorded: Recorded) -> tuple[News, ...]:
    """Return what is still to be told after a notice was planned or withheld."""
    return tuple(one for one in news if one.notice != recorded.stream)


def case_of(recorded: Recorded) -> UUID | None:
    """Return the case that a notice to a customer is about; None of all other events."""
    match recorded.event:
        case NotificationPlanned(customer_id=UUID(), case_id=case_id):
            return case_id
        case NotificationWithheld(customer_id=UUID(), case_id=case_id):
            return case_id
    return None


def wake_for(news: Iterable[News]) -> Wake | None:
    """Wake when the first of it is to be told."""
    first = min((one.at for one in news), default=None)
    return None if first is None else Wake(first, Urgency.REMINDER)


def tell(
    case_id: UUID, customer_id: UUID, news: Iterable[News], now: datetime, hands: Hands
) -> bool:
    """Record what is to be told by now, each by itself; answer True where nothing was recorded."""
    due = sorted((one for one in news if one.at <= now), key=lambda one: one.at)
    newest = {one.about: one for one in due if one.about}
    recorded, refused = False, None
    for one in due:
        if _stands(one.notice, hands):
            continue
        is_old = newest.get(one.about, one) != one
        try:
            command = command_for(case_id, customer_id, one, hands, is_old=is_old)
            recorded = bool(hands.act(Do((command,), one.cause)).events) or recorded
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
    return not recorded


def _stands(notice: UUID, hands: Hands) -> bool:
    try:
        hands.casebook.state(notice)
    except CaseNotFound:
        return False
    return True


def command_for(
    case_id: UUID, customer_id: UUID, news: News, hands: Hands, *, is_old: bool = False
) -> Command:
    """Return what plans the notice for her as her record stands, or says why there is none."""
    stands_for, person = record_of(customer_id, hands) or (customer_id, None)
    why = WithheldReason.OVER if is_old else may_not_be_told(person, news.consent)
    channels = () if person is None else channels_of(person)
    recipient, category = f"customer:{stands_for}", news.code.partition(".")[0]
    if person is None or why is not None or not channels:
        return WithholdNotification(
            stream=news.notice,
            reason=why or WithheldReason.NO_CONTACT,
            code=news.code,
            case_id=case_id,
            case_category=category,
            params=news.params,
            cause=news.cause,
            recipient=recipient,
            customer_id=stands_for,
        )
    return PlanNotification(
        stream=news.notice,
        recipient=recipient,
        customer_id=stands_for,
        locale=person.locale.value,
        code=news.code,
        case_id=case_id,
        case_category=category,
        params=news.params,
        urgency=Urgency.REMINDER,
        cause=news.cause,
        caused_at=news.at,
        channels=channels,
        allows_urgent=False,
    )
