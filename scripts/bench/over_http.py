"""The API's reads and commands, in requests a second, against routes that do the least."""

import json
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString
from uuid import UUID

from bench.cases import CONTENT, open_cases
from bench.customers import whole_customer
from bench.desk import RunningApi, running_api
from bench.figures import Figure
from bench.place import Place, casebook_at
from bench.rounds import median_round
from bench.serving import INSERTED_PATH, PEER_TABLES, STORED_PATH
from projections import VIEWS, case_documents, customer_360
from store.casebook import Casebook
from store.database import connect
from store.views import catch_up

CASES = 200
EVENTS_PER_COMPLAINT = 16
Request = dict[str, str]


def read_complaint(place: Place) -> Figure:
    """Measure `GET /v1/complaints/{id}`."""
    with _desk(place, place.scale.read_connections) as (url, casebook, api):
        streams = open_cases(casebook, [EVENTS_PER_COMPLAINT] * min(CASES, place.scale.cases))
        catch_up(url, casebook.log_reader, VIEWS)
        _store(url, case_documents.SQL["fetch_for_staff"], streams)
        ours = [_get(f"/v1/complaints/{stream}") for stream in streams]
        peer = [_get(STORED_PATH.format(id=stream)) for stream in streams]
        return _compared(place, api, ours, peer, "get-complaint", "a case's document", 0.85)


def read_360(place: Place) -> Figure:
    """Measure `GET /v1/customers/{id}/360` with every section filled and 500 events behind it."""
    with _desk(place, place.scale.read_connections) as (url, casebook, api):
        open_cases(casebook, [])
        customers = [whole_customer(casebook, place.scale.customer_events) for _ in range(5)]
        catch_up(url, casebook.log_reader, VIEWS)
        ours = [_get(f"/v1/customers/{customer}/360") for customer in customers]
        _store(url, customer_360.SQL["fetch"], customers)
        peer = [_get(STORED_PATH.format(id=customer)) for customer in customers]
        what = f"a customer's 360°, full, with {place.scale.customer_events} events behind it"
        return _compared(place, api, ours, peer, "get-360", what, 0.6)


def register_complaint(place: Place) -> Figure:
    """Measure `POST /v1/complaints`; views, in a process of their own, are not running."""
    with _desk(place, place.scale.write_connections) as (_, casebook, api):
        open_cases(casebook, [])
        wish = {
            "kind": "sales",
            "channel": "phone",
            "narrative": f"Delivery is late and nobody says why. {CONTENT}",
            "complainant_name": "Shirin Example",
            "complainant_contact": "+98 21 0000 0000",
            "dealer_id": "D-0001",
            "region": "north",
        }
        ours = [{"method": "POST", "path": "/v1/complaints", "body": json.dumps(wish)}]
        peer = [{**ours[0], "path": INSERTED_PATH}]
        what = "a complaint registered; the peer inserts its body as one row"
        return _compared(place, api, ours, peer, "post-complaint", what, 0.4)


@contextmanager
def _desk(place: Place, connections: int) -> Iterator[tuple[str, Casebook, RunningApi]]:
    url = place.database("api")
    with connect(url) as connection:
        connection.execute(PEER_TABLES)
    with (
        casebook_at(url) as casebook,
        running_api(url, place.folder, connections) as api,
    ):
        yield url, casebook, api


def _get(path: str) -> Request:
    return {"method": "GET", "path": path}


def _store(url: str, statement: LiteralString, ids: Sequence[UUID]) -> None:
    """Keep the bodies that the real route answers, for the peer to answer them from one row."""
    with connect(url) as connection:
        for stream in ids:
            named = {"stream": stream, "customer": stream, "outside": False}
            row = connection.execute(statement, named, binary=True).fetchone()
            assert row is not None
            body = next(value for value in row if isinstance(value, bytes))
            connection.execute(
                "INSERT INTO views.bench_stored (id, body) VALUES (%s, %b)", (stream, body)
            )


def _compared(
    place: Place,
    api: RunningApi,
    ours: Sequence[Request],
    peer: Sequence[Request],
    name: str,
    what: str,
    target: float,
) -> Figure:
    scale = place.scale
    cpu_us: dict[str, list[float]] = {"ours": [], "peer": []}

    def asked(who: str, requests: Sequence[Request], seconds: float) -> float:
        load = api.load(requests, seconds)
        cpu_us[who].append(load.server_cpu_us)
        return load.per_second

    for requests in (ours, peer):  # warm up: plans, connections, remembered tokens
        api.load(requests, min(1.0, scale.requests_s))
    our_rate, peer_rate = median_round(
        lambda: asked("ours", ours, scale.requests_s),
        lambda: asked("peer", peer, scale.requests_s),
        scale.request_rounds,
    )
    cpu = {who: statistics.median(figures) for who, figures in cpu_us.items()}
    return Figure(
        name=name,
        what=f"{what}, {api.connections} connections",
        unit="requests/s",
        ours=our_rate,
        peer=peer_rate,
        target=target,
        bound="at least",
        note=f"server CPU {cpu['ours']:,.0f} µs per request, peer {cpu['peer']:,.0f} µs",
    )
