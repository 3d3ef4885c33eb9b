"""Grading: subject, importance and risk become a priority, by points that a document gives."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.complaint.words import Importance, Kind, Priority, Risk
from domain.declare import value


@value
class SubjectPoints:
    """How much a subject counts, of one kind of complaint or of any."""

    subject: str
    points: int
    kind: Kind | None = None


@value
class ImportancePoints:
    """How much an importance counts."""

    importance: Importance
    points: int


@value
class RiskPoints:
    """How much a risk counts; `at_least` is a priority below which it never comes out."""

    risk: Risk
    points: int
    at_least: Priority | None = None


@value
class Threshold:
    """From how many points on a complaint has this priority."""

    priority: Priority
    points_min: int


@value
class Grading:
    """The points and the thresholds; a subject that is not listed counts `other_subject_points`."""

    subjects: tuple[SubjectPoints, ...]
    importances: tuple[ImportancePoints, ...]
    risks: tuple[RiskPoints, ...]
    thresholds: tuple[Threshold, ...]
    other_subject_points: int = 0

    def __post_init__(self) -> None:
        """Refuse a grading that leaves an importance or a risk without points."""
        if {each.importance for each in self.importances} != set(Importance):
            raise ValueError("a grading gives points to every importance")
        if {each.risk for each in self.risks} != set(Risk):
            raise ValueError("a grading gives points to every risk")


@dataclass(frozen=True, slots=True)
class Grade:
    """What a grading makes of a complaint."""

    priority: Priority
    points: int


def grade(
    grading: Grading, kind: Kind, subject: str, importance: Importance, risks: Collection[Risk]
) -> Grade:
    """Return the points and the priority; under every threshold it is the lowest priority."""
    points = _subject_points(grading, kind, subject)
    points += sum(each.points for each in grading.importances if each.importance is importance)
    counted = [each for each in grading.risks if each.risk in risks]
    points += sum(each.points for each in counted)
    reached = [each.priority for each in grading.thresholds if points >= each.points_min]
    reached += [each.at_least for each in counted if each.at_least is not None]
    return Grade(min(reached, key=lambda priority: priority.rank, default=Priority.LOW), points)


def _subject_points(grading: Grading, kind: Kind, subject: str) -> int:
    for each in grading.subjects:
        if each.subject == subject and each.kind in (kind, None):
            return each.points
    return grading.other_subject_points
