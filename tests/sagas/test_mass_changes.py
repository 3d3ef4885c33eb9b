"""Changes that concern many cases, on a real casebook with the shipped rules."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import complaint as c
from domain import referral as r
from domain.clocks.book import Clock, ClockState
from domain.clocks.calendar import Calendar, Holiday
from domain.clocks.messages import Span, Unit
from domain.clocks.rules import ClassPause, ClockRule, SlaPack, StatutoryPack
from domain.declare import Role
from domain.rulebook import ApplyRules, Pin, Provenance, document_id
from sagas.mass.affected import Application, Case, OpenClock
from sagas.mass.changes import NO_CHANGES, Changes, PauseOrder
from sagas.mass.owed import Change, owed
from sagas.mass_changes import SAGA
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.rulebook import publication, publish_shipped
from store.views import compare, rebuild
from tests.domain.complaint.desk import SPECIALIST, actor
from tests.domain.complaint.desk import registered as desk_registered
from tests.domain.referral import desk as d
from tests.sagas.clocks import DAY, START, derivation, due, started
from tests.sagas.clocks import clocks as clock_events
from tests.sagas.desk import Desk
from tests.scenario import saga

KEY = b"k" * 32
MANAGER = actor("manager", Role.MANAGER)
HOUR = timedelta(hours=1)
ORDER = ClassPause(
    authority="FCA", citation="PS24/1", starts_at=datetime(2026, 1, 1, tzinfo=UTC), ends_at=None
)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(KEY))
        publish_shipped(casebook)
        yield Desk(database_url, casebook, [SAGA], now=in_a_moment(database_url))


def in_a_moment(url: str) -> datetime:
    """Return an instant shortly after all that the tests record: the database's clock goes on."""
    with connect(url) as connection:
        row = connection.execute("SELECT now() + interval '5 min'").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


def registered(desk: Desk, kind: c.Kind = c.Kind.QUALITY) -> UUID:
    stream = uuid4()
    desk.execute(
        c.RegisterComplaint(
            stream=stream, kind=kind, channel=c.Channel.PHONE, region="north", narrative="It jerks."
        ),
        actor=SPECIALIST,
    )
    return stream


def publish(desk: Desk, kind: str, name: str, content: object, at: datetime | None = None) -> UUID:
    """Publish a version and return the id of its event."""
    source = Provenance(source="a decision", confirmed="text read")
    command = publication(kind, name, content, at or ORDER.starts_at, source)
    desk.execute(command, actor=MANAGER)
    return desk.casebook.history(command.stream)[-1].event_id


def clocks(desk: Desk, stream: UUID) -> list[Clock]:
    state: c.Complaint | r.Referral = desk.casebook.state(stream).state
    return list(state.clocks.on())


def states(desk: Desk, stream: UUID) -> dict[str, ClockState]:
    return {clock.code: clock.state for clock in clocks(desk, stream)}


def calendar_of(desk: Desk, name: str) -> Calendar:
    return desk.casebook.rules.in_force(Calendar, name, desk.now).content


def with_holidays(calendar: Calendar, days: int, since: datetime) -> Calendar:
    more = [(since + timedelta(days=n)).date() for n in range(days)]
    known = {holiday.on for holiday in calendar.holidays}
    added = tuple(Holiday(on=day, name="mourning") for day in more if day not in known)
    holidays = tuple(sorted((*calendar.holidays, *added), key=lambda holiday: holiday.on))
    return replace(calendar, holidays=holidays)


def acts(desk: Desk, stream: UUID) -> list[tuple[str, UUID | None]]:
    return [
        (each.topic, each.causation_id)
        for each in desk.casebook.history(stream)
        if each.actor == "saga:mass_changes"
    ]


def test_a_new_version_of_a_calendar_replans_every_open_clock_of_it(desk: Desk) -> None:
    first, second = registered(desk), registered(desk)
    before = {clock.code: clock.due_at for clock in clocks(desk, first)}
    assert desk.settle() == 0
    changed = with_holidays(calendar_of(desk, "iran"), 10, desk.now)
    cause = publish(desk, "calendar", "iran", changed)
    assert desk.settle() == 2
    for stream in (first, second):
        assert acts(desk, stream) == [("complaint.clocks_rederived", cause)]
        for clock in clocks(desk, stream):
            pin = clock.due.derivation.calendar
            assert pin is not None and pin.version == 2
            due_at, was = clock.due_at, before[clock.code]
            assert due_at is not None and was is not None and due_at > was
    assert desk.settle() == 0


