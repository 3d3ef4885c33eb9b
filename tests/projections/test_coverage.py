"""Coverage: whoever should have been told was told, or it is a gap that somebody hears of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from domain import complaint as c
from domain.clocks.messages import Urgency
from domain.notification import (
    NotificationPlanned,
    NotificationWithheld,
    WithheldReason,
)
from projections import VIEWS, coverage, reports
from projections.coverage import Check
from store.database import connect
from store.views import catch_up
from tests.projections.asking import EVERYTHING, Sees, ask
from tests.projections.test_deadlines import START, assigned, escalated, registered, started
from tests.projections.world import World, world

LATER = timedelta(minutes=20)


@pytest.fixture
def told(database_url: str) -> Iterator[World]:
    with world(database_url) as opened:
        yield opened


def breached(told: World, region: str = "north") -> tuple[UUID, UUID]:
    """Let a deadline be missed; return the case and the id of that event."""
    stream = uuid4()
    told.happened(stream, registered(), assigned(region), started(("resolution", START)))
    told.happened(stream, c.ComplaintDeadlineBreached(n=1, due_at=START))
    return stream, told.casebook.history(stream)[-1].event_id


def tell(told: World, cause: UUID) -> UUID:
    notice = uuid4()
    told.happened(
        notice,
        NotificationPlanned(
            recipient="u-1", staff_id=uuid4(), locale="fa", zone="Asia/Tehran",
            code="complaint.deadline_breached", case_id=uuid4(), case_category="complaint",
            params=(), urgency=Urgency.ESCALATION, must_acknowledge=True, cause=cause,
            send_after_at=START, channels=(), quiet_hours=None, digest=None, attempts_max=3,
            back_off_s=(60,), policy=None,
        ),
    )  # fmt: skip
    return notice


def withhold(told: World, cause: UUID) -> None:
    told.happened(
        uuid4(),
        NotificationWithheld(
            reason=WithheldReason.NOBODY_TO_TELL, code="complaint.deadline_breached",
            case_id=uuid4(), case_category="complaint", params=(), cause=cause, recipient=None,
            staff_id=None, of=None,
        ),
    )  # fmt: skip


def check(told: World, after: timedelta = LATER, *, days: int | None = 7) -> Check:
    with connect(told.url, "views") as connection:
        return coverage.check(connection, datetime.now(UTC) + after, days=days)


def delete(told: World, stream: UUID) -> None:
    """Delete a case as the owner, past the tripwire."""
    with connect(told.url) as owner, owner.transaction():
        owner.execute("ALTER TABLE casebook.events DISABLE TRIGGER events_are_never_changed")
        owner.execute("DELETE FROM casebook.events WHERE originator_id = %s", [stream])
        owner.execute("ALTER TABLE casebook.events ENABLE TRIGGER events_are_never_changed")


def counts(found: Check) -> tuple[int, int, int, int, int]:
    return found.owed, found.told, found.withheld, found.pending, found.gaps_count


def test_a_breach_is_covered_by_its_notice_or_by_the_reason_for_none(told: World) -> None:
    tell(told, breached(told)[1])
    withhold(told, breached(told)[1])
    assert counts(check(told)) == (2, 1, 1, 0, 0)


def test_a_notice_that_is_deleted_is_a_gap(told: World) -> None:
    stream, event_id = breached(told)
    notice = tell(told, event_id)
    tell(told, breached(told)[1])
    assert check(told).gaps == []
    delete(told, notice)
    found = check(told)
    assert counts(found) == (2, 1, 0, 0, 1)
    assert [(gap.event_id, gap.stream, gap.topic) for gap in found.gaps] == [
        (event_id, stream, "complaint.deadline_breached")
    ]
    with connect(told.url, "writer") as reader:
        assert coverage.standing(reader).gaps == 1
    assert coverage.OPEN_GAPS._value.get() == 1


def test_a_notice_about_something_else_covers_nothing(told: World) -> None:
    breached(told)
    tell(told, uuid4())
    assert check(told).gaps_count == 1


def test_escalations_are_owed_on_every_rung(told: World) -> None:
    stream = uuid4()
    told.happened(stream, registered(), escalated(1, clock=None))
    assert counts(check(told)) == (1, 0, 0, 0, 1)


def test_telling_somebody_takes_a_moment(told: World) -> None:
    breached(told)
    assert counts(check(told, timedelta(minutes=5))) == (1, 0, 0, 1, 0)
    assert counts(check(told)) == (1, 0, 0, 0, 1)


def test_a_gap_stays_until_somebody_is_told_however_old_it_is(told: World) -> None:
    _, event_id = breached(told)
    assert check(told).gaps_count == 1
    month = timedelta(days=30)
    assert counts(check(told, month)) == (1, 0, 0, 0, 1)
    tell(told, event_id)
    assert check(told, month + LATER).gaps_count == 0
    assert check(told, month + 2 * LATER).gaps == []


def test_a_night_looks_at_the_last_days_only_and_a_full_check_at_everything(told: World) -> None:
    tell(told, breached(told)[1])
    assert check(told, timedelta(days=20)).owed == 1
    assert check(told, timedelta(days=21)).owed == 0
    assert check(told, timedelta(days=22), days=None).owed == 1


def test_checking_again_changes_nothing(told: World) -> None:
    breached(told)
    first = check(told)
    assert check(told, 2 * LATER) == first


def test_the_check_reads_with_the_rights_of_a_view_alone(told: World) -> None:
    with connect(told.url, "views") as connection:
        coverage.check(connection, datetime.now(UTC))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM casebook.events")


def test_a_report_says_what_was_checked_and_shows_the_gaps_within_sight(told: World) -> None:
    catch_up(told.url, told.log, VIEWS)
    report = ask(told.url, lambda reader: reports.coverage(reader, EVERYTHING))
    assert (report.check, report.rows) == (None, [])
    north, south = breached(told)[0], breached(told, "south")[0]
    check(told)
    catch_up(told.url, told.log, VIEWS)
    report = ask(told.url, lambda reader: reports.coverage(reader, EVERYTHING))
    assert report.check is not None
    assert (report.check["owed"], report.check["gaps"]) == (2, 2)
    case_id = report.columns.index("case_id")
    assert [row[case_id] for row in report.rows] == [north, south]
    mine = ask(told.url, lambda reader: reports.coverage(reader, Sees(region="south")))
    assert [row[case_id] for row in mine.rows] == [south]
    page = ask(told.url, lambda reader: reports.coverage(reader, EVERYTHING, limit=1))
    rest = ask(
        told.url, lambda reader: reports.coverage(reader, EVERYTHING, cursor=page.next, limit=1)
    )
    assert [row[case_id] for row in rest.rows] == [south]
    assert rest.next is None
