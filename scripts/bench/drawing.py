"""A draw of a million entries: its ranking and its proof file, in a process of their own."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bench.desk import environment
from bench.figures import Figure
from bench.place import Place, casebook_at
from bench.watching import MEGABYTE, script, watch
from domain.declare import Actor, ActorId, Command, Role
from domain.draw import (
    AnnounceDraw,
    AskedQuota,
    CloseDraw,
    CommitSeed,
    ModelCount,
    OpenDraw,
    RevealDraw,
    SealEntries,
)
from domain.draw.ranking import commitment_of
from projections.draw_entries import VIEW, facts, live
from sagas.draw_reading import seal
from store.casebook import Casebook
from store.database import connect
from store.ids import new_id
from store.views.follower import Follower, Pass, follow_to, opened
from store.views.tracking import LIVE, ensure

SECONDS_MAX = 10.0
MEMORY_MAX_MB = 1_000.0
MODELS = ("206", "405", "207", "Dena")
SEED = bytes(range(32))

_OPERATOR = Actor(id=ActorId("bench"), roles=frozenset({Role.ADMIN, Role.SYSTEM}))
_ENTERED = """
INSERT INTO casebook.events (
    notification_id, originator_id, originator_version, topic, state, event_id, recorded_at, actor,
    role, reason, correlation_id, causation_id, subject_id, leaf_hash)
SELECT s.position, s.stream, 2, 'order.entered_in_draw', s.state, s.event_id, now(), 'bench',
       'system', NULL, NULL, NULL, NULL,
       casebook.leaf_hash(s.position, s.stream, 2, 'order.entered_in_draw', s.state, s.event_id,
                          now(), 'bench', 'system', NULL, NULL, NULL, NULL)
FROM (SELECT h.head + n AS position, gen_random_uuid() AS stream, gen_random_uuid() AS event_id,
             convert_to(json_build_object(
                 'draw_id', %(draw)s::text, 'person', gen_random_uuid(),
                 'model_group', (%(models)s::text[])[1 + n %% %(kinds)s])::text, 'UTF8') AS state
      FROM generate_series(1, %(entries)s) AS n,
           (SELECT coalesce(max(notification_id), 0) AS head FROM casebook.events) h) s
ORDER BY s.position
"""


def draw(place: Place) -> Figure:
    """Measure the ranking of a draw and the writing of its proof file, and what they hold."""
    entries = place.scale.draw_entries
    url = place.database("draw")
    now = datetime.now(UTC)
    with casebook_at(url, clock=lambda: now) as casebook:
        draw_id = _entered(casebook, now, entries)
    with casebook_at(url, clock=lambda: now + timedelta(hours=3)) as casebook:
        entering_s = _revealed(casebook, url, draw_id)
    file, said = place.folder / "proof.jsonl", place.folder / "drawn.json"
    [watched] = watch(
        [script("bench.drawing_part", url, str(draw_id), str(file), str(said))],
        environment(url, place.folder / "draw"),
    )
    took: dict[str, Any] = json.loads(said.read_text())
    size_bytes = os.path.getsize(file)
    file.unlink()
    peak_mb = watched.peak / MEGABYTE
    return Figure(
        name="draw",
        what=f"ranking {entries:,} entries and writing the proof file, against the time that is"
        " allowed",
        unit="s",
        ours=took["ranking_s"] + took["proof_s"],
        peer=SECONDS_MAX,
        target=1,
        bound="at most",
        also=peak_mb <= MEMORY_MAX_MB,
        note=(
            f"ranking {took['ranking_s']:.1f} s, writing {size_bytes / MEGABYTE:,.0f} MB"
            f" {took['proof_s']:.1f} s; at most {peak_mb:,.0f} MB resident; the view takes the"
            f" entries in {entering_s:.1f} s"
        ),
    )


def _entered(casebook: Casebook, now: datetime, entries: int) -> UUID:
    """Open a draw and put entries into the log, as many as it takes."""
    draw_id = new_id()
    quotas = tuple(
        AskedQuota(model=model, winners=max(1, entries // 100), reserves=entries // 200)
        for model in MODELS
    )
    wishes: tuple[Command, ...] = (
        AnnounceDraw(
            stream=draw_id,
            name="bench",
            quotas=quotas,
            source="a public source",
            opens_at=now - timedelta(hours=1),
            closes_at=now + timedelta(hours=1),
            value_expected_at=now + timedelta(hours=2),
        ),
        CommitSeed(stream=draw_id, seed_sha256=commitment_of(SEED)),
        OpenDraw(stream=draw_id),
    )
    casebook.execute(*wishes, actor=_OPERATOR)
    about = {"draw": draw_id, "entries": entries, "models": list(MODELS), "kinds": len(MODELS)}
    with connect(casebook.case_recorder.url) as owner:
        owner.execute(_ENTERED, about)
        owner.execute("INSERT INTO casebook.topics VALUES ('order.entered_in_draw')")
        owner.execute("VACUUM (ANALYZE) casebook.events")
    return draw_id


def _revealed(casebook: Casebook, url: str, draw_id: UUID) -> float:
    """Close, seal and reveal the draw; return how long the view took over the entries."""
    casebook.execute(CloseDraw(stream=draw_id), actor=_OPERATOR)
    with opened(url, LIVE) as connection:
        ensure(connection, VIEW)
        started_s = time.perf_counter()
        follower = Follower(connection, VIEW, casebook.log_reader)
        assert follow_to(follower, casebook.head()) is Pass.CAUGHT_UP
        entering_s = time.perf_counter() - started_s
    with casebook.pool.connection() as connection:
        closed = facts(live(connection), draw_id)
        assert closed is not None and closed.closed_position is not None
        sealed = seal(connection, draw_id, closed.closed_position)
    counted = tuple(ModelCount(model=model, entries=n) for model, n in sealed.counted.items())
    wishes: tuple[Command, ...] = (
        SealEntries(
            stream=draw_id,
            closed_position=closed.closed_position,
            count=sealed.count,
            root=sealed.root,
            counted=counted,
        ),
        RevealDraw(
            stream=draw_id,
            seed=SEED.hex(),
            public_value="1,402,893.51",
            value_published_at=casebook.clock(),
        ),
    )
    casebook.execute(*wishes, actor=_OPERATOR)
    with connect(url) as owner:  # so that it does not meet what follows so much writing
        owner.execute("VACUUM (ANALYZE) casebook.events")
        owner.execute("VACUUM (ANALYZE) views.draw_entries")
        owner.execute("CHECKPOINT")
    return entering_s
