"""A lottery for tests: a draw on a real casebook, its entrants, its sagas and its view, by hand."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from domain import draw as d
from domain import order as o
from domain.declare import Actor, ActorId, Command, Role
from domain.draw.ranking import commitment_of
from domain.rulebook import Provenance
from projections.draw_entries import LIVE_SQL, VIEW, facts, live
from projections.draw_proof import pieces
from sagas import draw, draw_places
from sagas.draw import SAGA
from store.casebook import Casebook
from store.rulebook import publication
from store.views import catch_up
from tests.sagas.desk import Desk
from tests.sagas.market import LONG_AGO, PRICE, SYSTEM, scheme

NOW = datetime(2128, 5, 7, 8, 0, tzinfo=UTC)
"""Far ahead: the database's own clock, by which events are recorded, is always before it."""
OPENS_AT = NOW
CLOSES_AT = NOW + timedelta(days=3)
VALUE_AT = NOW + timedelta(days=4)
OPERATOR = Actor(id=ActorId("u-operator"), roles=frozenset({Role.MANAGER}))
CLERK = Actor(id=ActorId("u-17"), roles=frozenset({Role.SPECIALIST}))
SEED = bytes(range(32))
VALUE = "2,043,129.85"
SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_draw.py"


def announced(draw_id: UUID, **facts: Any) -> d.AnnounceDraw:
    """Return the announcement of a draw of two models."""
    said: dict[str, Any] = {
        "name": "spring",
        "quotas": (
            d.AskedQuota(model="206", winners=2, reserves=2),
            d.AskedQuota(model="Dena", winners=1, reserves=1),
        ),
        "source": "Tehran Stock Exchange, TEDPIX at closing",
        "opens_at": OPENS_AT,
        "closes_at": CLOSES_AT,
        "value_expected_at": VALUE_AT,
    }
    return d.AnnounceDraw(stream=draw_id, **{**said, **facts})


def placed(order: UUID, customer: UUID, model: str) -> o.PlaceOrder:
    """Return an order for a model."""
    return o.PlaceOrder(
        stream=order,
        customer_id=customer,
        scheme="cash",
        model=model,
        price=PRICE,
        contract_on=NOW.date(),
    )


class Lottery(Desk):
    """A draw and what people do in it."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        super().__init__(url, casebook, [SAGA, draw_places.SAGA], now=NOW)
        self.draw = uuid4()
        source = Provenance(source="tests", confirmed="policy")
        wish = publication("sale_scheme", "cash", scheme(), LONG_AGO, source)
        casebook.execute(wish, actor=SYSTEM)

    @classmethod
    def of(cls, other: "Lottery") -> "Lottery":
        """Return the same lottery with a casebook, and so a memory, of its own."""
        book = other.casebook
        lottery = cls.__new__(cls)
        Desk.__init__(
            lottery, other.url, Casebook(book.pool, other.url, book.keys), other.sagas, other.now
        )
        lottery.draw = other.draw
        return lottery

    # --- what people do -------------------------------------------------------------------------

    def open(self, **said: Any) -> None:
        """Announce a draw, commit to the seed, and open it."""
        self.now = OPENS_AT
        self.execute(announced(self.draw, **said), actor=OPERATOR)
        self.execute(
            d.CommitSeed(stream=self.draw, seed_sha256=commitment_of(SEED)),
            d.OpenDraw(stream=self.draw),
            actor=OPERATOR,
        )

    def order(self, customer: UUID | None = None, *, model: str = "206") -> UUID:
        """Place an order and return its id."""
        order = uuid4()
        self.execute(placed(order, customer or uuid4(), model), actor=CLERK)
        return order

    def enter(self, order: UUID, model: str = "206") -> int:
        """Enter an order, as its route does; return the position."""
        return self.execute(
            o.EnterDraw(stream=order, draw_id=self.draw, model_group=model),
            d.AdmitEntry(stream=self.draw, model=model),
            actor=CLERK,
        )

    def entered(self, *models: str) -> list[UUID]:
        """Place an order for each of these models, enter it, and return their ids, all at once."""
        orders = [uuid4() for _ in models]
        wishes: list[Command] = []
        for order, model in zip(orders, models, strict=True):
            wishes += (
                placed(order, uuid4(), model),
                o.EnterDraw(stream=order, draw_id=self.draw, model_group=model),
                d.AdmitEntry(stream=self.draw, model=model),
            )
        if wishes:
            self.execute(*wishes, actor=CLERK)
        return orders

    def close(self) -> None:
        """Let the hour of the closing come; the draw is closed and its entries sealed."""
        self.now = max(self.now, CLOSES_AT)
        self.settle()

    def reveal(self, seed: bytes = SEED, value: str = VALUE) -> None:
        """Let the value become known, and reveal the seed."""
        self.now = max(self.now, VALUE_AT)
        self.execute(
            d.RevealDraw(stream=self.draw, seed=seed.hex(), public_value=value), actor=OPERATOR
        )
        self.settle()

    def held(self, *models: str) -> list[UUID]:
        """Hold a draw with orders for these models, from the opening to the last outcome."""
        self.open()
        orders = self.entered(*models)
        self.close()
        self.reveal()
        return orders

    # --- what comes of it -----------------------------------------------------------------------

    def read(self) -> None:
        """Let the view of the entries read the log."""
        catch_up(self.url, self.casebook.log_reader, [VIEW])

    def settle(self, senders: Any = None) -> int:
        """Let the view and the sagas go on until nothing is due any more."""
        fired = 0
        while True:
            catch_up(self.url, self.casebook.log_reader, [VIEW, *self.views])
            now = self.tick(senders=senders)
            if not now:
                return fired
            fired += now

    @property
    def state(self) -> d.Draw:
        """Return the draw as it stands."""
        found = self.casebook.state(self.draw).state
        assert isinstance(found, d.Draw)
        return found

    def entry(self, order: UUID) -> o.DrawEntry:
        """Return how an order stands in the draw."""
        found = self.casebook.state(order).state.entry
        assert isinstance(found, o.DrawEntry)
        return found

    def outcomes(self, orders: Sequence[UUID]) -> dict[UUID, str | None]:
        """Return what the orders were told."""
        found = {order: self.entry(order).outcome for order in orders}
        return {order: None if told is None else told.value for order, told in found.items()}

    def ranked(self, model: str) -> list[UUID]:
        """Return the orders of a model in the order of their ranks, as they were told."""
        drawn = [
            (one.event.rank, one.stream)
            for one in self.casebook.read(0, 100_000, ["order.drawn"])
            if one.event.draw_id == self.draw and one.event.quota == model
        ]
        return [order for _, order in sorted(drawn)]

    def events(self) -> list[Any]:
        """Return what happened to the draw."""
        return [one.event for one in self.casebook.history(self.draw)]

    def proof(self, page_lines: int = 10_000) -> bytes:
        """Return the proof file."""
        with self.casebook.pool.connection() as connection:
            run = live(connection)
            known = facts(run, self.draw)
            assert known is not None
            assert known.result is not None
            return b"".join(pieces(known, lambda ask: run(ask).fetchone(), page_lines))


def verified(file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Check a proof file as a stranger does: in a folder of its own, with nothing of ours."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=file.parent, env={}
    )


__all__ = ["LIVE_SQL", "Lottery", "announced", "draw", "verified"]
