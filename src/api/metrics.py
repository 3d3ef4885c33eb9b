"""What Prometheus sees of HTTP: requests and seconds by route template, nothing of any person."""

from functools import lru_cache
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

SECONDS = Histogram(
    "parvandeh_http_request_seconds",
    "Seconds from the request's arrival to the end of its answer",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REQUESTS = Counter("parvandeh_http_requests", "Requests answered", ["method", "route", "status"])
RUNNING = Gauge("parvandeh_http_requests_running", "Requests that are being answered")

STREAMS = Gauge("parvandeh_notification_streams", "Streams of notices that are open")


@lru_cache(maxsize=2_048)
def _children(method: str, route: str, status: int) -> tuple[Any, Any]:
    return SECONDS.labels(method, route), REQUESTS.labels(method, route, str(status))


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    histogram, counter = _children(method, route, status)
    histogram.observe(seconds)
    counter.inc()
