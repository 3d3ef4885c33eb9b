"""What each process of the server runs: `_parts.py api DESCRIPTOR`, `_parts.py views|sagas`.

Everything comes from the environment, which `serve.py` fills in.
"""

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta

import psycopg
import structlog
import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler

from _logs import configure
from _processes import HOPELESS, end_with_parent
from api.app import create_app
from api.wire import BoundedHttp
from domain import DECIDERS
from projections import VIEWS, coverage
from sagas import SAGAS, estimating
from sagas.channels import Channels
from sagas.jobs import Job
from sagas.runner import run as run_sagas
from store.casebook import Casebook
from store.codec import Codec
from store.database import connect, pool
from store.housekeeping import forget_requests
from store.keys import KeyRing, Keys, WrongMasterKey
from store.log import Log
from store.settings import Settings, SettingsError
from store.views import run

GRACE_S = 5
SAGAS_CONNECTIONS = 12
COVERAGE_HOUR_UTC = 23

JOBS = (Job("estimates", time(22, 30), estimating.publish_estimates),)
"""What is done once a night, by UTC: two in the morning in Tehran, before seven in Beijing."""


def serve_api(settings: Settings) -> None:
    """Answer on the socket that the parent opened, so that a restart loses no connection."""
    end_with_parent()
    listener = socket.socket(fileno=int(sys.argv[2]))
    config = uvicorn.Config(
        create_app(settings, own_process=True),
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(1)


def keep_views(settings: Settings) -> None:
    """Keep every view up with the log until told to stop."""
    stop = threading.Event()
    end_with_parent(stop)
    log = Log(Codec(DECIDERS), KeyRing(Keys(settings.master_key_bytes())))
    ticker = BackgroundScheduler(timezone=UTC)
    ticker.add_job(
        _tidy, "interval", [settings.database_url], hours=1, next_run_time=datetime.now(UTC)
    )
    ticker.add_job(
        _cover,
        "cron",
        [settings.database_url],
        hour=COVERAGE_HOUR_UTC,
        misfire_grace_time=3600,
        next_run_time=datetime.now(UTC) + timedelta(minutes=1),
    )
    ticker.start()
    try:
        run(settings.database_url, log, VIEWS, stop)
    finally:
        ticker.shutdown(wait=False)


def keep_sagas(settings: Settings) -> None:
    """Keep the sagas up with the log, fire their timers and run the nightly jobs."""
    stop = threading.Event()
    end_with_parent(stop)
    url, keys = settings.database_url, Keys(settings.master_key_bytes())
    with pool(url, "writer", size=SAGAS_CONNECTIONS) as connections:
        casebook = Casebook(connections, url, keys)
        try:
            senders = Channels.of(settings, keys)
            run_sagas(url, casebook, SAGAS, stop, jobs=JOBS, senders=senders)
        finally:
            casebook.close()


def _tidy(url: str) -> None:
    try:
        forget_requests(url)
    except psycopg.Error as error:
        structlog.get_logger("housekeeping").warning("later", error=type(error).__name__)


def _cover(url: str) -> None:
    """Check that somebody was told of every breach and escalation; a gap is an error in the log."""
    log = structlog.get_logger("coverage")
    try:
        with connect(url, "views") as connection:
            found = coverage.check(connection, datetime.now(UTC))
    except psycopg.Error as error:
        log.error("coverage_not_checked", error=type(error).__name__)
        return
    for gap in found.gaps:
        log.error("nobody_was_told", event_id=str(gap.event_id), position=gap.position,
                  topic=gap.topic)  # fmt: skip
    log.info("coverage_checked", owed=found.owed, pending=found.pending, gaps=found.gaps_count)


PARTS: Mapping[str, Callable[[Settings], None]] = {
    "api": serve_api,
    "views": keep_views,
    "sagas": keep_sagas,
}


def main() -> None:
    """Run one part until it is told to stop."""
    try:
        settings = Settings.load()
        configure(settings.log_level)
        PARTS[sys.argv[1]](settings)
    except (SettingsError, WrongMasterKey) as error:
        sys.stderr.write(f"parvandeh: {error}\n")
        raise SystemExit(HOPELESS) from None


if __name__ == "__main__":
    main()
