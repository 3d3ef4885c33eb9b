"""Corrections: nothing is edited; an event says what was wrong in which earlier one."""

from datetime import date
from typing import Annotated
from uuid import UUID

from domain.complaint.intake import Odometer, People, VinGiven
from domain.complaint.words import Channel, MileageUnit, Origin
from domain.declare import Command, Unacceptable, command, event
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
