"""VRT: a vehicle response team is formed and gives a finding, a proposal, or up.

The step of reporting stands as taken while no team owes its report.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    Follow,
    handled,
    has_item,
    open_case,
    registered,
    same_wish,
    take,
)
from domain.complaint.sorting import organisation
from domain.complaint.words import Step, VrtKind
from domain.declare import (
    Command,
    Context,
    NotFound,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Between, Code, Narrative, Personal
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("complaint.vrt_formed")
class VrtFormed:
    """A team was formed; `n` counts the teams of the case from 1, `lead` is an account.

    The lead's unit now has a part in the case.
    """

    vrt_id: UUID
    n: int
    kind: VrtKind
    lead: str
    unit: str
    task: Personal[str]
    by: Taker


@event("complaint.vrt_finding_reported")
class VrtFindingReported:
    """A quality team's finding: does the defect exist, who answers for it, what is the solution.

    The shares of responsibility are whole percents whose sum is 100, or all 0 without a defect.
    """

    n: int
    vrt_id: UUID
    defect_exists: bool
    manufacturer_percent: int
    dealer_percent: int
    supplier_percent: int
    customer_percent: int
    finding: Personal[str]
    solution: Personal[str] | None
    by: Taker


@event("complaint.vrt_proposal_made")
class VrtProposalMade:
    """Any other team's proposal."""

    n: int
    vrt_id: UUID
    proposal: Personal[str]
    by: Taker


@event("complaint.vrt_failed")
class VrtFailed:
    """The team could not give what it owes; management is asked."""

    n: int
    vrt_id: UUID
    reason: Personal[str]
    by: Taker


# --- commands -------------------------------------------------------------------------------------

Number = Annotated[int, Between(1, 100_000)]
Percent = Annotated[int, Between(0, 100)]


@command
class FormVrt(Command):
    """Form a team under a lead, whose unit gets a part in the case."""

    vrt_id: UUID
    kind: VrtKind
    lead: Code
    task: Narrative
    unit: Code = "technical"


@command
class ReportVrtFinding(Command):
    """Report what quality team `n` found."""

    n: Number
    defect_exists: bool
    finding: Narrative
    manufacturer_percent: Percent = 0
    dealer_percent: Percent = 0
    supplier_percent: Percent = 0
    customer_percent: Percent = 0
    solution: Narrative | None = None


@command
class MakeVrtProposal(Command):
    """Make the proposal of team `n`, which is not a quality team."""

    n: Number
    proposal: Narrative


@command
class ReportVrtFailure(Command):
    """Say that team `n` cannot give what it owes, and why."""

    n: Number
    reason: Narrative


# --- refusals -------------------------------------------------------------------------------------


class VrtNotFound(NotFound, code="complaint.vrt_not_found"):
    """The case has no VRT of this number."""


class VrtAlreadyReported(Refusal, code="complaint.vrt_already_reported"):
    """This VRT has given its finding or proposal, or has failed."""


class VrtOwesFinding(Refusal, code="complaint.vrt_owes_finding"):
    """A quality VRT gives a finding, not a proposal."""


class VrtOwesProposal(Refusal, code="complaint.vrt_owes_proposal"):
    """Only a quality VRT gives a finding; any other gives a proposal."""


class VrtNotLedByYou(NotPermitted, code="complaint.vrt_not_led_by_you"):
    """The lead of a VRT reports for it."""


class QualityVrtNotLedByTechnical(NotPermitted, code="complaint.vrt_not_led_by_technical"):
    """A quality VRT is led by a technical specialist."""


class ResponsibilityNotDivided(Unacceptable, code="complaint.responsibility_not_divided"):
    """The shares of responsibility sum up to 100 per cent, or are all 0 where no defect exists."""


class SolutionMissing(Unacceptable, code="complaint.solution_missing"):
    """Where a defect exists, the finding gives the technical solution."""


# --- rules ----------------------------------------------------------------------------------------

VrtReportCommand = ReportVrtFinding | MakeVrtProposal | ReportVrtFailure
VrtReport = VrtFindingReported | VrtProposalMade | VrtFailed
VrtCommand = FormVrt | VrtReportCommand
VrtEvent = VrtFormed | VrtReport


