"""Distribution: a body handles the matter as a special complaint, and says when there is a result.

The complaint is a case of its own. Whatever is said of it here comes from the saga that follows
both; the referral itself knows no other aggregate.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import ActorId, Command, Context, Refusal, Unacceptable, command, event
from domain.fields import Between, Code, Items, Line, Personal
from domain.organisation import Organisation
from domain.procedure import Taker, taker, undone_by
from domain.referral.case import (
    Follow,
    Referral,
    open_case,
    procedure_of,
    received,
    same_wish,
    take,
)
from domain.referral.words import (
    ControlOutcome,
    HandlingConclusion,
    ReferralStatus,
    ReferralStep,
)

# --- events ---------------------------------------------------------------------------------------


@event("referral.distributed")
class ReferralDistributed:
    """From now on a unit, or a dealer of a region, handles the matter.

    `handler` is the account of the expert who owns it; `complaint_id` a complaint that stood
    already and becomes the special one, None: a new one is to be registered.
    """

    unit: str | None
    region: str | None
    dealer_id: str | None
    handler: str | None
    complaint_id: UUID | None
    reason: Personal[str] | None
    by: Taker


@event("referral.complaint_linked")
class ComplaintLinked:
    """The matter is handled as this complaint."""

    complaint_id: UUID


@event("referral.handling_concluded")
class HandlingConcluded:
    """The complaint has a result, at its version `complaint_version`.

    `handled_by` are those who worked on it: the final control is somebody else's.
    """

    complaint_version: int
    conclusion: HandlingConclusion
    handled_by: tuple[Taker, ...]


@event("referral.handling_resumed")
class HandlingResumed:
    """The result stands no longer; the steps `undone` are to be taken anew."""

    complaint_version: int
    undone: tuple[str, ...]


# --- commands -------------------------------------------------------------------------------------


@command
class DistributeReferral(Command):
    """Give the matter to a unit, or to a dealer of a region; to another one with a reason."""

    unit: Code | None = None
    region: Code | None = None
    dealer_id: Code | None = None
    handler: Code | None = None
    complaint_id: UUID | None = None
    reason: Line | None = None


@command
class LinkComplaint(Command):
    """Say as which complaint the matter is handled."""

    complaint_id: UUID


@command
class ConcludeHandling(Command):
    """Say that the complaint has a result, and who worked on it."""

    complaint_version: Annotated[int, Between(1)]
    conclusion: HandlingConclusion
    handled_by: Annotated[tuple[Taker, ...], Items(max=1_000)] = ()


@command
class ResumeHandling(Command):
    """Say that the complaint's result stands no longer."""

    complaint_version: Annotated[int, Between(1)]


# --- refusals -------------------------------------------------------------------------------------


class DistributionUnclear(Unacceptable, code="referral.distribution_unclear"):
    """A matter is given to one unit, or to a dealer with its region."""


class AlreadyDistributed(Refusal, code="referral.already_distributed"):
    """The matter is distributed already; giving it to somebody else takes a reason."""


class ComplaintAlreadyLinked(Refusal, code="referral.complaint_already_linked"):
    """The matter is handled as another complaint already."""


class ComplaintNotLinked(Refusal, code="referral.complaint_not_linked"):
    """The matter is not handled as a complaint yet."""


class HandlingWordIsOld(Refusal, code="referral.handling_word_is_old"):
    """Something newer of the complaint is known here already."""


# --- rules ----------------------------------------------------------------------------------------

DistributionCommand = DistributeReferral | LinkComplaint | ConcludeHandling | ResumeHandling
DistributionEvent = ReferralDistributed | ComplaintLinked | HandlingConcluded | HandlingResumed

ORGANISATION = "default"

ABOUT_THE_RESULT = (
    ReferralStep.HANDLING,
    ReferralStep.FINAL_CONTROL,
    ReferralStep.CUSTOMER_INFORMATION,
    ReferralStep.REPLY_PREPARATION,
)
"""The steps that speak of one result of the handling, and of no later one."""

SOMEBODY_ELSE = Taker(id=ActorId("system:handling"))
"""Takes the step where nobody is known to have worked on it."""


def decide(
    case: Referral, command: DistributionCommand, context: Context
) -> Sequence[DistributionEvent]:
    """Decide on who handles the matter, and follow the complaint that it is handled as."""
    match command:
        case DistributeReferral():
            return _distribute(case, command, context)
        case LinkComplaint():
            return _link(case, command, context)
        case ConcludeHandling():
            return _conclude(case, command, context)
        case ResumeHandling():
            return _resume(case, command, context)
    assert_never(command)


