"""A draw from its opening to the last reserve that moves up, on a real casebook."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain import draw as d
from domain import order as o
from domain.declare import AlreadyClaimed, Refusal
from domain.draw.ranking import commitment_of
from projections.draw_entries import VIEW
from sagas import draw
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.views import compare, rebuild
from tests.sagas.lottery import CLOSES_AT, OPERATOR, SEED, VALUE_AT, Lottery, verified
from tests.sagas.promises import MASTER_KEY


@pytest.fixture
def lottery(module_database_url: str) -> Iterator[Lottery]:
    connections = pool(module_database_url, "writer", size=8)
    casebook = Casebook(connections, module_database_url, Keys(MASTER_KEY))
    yield Lottery(module_database_url, casebook)
    connections.close()


def test_a_draw_is_held_and_its_proof_checks(lottery: Lottery, tmp_path: Path) -> None:
    orders = lottery.held("206", "206", "206", "206", "206", "Dena", "Dena")

    outcomes = lottery.outcomes(orders)
    assert sorted(str(outcomes[order]) for order in orders[:5]) == [
        "not_drawn", "reserve", "reserve", "winner", "winner",
    ]  # fmt: skip
    assert sorted(str(outcomes[order]) for order in orders[5:]) == ["reserve", "winner"]
    proof = tmp_path / "proof.jsonl"
    proof.write_bytes(lottery.proof())
    ranked = lottery.state.ranked
    assert ranked is not None
    assert ranked.proof_sha256 == hashlib.sha256(proof.read_bytes()).hexdigest()
    assert ranked.proof_bytes == proof.stat().st_size
    sealed = lottery.state.sealed
    assert sealed is not None
    said = verified(
        proof, "--order", str(orders[0]), "--sha256", ranked.proof_sha256,
        "--root", sealed.root, "--commitment", commitment_of(SEED),
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"Order {orders[0]} is entry 1" in said.stdout
    assert "personal" not in said.stdout
    assert [type(event) for event in lottery.events()][-4:] == [
        d.EntriesSealed, d.DrawRevealed, d.DrawRanked, d.OutcomesHandedOut,
    ]  # fmt: skip


def test_a_draw_without_entries_is_held_too(lottery: Lottery, tmp_path: Path) -> None:
    lottery.held()
    proof = tmp_path / "proof.jsonl"
    proof.write_bytes(lottery.proof())
    assert verified(proof).returncode == 0
    assert lottery.state.status is d.DrawStatus.HANDED_OUT
    assert lottery.state.sealed == d.EntriesSealed(
        closed_position=lottery.state.sealed.closed_position if lottery.state.sealed else 0,
        count=0,
        root=hashlib.sha256(b"").hexdigest(),
        counted=(d.ModelCount(model="206", entries=0), d.ModelCount(model="Dena", entries=0)),
    )


# --- what counts ----------------------------------------------------------------------------------


def test_an_entry_after_the_closing_never_counts_however_it_came(lottery: Lottery) -> None:
    """Its route refuses it; even one that is in the log without it counts for nothing."""
    lottery.open()
    early = lottery.entered("206")
    late, later = lottery.order(), lottery.order()
    lottery.now = CLOSES_AT
    with pytest.raises(d.DrawNotOpen):
        lottery.enter(late)
    lottery.close()
    with pytest.raises(d.DrawNotOpen):
        lottery.enter(late)
    lottery.execute(o.EnterDraw(stream=later, draw_id=lottery.draw, model_group="206"))
    lottery.reveal()
    assert lottery.outcomes([*early, later]) == {early[0]: "winner", later: None}
    assert lottery.state.sealed is not None
    assert lottery.state.sealed.count == 1


def test_entries_that_race_with_the_closing_count_by_their_place_in_the_log(
    lottery: Lottery,
) -> None:
    """Many enter from many threads while the draw is closed: not one is in doubt."""
    lottery.open()
    orders = [lottery.order() for _ in range(24)]
    begin = threading.Barrier(len(orders) + 1)
    inside: list[int] = []
    refused: list[type[Refusal]] = []

    def enter(order: UUID) -> None:
        begin.wait()
        try:
            inside.append(lottery.enter(order))
        except Refusal as refusal:
            refused.append(type(refusal))

    threads = [threading.Thread(target=enter, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    begin.wait()
    while not inside:  # some are in, and the hour comes while the others are on their way
        assert any(thread.is_alive() for thread in threads)
    lottery.now = CLOSES_AT
    closed = lottery.execute(d.CloseDraw(stream=lottery.draw), actor=OPERATOR)
    for thread in threads:
        thread.join()
    assert set(refused) <= {d.DrawNotOpen}
    assert len(inside) + len(refused) == len(orders)
    assert all(position < closed for position in inside)
    lottery.close()
    assert lottery.state.sealed is not None
    assert lottery.state.sealed.count == len(inside)


def test_who_withdraws_in_time_is_out_and_who_enters_again_has_one_entry(
    lottery: Lottery,
) -> None:
    lottery.open()
    out, again = lottery.entered("206", "206")
    for order in (out, again):
        lottery.execute(o.WithdrawDrawEntry(stream=order, draw_id=lottery.draw))
    lottery.enter(again)
    lottery.close()
    lottery.reveal()
    assert lottery.outcomes([out, again]) == {out: None, again: "winner"}
    assert lottery.state.sealed is not None
    assert lottery.state.sealed.count == 1


def test_one_person_has_one_entry_with_whatever_order(lottery: Lottery) -> None:
    lottery.open()
    person = uuid4()
    first, second = lottery.order(person), lottery.order(person)
    lottery.enter(first)
    with pytest.raises(AlreadyClaimed):
        lottery.enter(second)
    lottery.execute(o.WithdrawDrawEntry(stream=first, draw_id=lottery.draw))
    lottery.enter(second)
    lottery.close()
    lottery.reveal()
    assert lottery.outcomes([first, second]) == {first: None, second: "winner"}


def test_who_leaves_after_the_closing_stays_in_the_list_and_lets_a_place_go(
    lottery: Lottery,
) -> None:
    """Else cancelling an order of one's own would be a way to draw again."""
    lottery.open()
    orders = lottery.entered("Dena", "Dena")
    lottery.close()
    for order in orders:
        lottery.execute(o.WithdrawDrawEntry(stream=order, draw_id=lottery.draw))
    lottery.reveal()
    assert lottery.state.sealed is not None
    assert lottery.state.sealed.count == 2
    assert sorted(map(str, lottery.outcomes(orders).values())) == ["reserve", "winner"]
    [passed] = [one for one in lottery.events() if isinstance(one, d.PlacePassedOn)]
    assert passed.to_order is None


