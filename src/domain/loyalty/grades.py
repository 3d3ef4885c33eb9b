"""A grade follows what was earned, how often, and for how much, in a window of months.

A better grade is held at once. A lesser one is announced by a review and comes after its notice,
unless the figures have recovered by then.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

from domain.declare import Command, Context, Unacceptable, command, event
from domain.fields import Code, Instant
from domain.loyalty.ledger import (
    NO_TALLY,
    Follow,
    Ledger,
    month_of,
    opened,
    programme_of,
    require_another,
    require_officer,
    require_system,
)
from domain.loyalty.opening import past
from domain.loyalty.programme import GradeRules, LoyaltyProgramme, months_after
from domain.loyalty.words import Figures, GradeRule
from domain.rulebook import Pin

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.grade_changed")
class GradeChanged:
    """The customer holds this grade from now on; `review_at` is when it is looked at again.

    `figures` are what it was judged by, None where it was granted.
    """

    grade: str
    was: str | None
    by_rule: GradeRule
    figures: Figures | None
    changed_at: datetime
    review_at: datetime | None
    programme: Pin


@event("loyalty.grade_reviewed")
class GradeReviewed:
    """The grade was looked at and stands; what had been announced does not come."""

    grade: str
    figures: Figures
    review_at: datetime | None
    programme: Pin


@event("loyalty.downgrade_announced")
class DowngradeAnnounced:
    """The figures do not reach the grade any more; if that stays so, this one comes then."""

    grade: str
    effective_at: datetime
    figures: Figures
    programme: Pin


# --- commands -------------------------------------------------------------------------------------


@command
class ReviewGrade(Command):
    """Judge the grade anew, if it is time; done by the system."""

    as_of_at: Instant


@command
class GrantGrade(Command):
    """Let the customer hold a grade whatever the figures are, until the next review."""

    grade: Code


# --- refusals -------------------------------------------------------------------------------------


class GradeUnknown(Unacceptable, code="loyalty.grade_unknown"):
    """The programme has no such grade."""


# --- rules ----------------------------------------------------------------------------------------

GradesCommand = ReviewGrade | GrantGrade
GradesEvent = GradeChanged | GradeReviewed | DowngradeAnnounced


def figures_of(ledger: Ledger, grading: GradeRules, on: date) -> Figures:
    """Return what counts on a day: whole months, this one the last of them."""
    last = month_of(on)
    found = [
        ledger.tallies.get(month) or NO_TALLY
        for month in range(last - grading.window_months + 1, last + 1)
    ]
    return Figures(
        from_on=months_after(on.replace(day=1), 1 - grading.window_months),
        until_on=on,
        points=sum(tally.points for tally in found),
        earnings=sum(tally.earnings for tally in found),
        amount_minor=sum(tally.amount_minor for tally in found),
    )


def can_rise(ledger: Ledger, context: Context, at: datetime) -> bool:
    """Tell whether the programme has a better grade than the ledger's."""
    grading = programme_of(ledger, context, at).content.grading
    return grading is not None and grading.rank(ledger.grade) < len(grading.grades) - 1


def upgrade(ledger: Ledger, context: Context, at: datetime) -> list[GradesEvent]:
    """Return the better grade that the figures reach now, if they do."""
    published = programme_of(ledger, context, at)
    grading = published.content.grading
    if grading is None:
        return []
    figures = figures_of(ledger, grading, published.content.day_of(at))
    reached = grading.reached(figures.points, figures.earnings, figures.amount_minor)
    if grading.rank(reached.code) <= grading.rank(ledger.grade):
        return []
    return [_changed(ledger, reached.code, figures, published.content, published.pin, at)]


def _changed(
    ledger: Ledger,
    grade: str,
    figures: Figures | None,
    programme: LoyaltyProgramme,
    pin: Pin,
    at: datetime,
) -> GradeChanged:
    assert programme.grading is not None
    return GradeChanged(
        grade=grade,
        was=ledger.grade,
        by_rule=GradeRule.GRANTED if figures is None else GradeRule.FIGURES,
        figures=figures,
        changed_at=at,
        review_at=_review_at(programme, grade, at),
        programme=pin,
    )


def _review_at(programme: LoyaltyProgramme, grade: str, at: datetime) -> datetime | None:
    """Return the beginning of the month in which a grade is judged anew; the lowest never is."""
    assert programme.grading is not None
    if not programme.grading.rank(grade):
        return None
    first = programme.day_of(at).replace(day=1)
    return programme.start_of(months_after(first, programme.grading.review_months))


def decide(ledger: Ledger, command: GradesCommand, context: Context) -> Sequence[GradesEvent]:
    """Decide on the grade."""
    opened(ledger)
    match command:
        case ReviewGrade(as_of_at=at):
            require_system(context)
            return _review(ledger, past(at, context), context)
        case GrantGrade(grade=grade):
            require_officer(context)
            require_another(ledger, context.actor, None)
            published = programme_of(ledger, context)
            grading = published.content.grading
            if grading is None or all(each.code != grade for each in grading.grades):
                raise GradeUnknown(grade=grade)
            if ledger.grade == grade and ledger.downgrade_at is None:
                return []
            programme, pin = published.content, published.pin
            return [_changed(ledger, grade, None, programme, pin, context.now)]
    assert_never(command)


def _review(ledger: Ledger, at: datetime, context: Context) -> Sequence[GradesEvent]:
    due_at = ledger.downgrade_at or ledger.review_at
    if due_at is None or due_at > at:
        return []
    published = programme_of(ledger, context)
    programme, pin = published.content, published.pin
    grading = programme.grading
    if grading is None:
        return []
    figures = figures_of(ledger, grading, programme.day_of(at))
    reached = grading.reached(figures.points, figures.earnings, figures.amount_minor)
    standing = ledger.grade or grading.grades[0].code
    if grading.rank(reached.code) > grading.rank(standing):
        return [_changed(ledger, reached.code, figures, programme, pin, at)]
    if reached.code == standing or not grading.rank(standing):
        review_at = _review_at(programme, standing, at)
        return [GradeReviewed(grade=standing, figures=figures, review_at=review_at, programme=pin)]
    if ledger.downgrade_at is not None:
        return [_changed(ledger, reached.code, figures, programme, pin, at)]
    effective_at = programme.start_of(programme.day_of(at + timedelta(days=grading.notice_days)))
    return [
        DowngradeAnnounced(
            grade=reached.code,
            effective_at=max(effective_at, at),
            figures=figures,
            programme=pin,
        )
    ]


# --- what follows ---------------------------------------------------------------------------------


def _follow_change(ledger: Ledger, event: GradeChanged) -> Ledger:
    return ledger.after(
        grade=event.grade, review_at=event.review_at, downgrade_to=None, downgrade_at=None
    )


def _follow_review(ledger: Ledger, event: GradeReviewed) -> Ledger:
    return ledger.after(
        grade=event.grade, review_at=event.review_at, downgrade_to=None, downgrade_at=None
    )


def _follow_announcement(ledger: Ledger, event: DowngradeAnnounced) -> Ledger:
    return ledger.after(review_at=None, downgrade_to=event.grade, downgrade_at=event.effective_at)


FOLLOW: Follow = {
    GradeChanged: _follow_change,
    GradeReviewed: _follow_review,
    DowngradeAnnounced: _follow_announcement,
}
