"""The referral's decider: every command to the phase that decides on it, every event to its."""

from collections.abc import Sequence
from typing import Any, assert_never

from domain.clocks.unsaid import unsaid
from domain.declare import Claim, Context, Decider
from domain.referral import (
    clocks,
    control,
    distribution,
    ending,
    escalation,
    intake,
    keeping_time,
    moves,
    papers,
    replies,
)
from domain.referral.case import Follow, Referral, parties, subject

ReferralCommand = (
    intake.IntakeCommand
    | papers.PapersCommand
    | distribution.DistributionCommand
    | control.ControlCommand
    | replies.RepliesCommand
    | ending.EndingCommand
    | moves.MovesCommand
    | escalation.EscalationCommand
)
ReferralEvent = (
    intake.IntakeEvent
    | papers.PapersEvent
    | distribution.DistributionEvent
    | control.ControlEvent
    | replies.RepliesEvent
    | ending.EndingEvent
    | clocks.ClocksEvent
    | escalation.EscalationEvent
)


def decide(case: Referral, command: ReferralCommand, context: Context) -> Sequence[ReferralEvent]:
    """Return the events that grant the command, with what they mean for the clocks, or refuse."""
    book, made = case.clocks, list[ReferralEvent]()
    for decided in _decide(case, command, context):
        case = evolve(case, decided)
        made.append(decided)
        for following in keeping_time.follow(case, decided, context):
            case = evolve(case, following)
            made.append(following)
        for ended in escalation.follow(case, decided):
            case = evolve(case, ended)
            made.append(ended)
    place, late = unsaid(book, made, context.now)
    breaches = [
        clocks.ReferralDeadlineBreached(n=clock.n, due_at=clock.due_at)
        for clock in late
        if clock.due_at is not None
    ]
    return [*made[:place], *breaches, *made[place:]]


def _decide(case: Referral, command: ReferralCommand, context: Context) -> Sequence[ReferralEvent]:
    match command:
        case (
            intake.ReceiveReferral()
            | intake.RegisterReferral()
            | intake.IdentifyReferralComplainant()
        ):
            return intake.decide(case, command, context)
        case papers.RecordMilestone() | papers.AddReferralDocument():
            return papers.decide(case, command, context)
        case (
            distribution.DistributeReferral()
            | distribution.LinkComplaint()
            | distribution.ConcludeHandling()
            | distribution.ResumeHandling()
        ):
            return distribution.decide(case, command, context)
        case control.ControlAction() | control.FinalControl() | control.InformCustomer():
            return control.decide(case, command, context)
        case replies.PrepareReply() | replies.SendReply():
            return replies.decide(case, command, context)
        case ending.CloseReferral() | ending.WithdrawReferral():
            return ending.decide(case, command, context)
        case (
            escalation.EscalateReferral()
            | escalation.ClimbReferralEscalation()
            | escalation.AcknowledgeReferralEscalation()
        ):
            return escalation.decide(case, command, context)
        case (
            moves.PauseReferralClocks()
            | moves.EndReferralPause()
            | moves.SetReferralDeadline()
            | moves.ExtendReferralClock()
            | moves.ResetReferralClock()
            | moves.CancelReferralClock()
            | moves.StopReferralClock()
            | moves.RederiveReferralClocks()
            | moves.WarnOfReferralDeadline()
            | moves.ForeseeReferralBreach()
            | moves.RecordReferralBreach()
        ):
            return moves.decide(case, command, context)
    assert_never(command)


FOLLOW: Follow = {
    **intake.FOLLOW,
    **papers.FOLLOW,
    **distribution.FOLLOW,
    **control.FOLLOW,
    **replies.FOLLOW,
    **ending.FOLLOW,
    **clocks.FOLLOW,
    **escalation.FOLLOW,
}


def evolve(case: Referral, event: ReferralEvent) -> Referral:
    """Return the case one event later."""
    return FOLLOW[type(event)](case, event)


def claims(_case: Referral, event: Any) -> Sequence[Claim]:
    """Return what belongs to this case alone: an authority's letter, and our own number.

    A letter that comes through a system and again by courier is one special case.
    """
    match event:
        case intake.ReferralReceived():
            return [Claim("authority_letter", f"{event.authority}\n{event.letter_number}")]
        case intake.ReferralRegistered():
            return [Claim("referral_number", event.number)]
    return ()


DECIDER: Decider[Referral, ReferralCommand, ReferralEvent] = Decider(
    category="referral",
    initial=Referral(),
    decide=decide,
    evolve=evolve,
    commands=(
        intake.ReceiveReferral,
        intake.RegisterReferral,
        intake.IdentifyReferralComplainant,
        papers.RecordMilestone,
        papers.AddReferralDocument,
        distribution.DistributeReferral,
        distribution.LinkComplaint,
        distribution.ConcludeHandling,
        distribution.ResumeHandling,
        control.ControlAction,
        control.FinalControl,
        control.InformCustomer,
        replies.PrepareReply,
        replies.SendReply,
        ending.CloseReferral,
        ending.WithdrawReferral,
        moves.PauseReferralClocks,
        moves.EndReferralPause,
        moves.SetReferralDeadline,
        moves.ExtendReferralClock,
        moves.ResetReferralClock,
        moves.CancelReferralClock,
        moves.StopReferralClock,
        moves.RederiveReferralClocks,
        moves.WarnOfReferralDeadline,
        moves.ForeseeReferralBreach,
        moves.RecordReferralBreach,
        escalation.EscalateReferral,
        escalation.ClimbReferralEscalation,
        escalation.AcknowledgeReferralEscalation,
    ),
    opens=(intake.ReceiveReferral,),
    events=tuple(FOLLOW),
    parties=parties,
    subject=subject,
    claims=claims,
)