def test_a_calendar_that_comes_into_force_later_moves_nothing_before(desk: Desk) -> None:
    stream = registered(desk)
    changed = with_holidays(calendar_of(desk, "iran"), 10, desk.now)
    publish(desk, "calendar", "iran", changed, desk.now + HOUR)
    meanwhile = registered(desk)
    assert desk.settle() == 0
    desk.now += HOUR
    assert desk.settle() == 2
    assert len(acts(desk, stream)) == len(acts(desk, meanwhile)) == 1


def test_other_calendars_and_documents_concern_nobody(desk: Desk) -> None:
    stream = registered(desk)
    publish(desk, "calendar", "uk", with_holidays(calendar_of(desk, "uk"), 3, desk.now))
    assert desk.settle() == 0
    assert acts(desk, stream) == []


def longer(desk: Desk) -> SlaPack:
    pack = desk.casebook.rules.in_force(SlaPack, "complaint", desk.now).content

    def doubled(rule: ClockRule) -> ClockRule:
        span = Span(amount=rule.span.amount * 2, unit=rule.span.unit)
        return replace(rule, span=span) if rule.span.unit is Unit.WORKING_DAYS else rule

    return replace(pack, clocks=tuple(doubled(rule) for rule in pack.clocks))


def test_a_policy_moves_running_clocks_only_when_somebody_says_so(desk: Desk) -> None:
    stream = registered(desk)
    before = {clock.code: clock.due_at for clock in clocks(desk, stream)}
    publish(desk, "sla_pack", "complaint", longer(desk))
    assert desk.settle() == 0
    document = document_id("sla_pack", "complaint")
    apply = ApplyRules(stream=document, kind="sla_pack", name="complaint", version=2)
    desk.execute(apply, actor=MANAGER)
    cause = desk.casebook.history(document)[-1].event_id
    later = registered(desk)  # by the new version anyway
    assert desk.settle() == 1
    assert acts(desk, stream) == [("complaint.clocks_rederived", cause)]
    assert acts(desk, later) == []
    after = {clock.code: clock.due_at for clock in clocks(desk, stream)}
    assert after["judgement"] != before["judgement"]
    assert desk.settle() == 0


def test_a_regulator_stops_the_clocks_of_a_class_and_lets_them_run_again(desk: Desk) -> None:
    sales, quality = registered(desk, c.Kind.SALES), registered(desk)
    cause = publish(desk, "class_pause", "leasing", replace(ORDER, kinds=("sales",)))
    assert desk.settle() == 1
    assert acts(desk, sales) == [("complaint.clocks_paused", cause)]
    assert states(desk, sales)["judgement"] is ClockState.PAUSED
    assert states(desk, sales)["first_response"] is ClockState.RUNNING  # no order stops it
    assert states(desk, quality)["judgement"] is ClockState.RUNNING
    late = registered(desk, c.Kind.SALES)
    assert desk.settle() == 1
    assert states(desk, late)["judgement"] is ClockState.PAUSED

    ends_at = desk.now + HOUR
    ended = publish(
        desk, "class_pause", "leasing", replace(ORDER, kinds=("sales",), ends_at=ends_at)
    )
    assert desk.settle() == 0
    desk.now += 2 * HOUR
    assert desk.settle() == 2
    for stream in (sales, late):
        assert acts(desk, stream)[-1] == ("complaint.clocks_resumed", ended)
        assert states(desk, stream)["judgement"] is ClockState.RUNNING
        resumed = desk.casebook.history(stream)[-1].event
        assert resumed.resumed_at == ends_at  # when it was to end, not when a tick came by
    assert desk.settle() == 0
    registered(desk, c.Kind.SALES)  # the order is over
    assert desk.settle() == 0


