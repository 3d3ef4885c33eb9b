"""Ledgers: baskets brought in by the script, and a run over ledgers of which few are due."""

import gzip
import random
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from bench.cases import EXPERT
from bench.desk import environment
from bench.figures import Figure
from bench.place import Place, casebook_at
from bench.seeding import Row, fill
from bench.watching import script, watch
from domain.declare import stored_name
from domain.loyalty import EarningSource, LedgerOpened, PointsEarned, ledger_id
from domain.rulebook import Pin
from importing.crediting import ROWS_PER_PIECE
from sagas.instances import view_of
from sagas.loyalty_expiry import SAGA
from sagas.timers import Timers
from store.casebook import Casebook
from store.codec import Place as EventPlace
from store.database import connect
from store.ids import new_id
from store.rulebook import publish_shipped
from store.views import catch_up
from store.views.follower import opened
from store.views.tracking import LIVE

ROWS_PER_HOUSEHOLD = 63
BODY = b'{"reference": "' + b"x" * 430 + b'"}'
"""As long as the stored body of a basket."""
THREADS = 4
"""As many as the importer has on two processors."""
PEER_ROUNDS = 2
CHECKED_SECONDS_MAX = 60.0


# --- baskets --------------------------------------------------------------------------------------


def import_baskets(place: Place) -> Figure:
    """Compare baskets a second of the import with bare appends of as many events at a time."""
    baskets = place.scale.baskets
    url, peer_url = place.database("baskets"), place.database("batches")
    file = place.folder / "baskets.csv.gz"
    with gzip.open(file, "wt", encoding="utf-8", newline="") as written:
        written.writelines(_baskets(baskets))
    with casebook_at(url) as casebook, casebook_at(peer_url) as bare:
        publish_shipped(casebook)
        before = casebook.head()
        rates = [_appended(bare, baskets)]
        rejects = place.folder / "baskets.rejects.csv"
        arguments = ("loyalty", str(file), "--rejects", str(rejects), "--strict")
        watch([script("importing.command", *arguments)], environment(url, place.folder / "baskets"))
        rates += [_appended(bare, baskets) for _ in range(PEER_ROUNDS - 1)]
        added = casebook.head() - before
        seconds = _recording(url, before)
    households = _households(baskets)
    return Figure(
        name="import-loyalty",
        what=f"import of {baskets:,} baskets of {households:,} households, from its first append"
        f" to its last, against bare appends of {ROWS_PER_PIECE} events at a time",
        unit="rows/s",
        ours=baskets / seconds,
        peer=sum(rates) / len(rates),
        target=0.5,
        bound="at least",
        also=added >= baskets + 2 * households,
        note=f"{added:,} events in {seconds:.1f} s",
    )


def _recording(url: str, before: int) -> float:
    """Return how long it took from the first event after a position to the last."""
    with connect(url) as owner:
        row = owner.execute(
            "SELECT extract(epoch FROM max(recorded_at) - min(recorded_at))"
            " FROM casebook.events WHERE notification_id > %s",
            [before],
        ).fetchone()
    assert row is not None
    return max(float(row[0]), 1e-3)


