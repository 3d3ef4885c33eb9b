"""What Prometheus sees of sending: kinds of channels and codes, nothing of any person."""

from prometheus_client import Counter, Histogram

SENT = Counter("parvandeh_notices_sent", "Notices that a channel took over", ["kind"])
FAILED = Counter("parvandeh_notices_failed", "Attempts that failed", ["kind", "error"])
DEFERRED = Counter(
    "parvandeh_notices_deferred", "Attempts put off because the channel was busy or away", ["kind"]
)
SECONDS = Histogram(
    "parvandeh_notice_seconds",
    "Seconds that an attempt took",
    ["kind"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def sent(kind: str, seconds: float) -> None:
    """Count an attempt that succeeded."""
    SENT.labels(kind).inc()
    SECONDS.labels(kind).observe(seconds)


def failed(kind: str, error: str, seconds: float) -> None:
    """Count an attempt that failed."""
    FAILED.labels(kind, error).inc()
    SECONDS.labels(kind).observe(seconds)


def deferred(kind: str) -> None:
    """Count an attempt that was put off."""
    DEFERRED.labels(kind).inc()