# --- who is left out ------------------------------------------------------------------------------


def test_who_is_left_out_is_in_the_file_with_the_reason_and_changes_no_other_place(
    lottery: Lottery, tmp_path: Path
) -> None:
    lottery.open()
    orders = lottery.entered(*["206"] * 6)
    lottery.close()
    excluding = d.ExcludeEntry(
        stream=lottery.draw, order_id=orders[2], reason=d.ExclusionReason.SAME_PERSON
    )
    restoring = d.RestoreEntry(stream=lottery.draw, order_id=orders[2])
    lottery.execute(excluding, restoring, actor=OPERATOR)
    lottery.read()
    lottery.execute(excluding, actor=OPERATOR)
    lottery.reveal()
    assert lottery.outcomes(orders)[orders[2]] is None
    assert len(lottery.ranked("206")) == 5
    proof = tmp_path / "proof.jsonl"
    proof.write_bytes(lottery.proof())
    assert f'[3, "{orders[2]}", "same_person"]\n' in proof.read_text()
    said = verified(proof, "--order", str(orders[2]))
    assert said.returncode == 0, said.stdout
    assert "left out: same_person" in said.stdout


# --- who was drawn --------------------------------------------------------------------------------


def test_orders_are_told_in_pieces_and_a_killed_saga_goes_on_where_it_was(
    lottery: Lottery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw, "TOLD_TOGETHER_MAX", 2)
    lottery.open()
    orders = lottery.entered(*["206"] * 5)
    lottery.close()
    lottery.now = VALUE_AT
    lottery.execute(
        d.RevealDraw(stream=lottery.draw, seed=SEED.hex(), public_value="7"), actor=OPERATOR
    )
    told = []
    for _ in range(40):  # each tick in a process of its own, which is gone after it
        again = Lottery.of(lottery)
        again.read()
        again.fold()
        again.tick()
        told.append(sum(outcome is not None for outcome in again.outcomes(orders).values()))
        if again.state.handed_out is not None:
            break
    assert told == sorted(told)
    assert {2, 4, 5} <= set(told)
    drawn = lottery.casebook.read(0, 100_000, ["order.drawn"])
    assert len([one for one in drawn if one.event.draw_id == lottery.draw]) == 5


