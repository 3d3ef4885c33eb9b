"""Housekeeping: answers kept for repeated requests are let go after their time."""

from datetime import UTC, datetime, timedelta

from store.database import connect

REQUESTS_KEPT = timedelta(days=30)
"""How long an Idempotency-Key answers; clients are told so in the API guide."""


def forget_requests(url: str, now: datetime | None = None) -> int:
    """Delete answers older than `REQUESTS_KEPT`; return how many. Needs the owner's login."""
    before = (now or datetime.now(UTC)) - REQUESTS_KEPT
    with connect(url) as owner:
        done = owner.execute("DELETE FROM casebook.idempotency WHERE recorded_at < %s", (before,))
        return done.rowcount
