"""A desk of promises on a database of its own."""

from collections.abc import Iterator

import pytest

from tests.sagas.desk import Desk
from tests.sagas.promises import REMINDING, open_casebook


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    casebook = open_casebook(database_url)
    yield Desk(database_url, casebook, [REMINDING])
    casebook.pool.close()
