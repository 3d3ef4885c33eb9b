"""VRT: a vehicle response team is formed and gives a finding, a proposal, or up."""

from typing import Annotated
from uuid import UUID

from domain.complaint.words import VrtKind
from domain.declare import Command, NotFound, NotPermitted, Refusal, Unacceptable, command, event
from domain.fields import Between, Code, Narrative, Personal
from domain.procedure import Taker

# --- events ---------------------------------------------------------------------------------------


@event("complaint.vrt_formed")
class VrtFormed:
    """A team was formed; `n` counts the teams of the case from 1, `lead` is an account."""

    vrt_id: UUID
    n: int
    kind: VrtKind
    lead: str
    task: Personal[str]
    by: Taker


@event("complaint.vrt_finding_reported")
class VrtFindingReported:
    """A quality team's finding: does the defect exist, who answers for it, what is the solution.

    The shares of responsibility are whole percents whose sum is 100, or all 0 without a defect.
    """

    n: int
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
    proposal: Personal[str]
    by: Taker


@event("complaint.vrt_failed")
class VrtFailed:
    """The team could not give what it owes; management is asked."""

    n: int
    reason: Personal[str]
    by: Taker


# --- commands -------------------------------------------------------------------------------------

Number = Annotated[int, Between(1, 100_000)]
Percent = Annotated[int, Between(0, 100)]


@command
class FormVrt(Command):
    """Form a team under a lead."""

    vrt_id: UUID
    kind: VrtKind
    lead: Code
    task: Narrative


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


class VrtStillAtWork(Refusal, code="complaint.vrt_still_at_work"):
    """A VRT of this case has not reported yet; another one is formed after it has."""


class VrtAlreadyReported(Refusal, code="complaint.vrt_already_reported"):
    """This VRT has given its finding or proposal, or has failed."""


class VrtOwesFinding(Refusal, code="complaint.vrt_owes_finding"):
    """A quality VRT gives a finding, not a proposal."""


class VrtOwesProposal(Refusal, code="complaint.vrt_owes_proposal"):
    """Only a quality VRT gives a finding; any other gives a proposal."""


class VrtNotLedByYou(NotPermitted, code="complaint.vrt_not_led_by_you"):
    """The lead of a VRT reports for it."""


class ResponsibilityNotDivided(Unacceptable, code="complaint.responsibility_not_divided"):
    """The shares of responsibility sum up to 100 per cent, or are all 0 where no defect exists."""


class SolutionMissing(Unacceptable, code="complaint.solution_missing"):
    """Where a defect exists, the finding gives the technical solution."""
