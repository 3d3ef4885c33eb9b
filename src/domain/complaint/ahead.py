"""What is ahead of a complaint: the steps that can be taken next, given where it stands."""

from collections.abc import Sequence
from dataclasses import replace

from domain import procedure as steps
from domain.complaint.words import ENDED, Status, Step
from domain.procedure import Next, Procedure, Taken


def next_steps(procedure: Procedure, taken: Taken, status: Status) -> Sequence[Next]:
    """Return the steps that can be taken next, in the procedure's order.

    A complaint judged invalid is answered, and nothing else; no other one is answered in that way.
    """
    if status in ENDED:
        return []
    ahead = steps.next_steps(procedure, taken)
    if status is Status.INVALID:
        return [replace(step, optional=False) for step in ahead if _answers_invalid(step)]
    return [step for step in ahead if not _answers_invalid(step)]


def _answers_invalid(step: Next) -> bool:
    return step.name == Step.INVALID_ANSWER