def _households(baskets: int) -> int:
    return max(2, baskets // ROWS_PER_HOUSEHOLD)


def _baskets(baskets: int) -> Iterator[str]:
    """Yield a file of baskets in the order of time, like that of the complete journey."""
    chance = random.Random(baskets)  # noqa: S311 (guards nothing)
    yield "household_id,basket_id,store_id,transaction_timestamp,lines,units,sales_value\r\n"
    households = _households(baskets)
    at = datetime(2017, 1, 1)  # noqa: DTZ001 (as the file has it)
    for number in range(baskets):
        at += timedelta(seconds=chance.randint(0, 400))
        household = number if number < households else chance.randrange(households)
        cents = chance.randint(50, 20_000)
        yield (
            f"{household},{31_198_570_044 + number},{chance.randint(300, 450)},{at},"
            f"{chance.randint(1, 30)},{chance.randint(1, 40)},{cents // 100}.{cents % 100:02}\r\n"
        )


def _appended(bare: Casebook, events: int) -> float:
    """Append so many events, some hundreds at a time from several threads; return the rate."""
    recorder = bare.case_recorder
    size = min(ROWS_PER_PIECE, events)
    pieces = iter([size] * (events // size))
    mutex = threading.Lock()

    def work() -> None:
        while True:
            with mutex:
                piece = next(pieces, None)
            if piece is None:
                return
            recorder.insert_events(
                [StoredEvent(uuid4(), 1, "bench.noted", BODY) for _ in range(piece)]
            )

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    started_s = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return events // size * size / (time.monotonic() - started_s)


# --- expiry ---------------------------------------------------------------------------------------


def expiry_run(place: Place) -> Figure:
    """Count the ledgers that a run looks at among very many, of which few have points due."""
    scale = place.scale
    url = place.database("expiry")
    with casebook_at(url) as casebook:
        publish_shipped(casebook)
        _ledgers(casebook, scale.ledgers, scale.ledgers_due)
        started_s = time.monotonic()
        catch_up(url, casebook.log_reader, [view_of(SAGA)])
        folded_s = time.monotonic() - started_s
        before = casebook.head()
        started_s = time.monotonic()
        looked_at = _run(url, casebook)
        seconds = time.monotonic() - started_s
        touched = _touched(url, before)
        started_s = time.monotonic()
        again = _run(url, casebook)
        idle_ms = (time.monotonic() - started_s) * 1_000
    return Figure(
        name="expiry-run",
        what=f"ledgers that an expiry run over {scale.ledgers:,} looks at, against those due",
        unit="ledgers",
        ours=looked_at,
        peer=scale.ledgers_due,
        target=1,
        bound="at most",
        also=touched == scale.ledgers_due and again == 0 and seconds <= CHECKED_SECONDS_MAX,
        note=(
            f"{touched:,} ledgers got their event in {seconds:.2f} s"
            f" ({touched / max(seconds, 1e-6):,.0f}/s); a run with nothing due: {idle_ms:.0f} ms;"
            f" {2 * scale.ledgers:,} events folded in {folded_s:.1f} s"
        ),
    )


def _run(url: str, casebook: Casebook) -> int:
    """Fire what is due until nothing is, and return how many instances were looked at."""
    looked_at = 0
    with opened(url, LIVE) as connection:
        timers = Timers(connection, casebook, [SAGA], workers=4)
        while True:
            claimed = timers.tick()
            looked_at += claimed
            while timers.running:
                timers.await_room(1.0)
            if not claimed:
                break
            catch_up(url, casebook.log_reader, [view_of(SAGA)])
        timers.close()
    return looked_at


def _touched(url: str, before: int) -> int:
    with connect(url) as owner:
        row = owner.execute(
            "SELECT count(DISTINCT originator_id) FROM casebook.events"
            " WHERE notification_id > %s AND topic = 'loyalty.points_expired'",
            [before],
        ).fetchone()
    assert row is not None and isinstance(row[0], int)
    return row[0]


def _ledgers(casebook: Casebook, ledgers: int, due: int) -> None:
    """Put ledgers into the log, each with one lot; so many of the lots have ended by now."""
    now = datetime.now(UTC)
    customer = new_id()
    cipher, wrapped = casebook.ring.make(customer)
    rows = list[Row]()
    for number in range(ledgers):
        ended = number % (ledgers // due) == 0 and number // (ledgers // due) < due
        days = -1 if ended else 30 + number % 700
        stream = ledger_id(uuid4(), "club")
        rows += _told(casebook, stream, customer, cipher, now + timedelta(days=days))
    first = casebook.head() + 1
    fill(casebook.case_recorder.url, rows, first, [(customer, wrapped)])


def _told(
    casebook: Casebook, stream: UUID, customer: UUID, cipher: Any, expires_at: datetime
) -> Sequence[Row]:
    at = expires_at - timedelta(days=800)
    pin = Pin(name="club", version=1)
    events = (
        LedgerOpened(customer_id=customer, programme=pin, opened_at=at, grade="basic"),
        PointsEarned(
            lot_id=uuid4(),
            source=EarningSource.SERVICE,
            reference=f"visit-{stream}",
            points=120,
            occurred_at=at,
            counted_on=at.date(),
            active_from_at=at,
            expires_at=expires_at,
            held=False,
            rule="periodic_service",
            programme=pin,
            by=EXPERT.id,
        ),
    )
    rows = list[Row]()
    for version, event in enumerate(events, 1):
        topic = stored_name(type(event))
        place = EventPlace(stream, version, topic)
        rows.append((stream, version, topic, casebook.codec.encode(event, place, cipher), customer))
    return rows
