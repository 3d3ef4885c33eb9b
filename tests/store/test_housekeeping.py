"""Stored answers are let go after their time, and not before."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from store.casebook import Idempotency
from store.housekeeping import REQUESTS_KEPT, forget_requests
from tests.store.ledgers import CLERK, Open
from tests.store.test_casebook import opened


def test_an_answer_is_kept_for_its_time_and_then_let_go(database_url: str) -> None:
    request = Idempotency("scope", "key", b"body")
    with opened(database_url) as casebook:
        casebook.execute(Open(stream=uuid4(), plate="p"), actor=CLERK, idempotency=request)
        assert forget_requests(database_url) == 0
        later = datetime.now(UTC) + REQUESTS_KEPT + timedelta(hours=1)
        assert forget_requests(database_url, later) == 1
        assert casebook.execute(
            Open(stream=uuid4(), plate="q"), actor=CLERK, idempotency=request
        ).created