def decide(case: Complaint, command: VrtCommand, context: Context) -> Sequence[VrtEvent]:
    """Decide on vehicle response teams; each reports once, in one of three ways."""
    registered(case)
    match command:
        case FormVrt():
            return _form(case, command, context)
        case ReportVrtFinding() | MakeVrtProposal() | ReportVrtFailure():
            return _report(case, command, context)
    assert_never(command)


def _form(case: Complaint, command: FormVrt, context: Context) -> Sequence[VrtEvent]:
    made = VrtFormed(
        vrt_id=command.vrt_id,
        n=case.number_of(VrtFormed) + 1,
        kind=command.kind,
        lead=command.lead,
        unit=command.unit,
        task=command.task,
        by=taker(context.actor),
    )
    if has_item(case, command.vrt_id, made):
        return []
    open_case(case)
    take(case, context, Step.VRT)
    organisation(context).check_unit(command.unit)
    return [made]


def _report(case: Complaint, command: VrtReportCommand, context: Context) -> Sequence[VrtEvent]:
    team = case.numbered(VrtFormed, command.n)
    if team is None:
        raise VrtNotFound(n=command.n)
    made = _reported(team, command, context)
    standing = case.outcomes.get(team.vrt_id)
    if standing is not None:
        if same_wish(standing, made):
            return []
        raise VrtAlreadyReported(n=command.n)
    open_case(case)
    take(case, context, Step.VRT_REPORT)
    quality = team.kind is VrtKind.QUALITY
    if quality and isinstance(made, VrtProposalMade):
        raise VrtOwesFinding(n=command.n)
    if not quality and isinstance(made, VrtFindingReported):
        raise VrtOwesProposal(n=command.n)
    if context.actor.id != team.lead:
        raise VrtNotLedByYou(n=command.n)
    if quality and not context.actor.has(Role.TECHNICAL):
        raise QualityVrtNotLedByTechnical(n=command.n)
    if isinstance(made, VrtFindingReported):
        _check_finding(made)
    return [made]


def _reported(team: VrtFormed, command: VrtReportCommand, context: Context) -> VrtReport:
    by = taker(context.actor)
    match command:
        case ReportVrtFinding():
            return VrtFindingReported(
                n=command.n,
                vrt_id=team.vrt_id,
                defect_exists=command.defect_exists,
                manufacturer_percent=command.manufacturer_percent,
                dealer_percent=command.dealer_percent,
                supplier_percent=command.supplier_percent,
                customer_percent=command.customer_percent,
                finding=command.finding,
                solution=command.solution,
                by=by,
            )
        case MakeVrtProposal():
            return VrtProposalMade(
                n=command.n, vrt_id=team.vrt_id, proposal=command.proposal, by=by
            )
        case ReportVrtFailure():
            return VrtFailed(n=command.n, vrt_id=team.vrt_id, reason=command.reason, by=by)
    assert_never(command)


def _check_finding(finding: VrtFindingReported) -> None:
    divided = (
        finding.manufacturer_percent
        + finding.dealer_percent
        + finding.supplier_percent
        + finding.customer_percent
    )
    if divided != 100 and (finding.defect_exists or divided != 0):
        raise ResponsibilityNotDivided(sum_percent=divided)
    if finding.defect_exists and finding.solution is None:
        raise SolutionMissing


# --- what follows ---------------------------------------------------------------------------------


def _formed(case: Complaint, event: VrtFormed) -> Complaint:
    return case.after(
        status=handled(case),
        items=case.items.with_item(event.vrt_id, event),
        taken=case.taken.take(Step.VRT, event.by).undo((Step.VRT_REPORT,)),
        work=case.work._replace(vrts_open=case.work.vrts_open | {event.vrt_id}),
        asked_units=case.asked_units | {event.unit},
    )


def _followed(case: Complaint, event: VrtReport) -> Complaint:
    still_open = case.work.vrts_open - {event.vrt_id}
    taken = case.taken.take(Step.VRT_REPORT, event.by)
    return case.after(
        outcomes=case.outcomes.with_item(event.vrt_id, event),
        taken=taken.undo((Step.VRT_REPORT,)) if still_open else taken,
        work=case.work._replace(vrts_open=still_open),
    )


FOLLOW: Follow = {
    VrtFormed: _formed,
    VrtFindingReported: _followed,
    VrtProposalMade: _followed,
    VrtFailed: _followed,
}