def test_an_order_that_is_in_another_draw_by_now_is_passed_by(lottery: Lottery) -> None:
    lottery.open()
    orders = lottery.entered(*["Dena"] * 3)
    lottery.close()
    first, second = lottery.draw, uuid4()
    for order in orders:
        lottery.execute(o.WithdrawDrawEntry(stream=order, draw_id=first))
        lottery.execute(o.EnterDraw(stream=order, draw_id=second, model_group="Dena"))
    lottery.reveal()
    happened = lottery.events()
    assert len([one for one in happened if isinstance(one, d.OutcomeNotTaken)]) == 3
    assert lottery.state.handed_out == d.OutcomesHandedOut(places=3)
    [passed] = [one for one in happened if isinstance(one, d.PlacePassedOn)]
    assert passed.to_order is None


def test_reserves_move_up_one_for_each_place_that_is_let_go(lottery: Lottery) -> None:
    orders = lottery.held(*["206"] * 6)
    first, second, third, fourth, *_ = lottery.ranked("206")
    assert len(orders) == 6

    def let_go(*leaving: UUID) -> None:
        for order in leaving:
            lottery.execute(o.ReleaseDrawPlace(stream=order, draw_id=lottery.draw))
        lottery.settle()

    let_go(first)
    assert lottery.entry(third).won
    assert not lottery.entry(fourth).won
    let_go(third)  # who moved up lets go as well
    assert lottery.entry(fourth).won
    let_go(second)
    passed = [one for one in lottery.events() if isinstance(one, d.PlacePassedOn)]
    assert [(one.from_order, one.to_order) for one in passed] == [
        (first, third), (third, fourth), (second, None),
    ]  # fmt: skip


def test_a_reserve_that_let_go_is_passed_by_and_no_place_follows_from_it(
    lottery: Lottery,
) -> None:
    lottery.held(*["206"] * 6)
    first, _, third, fourth, *_ = lottery.ranked("206")
    lottery.execute(o.ReleaseDrawPlace(stream=third, draw_id=lottery.draw))
    lottery.settle()
    assert not [one for one in lottery.events() if isinstance(one, d.PlacePassedOn)]
    lottery.execute(o.ReleaseDrawPlace(stream=first, draw_id=lottery.draw))
    lottery.settle()
    assert lottery.entry(fourth).won


def test_two_places_let_go_at_once_bring_up_two_reserves(lottery: Lottery) -> None:
    lottery.held(*["206"] * 6)
    first, second, third, fourth, *_ = lottery.ranked("206")
    for order in (first, second):
        lottery.execute(o.ReleaseDrawPlace(stream=order, draw_id=lottery.draw))
    lottery.read()
    lottery.fold()
    with lottery.timers(workers=4) as timers:
        timers.tick()
    lottery.settle()
    assert lottery.entry(third).won
    assert lottery.entry(fourth).won


def test_the_sagas_and_the_view_are_as_built_anew(lottery: Lottery) -> None:
    orders = lottery.held(*["206"] * 5, *["Dena"] * 3)
    lottery.execute(o.ReleaseDrawPlace(stream=lottery.ranked("206")[0], draw_id=lottery.draw))
    lottery.settle()
    assert len(orders) == 8
    before = lottery.proof()
    for view in (VIEW, *lottery.views):
        rebuild(lottery.url, lottery.casebook.log_reader, view)
        assert compare(lottery.url, lottery.casebook.log_reader, view) == []
    assert lottery.proof(page_lines=2) == before