def test_a_class_that_a_later_version_leaves_out_is_released(desk: Desk) -> None:
    stream = registered(desk, c.Kind.SALES)
    publish(desk, "class_pause", "leasing", ORDER)
    assert desk.settle() == 1
    released = publish(desk, "class_pause", "leasing", replace(ORDER, kinds=("quality",)))
    assert desk.settle() == 1
    assert acts(desk, stream)[-1] == ("complaint.clocks_resumed", released)
    assert desk.settle() == 0


def test_a_pause_that_somebody_ended_is_not_ordered_again(desk: Desk) -> None:
    stream = registered(desk)
    publish(desk, "class_pause", "leasing", ORDER)
    desk.settle()
    desk.execute(c.EndPause(stream=stream, n=1), actor=SPECIALIST)
    assert desk.settle() == 0
    assert states(desk, stream)["judgement"] is ClockState.RUNNING


def test_an_order_that_is_given_again_stops_the_same_clocks_again(desk: Desk) -> None:
    stream = registered(desk)
    publish(desk, "class_pause", "leasing", ORDER)
    assert desk.settle() == 1
    publish(desk, "class_pause", "leasing", replace(ORDER, ends_at=desk.now + HOUR))
    desk.now += 2 * HOUR
    assert desk.settle() == 1
    assert states(desk, stream)["judgement"] is ClockState.RUNNING
    again = publish(
        desk, "class_pause", "leasing", replace(ORDER, starts_at=desk.now + HOUR), at=desk.now
    )
    desk.now += 2 * HOUR
    assert desk.settle() == 1
    assert acts(desk, stream)[-1] == ("complaint.clocks_paused", again)
    assert states(desk, stream)["judgement"] is ClockState.PAUSED


def open_clock(n: int, since_at: datetime, **facts: Any) -> OpenClock:
    defaults: dict[str, Any] = {
        "zone": "UTC",
        "calendar": Pin(name="iran", version=1),
        "pack": Pin(name="complaint", version=1),
        "pack_kind": "sla_pack",
        "pausable": True,
    }
    return OpenClock(n=n, since_at=since_at, **{**defaults, **facts})


def test_a_clock_that_began_after_the_order_keeps_it_from_no_other_clock() -> None:
    from_at = ORDER.starts_at
    order = PauseOrder("leasing", from_at, UUID(int=1), from_at, from_at + HOUR, (), (), None, None)
    clocks = (open_clock(1, from_at - HOUR), open_clock(2, from_at + 2 * HOUR))
    found = owed(Case(UUID(int=2), "complaint", clocks=clocks), Changes(orders=(order,)))
    assert [(each.change, each.at, each.clocks) for each in found] == [
        (Change.PAUSE, from_at, (1,))
    ]


def test_a_pack_asks_nothing_of_a_clock_that_it_does_not_move() -> None:
    applied = Application(
        "sla_pack", Pin(name="complaint", version=2), ORDER.starts_at, UUID(int=1)
    )

    def asked(*, by_hand: bool) -> bool:
        clock = open_clock(1, ORDER.starts_at, by_hand=by_hand)
        case = Case(UUID(int=2), "complaint", clocks=(clock,), applications=(applied,))
        return bool(owed(case, NO_CHANGES))

    assert asked(by_hand=False)
    assert not asked(by_hand=True)


def test_a_clock_that_counts_anew_is_stopped_from_then_on_at_the_earliest() -> None:
    running = saga(SAGA).given(desk_registered(), clock_events(started(1, START + DAY)), at=START)
    anew = replace(due(1, START + 2 * DAY), derivation=derivation(START + HOUR))
    reset = c.ComplaintClockReset(due=anew, reason="A new demand.")
    (clock,) = running.given(reset, at=START + 2 * HOUR).state().case.clocks
    assert clock.since_at == START + HOUR


def test_the_day_of_receipt_decides_where_the_order_names_one(desk: Desk) -> None:
    today = desk.now.date()
    stream = registered(desk)
    until_then = replace(ORDER, received_until_on=today - timedelta(days=2))
    publish(desk, "class_pause", "old", until_then)
    assert desk.settle() == 0
    since = replace(ORDER, received_from_on=today - timedelta(days=1))
    publish(desk, "class_pause", "new", since)
    assert desk.settle() == 1
    assert states(desk, stream)["judgement"] is ClockState.PAUSED


