"""The complaint's decider: every command to the phase that decides on it, every event to its."""

from collections.abc import Sequence
from typing import assert_never

from domain.complaint import (
    beyond,
    carried_over,
    clock_acts,
    clocks,
    closure,
    corrections,
    crisis,
    escalating,
    escalation,
    guidance,
    inquiries,
    intake,
    judgement,
    papers,
    plan,
    result,
    sorting,
    vrt,
)
from domain.complaint.case import Complaint, Follow, parties, subject
from domain.complaint.consequences import with_consequences
from domain.declare import Context, Decider

ComplaintCommand = (
    intake.IntakeCommand
    | judgement.JudgementCommand
    | sorting.SortingCommand
    | inquiries.InquiriesCommand
    | guidance.GuidanceCommand
    | papers.PapersCommand
    | vrt.VrtCommand
    | plan.PlanCommand
    | result.ResultCommand
    | closure.ClosureCommand
    | corrections.CorrectComplaint
    | beyond.BeyondCommand
    | crisis.CrisisCommand
    | carried_over.CarryOverStep
    | clocks.ClocksCommand
    | escalation.EscalationCommand
)
ComplaintEvent = (
    intake.IntakeEvent
    | judgement.JudgementEvent
    | sorting.SortingEvent
    | inquiries.InquiriesEvent
    | guidance.GuidanceEvent
    | papers.PapersEvent
    | vrt.VrtEvent
    | plan.PlanEvent
    | result.ResultEvent
    | closure.ClosureEvent
    | corrections.ComplaintCorrected
    | beyond.BeyondEvent
    | crisis.CrisisEvent
    | carried_over.StepCarriedOver
    | clocks.ClocksEvent
    | escalation.EscalationEvent
)


def decide(
    case: Complaint, command: ComplaintCommand, context: Context
) -> Sequence[ComplaintEvent]:
    """Return the events that grant the command, none if it is granted already, or refuse it.

    What they mean for the clocks of the case and for its escalations is decided with them.
    """
    made = _granted(case, command, context)
    return with_consequences(case, made, context, evolve) if made else made


def _granted(
    case: Complaint, command: ComplaintCommand, context: Context
) -> Sequence[ComplaintEvent]:
    match command:
        case intake.RegisterComplaint() | intake.IdentifyComplainant() | intake.LinkVehicle():
            return intake.decide(case, command, context)
        case judgement.JudgeComplaint() | judgement.AnswerInvalidComplaint():
            return judgement.decide(case, command, context)
        case sorting.ClassifyComplaint() | sorting.GradeComplaint() | sorting.AssignComplaint():
            return sorting.decide(case, command, context)
        case inquiries.SendInquiry() | inquiries.AnswerInquiry():
            return inquiries.decide(case, command, context)
        case guidance.GiveInstruction() | guidance.SendReminder():
            return guidance.decide(case, command, context)
        case papers.RecordCorrespondence() | papers.AddDocument():
            return papers.decide(case, command, context)
        case (
            vrt.FormVrt() | vrt.ReportVrtFinding() | vrt.MakeVrtProposal() | vrt.ReportVrtFailure()
        ):
            return vrt.decide(case, command, context)
        case (
            plan.SubmitPlan()
            | plan.ApprovePlan()
            | plan.RejectPlan()
            | plan.CarryOutPlan()
            | plan.CompleteWork()
        ):
            return plan.decide(case, command, context)
        case result.AnnounceResult() | result.ConfirmResult():
            return result.decide(case, command, context)
        case closure.CloseComplaint() | closure.ReopenComplaint() | closure.RecordCallback():
            return closure.decide(case, command, context)
        case corrections.CorrectComplaint():
            return corrections.decide(case, command, context)
        case (
            beyond.OpenArbitration()
            | beyond.EndArbitration()
            | beyond.OpenLitigation()
            | beyond.EndLitigation()
        ):
            return beyond.decide(case, command, context)
        case crisis.DeclareCrisis() | crisis.IssueCrisisBulletin() | crisis.EndCrisis():
            return crisis.decide(case, command, context)
        case carried_over.CarryOverStep():
            return carried_over.decide(case, command, context)
        case (
            clocks.PauseClocks()
            | clocks.EndPause()
            | clocks.SetDeadline()
            | clocks.MakePromise()
            | clocks.ExtendClock()
            | clocks.ResetClock()
            | clocks.CancelClock()
            | clocks.StopClock()
            | clocks.RederiveClocks()
            | clocks.WarnOfDeadline()
            | clocks.ForeseeBreach()
            | clocks.RecordBreach()
        ):
            return clock_acts.decide(case, command, context)
        case (
            escalation.EscalateComplaint()
            | escalation.ClimbEscalation()
            | escalation.AcknowledgeEscalation()
        ):
            return escalating.decide(case, command, context)
    assert_never(command)


