"""A draw from its opening to the last reserve that moves up, on a real casebook."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain import draw as d
from domain.draw.ranking import commitment_of
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from tests.sagas.lottery import SEED, Lottery, verified
from tests.sagas.promises import MASTER_KEY


@pytest.fixture
def lottery(module_database_url: str) -> Iterator[Lottery]:
    connections = pool(module_database_url, "writer", size=8)
    casebook = Casebook(connections, module_database_url, Keys(MASTER_KEY))
    yield Lottery(module_database_url, casebook)
    connections.close()


def test_a_draw_is_held_and_its_proof_checks(lottery: Lottery, tmp_path: Path) -> None:
    orders = lottery.held("206", "206", "206", "206", "206", "Dena", "Dena")

    outcomes = lottery.outcomes(orders)
    assert sorted(str(outcomes[order]) for order in orders[:5]) == [
        "not_drawn", "reserve", "reserve", "winner", "winner",
    ]  # fmt: skip
    assert sorted(str(outcomes[order]) for order in orders[5:]) == ["reserve", "winner"]
    proof = tmp_path / "proof.jsonl"
    proof.write_bytes(lottery.proof())
    ranked = lottery.state.ranked
    assert ranked is not None
    assert ranked.proof_sha256 == hashlib.sha256(proof.read_bytes()).hexdigest()
    assert ranked.proof_bytes == proof.stat().st_size
    sealed = lottery.state.sealed
    assert sealed is not None
    said = verified(
        proof, "--order", str(orders[0]), "--sha256", ranked.proof_sha256,
        "--root", sealed.root, "--commitment", commitment_of(SEED),
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"Order {orders[0]} is entry 1" in said.stdout
    assert "personal" not in said.stdout
    assert [type(event) for event in lottery.events()][-4:] == [
        d.EntriesSealed, d.DrawRevealed, d.DrawRanked, d.OutcomesHandedOut,
    ]  # fmt: skip
