"""Views catching up with the log, against the stock `ProjectionRunner` writing the same rows."""

import time

from psycopg import sql

from bench.cases import interleaved
from bench.execute import EVENTS_PER_CASE
from bench.figures import Figure
from bench.place import Place, casebook_at, stock_environment
from bench.rounds import median_round
from bench.stock_view import (
    AuditProjection,
    DocumentsProjection,
    StockAuditTrail,
    StockDocuments,
    StockLog,
    V,
    WatchedProjection,
    stock_seconds,
)
from projections import audit_trail, case_documents
from store.casebook import Casebook
from store.database import connect
from store.views import View, catch_up


def audit(place: Place) -> Figure:
    """Measure the audit trail."""
    return _compared(place, "audit", audit_trail.VIEW, 25, AuditProjection, StockAuditTrail)


def documents(place: Place) -> Figure:
    """Measure the case documents."""
    return _compared(
        place, "documents", case_documents.VIEW, 10, DocumentsProjection, StockDocuments
    )


def _compared(
    place: Place,
    name: str,
    view: View,
    target: float,
    projection: type[WatchedProjection[V]],
    stock_view: type[V],
) -> Figure:
    scale = place.scale
    url, stock_url = place.database("catch_up"), place.empty_database("stock")
    environment = stock_environment(stock_url)
    with connect(stock_url) as connection:
        connection.execute(view.sql["create"])
        connection.execute(view.sql["index"])
    with casebook_at(url) as casebook:
        cases = max(1, scale.catch_up_events // (sum(EVENTS_PER_CASE) // len(EVENTS_PER_CASE)))
        interleaved(casebook, [EVENTS_PER_CASE[n % len(EVENTS_PER_CASE)] for n in range(cases)])
        StockDocuments.rules = casebook.rules
        with StockLog(environment) as stock_log:
            stock_log.take_over(casebook.read(0, scale.catch_up_peer_events))

        def stock() -> float:
            events = scale.catch_up_peer_events
            rate = events / stock_seconds(environment, projection, stock_view, events)
            tracking = sql.Identifier(f"{projection.name}_tracking")
            forget = sql.SQL("DELETE FROM {} WHERE application_name = 'stocklog'")
            _begin_again(stock_url, view, "public", forget.format(tracking))
            return rate

        ours, peer = median_round(
            lambda: _our_rate(url, casebook, view), stock, scale.catch_up_rounds
        )
    return Figure(
        name=f"catch-up-{name}",
        what=f"events applied to the view {view.name}; the stock runner writes the same rows",
        unit="events/s",
        ours=ours,
        peer=peer,
        target=target,
        bound="at least",
    )


def _our_rate(url: str, casebook: Casebook, view: View) -> float:
    catch_up(url, casebook.log_reader, [view], up_to=1)  # makes the tables
    started_s = time.perf_counter()
    reached = catch_up(url, casebook.log_reader, [view])
    rate = (reached - 1) / (time.perf_counter() - started_s)
    _begin_again(url, view, "views", sql.SQL("UPDATE views.tracking SET position = 0"))
    return rate


def _begin_again(url: str, view: View, schema: str, forget: sql.SQL | sql.Composed) -> None:
    with connect(url) as connection:
        for table in view.tables:
            connection.execute(
                sql.SQL("TRUNCATE {}.{}").format(sql.Identifier(schema), sql.Identifier(table))
            )
        connection.execute(forget)
