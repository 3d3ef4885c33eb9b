"""Control: each action against its time, then the final control, then the customer is informed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import Instant, Items, Line, Narrative, Personal, Text
from domain.procedure import Taker, taker
from domain.referral.case import Follow, Referral, has_item, open_case, past, received, take
from domain.referral.distribution import back, sent_back
from domain.referral.papers import papers
from domain.referral.words import (
    DONE,
    ControlOutcome,
    ControlVerdict,
    InformingChannel,
    ReferralStatus,
    ReferralStep,
)

# --- events ---------------------------------------------------------------------------------------


@event("referral.action_controlled")
class ActionControlled:
    """An action was held against its time; `verdict` is what that found then."""

    control_id: UUID
    action: str
    due_at: datetime | None
    done_at: datetime | None
    verdict: ControlVerdict
    note: Personal[str] | None
    by: Taker


@event("referral.final_control_passed")
class FinalControlPassed:
    """The special-customers expert accepts what was done."""

    control_id: UUID
    remark: Personal[str] | None
    controlled_at: datetime
    by: Taker


@event("referral.sent_back")
class ReferralSentBack:
    """The special-customers expert sends it back; the steps `undone` are to be taken anew."""

    control_id: UUID
    reason: Personal[str]
    undone: tuple[str, ...]
    by: Taker


@event("referral.customer_informed")
class CustomerInformed:
    """The customer was told of the result, and what shows it."""

    information_id: UUID
    channel: InformingChannel
    informed_at: datetime
    content: Personal[str]
    evidence: Personal[str] | None
    paper_ids: tuple[UUID, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------

Action = Annotated[str, Text(max=64, pattern=r"^[a-z][a-z0-9_]*$")]


@command
class ControlAction(Command):
    """Hold an action against its time; without `done_at` it is not done."""

    control_id: UUID
    action: Action
    due_at: Instant | None = None
    done_at: Instant | None = None
    note: Line | None = None


@command
class FinalControl(Command):
    """Accept what was done, or send it back with a reason (`remark`)."""

    control_id: UUID
    outcome: ControlOutcome
    remark: Narrative | None = None


@command
class InformCustomer(Command):
    """Record how and when the customer was informed, with what shows it; without when, now."""

    information_id: UUID
    channel: InformingChannel
    content: Narrative
    informed_at: Instant | None = None
    evidence: Line | None = None
    paper_ids: Annotated[tuple[UUID, ...], Items(max=50)] = ()


# --- refusals -------------------------------------------------------------------------------------


class ActionsOutstanding(Refusal, code="referral.actions_outstanding"):
    """An action that was controlled is not done yet; control it again when it is."""


class SendingBackNeedsReason(Unacceptable, code="referral.sending_back_needs_reason"):
    """Whoever sends a case back says why."""


class CustomerInformedTooEarly(Refusal, code="referral.customer_informed_too_early"):
    """The customer is informed of the result after the final control, not before."""


class InformationNotProven(Unacceptable, code="referral.information_not_proven"):
    """That the customer was informed is shown: by a paper of the case, or by what proves it."""


# --- rules ----------------------------------------------------------------------------------------

ControlCommand = ControlAction | FinalControl | InformCustomer
ControlEvent = ActionControlled | FinalControlPassed | ReferralSentBack | CustomerInformed


def decide(case: Referral, command: ControlCommand, context: Context) -> Sequence[ControlEvent]:
    """Decide on the controls and on the information of the customer."""
    received(case)
    match command:
        case ControlAction():
            return _control(case, command, context)
        case FinalControl(outcome=ControlOutcome.ACCEPTED):
            return _accept(case, command, context)
        case FinalControl():
            return _send_back(case, command, context)
        case InformCustomer():
            return _inform(case, command, context)
    assert_never(command)


def _control(case: Referral, command: ControlAction, context: Context) -> Sequence[ControlEvent]:
    made = ActionControlled(
        control_id=command.control_id,
        action=command.action,
        due_at=command.due_at,
        done_at=command.done_at,
        verdict=_verdict(command, context.now),
        note=command.note,
        by=taker(context.actor),
    )
    if has_item(case, command.control_id, made):
        return []
    open_case(case)
    take(case, context, ReferralStep.ACTION_CONTROL)
    if command.done_at is not None:
        past(command.done_at, context)
    return [made]


def _verdict(command: ControlAction, now: datetime) -> ControlVerdict:
    due_at, done_at = command.due_at, command.done_at
    in_time = due_at is None or (now if done_at is None else done_at) <= due_at
    if done_at is None:
        return ControlVerdict.OUTSTANDING if in_time else ControlVerdict.OVERDUE
    return ControlVerdict.IN_TIME if in_time else ControlVerdict.LATE


def _accept(case: Referral, command: FinalControl, context: Context) -> Sequence[ControlEvent]:
    made = FinalControlPassed(
        control_id=command.control_id,
        remark=command.remark,
        controlled_at=context.now,
        by=taker(context.actor),
    )
    if has_item(case, command.control_id, made):
        return []
    open_case(case)
    take(case, context, ReferralStep.FINAL_CONTROL, variant=command.outcome)
    owed = [name for name, control in case.actions.items() if control.verdict not in DONE]
    if owed:
        raise ActionsOutstanding(actions=sorted(owed))
    return [made]


def _send_back(case: Referral, command: FinalControl, context: Context) -> Sequence[ControlEvent]:
    if command.remark is None:
        raise SendingBackNeedsReason
    made = ReferralSentBack(
        control_id=command.control_id,
        reason=command.remark,
        undone=sent_back(case, context),
        by=taker(context.actor),
    )
    if has_item(case, command.control_id, made):
        return []
    open_case(case)
    take(case, context, ReferralStep.FINAL_CONTROL, variant=command.outcome)
    return [made]


def _inform(case: Referral, command: InformCustomer, context: Context) -> Sequence[ControlEvent]:
    standing = case.items.get(command.information_id)
    informed_at = past(command.informed_at, context)
    if command.informed_at is None and isinstance(standing, CustomerInformed):
        informed_at = standing.informed_at
    made = CustomerInformed(
        information_id=command.information_id,
        channel=command.channel,
        informed_at=informed_at,
        content=command.content,
        evidence=command.evidence,
        paper_ids=command.paper_ids,
        by=taker(context.actor),
    )
    if has_item(case, command.information_id, made):
        return []
    open_case(case)
    if case.controlled_at is None:  # whatever the procedure in force says
        raise CustomerInformedTooEarly
    take(case, context, ReferralStep.CUSTOMER_INFORMATION)
    if informed_at < case.controlled_at:
        raise CustomerInformedTooEarly(controlled_at=case.controlled_at.isoformat())
    if command.evidence is None and not command.paper_ids:
        raise InformationNotProven
    papers(case, command.paper_ids)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _controlled(case: Referral, event: ActionControlled) -> Referral:
    return case.after(
        actions={**case.actions, event.action: event},
        items=case.items.with_item(event.control_id, event),
        taken=case.taken.take(ReferralStep.ACTION_CONTROL, event.by),
    )


def _passed(case: Referral, event: FinalControlPassed) -> Referral:
    return case.after(
        status=ReferralStatus.CONTROLLED,
        controlled_at=event.controlled_at,
        items=case.items.with_item(event.control_id, event),
        taken=case.taken.take(ReferralStep.FINAL_CONTROL, event.by),
    )


def _sent_back(case: Referral, event: ReferralSentBack) -> Referral:
    items = case.items.with_item(event.control_id, event)
    return back(case, event.undone)._replace(items=items)


def _informed(case: Referral, event: CustomerInformed) -> Referral:
    return case.after(
        status=ReferralStatus.INFORMED,
        informed_at=event.informed_at,
        items=case.items.with_item(event.information_id, event),
        taken=case.taken.take(ReferralStep.CUSTOMER_INFORMATION, event.by),
    )


FOLLOW: Follow = {
    ActionControlled: _controlled,
    FinalControlPassed: _passed,
    ReferralSentBack: _sent_back,
    CustomerInformed: _informed,
}
