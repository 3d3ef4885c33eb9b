"""One long case: loading and folding it against selecting and parsing its rows."""

import json
from uuid import uuid4

from bench.cases import EXPERT, life
from bench.figures import Figure
from bench.place import Place, casebook_at
from bench.rounds import seconds_in_turn
from store.rulebook import publish_shipped


def against_parsing(place: Place) -> Figure:
    """Measure `Casebook.state` of one case of 1,000 events, no folded state being kept."""
    scale = place.scale
    with casebook_at(place.database("long_case"), cached_states_max=0) as casebook:
        publish_shipped(casebook)
        stream = uuid4()
        casebook.execute(*life(stream, scale.long_case_events), actor=EXPERT)

        def ours() -> None:
            known = casebook.state(stream)
            assert known.version == scale.long_case_events

        def peer() -> None:
            with casebook.pool.connection() as connection:
                rows = connection.execute(
                    "SELECT originator_version, topic, state, subject_id, notification_id"
                    " FROM casebook.events WHERE originator_id = %s ORDER BY originator_version",
                    (stream,),
                    binary=True,
                    prepare=True,
                ).fetchall()
            assert len([json.loads(row[2]) for row in rows]) == scale.long_case_events

        found = seconds_in_turn(ours, peer, 5 * scale.repeats)
    return Figure(
        name="fold",
        what=f"loading, decrypting and folding one case of {scale.long_case_events:,} events",
        unit="ms",
        ours=found[0] * 1000,
        peer=found[1] * 1000,
        target=3,
        bound="at most",
    )