FOLLOW: Follow = {
    **intake.FOLLOW,
    **judgement.FOLLOW,
    **sorting.FOLLOW,
    **inquiries.FOLLOW,
    **guidance.FOLLOW,
    **papers.FOLLOW,
    **vrt.FOLLOW,
    **plan.FOLLOW,
    **result.FOLLOW,
    **closure.FOLLOW,
    **corrections.FOLLOW,
    **beyond.FOLLOW,
    **crisis.FOLLOW,
    **carried_over.FOLLOW,
    **clocks.FOLLOW,
    **escalation.FOLLOW,
}


def evolve(case: Complaint, event: ComplaintEvent) -> Complaint:
    """Return the case one event later."""
    return FOLLOW[type(event)](case, event)


DECIDER: Decider[Complaint, ComplaintCommand, ComplaintEvent] = Decider(
    category="complaint",
    initial=Complaint(),
    decide=decide,
    evolve=evolve,
    commands=(
        intake.RegisterComplaint,
        judgement.JudgeComplaint,
        judgement.AnswerInvalidComplaint,
        intake.IdentifyComplainant,
        intake.LinkVehicle,
        sorting.ClassifyComplaint,
        sorting.GradeComplaint,
        sorting.AssignComplaint,
        inquiries.SendInquiry,
        inquiries.AnswerInquiry,
        guidance.GiveInstruction,
        guidance.SendReminder,
        papers.RecordCorrespondence,
        papers.AddDocument,
        vrt.FormVrt,
        vrt.ReportVrtFinding,
        vrt.MakeVrtProposal,
        vrt.ReportVrtFailure,
        plan.SubmitPlan,
        plan.ApprovePlan,
        plan.RejectPlan,
        plan.CarryOutPlan,
        plan.CompleteWork,
        result.AnnounceResult,
        result.ConfirmResult,
        closure.CloseComplaint,
        closure.ReopenComplaint,
        closure.RecordCallback,
        corrections.CorrectComplaint,
        beyond.OpenArbitration,
        beyond.EndArbitration,
        beyond.OpenLitigation,
        beyond.EndLitigation,
        crisis.DeclareCrisis,
        crisis.IssueCrisisBulletin,
        crisis.EndCrisis,
        carried_over.CarryOverStep,
        clocks.PauseClocks,
        clocks.EndPause,
        clocks.SetDeadline,
        clocks.MakePromise,
        clocks.ExtendClock,
        clocks.ResetClock,
        clocks.CancelClock,
        clocks.StopClock,
        clocks.RederiveClocks,
        clocks.WarnOfDeadline,
        clocks.ForeseeBreach,
        clocks.RecordBreach,
        escalation.EscalateComplaint,
        escalation.ClimbEscalation,
        escalation.AcknowledgeEscalation,
    ),
    opens=(intake.RegisterComplaint,),
    events=tuple(FOLLOW),
    parties=parties,
    subject=subject,
)