def _distribute(
    case: Referral, command: DistributeReferral, context: Context
) -> Sequence[DistributionEvent]:
    open_case(case)
    to_dealer = command.dealer_id is not None and command.region is not None
    if to_dealer == (command.unit is not None) or to_dealer != (command.dealer_id is not None):
        raise DistributionUnclear
    made = ReferralDistributed(
        unit=command.unit,
        region=command.region,
        dealer_id=command.dealer_id,
        handler=command.handler,
        complaint_id=command.complaint_id,
        reason=command.reason,
        by=taker(context.actor),
    )
    if case.distributed is not None:
        if same_wish(case.distributed, made):
            return []
        if command.reason is None:
            raise AlreadyDistributed
    take(case, context, ReferralStep.DISTRIBUTION)
    organisation = context.rules.in_force(Organisation, ORGANISATION, context.now).content
    if command.unit is not None:
        organisation.check_unit(command.unit)
    if command.region is not None:
        organisation.check_region(command.region)
    if command.complaint_id is not None and case.complaint_id not in (None, command.complaint_id):
        raise ComplaintAlreadyLinked(complaint=str(case.complaint_id))
    return [made]


def _link(case: Referral, command: LinkComplaint, context: Context) -> Sequence[DistributionEvent]:
    received(case)
    if case.complaint_id == command.complaint_id:
        return []
    open_case(case)
    if case.complaint_id is not None:
        raise ComplaintAlreadyLinked(complaint=str(case.complaint_id))
    take(case, context, ReferralStep.LINKING)
    return [ComplaintLinked(complaint_id=command.complaint_id)]


def _conclude(
    case: Referral, command: ConcludeHandling, context: Context
) -> Sequence[DistributionEvent]:
    received(case)
    made = HandlingConcluded(
        complaint_version=command.complaint_version,
        conclusion=command.conclusion,
        handled_by=command.handled_by,
    )
    if case.handling == made:
        return []
    _newer_word(case, command.complaint_version)
    take(case, context, ReferralStep.HANDLING)
    return [made]


def _resume(
    case: Referral, command: ResumeHandling, context: Context
) -> Sequence[DistributionEvent]:
    received(case)
    if case.concluded_version == command.complaint_version and case.handling is None:
        return []
    _newer_word(case, command.complaint_version)
    take(case, context, ReferralStep.HANDLING)
    undone = sent_back(case, context)
    return [HandlingResumed(complaint_version=command.complaint_version, undone=undone)]


def sent_back(case: Referral, context: Context) -> tuple[str, ...]:
    """Return the steps that stand no longer when the matter goes back to be handled.

    Whatever the procedure says, these are always the control, the information of the customer and
    the reply that were about the earlier result.
    """
    step, way = ReferralStep.FINAL_CONTROL, ControlOutcome.SENT_BACK
    undone = undone_by(procedure_of(case, context), case.taken, step, way)
    hard = [s.value for s in ABOUT_THE_RESULT if s in case.taken.done and s not in undone]
    return (*undone, *hard)


def _newer_word(case: Referral, version: int) -> None:
    open_case(case)
    if case.complaint_id is None:
        raise ComplaintNotLinked
    if version <= case.concluded_version:
        raise HandlingWordIsOld(known_version=case.concluded_version)


# --- what follows ---------------------------------------------------------------------------------


def _distributed(case: Referral, event: ReferralDistributed) -> Referral:
    moves_on = case.status in (ReferralStatus.REGISTERED, ReferralStatus.DISTRIBUTED)
    return case.after(
        status=ReferralStatus.DISTRIBUTED if moves_on else case.status,
        distributed=event,
        taken=case.taken.take(ReferralStep.DISTRIBUTION, event.by),
    )


def _linked(case: Referral, event: ComplaintLinked) -> Referral:
    return case.after(complaint_id=event.complaint_id)


def _concluded(case: Referral, event: HandlingConcluded) -> Referral:
    taken = case.taken
    for by in event.handled_by or (SOMEBODY_ELSE,):
        taken = taken.take(ReferralStep.HANDLING, by)
    moves_on = case.status is ReferralStatus.DISTRIBUTED
    return case.after(
        status=ReferralStatus.HANDLED if moves_on else case.status,
        taken=taken,
        handling=event,
        concluded_version=event.complaint_version,
    )


def _resumed(case: Referral, event: HandlingResumed) -> Referral:
    return back(case, event.undone)._replace(concluded_version=event.complaint_version)


def back(case: Referral, undone: Sequence[str]) -> Referral:
    """Return the case sent back to its handling: what was controlled and told stands no longer."""
    return case.after(
        status=ReferralStatus.DISTRIBUTED,
        taken=case.taken.undo(undone),
        handling=None,
        round=case.round + 1,
        controlled_at=None,
        informed_at=None,
    )


FOLLOW: Follow = {
    ReferralDistributed: _distributed,
    ComplaintLinked: _linked,
    HandlingConcluded: _concluded,
    HandlingResumed: _resumed,
}
