"""The board of deadlines: a row for each clock and escalation, and what reports say of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import complaint as c
from domain.clocks import messages as m
from domain.clocks.course import Course
from domain.declare import ActorId, Role
from domain.procedure import Taker
from domain.rulebook import Pin
from projections import VIEWS, reports
from projections.deadlines import VIEW
from projections.reading import CursorIsWrong
from projections.reports import Report, ReportFilter
from store.database import connect
from store.views import catch_up, compare
from tests.projections.asking import EVERYTHING, Sees, ask
from tests.projections.world import World, world

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BY = Taker(id=ActorId("u-1"))
PIN = Pin(name="complaint", version=1)
ANY = ReportFilter()


def due(n: int, at: datetime | None, started_at: datetime = START) -> m.ClockDue:
    rule = m.RuleRef(kind=m.RuleKind.SLA, pack=PIN, rule=f"rule_{n}")
    derivation = m.Derivation(
        rule=rule, calendar=Pin(name="iran", version=1), zone="Asia/Tehran",
        span=m.Span(amount=1, unit=m.Unit.HOURS), started_at=started_at, course=Course(""),
    )  # fmt: skip
    return m.ClockDue(n=n, due_at=at, warnings=(), derivation=derivation)


def started(*clocks: tuple[str, datetime], **more: Any) -> c.ComplaintClocksStarted:
    return c.ComplaintClocksStarted(
        clocks=tuple(
            m.StartedClock(clock=code, due=due(n, at), **more)
            for n, (code, at) in enumerate(clocks, 1)
        )
    )


def registered(**more: Any) -> c.ComplaintRegistered:
    return c.ComplaintRegistered(
        **{
            "kind": c.Kind.QUALITY, "channel": c.Channel.PHONE, "origin": c.Origin.CUSTOMER,
            "received_at": START, "procedure": Pin(name="dealer", version=1), **more,
        }
    )  # fmt: skip


def assigned(
    region: str | None = "north", dealer: str | None = "d-1", unit: str | None = None, **more: Any
) -> c.ComplaintAssigned:
    return c.ComplaintAssigned(region=region, dealer_id=dealer, unit=unit, by=BY, **more)


def escalated(n: int, clock: int | None = 1, **more: Any) -> c.ComplaintEscalated:
    return c.ComplaintEscalated(
        **{
            "escalation_id": uuid4(), "n": n, "cause": c.EscalationCause.BREACH, "clock": clock,
            "ladder": PIN, "rung": 0, "role": Role.SUPERVISOR, "unit": None, "region": "north",
            "dealer_id": "d-1", "climbs_at": START + DAY, "reason": None, **more,
        }
    )  # fmt: skip


def case(told: World, *events: Any) -> UUID:
    stream = uuid4()
    told.happened(stream, *events)
    return stream


def caught_up(told: World) -> None:
    catch_up(told.url, told.log, VIEWS)


def rows(report: Report) -> list[dict[str, Any]]:
    return [dict(zip(report.columns, row, strict=True)) for row in report.rows]


def deadlines(
    told: World, wanted: ReportFilter = ANY, sees: Any = EVERYTHING, **how: Any
) -> Report:
    return ask(told.url, lambda reader: reports.deadlines(reader, wanted, sees, **how))


def escalations(told: World, wanted: ReportFilter = ANY, sees: Any = EVERYTHING) -> Report:
    return ask(told.url, lambda reader: reports.escalations(reader, wanted, sees))


def test_a_clock_is_followed_from_its_start_to_its_end(database_url: str) -> None:
    with world(database_url) as told:
        stream = case(
            told,
            registered(number="K-7", region="north"),
            started(("first_response", START + HOUR), ("resolution", START + DAY)),
        )
        caught_up(told)
        first, resolution = rows(deadlines(told))
        assert (first["clock"], first["state"], first["due_at"]) == (
            "first_response", "running", START + HOUR,
        )  # fmt: skip
        assert (first["number"], first["region"], first["rule"]) == ("K-7", "north", "rule_1")
        told.happened(
            stream,
            c.ComplaintDeadlineWarned(n=2, code="share_75", due_at=START + DAY),
            c.ComplaintDeadlineForeseen(
                n=2, due_at=START + DAY, expected_at=START + 3 * DAY, step="inquiry", estimates=PIN
            ),
            c.ComplaintClocksPaused(
                pause_id=uuid4(), n=1, reason=m.PauseReason.PARTS, paused_at=START + HOUR,
                clocks=(2,), note=None, paper_ids=(), ordered_by=None,
            ),
        )  # fmt: skip
        caught_up(told)
        [paused] = rows(deadlines(told, ReportFilter(state="paused")))
        assert paused["due_at"] is None
        assert paused["order_at"] == START + DAY
        assert paused["warned_at"] is not None
        assert paused["expected_at"] == START + 3 * DAY
        told.happened(
            stream,
            c.ComplaintClocksResumed(n=1, resumed_at=START + DAY, dues=(due(2, START + 2 * DAY),)),
            c.ComplaintDeadlineBreached(n=2, due_at=START + 2 * DAY),
            c.ComplaintClocksStopped(
                stops=(
                    m.StoppedClock(n=1, stopped_at=START + HOUR, met=True),
                    m.StoppedClock(n=2, stopped_at=START + 3 * DAY, met=False),
                )
            ),
        )
        caught_up(told)
        first, resolution = rows(deadlines(told))
        assert (first["state"], first["met"]) == ("stopped", True)
        assert (resolution["met"], resolution["breached_at"]) == (False, START + 2 * DAY)


def test_rows_follow_whose_case_it_becomes(database_url: str) -> None:
    with world(database_url) as told:
        raised = registered(origin=c.Origin.DEALER, dealer_id="d-9", region="south")
        stream = case(told, raised, started(("resolution", START + DAY)), escalated(1))
        caught_up(told)
        [clock] = rows(deadlines(told))
        assert (clock["dealer"], clock["region"], clock["unit"]) == ("d-9", "south", None)
        told.happened(stream, assigned(handler="u-7"))
        caught_up(told)
        [clock], [escalation] = rows(deadlines(told)), rows(escalations(told))
        for row in (clock, escalation):
            assert (row["dealer"], row["region"], row["handler"]) == ("d-1", "north", "u-7")


def test_an_escalation_is_followed_up_the_ladder(database_url: str) -> None:
    with world(database_url) as told:
        stream = case(
            told,
            registered(),
            started(("resolution", START)),
            escalated(1),
            c.EscalationClimbed(
                n=1, rung=1, role=Role.UNIT_HEAD, unit="care", region=None, climbs_at=None
            ),
            escalated(2, clock=None, cause=c.EscalationCause.COUNTER),
        )
        caught_up(told)
        second, first = rows(escalations(told))
        assert (second["n"], second["cause"], second["clock"]) == (2, "counter", None)
        assert (first["rung"], first["role"], first["to_unit"]) == (1, "unit_head", "care")
        assert (first["clock"], first["state"], first["climbs_at"]) == ("resolution", "open", None)
        told.happened(
            stream,
            c.EscalationAcknowledged(n=1, by=BY, will_do="call her", done_by_at=START + DAY),
            c.EscalationEnded(n=2, why=c.EscalationEnd.CASE_ENDED),
        )
        caught_up(told)
        second, first = rows(escalations(told))
        assert (first["state"], first["acknowledged_by"]) == ("acknowledged", "u-1")
        assert (second["state"], second["end_why"]) == ("ended", "case_ended")
        assert rows(escalations(told, ReportFilter(state="open"))) == []


def test_everybody_sees_the_deadlines_of_her_own_cases(database_url: str) -> None:
    with world(database_url) as told:
        clock = started(("resolution", START + DAY))
        north = case(told, registered(), assigned(), clock)
        to_care = escalated(1, unit="care", region=None)
        south = case(told, registered(), assigned("south", "d-2"), clock, to_care)
        nobodys = case(told, registered(), clock)
        unit = case(told, registered(), assigned(None, None, "parts"), clock)
        caught_up(told)

        def seen(sees: Sees) -> set[UUID]:
            return {row["case_id"] for row in rows(deadlines(told, sees=sees))}

        assert seen(EVERYTHING) == {north, south, nobodys, unit}
        assert seen(Sees(region="north")) == {north}
        assert seen(Sees(region="north", unassigned=True)) == {north, nobodys}
        assert seen(Sees(unit="parts")) == {unit}
        assert seen(Sees()) == set()
        told_of = rows(escalations(told, sees=Sees(unit="care")))
        assert [row["case_id"] for row in told_of] == [south]
        assert rows(escalations(told, sees=Sees(region="north"))) == []


def test_a_report_is_read_page_by_page_in_order(database_url: str) -> None:
    with world(database_url) as told:
        for n in range(7):
            case(told, registered(), started(("resolution", START + (n % 3) * DAY)))
        caught_up(told)
        whole = [(row["order_at"], row["case_id"]) for row in rows(deadlines(told))]
        assert whole == sorted(whole)
        cursor, parts = None, []
        for _ in range(4):
            report = deadlines(told, cursor=cursor, limit=2)
            parts += [(row["order_at"], row["case_id"]) for row in rows(report)]
            cursor = report.next
        assert parts == whole
        assert cursor is None
        with pytest.raises(CursorIsWrong):
            deadlines(told, cursor="bm9uc2Vuc2U")


def test_a_report_is_about_a_time_and_what_is_asked_for(database_url: str) -> None:
    with world(database_url) as told:
        for n in range(4):
            case(told, registered(), assigned(dealer=f"d-{n}"), started(
                ("resolution", START + n * DAY), ("plan", START + n * DAY)))  # fmt: skip
        caught_up(told)
        within = ReportFilter(from_at=START + DAY, until_at=START + 3 * DAY)
        assert len(deadlines(told, within).rows) == 4
        assert len(deadlines(told, replace(within, clock="plan")).rows) == 2
        assert len(deadlines(told, replace(within, dealer="d-2")).rows) == 2
        assert len(deadlines(told, replace(within, region="south")).rows) == 0
        assert len(deadlines(told, replace(within, breached=True)).rows) == 0
        assert len(deadlines(told, replace(within, standing=True)).rows) == 4


def test_a_dealer_is_measured_by_the_clocks_that_ended_or_were_missed(database_url: str) -> None:
    def stop(n: int, after: timedelta, met: bool) -> c.ComplaintClocksStopped:
        stopped = m.StoppedClock(n=n, stopped_at=START + after, met=met)
        return c.ComplaintClocksStopped(stops=(stopped,))

    clocks = started(("first_response", START + HOUR), ("resolution", START + DAY))
    with world(database_url) as told:
        case(told, registered(), assigned(), clocks, stop(1, HOUR, True), stop(2, 2 * DAY, False))
        case(told, registered(), assigned(), clocks, stop(1, 3 * HOUR, False),
             c.ComplaintDeadlineBreached(n=2, due_at=START + DAY))  # fmt: skip
        case(told, registered(), assigned(dealer="d-2"), clocks)
        case(told, registered(), clocks)
        caught_up(told)
        wanted = ReportFilter(from_at=START, until_at=START + 9 * DAY)
        found = ask(told.url, lambda reader: reports.dealers(reader, wanted, EVERYTHING))
        assert rows(found) == [
            {
                "dealer": "d-1", "open": 1, "breached": 1, "kept": 1, "missed": 3,
                "share_in_time": 0.25, "median_first_response_s": 7200,
                "median_resolution_s": 172_800,
            },
            {
                "dealer": "d-2", "open": 2, "breached": 0, "kept": 0, "missed": 0,
                "share_in_time": None, "median_first_response_s": None,
                "median_resolution_s": None,
            },
        ]  # fmt: skip
        one = ask(told.url, lambda reader: reports.dealers(reader, wanted, EVERYTHING, limit=1))
        rest = ask(
            told.url,
            lambda reader: reports.dealers(reader, wanted, EVERYTHING, cursor=one.next, limit=1),
        )
        assert [row["dealer"] for row in (*rows(one), *rows(rest))] == ["d-1", "d-2"]


def test_what_the_board_says_of_a_case_is_what_the_list_says(database_url: str) -> None:
    with world(database_url) as told:
        clock = started(("resolution", START))
        case(told, registered(origin=c.Origin.DEALER, dealer_id="d-5"), clock)
        case(told, registered(region="east"), clock, assigned(None, None, "parts", handler="u-2"),
             c.ComplaintCorrected(correction_id=uuid4(), corrects_version=1, reason="r",
                                  number="K-9", region="west"))  # fmt: skip
        stream = case(told, registered(), assigned(), clock)
        told.happened(stream, c.StepCarriedOver(
            step_id=uuid4(), source_row="1", happened_at=START, source_status="x",
            meaning=c.CarriedMeaning.ASSIGNED, unit="G97", priority=c.Priority.URGENT))  # fmt: skip
        caught_up(told)
        with connect(told.url, "reader") as reader:
            differing = reader.execute(
                """
                SELECT d.stream FROM views.deadlines d JOIN views.cases c ON c.stream = d.stream
                WHERE (d.number, d.kind, d.priority, d.dealer_id, d.region, d.units, d.unassigned,
                       d.handler)
                    IS DISTINCT FROM (c.number, c.kind, c.priority, c.dealer_id, c.region, c.units,
                                      c.unassigned, c.handler)
                """
            ).fetchall()
            assert differing == []
            assert reader.execute("SELECT count(*) FROM views.deadlines").fetchone() == (3,)


def test_the_board_in_small_batches_equals_its_rebuild(database_url: str) -> None:
    small = replace(VIEW, batch_events=2)
    with world(database_url) as told:
        streams = [case(told, registered(), started(("resolution", START))) for _ in range(4)]
        for stream in streams:
            told.happened(stream, assigned(), escalated(1))
        for stream in streams[:2]:
            told.happened(stream, assigned("south"), c.ComplaintDeadlineBreached(n=1, due_at=START))
        catch_up(told.url, told.log, (small,))
        assert list(compare(told.url, told.log, VIEW)) == []


def test_the_board_walks_an_index_however_many_clocks_there_are(database_url: str) -> None:
    with world(database_url) as told:
        catch_up(told.url, told.log, (VIEW,))
        with connect(told.url) as owner:
            owner.execute(
                """
                INSERT INTO views.deadlines
                    (stream, n, clock, rule, binds, urgency, started_at, due_at, order_at, state,
                     category, units, unassigned, region)
                SELECT gen_random_uuid(), 1, 'resolution', 'r', 'company', 'escalation', now(),
                       now() + make_interval(mins => i), now() + make_interval(mins => i),
                       CASE WHEN i % 20 = 0 THEN 'running' ELSE 'stopped' END, 'complaint', '{}',
                       false, 'r' || i % 10
                FROM generate_series(1, 20000) i
                """
            )
            owner.execute("ANALYZE views.deadlines")
        for wanted, sees in (
            (ReportFilter(standing=True), EVERYTHING),
            (ReportFilter(from_at=START), EVERYTHING),
            (ReportFilter(region="r3"), EVERYTHING),
        ):
            explained = _explained(told.url, wanted, sees)
            assert "Seq Scan on deadlines" not in explained, explained


def _explained(url: str, wanted: ReportFilter, sees: Sees) -> str:
    parameters = {
        **reports._parameters(wanted, sees, 51), "after_at": None, "after_stream": None,
        "after_n": None,
    }  # fmt: skip
    with connect(url, "reader") as reader:
        lines = reader.execute(
            "EXPLAIN " + reports.SQL["deadlines"], parameters, prepare=False
        ).fetchall()
    return "\n".join(line for (line,) in lines)
