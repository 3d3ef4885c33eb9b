"""Two nodes that spend the same points at the same moment: one wins, and nothing is negative."""

import threading
from uuid import UUID, uuid4

from domain import loyalty as lo
from domain.declare import Actor, ActorId, Role
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import SHIPPED, publication_of

SYSTEM = Actor(id=ActorId("system:test"), roles=frozenset({Role.SYSTEM}))
CUSTOMER = UUID(int=77)
LEDGER = lo.ledger_id(CUSTOMER, "club")
ROUNDS = 12


def test_two_nodes_do_not_both_spend_the_same_points(database_url: str) -> None:
    with pool(database_url, "writer", size=2) as first, pool(database_url, "writer", size=2) as two:
        nodes = [Casebook(own, database_url, Keys(b"k" * 32)) for own in (first, two)]
        club = publication_of(SHIPPED / "loyalty_programme" / "club.toml")
        nodes[0].execute(club, actor=SYSTEM)
        opening = lo.OpenLedger(stream=LEDGER, customer_id=CUSTOMER, programme="club")
        nodes[0].execute(opening, actor=SYSTEM)
        for spent in range(ROUNDS):
            given = lo.AdjustPoints(
                stream=LEDGER,
                adjustment_id=uuid4(),
                points=150,
                reason=lo.AdjustmentReason.GOODWILL,
            )
            nodes[spent % 2].execute(given, actor=SYSTEM)
            assert sorted(_redeem_at_once(nodes)) == ["refused", "spent"]
            for node in nodes:
                ledger = node.state(LEDGER).state
                assert ledger.spent == 100 * (spent + 1)
                left, right = lo.sides(ledger)
                assert left == right
                assert all(lot.points > 0 for lot in ledger.lots)
            taken = lo.AdjustPoints(
                stream=LEDGER,
                adjustment_id=uuid4(),
                points=-50,
                reason=lo.AdjustmentReason.CORRECTION,
            )
            nodes[0].execute(taken, actor=SYSTEM)


def _redeem_at_once(nodes: list[Casebook]) -> list[str]:
    start, found = threading.Barrier(len(nodes)), list[str]()

    def redeem(node: Casebook) -> None:
        wish = lo.RedeemPoints(
            stream=LEDGER,
            redemption_id=uuid4(),
            purpose=lo.SpendingPurpose.SERVICE,
            points=100,
        )
        start.wait()
        try:
            node.execute(wish, actor=SYSTEM)
        except lo.PointsInsufficient:
            found.append("refused")
        else:
            found.append("spent")

    threads = [threading.Thread(target=redeem, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
