"""The process of row `draw`: follows the view over the revelation, then writes the proof file."""

import json
import time
from pathlib import Path
from uuid import UUID

import typer

from bench.place import casebook_at
from projections.draw_entries import VIEW, facts, live
from projections.draw_proof import pieces
from store.views.follower import Follower, Pass, follow_to, opened
from store.views.tracking import LIVE

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(url: str, draw: str, file: Path, said: Path) -> None:
    """Rank the draw as the view does and write its proof file as it is published."""
    draw_id = UUID(draw)
    with casebook_at(url) as casebook, opened(url, LIVE) as connection:
        head = casebook.head()
        started_s = time.perf_counter()
        follower = Follower(connection, VIEW, casebook.log_reader)
        assert follow_to(follower, head) is Pass.CAUGHT_UP
        ranked_s = time.perf_counter()
        with casebook.pool.connection() as reading, file.open("wb") as written:
            run = live(reading)
            known = facts(run, draw_id)
            assert known is not None and known.result is not None
            for piece in pieces(known, lambda ask: run(ask).fetchone()):
                written.write(piece)
        ended_s = time.perf_counter()
    took = {"ranking_s": ranked_s - started_s, "proof_s": ended_s - ranked_s}
    said.write_text(json.dumps(took))
