from domain import complaint as c
from domain.declare import Role
from domain.organisation import UnitUnknown
from domain.procedure import StepNotInProcedure, StepNotYours
from tests.domain.complaint.desk import (
    DEALER,
    EXPERT,
    QUALITY,
    SALES,
    SPECIALIST,
    TECHNICAL,
    actor,
    an_id,
    by,
)
from tests.scenario import CASE

QUALITY_TEAM = c.VrtFormed(
    vrt_id=an_id(60),
    n=1,
    kind=c.VrtKind.QUALITY,
    lead="tara",
    unit="technical",
    task="Is it the disc?",
    by=by(EXPERT),
)
SERVICE_TEAM = c.VrtFormed(
    vrt_id=an_id(61),
    n=1,
    kind=c.VrtKind.SERVICE,
    lead="sara",
    unit="technical",
    task="Find a way.",
    by=by(EXPERT),
)
WITH_QUALITY_TEAM = QUALITY.given(QUALITY_TEAM)
WITH_SERVICE_TEAM = QUALITY.given(SERVICE_TEAM)


def form(number: int, kind: c.VrtKind, lead: str, task: str) -> c.FormVrt:
    return c.FormVrt(stream=CASE, vrt_id=an_id(number), kind=kind, lead=lead, task=task)


def find(
    n: int = 1,
    *,
    exists: bool = True,
    maker: int = 80,
    dealer: int = 20,
    solution: str | None = "Other discs.",
) -> c.ReportVrtFinding:
    return c.ReportVrtFinding(
        stream=CASE,
        n=n,
        defect_exists=exists,
        finding="The disc is warped.",
        manufacturer_percent=maker,
        dealer_percent=dealer,
        solution=solution,
    )


def propose(n: int = 1, proposal: str = "A loan car.") -> c.MakeVrtProposal:
    return c.MakeVrtProposal(stream=CASE, n=n, proposal=proposal)


def fail(n: int = 1, reason: str = "No part to compare with.") -> c.ReportVrtFailure:
    return c.ReportVrtFailure(stream=CASE, n=n, reason=reason)


FOUND = c.VrtFindingReported(
    n=1,
    vrt_id=an_id(60),
    defect_exists=True,
    manufacturer_percent=80,
    dealer_percent=20,
    supplier_percent=0,
    customer_percent=0,
    finding="The disc is warped.",
    solution="Other discs.",
    by=by(TECHNICAL),
)


def test_a_team_is_formed_and_counted() -> None:
    case = QUALITY.when(form(60, c.VrtKind.QUALITY, "tara", "Is it the disc?"), by=EXPERT).then(
        QUALITY_TEAM
    )
    case.when(form(61, c.VrtKind.SERVICE, "sara", "Find a way."), by=EXPERT).then(
        c.VrtFormed(
            vrt_id=an_id(61),
            n=2,
            kind=c.VrtKind.SERVICE,
            lead="sara",
            unit="technical",
            task="Find a way.",
            by=by(EXPERT),
        )
    )
    case.when(form(60, c.VrtKind.QUALITY, "tara", "Is it the pad?"), by=EXPERT).refused(
        c.ItemExists
    )


def test_a_team_supports_where_the_procedure_has_one() -> None:
    command = form(60, c.VrtKind.SALES, "erfan", "Find a way.")
    SALES.when(command, by=EXPERT).refused(StepNotInProcedure, step="vrt")
    QUALITY.when(command, by=DEALER).refused(StepNotYours)


def test_a_quality_team_gives_its_finding() -> None:
    case = WITH_QUALITY_TEAM.when(find(), by=TECHNICAL).then(FOUND)
    case.when(find(maker=100, dealer=0), by=TECHNICAL).refused(c.VrtAlreadyReported, n=1)
    case.when(fail(), by=TECHNICAL).refused(c.VrtAlreadyReported, n=1)


def test_a_finding_without_a_defect_divides_nothing() -> None:
    WITH_QUALITY_TEAM.when(find(exists=False, maker=0, dealer=0, solution=None), by=TECHNICAL).then(
        c.VrtFindingReported(
            n=1,
            vrt_id=an_id(60),
            defect_exists=False,
            manufacturer_percent=0,
            dealer_percent=0,
            supplier_percent=0,
            customer_percent=0,
            finding="The disc is warped.",
            solution=None,
            by=by(TECHNICAL),
        )
    )


def test_a_finding_divides_the_responsibility_and_gives_the_solution() -> None:
    WITH_QUALITY_TEAM.when(find(maker=80, dealer=10), by=TECHNICAL).refused(
        c.ResponsibilityNotDivided, sum_percent=90
    )
    WITH_QUALITY_TEAM.when(find(maker=0, dealer=0), by=TECHNICAL).refused(
        c.ResponsibilityNotDivided
    )
    WITH_QUALITY_TEAM.when(find(solution=None), by=TECHNICAL).refused(c.SolutionMissing)


def test_any_other_team_makes_a_proposal() -> None:
    case = WITH_SERVICE_TEAM.when(propose(), by=SPECIALIST).then(
        c.VrtProposalMade(n=1, vrt_id=an_id(61), proposal="A loan car.", by=by(SPECIALIST))
    )
    case.when(propose(proposal="A taxi."), by=SPECIALIST).refused(c.VrtAlreadyReported)


def test_each_team_gives_what_it_owes() -> None:
    WITH_QUALITY_TEAM.when(propose(), by=TECHNICAL).refused(c.VrtOwesFinding)
    WITH_SERVICE_TEAM.when(find(), by=SPECIALIST).refused(c.VrtOwesProposal)


def test_a_team_can_fail() -> None:
    WITH_QUALITY_TEAM.when(fail(), by=TECHNICAL).then(
        c.VrtFailed(n=1, vrt_id=an_id(60), reason="No part to compare with.", by=by(TECHNICAL))
    )


def test_the_lead_reports_for_the_team() -> None:
    WITH_QUALITY_TEAM.when(find(), by=EXPERT).refused(c.VrtNotLedByYou)
    no_technician = actor("tara", Role.EXPERT)
    WITH_QUALITY_TEAM.when(find(), by=no_technician).refused(c.QualityVrtNotLedByTechnical)


def test_a_team_that_was_not_formed_does_not_report() -> None:
    QUALITY.when(find(), by=TECHNICAL).refused(c.VrtNotFound, n=1)


def test_the_unit_of_the_lead_gets_a_part_in_the_case() -> None:
    assert "technical" not in c.DECIDER.parties(QUALITY.state).units
    assert "technical" in c.DECIDER.parties(WITH_QUALITY_TEAM.state).units
    lost = c.FormVrt(
        stream=CASE, vrt_id=an_id(60), kind=c.VrtKind.OTHER, lead="sara", task="?", unit="garage"
    )
    QUALITY.when(lost, by=EXPERT).refused(UnitUnknown, unit="garage")