def test_two_orders_over_one_case_are_two_pauses(desk: Desk) -> None:
    stream = registered(desk)
    publish(desk, "class_pause", "one", ORDER)
    desk.settle()
    publish(desk, "class_pause", "two", ORDER)
    desk.settle()
    assert [topic for topic, _ in acts(desk, stream)] == ["complaint.clocks_paused"] * 2
    publish(desk, "class_pause", "one", replace(ORDER, ends_at=ORDER.starts_at + HOUR))
    desk.settle()
    assert states(desk, stream)["judgement"] is ClockState.PAUSED  # the other order still holds


def test_the_clocks_of_a_referral_stop_by_its_pack(desk: Desk) -> None:
    special = uuid4()
    for command in (d.receive(customer_id=None), d.register()):
        desk.execute(replace(command, stream=special), actor=d.SECRETARY)
    plain = registered(desk)
    state: r.Referral = desk.casebook.state(special).state
    assert state.registered is not None
    pack = state.registered.pack.name
    cause = publish(desk, "class_pause", "order", replace(ORDER, packs=(pack,)))
    assert desk.settle() == 1
    assert acts(desk, special) == [("referral.clocks_paused", cause)]
    assert acts(desk, plain) == []
    released = publish(
        desk, "class_pause", "order", replace(ORDER, packs=(pack,), ends_at=desk.now + HOUR)
    )
    desk.now += 2 * HOUR
    assert desk.settle() == 1
    assert acts(desk, special)[-1] == ("referral.clocks_resumed", released)


@pytest.mark.parametrize(
    ("kind", "name"), [("sla_pack", "referral"), ("statutory_pack", "uk_disp")]
)
def test_a_pack_of_either_kind_is_applied_to_referrals(desk: Desk, kind: str, name: str) -> None:
    special = uuid4()
    for command in (d.receive(customer_id=None, answer_by_on=None), d.register("uk_disp")):
        desk.execute(replace(command, stream=special), actor=d.SECRETARY)
    content_type = SlaPack if kind == "sla_pack" else StatutoryPack
    content: object = desk.casebook.rules.in_force(content_type, name, desk.now).content
    publish(desk, kind, name, content, desk.now - HOUR)
    assert desk.settle() == 0
    document = document_id(kind, name)
    apply = ApplyRules(stream=document, kind=kind, name=name, version=2)
    desk.execute(apply, actor=MANAGER)
    cause = desk.casebook.history(document)[-1].event_id
    assert desk.settle() == 1
    assert acts(desk, special) == [("referral.clocks_rederived", cause)]
    assert desk.settle() == 0


def test_the_change_goes_on_where_it_was_when_the_process_is_killed(desk: Desk) -> None:
    streams = [registered(desk) for _ in range(6)]
    publish(desk, "class_pause", "leasing", ORDER)
    desk.fold()
    assert desk.tick(at_most=2) == 2
    with pool(desk.url, "writer", size=2) as own:
        another = Desk(desk.url, Casebook(own, desk.url, Keys(KEY)), [SAGA], now=desk.now)
        assert another.settle() == 4
    assert all(len(acts(desk, stream)) == 1 for stream in streams)


def test_what_is_folded_anew_is_the_same_and_does_nothing(desk: Desk) -> None:
    registered(desk)
    publish(desk, "class_pause", "leasing", ORDER)
    registered(desk, c.Kind.SALES)
    desk.settle()
    changed = with_holidays(calendar_of(desk, "iran"), 2, desk.now)
    publish(desk, "calendar", "iran", changed)
    desk.settle()
    publish(desk, "class_pause", "leasing", replace(ORDER, kinds=("sales",)))
    desk.settle()
    [view] = desk.views
    assert compare(desk.url, desk.casebook.log_reader, view) == []
    head = desk.casebook.head()
    rebuild(desk.url, desk.casebook.log_reader, view)
    assert desk.settle() == 0
    assert desk.casebook.head() == head
