"""Corrections: nothing is edited; an event says what was wrong in which earlier one."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain.complaint.case import Complaint, Facts, Follow, has_item, past_instant, registered
from domain.complaint.intake import (
    FACTS,
    DealerMissing,
    OccurredAfterReceipt,
    Odometer,
    People,
    VinGiven,
    vin_or_part,
)
from domain.complaint.words import Channel, MileageUnit, Origin, Risk
from domain.declare import Command, Context, Unacceptable, command, event
from domain.fields import Between, BusinessDate, Code, Line, Name, Narrative, Personal

# --- events ---------------------------------------------------------------------------------------


@event("complaint.corrected")
class ComplaintCorrected:
    """What version `corrects_version` says is wrong; these values hold instead.

    A value that is None was not corrected. Facts of the intake are corrected one by one; whatever
    else an event said is put right by `statement`.
    """

    correction_id: UUID
    corrects_version: int
    reason: Personal[str]
    statement: Personal[str] | None = None
    channel: Channel | None = None
    origin: Origin | None = None
    received_at: datetime | None = None
    occurred_on: date | None = None
    narrative: Personal[str] | None = None
    customer_id: UUID | None = None
    complainant_name: Personal[str] | None = None
    complainant_contact: Personal[str] | None = None
    vehicle_id: UUID | None = None
    vin_partial: Personal[str] | None = None
    vehicle_described: Personal[str] | None = None
    mileage: int | None = None
    mileage_unit: MileageUnit | None = None
    injured_count: int | None = None
    deaths_count: int | None = None
    fire: bool | None = None
    crash: bool | None = None
    media: bool | None = None
    dealer_id: str | None = None
    dealer_named: Personal[str] | None = None
    region: str | None = None
    number: str | None = None


# --- commands -------------------------------------------------------------------------------------


@command
class CorrectComplaint(Command):
    """Put right what the event of version `corrects_version` said.

    Kind, subject, priority and assignment are not corrected but decided anew, with a reason, by
    the commands that set them.
    """

    correction_id: UUID
    corrects_version: Annotated[int, Between(1, 1_000_000)]
    reason: Narrative
    statement: Narrative | None = None
    channel: Channel | None = None
    origin: Origin | None = None
    received_at: datetime | None = None
    occurred_on: BusinessDate | None = None
    narrative: Narrative | None = None
    customer_id: UUID | None = None
    complainant_name: Name | None = None
    complainant_contact: Line | None = None
    vehicle_id: UUID | None = None
    vin_partial: VinGiven | None = None
    vehicle_described: Line | None = None
    mileage: Odometer | None = None
    mileage_unit: MileageUnit | None = None
    injured_count: People | None = None
    deaths_count: People | None = None
    fire: bool | None = None
    crash: bool | None = None
    media: bool | None = None
    dealer_id: Code | None = None
    dealer_named: Line | None = None
    region: Code | None = None
    number: Code | None = None


# --- refusals -------------------------------------------------------------------------------------


class NoSuchVersion(Unacceptable, code="complaint.no_such_version"):
    """The case has no event of this version to be corrected."""


class NothingCorrected(Unacceptable, code="complaint.nothing_corrected"):
    """A correction says what holds instead."""


class VersionSaysNothingOfIt(Unacceptable, code="complaint.version_says_nothing_of_it"):
    """The event of this version says nothing of what is corrected."""


# --- rules ----------------------------------------------------------------------------------------


def decide(
    case: Complaint, command: CorrectComplaint, context: Context
) -> Sequence[ComplaintCorrected]:
    """Decide on a correction, which is possible at any time."""
    registered(case)
    values: dict[str, Any] = {name: getattr(command, name) for name in FACTS}
    if command.vin_partial is not None:
        values["vin_partial"] = vin_or_part(command.vin_partial)
    if command.received_at is not None:
        values["received_at"] = past_instant(command.received_at, context)
    made = ComplaintCorrected(
        correction_id=command.correction_id,
        corrects_version=command.corrects_version,
        reason=command.reason,
        statement=command.statement,
        **values,
    )
    if has_item(case, command.correction_id, made):
        return []
    if command.corrects_version > case.version:
        raise NoSuchVersion(version=command.corrects_version, newest=case.version)
    given = {name for name, value in values.items() if value is not None}
    if not given and command.statement is None:
        raise NothingCorrected
    unsaid = given.difference(case.facts.said.get(command.corrects_version, ()))
    if unsaid:
        raise VersionSaysNothingOfIt(version=command.corrects_version, fields=sorted(unsaid))
    _check(_corrected_facts(case.facts, made))
    return [made]


def _check(facts: Facts) -> None:
    """What a registration may not say, corrections may not make of it."""
    if facts.origin is Origin.DEALER and facts.dealer_id is None:
        raise DealerMissing
    if facts.occurred_on is None or facts.received_at is None:
        return
    if facts.occurred_on > facts.received_at.date() + timedelta(days=1):
        raise OccurredAfterReceipt


# --- what follows ---------------------------------------------------------------------------------


def _corrected_facts(facts: Facts, event: ComplaintCorrected) -> Facts:
    said: dict[Risk, bool | None] = {
        Risk.DEATH: None if event.deaths_count is None else event.deaths_count > 0,
        Risk.INJURY: None if event.injured_count is None else event.injured_count > 0,
        Risk.FIRE: event.fire,
        Risk.CRASH: event.crash,
        Risk.MEDIA: event.media,
    }
    return facts._replace(
        origin=facts.origin if event.origin is None else event.origin,
        received_at=facts.received_at if event.received_at is None else event.received_at,
        occurred_on=facts.occurred_on if event.occurred_on is None else event.occurred_on,
        dangers=frozenset(
            risk
            for risk, there in said.items()
            if there or (there is None and risk in facts.dangers)
        ),
        customer_id=facts.customer_id if event.customer_id is None else event.customer_id,
        vehicle_id=facts.vehicle_id if event.vehicle_id is None else event.vehicle_id,
        region=facts.region if event.region is None else event.region,
        dealer_id=facts.dealer_id if event.dealer_id is None else event.dealer_id,
    )


def _corrected(case: Complaint, event: ComplaintCorrected) -> Complaint:
    items = case.items.with_item(event.correction_id, event)
    given = {name for name in FACTS if getattr(event, name) is not None}
    if not given:
        return case.after(items=items)
    said = {**case.facts.said, case.version + 1: frozenset(given)}
    return case.after(items=items, facts=_corrected_facts(case.facts, event)._replace(said=said))


FOLLOW: Follow = {ComplaintCorrected: _corrected}
