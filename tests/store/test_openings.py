"""New cases, opened from one event loop: together, each with its own answer, whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError

from domain.complaint import Channel, Kind, RegisterComplaint
from domain.customer import RegisterCustomer
from domain.declare import Actor, ActorId, Command, Role
from domain.rulebook import DECIDER as RULEBOOK
from store import openings as openings_module
from store.attempts import TOGETHER_COMMANDS_MAX, Attempt
from store.casebook import Casebook
from store.database import async_pool, connect, pool
from store.deciding import Wish
from store.keys import Keys
from store.openings import Openings
from store.recorder import CommitUnknown
from store.rulebook import publish_shipped
from tests.store.ledgers import CLERK, DECIDER, Note, Open

T = TypeVar("T")


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(
            own, database_url, Keys(b"k" * 32), deciders=(RULEBOOK, DECIDER), cached_states_max=100
        )
        assert casebook.rules is not None  # read once: from then on they are at hand
        yield casebook


def wish(*commands: Command, reason: str | None = None) -> Wish:
    return Wish(commands, CLERK, reason, None, None, None, None, None)


def opening(**fields: Any) -> Open:
    stream = uuid4()
    return Open(**{"stream": stream, "plate": str(stream), **fields})


def within(casebook: Casebook, url: str, do: Callable[[Openings], Awaitable[T]]) -> T:
    """Run something in an event loop that has openings, and let them end."""

    async def run() -> T:
        connections = async_pool(url, "writer", size=2, timeout_s=0.5)
        await connections.open()
        openings = casebook.openings(connections)
        try:
            return await do(openings)
        finally:
            await openings.close()
            await connections.close()

    return asyncio.run(run())


def attempted(casebook: Casebook, url: str, *wishes: Wish) -> list[Attempt | None]:
    async def all_at_once(openings: Openings) -> list[Attempt | None]:
        return await asyncio.gather(*(openings.attempt(one) for one in wishes))

    return within(casebook, url, all_at_once)


def said(attempts: list[Attempt | None]) -> list[str | None]:
    return [None if one is None else one.outcome.outcome for one in attempts]


def stood(casebook: Casebook) -> list[UUID]:
    return [one.stream for one in casebook.read(0, 1_000) if one.topic == "tried.opened"]


def test_cases_opened_at_once_are_recorded_in_their_order_in_one_transaction(
    casebook: Casebook, database_url: str
) -> None:
    wishes = [wish(opening()) for _ in range(20)]
    assert said(attempted(casebook, database_url, *wishes)) == ["recorded"] * 20
    assert stood(casebook) == [one.commands[0].stream for one in wishes]
    with connect(database_url) as owner:
        [(transactions,)] = owner.execute(
            "SELECT count(DISTINCT xmin::text) FROM casebook.events WHERE topic = 'tried.opened'"
        )
    assert transactions == 1


def test_what_was_recorded_is_at_hand_and_reads_as_it_was_said(
    casebook: Casebook, database_url: str
) -> None:
    command = opening(owner="Shirin Nobody")
    [done] = attempted(casebook, database_url, wish(command, reason="She asked for it."))
    assert done is not None
    assert done.was_recorded()
    receipt = casebook.conclude(wish(command), done)
    assert (receipt.version, receipt.created) == (1, True)
    assert receipt.position == done.outcome.last_position
    [recorded] = casebook.history(command.stream)
    assert (recorded.event.owner, recorded.reason) == ("Shirin Nobody", "She asked for it.")
    note = Note(stream=command.stream, note_id=uuid4())
    assert casebook.execute(note, actor=CLERK).version == 2


def test_two_who_want_one_identifier_are_not_written_together(
    casebook: Casebook, database_url: str
) -> None:
    rivals = [wish(opening(plate="12-345")) for _ in range(2)]
    first, second = attempted(casebook, database_url, *rivals, wish(opening()))[:2]
    assert said([first, second]) == ["recorded", "claim"]
    assert len(stood(casebook)) == 2


def test_one_new_case_wished_for_twice_is_opened_once(
    casebook: Casebook, database_url: str
) -> None:
    command = opening()
    first, second = attempted(casebook, database_url, wish(command), wish(command))
    assert first is not None
    assert first.was_recorded()
    assert second is None or not second.was_recorded()
    assert casebook.conclude(wish(command), second).version == 1
    assert stood(casebook) == [command.stream]


def test_whatever_would_have_to_be_asked_for_is_left_to_a_thread(
    casebook: Casebook, database_url: str
) -> None:
    case = opening()
    casebook.execute(case, actor=CLERK)
    elsewhere = opening()  # it stands in the log, and this process has not seen it
    with pool(database_url, "writer", size=1) as other:
        another = Casebook(other, database_url, Keys(b"k" * 32), deciders=(RULEBOOK, DECIDER))
        another.execute(elsewhere, actor=CLERK)
    many = [opening() for _ in range(TOGETHER_COMMANDS_MAX + 1)]
    left = [
        wish(Note(stream=case.stream, note_id=uuid4())),
        wish(case),  # it is so already
        wish(Open(stream=case.stream, plate="another")),  # it is refused
        wish(*many),
    ]
    asked = attempted(casebook, database_url, *left, wish(elsewhere))
    assert said(asked[:-1]) == [None] * 4
    assert asked[-1] is None or not asked[-1].was_recorded()
    assert casebook.conclude(wish(elsewhere), asked[-1]).version == 1


def test_without_rules_at_hand_nothing_is_decided_in_the_loop(database_url: str) -> None:
    with pool(database_url, "writer", size=1) as own:
        fresh = Casebook(own, database_url, Keys(b"k" * 32), deciders=(RULEBOOK, DECIDER))
        command = opening()
        assert attempted(fresh, database_url, wish(command)) == [None]
        fresh.execute(command, actor=CLERK)
        assert said(attempted(fresh, database_url, wish(opening()))) == ["recorded"]


def test_what_was_begun_is_recorded_though_nobody_waits_any_more(
    casebook: Casebook, database_url: str
) -> None:
    left, stays = opening(), opening()

    async def one_leaves(openings: Openings) -> Attempt | None:
        leaving = asyncio.create_task(openings.attempt(wish(left)))
        staying = asyncio.create_task(openings.attempt(wish(stays)))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    done = within(casebook, database_url, one_leaves)
    assert done is not None
    assert done.was_recorded()
    assert stood(casebook) == [left.stream, stays.stream]


def test_who_comes_while_a_group_is_written_goes_with_the_next(
    casebook: Casebook, database_url: str
) -> None:
    with connect(database_url) as owner:
        owner.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END'"
        )
        owner.execute("CREATE TRIGGER slow AFTER INSERT ON casebook.events EXECUTE FUNCTION slow()")

    async def one_after_the_other(openings: Openings) -> list[Attempt | None]:
        first = asyncio.create_task(openings.attempt(wish(opening())))
        await asyncio.sleep(0.1)
        later = [asyncio.create_task(openings.attempt(wish(opening()))) for _ in range(5)]
        return await asyncio.gather(first, *later)

    assert said(within(casebook, database_url, one_after_the_other)) == ["recorded"] * 6
    with connect(database_url) as owner:
        [(transactions,)] = owner.execute(
            "SELECT count(DISTINCT xmin::text) FROM casebook.events WHERE topic = 'tried.opened'"
        )
    assert transactions == 2


def test_an_append_that_the_database_refuses_is_decided_again_by_each(
    casebook: Casebook, database_url: str
) -> None:
    with connect(database_url) as owner:
        owner.execute("ALTER TABLE casebook.events ADD CHECK (originator_version < 1) NOT VALID")
    assert attempted(casebook, database_url, wish(opening()), wish(opening())) == [None, None]


def test_a_lost_connection_is_told_to_all_of_the_group_and_bridged_for_the_next(
    casebook: Casebook, database_url: str
) -> None:
    ended = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async def lose_it(openings: Openings) -> list[Any]:
        await openings.attempt(wish(opening()))
        with connect(database_url) as owner:
            owner.execute(ended)
        return await asyncio.gather(
            *(openings.attempt(wish(opening())) for _ in range(3)), return_exceptions=True
        )

    lost = within(casebook, database_url, lose_it)
    assert [type(one) for one in lost] == [CommitUnknown] * 3
    assert said(attempted(casebook, database_url, wish(opening()))) == ["recorded"]


def test_more_than_are_decided_in_a_row_are_all_recorded(
    casebook: Casebook, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings_module, "AT_ONCE_MAX", 3)
    monkeypatch.setattr(openings_module, "GROUP_MEMBERS_MAX", 4)
    plates = [str(number % 9) for number in range(20)]  # some want what others have
    wishes = [wish(opening(plate=plate)) for plate in plates]
    found = said(attempted(casebook, database_url, *wishes))
    assert found[:9] == ["recorded"] * 9
    assert set(found[9:]) <= {"claim", None}
    assert sorted(stood(casebook)) == sorted(one.commands[0].stream for one in wishes[:9])


def test_a_mistake_of_ours_leaves_nobody_waiting(
    casebook: Casebook, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    async def both_groups(openings: Openings) -> list[Any]:
        monkeypatch.setattr(openings_module, "GROUP_MEMBERS_MAX", 2)
        monkeypatch.setattr(casebook._first, "ended", break_down)
        return await asyncio.gather(
            *(openings.attempt(wish(opening())) for _ in range(5)), return_exceptions=True
        )

    found = within(casebook, database_url, both_groups)
    assert [type(one) for one in found] == [OperationalError] * 5
    monkeypatch.undo()
    assert said(attempted(casebook, database_url, wish(opening()))) == ["recorded"]


def test_who_waits_behind_a_group_that_found_no_connection_waits_no_longer(
    casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings_module, "GROUP_MEMBERS_MAX", 1)

    async def in_vain() -> float:
        connections = async_pool("postgresql://nobody@127.0.0.1:1/x", "writer", size=1, timeout_s=1)
        await connections.open(wait=False)
        openings = casebook.openings(connections)
        started_s = asyncio.get_running_loop().time()
        found = await asyncio.gather(
            *(openings.attempt(wish(opening())) for _ in range(20)), return_exceptions=True
        )
        assert [type(one) for one in found] == [OperationalError] * 20
        took_s = asyncio.get_running_loop().time() - started_s
        await connections.close()
        return took_s

    assert asyncio.run(in_vain()) < 10  # not twenty times as long as one waits


def test_a_database_that_is_away_is_said_in_time(casebook: Casebook) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"

    async def in_vain() -> None:
        connections = async_pool(nowhere, "writer", size=1, timeout_s=0.3)
        await connections.open(wait=False)
        openings = casebook.openings(connections)
        try:
            with pytest.raises(OperationalError):
                await openings.attempt(wish(opening()))
        finally:
            await openings.close()
            await connections.close()

    asyncio.run(in_vain())


def test_a_persons_key_that_is_not_at_hand_is_not_asked_for_in_the_loop(database_url: str) -> None:
    expert = Actor(id=ActorId("u-1"), roles=frozenset({Role.EXPERT, Role.SPECIALIST}))
    person = uuid4()

    def complaint(customer_id: UUID) -> Wish:
        command = RegisterComplaint(
            stream=uuid4(), kind=Kind.SALES, channel=Channel.PHONE, narrative="It is late.",
            customer_id=customer_id,
        )  # fmt: skip
        return Wish((command,), expert, None, None, None, None, None, None)

    with pool(database_url, "writer", size=2) as own, pool(database_url, "writer", size=1) as more:
        here, there = (Casebook(p, database_url, Keys(b"k" * 32)) for p in (own, more))
        publish_shipped(here)
        there.execute(RegisterCustomer(stream=person, name="Shirin"), actor=expert)
        first = complaint(person)
        assert attempted(here, database_url, first) == [None]
        assert here.conclude(first, None).version > 0
        assert said(attempted(here, database_url, complaint(person))) == ["recorded"]
        [recorded, *_] = there.history(first.commands[0].stream)
        assert recorded.event.narrative == "It is late."
