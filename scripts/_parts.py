"""What each process of the server runs: `_parts.py api DESCRIPTOR` and `_parts.py views`.

Everything comes from the environment, which `serve.py` fills in.
"""

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import psycopg
import structlog
import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler

from _logs import configure
from _processes import HOPELESS, end_with_parent
from api.app import create_app
from api.wire import BoundedHttp
from domain import DECIDERS
from projections import VIEWS
from store.codec import Codec
from store.housekeeping import forget_requests
from store.keys import KeyRing, Keys, WrongMasterKey
from store.log import Log
from store.settings import Settings, SettingsError
from store.views import run

GRACE_S = 5


def serve_api(settings: Settings) -> None:
    """Answer on the socket that the parent opened, so that a restart loses no connection."""
    end_with_parent()
    listener = socket.socket(fileno=int(sys.argv[2]))
    config = uvicorn.Config(
        create_app(settings),
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
    ticker.start()
    try:
        run(settings.database_url, log, VIEWS, stop)
    finally:
        ticker.shutdown(wait=False)


def _tidy(url: str) -> None:
    try:
        forget_requests(url)
    except psycopg.Error as error:
        structlog.get_logger("housekeeping").warning("later", error=type(error).__name__)


PARTS: Mapping[str, Callable[[Settings], None]] = {"api": serve_api, "views": keep_views}


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
