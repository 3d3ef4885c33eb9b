"""The view of entries: what it writes in SQL is what the domain says, however it is read."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from domain import draw as d
from domain import order as o
from domain.draw.ranking import leaf_of, person_word
from projections.draw_entries import VIEW
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.views import catch_up, compare, rebuild
from tests.sagas.lottery import CLERK, OPERATOR, Lottery
from tests.sagas.market import PRICE
from tests.sagas.promises import MASTER_KEY

SMALL = replace(VIEW, batch_events=2)


@pytest.fixture(scope="module")
def lottery(module_database_url: str) -> Iterator[Lottery]:
    connections = pool(module_database_url, "writer", size=4)
    casebook = Casebook(connections, module_database_url, Keys(MASTER_KEY))
    yield Lottery(module_database_url, casebook)
    connections.close()


def leaves(lottery: Lottery) -> list[str]:
    with connect(lottery.url, "reader") as connection:
        found = connection.execute(
            "SELECT leaf FROM views.draw_entries WHERE draw_id = %(draw)s ORDER BY position",
            {"draw": lottery.draw},
        )
        return [leaf for (leaf,) in found]


def test_a_leaf_written_in_sql_is_the_one_that_the_domain_writes(lottery: Lottery) -> None:
    """Whatever an order's number or a model is called: quotes, backslashes, every script."""
    model = 'پژو 206 "\\" \t车'
    lottery.draw = uuid4()
    lottery.open(quotas=(d.AskedQuota(model=model, winners=1),))
    customer, other = uuid4(), uuid4()
    order = lottery.order(customer, model=model)
    position = lottery.enter(order, model)
    numbered = uuid4()
    lottery.execute(
        o.PlaceOrder(
            stream=numbered, customer_id=other, scheme="cash", model=model,
            number="P-1404/0017", price=PRICE, contract_on=lottery.now.date(),
        ),
        actor=CLERK,
    )  # fmt: skip
    later = lottery.enter(numbered, model)
    lottery.read()
    assert leaves(lottery) == [
        leaf_of(position, order, None, model, person_word(lottery.draw, customer)),
        leaf_of(later, numbered, "P-1404/0017", model, person_word(lottery.draw, other)),
    ]


def test_the_view_is_the_same_in_whatever_batches_it_was_read(lottery: Lottery) -> None:
    lottery.draw = uuid4()
    catch_up(lottery.url, lottery.casebook.log_reader, [SMALL])
    lottery.open()
    out, again, left_out, *_ = lottery.entered(*["206"] * 4, "Dena")
    withdraw = [o.WithdrawDrawEntry(stream=each, draw_id=lottery.draw) for each in (out, again)]
    lottery.execute(*withdraw)
    lottery.enter(again)
    lottery.execute(
        d.ExcludeEntry(
            stream=lottery.draw, order_id=left_out, reason=d.ExclusionReason.COURT_ORDER
        ),
        actor=OPERATOR,
    )
    lottery.close()
    lottery.reveal()
    catch_up(lottery.url, lottery.casebook.log_reader, [SMALL])
    proof = lottery.proof()
    assert compare(lottery.url, lottery.casebook.log_reader, VIEW) == []
    rebuild(lottery.url, lottery.casebook.log_reader, SMALL)
    assert lottery.proof(page_lines=1) == proof
    assert proof.count(b"\n") == 1 + 4 + 1 + 3 + 1


def test_entries_for_a_model_that_is_not_drawn_do_not_count(lottery: Lottery) -> None:
    lottery.draw = uuid4()
    lottery.open()
    order = lottery.order()
    wish = o.EnterDraw(stream=order, draw_id=lottery.draw, model_group="Runa")
    lottery.execute(wish, actor=CLERK)
    unknown = replace(wish, stream=lottery.order(), draw_id=UUID(int=0xD))
    lottery.execute(unknown, actor=CLERK)
    lottery.close()
    assert lottery.state.sealed is not None
    assert lottery.state.sealed.count == 0
