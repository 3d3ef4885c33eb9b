"""The way of a case through its steps: in which one it is, since when, and of what sort it is.

The forecast and the estimates it goes by must mean the same by a step, so both fold this.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain import complaint as c
from store.log import Recorded

MILESTONES: tuple[str, ...] = (
    "complaint.registered",
    "complaint.judged_valid",
    "complaint.judged_invalid",
    "complaint.invalid_answered",
    "complaint.classified",
    "complaint.graded",
    "complaint.assigned",
    "complaint.vrt_formed",
    "complaint.vrt_finding_reported",
    "complaint.vrt_proposal_made",
    "complaint.vrt_failed",
    "complaint.plan_submitted",
    "complaint.plan_approved",
    "complaint.plan_rejected",
    "complaint.plan_carried_out",
    "complaint.work_completed",
    "complaint.result_announced",
    "complaint.result_confirmed",
    "complaint.result_not_confirmed",
    "complaint.closed",
    "complaint.reopened",
    "referral.received",
    "referral.registered",
    "referral.distributed",
    "referral.handling_concluded",
    "referral.handling_resumed",
    "referral.final_control_passed",
    "referral.sent_back",
    "referral.customer_informed",
    "referral.reply_prepared",
    "referral.reply_sent",
    "referral.closed",
    "referral.withdrawn",
)
"""Stored names of the events with which a step begins; the step is called by that name."""

CARRIED_OVER = "complaint.step_carried_over"

CARRIED_OVER_BY = "carried_over"
"""The procedure of cases that another system had before."""

TOPICS: tuple[str, ...] = (*MILESTONES, CARRIED_OVER)
"""What the journey is folded from."""

_BEGIN = frozenset(MILESTONES)
_ENDS = frozenset(
    {"complaint.closed", "complaint.invalid_answered", "referral.closed", "referral.withdrawn"}
)

_CARRIED_MEANINGS = {
    c.CarriedMeaning.ASSIGNED: "complaint.assigned",
    c.CarriedMeaning.COMPLETED: "complaint.work_completed",
    c.CarriedMeaning.CLOSED: "complaint.closed",
    c.CarriedMeaning.CANCELLED: "complaint.closed",
    c.CarriedMeaning.REOPENED: "complaint.reopened",
}
"""With which step a row of another system begins; other rows are of the step the case is in."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a case is on its way: `step` is the stored name of the event that began the step.

    `carried_at` is when the newest of what another system knew of it came in, if any did.
    """

    stream: UUID
    step: str
    entered_at: datetime
    kind: str | None = None
    priority: str | None = None
    carried_at: datetime | None = None
    ended: bool = False

    @property
    def category(self) -> str:
        """Return what kind of case it is: `complaint`, `referral`."""
        return self.step.partition(".")[0]


def begun(recorded: Recorded) -> Journey:
    """Return the journey at the first event that is known of a case."""
    return Journey(recorded.stream, recorded.topic, recorded.recorded_at)


def followed(journey: Journey, recorded: Recorded) -> Journey:
    """Return the journey one event later; the same object where the event says nothing of it."""
    event = recorded.event
    if isinstance(event, c.StepCarriedOver):
        return _carried(journey, event, recorded)
    if recorded.topic not in _BEGIN:
        return journey
    entered = replace(
        journey,
        step=recorded.topic,
        entered_at=recorded.recorded_at,
        ended=recorded.topic in _ENDS,
    )
    match event:
        case c.ComplaintRegistered():
            entered = replace(entered, kind=event.kind.value)
            if event.procedure.name != CARRIED_OVER_BY:
                return entered
            came_at = recorded.recorded_at
            return replace(entered, entered_at=event.received_at, carried_at=came_at)
        case c.ComplaintClassified():
            return replace(entered, kind=event.kind.value)
        case c.ComplaintGraded():
            return replace(entered, priority=event.priority.value)
    return entered


def _carried(journey: Journey, event: c.StepCarriedOver, recorded: Recorded) -> Journey:
    step = _CARRIED_MEANINGS.get(event.meaning)
    priority = journey.priority if event.priority is None else event.priority.value
    return Journey(
        stream=journey.stream,
        step=journey.step if step is None else step,
        entered_at=journey.entered_at if step is None else event.happened_at,
        kind=journey.kind,
        priority=priority,
        carried_at=recorded.recorded_at,
        ended=journey.ended if step is None else step in _ENDS,
    )
