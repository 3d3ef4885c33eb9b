"""The application: settings in, an app out; what it holds is opened in its lifespan."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import structlog
from fastapi import FastAPI

from api import openapi, problems
from api.auth import FetchedKeys, KeySource, StaticKeys, Verifier
from api.collector import seldom_collected
from api.conventions import Cursors
from api.crew import Crew
from api.desk import Desk
from api.freshness import Freshness
from api.issuer import own_issuer
from api.middleware import Envelope
from api.one_core import on_one_core
from api.operations import mount
from api.routes import OPERATIONS
from api.schemas import COMPONENTS, MODELS
from api.streams import Streams
from api.texts import Texts
from api.tracing import Tracing
from store.casebook import Casebook
from store.database import async_pool, pool
from store.files import Files
from store.keys import Keys
from store.readers import Readers
from store.settings import Settings

log = structlog.get_logger(__name__)

WRITER_CONNECTIONS = 8
OPENING_CONNECTIONS = 2
WRITER_THREADS = 48
READ_CONNECTIONS = 16


def key_source(settings: Settings) -> KeySource:
    """Return where the issuer's keys come from: its address, a file, or our own issuer."""
    if settings.jwks_url:
        return FetchedKeys(settings.jwks_url)
    if settings.jwks_file:
        return StaticKeys.from_file(settings.jwks_file)
    own = own_issuer(settings.data_dir, issuer=settings.issuer, audience=settings.audience)
    return StaticKeys(own.jwks())


@asynccontextmanager
async def open_desk(settings: Settings, database_url: str) -> AsyncIterator[Desk]:
    """Open all that the routes work with, and close it in the opposite order."""
    keys = Keys(settings.master_key_bytes())
    verifier = Verifier(key_source(settings), issuer=settings.issuer, audience=settings.audience)
    writer = await asyncio.to_thread(pool, database_url, "writer", size=WRITER_CONNECTIONS)
    readers = Readers.make(database_url, settings.read_database_urls, size=READ_CONNECTIONS)
    freshness = Freshness(readers)
    streams = Streams(readers)
    crew = Crew(WRITER_THREADS)
    opening = async_pool(database_url, "writer", size=OPENING_CONNECTIONS)
    try:
        await readers.open()
        await opening.open(wait=False)
        casebook = await asyncio.to_thread(Casebook, writer, database_url, keys)
        openings = casebook.openings(opening)
        try:
            yield Desk(
                casebook=casebook,
                openings=openings,
                readers=readers,
                freshness=freshness,
                streams=streams,
                verifier=verifier,
                texts=Texts.load(),
                cursors=Cursors(keys.derived("list cursors")),
                files=Files(settings.data_dir / "files", casebook.ring, writer),
                webhooks_to_loopback=settings.webhooks_to_loopback,
                writers=crew,
            )
        finally:
            await openings.close()
            await asyncio.to_thread(crew.close)
            await asyncio.to_thread(casebook.close)
    finally:
        await streams.shut()
        await freshness.close()
        await readers.close()
        await opening.close()
        await asyncio.to_thread(writer.close)


def create_app(
    settings: Settings, *, database_url: str | None = None, own_process: bool = False
) -> FastAPI:
    """Make the application; it answers once its lifespan has started.

    `database_url` is where the private database listens, for settings that name no other one. In
    its `own_process` it decides where the threads run.
    """
    url = database_url or settings.database_url
    tracing = Tracing.make()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_desk(settings, url) as desk:
            app.state.desk = desk
            async with on_one_core() if own_process else nullcontext():
                with seldom_collected():
                    yield
        if tracing is not None:
            tracing.close()

    app = FastAPI(
        title="Parvandeh",
        version=openapi.VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    described = openapi.document(OPERATIONS, COMPONENTS, MODELS)
    app.state.texts = Texts.load()
    app.state.openapi_document = openapi.as_bytes(described)
    app.openapi = lambda: described  # type: ignore[method-assign]  # FastAPI's own way to do this
    problems.install(app)
    mount(app, OPERATIONS)
    app.add_middleware(Envelope, tracing=tracing)
    return app
