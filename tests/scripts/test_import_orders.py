"""A lottery's list: every row a customer, an order and an entry, and a second run adds nothing."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain import draw as d
from domain import order as o
from domain.declare import Actor, ActorId, Role
from domain.draw.ranking import commitment_of
from importing.command import app
from importing.orders import COLUMNS, LISTED_AT, order_id
from store.casebook import Casebook
from tests.scripts.running import run

OPERATOR = Actor(id=ActorId("u-operator"), roles=frozenset({Role.MANAGER}))
NOW = datetime.now(UTC)
ROWS = (
    "206,1,7a99377952e76d09,99172f0e32b277b4,2280",
    "206,2,598ab0b835827056,99172f0e32b277b4,2283",
    "TU5,1,3fc5cbf315c02fcb,93dbb0a477604b07,2284",
)


@pytest.fixture
def draw(installation: Casebook) -> UUID:
    stream = uuid4()
    quotas = tuple(d.AskedQuota(model=model, winners=1) for model in ("206", "TU5"))
    installation.execute(
        d.AnnounceDraw(
            stream=stream,
            name="spring",
            quotas=quotas,
            source="a public source",
            opens_at=NOW - timedelta(hours=1),
            closes_at=NOW + timedelta(hours=1),
            value_expected_at=NOW + timedelta(hours=2),
        ),
        d.CommitSeed(stream=stream, seed_sha256=commitment_of(bytes(32))),
        d.OpenDraw(stream=stream),
        actor=OPERATOR,
    )
    return stream


def listed(folder: Path, *rows: str) -> Path:
    file = folder / "list.csv"
    file.write_text("\n".join((",".join(COLUMNS), *rows, "")), encoding="utf-8")
    return file


def test_every_row_is_a_customer_an_order_and_an_entry(
    installation: Casebook, draw: UUID, tmp_path: Path
) -> None:
    """Two rows of one masked national id are two people: its digits are not all there."""
    file = listed(tmp_path, *ROWS)
    result = run(app, "orders", file, "--draw", str(draw))
    assert "3 rows read = 3 imported + 0 already there + 0 rejected" in result.stdout
    assert result.exit_code == 0
    placed, entered = (one.event for one in installation.history(order_id("7a99377952e76d09")))
    assert isinstance(placed, o.OrderPlaced)
    assert isinstance(entered, o.OrderEnteredInDraw)
    assert (placed.model, placed.placed_at, placed.draw_id) == ("206", LISTED_AT, draw)
    assert placed.source_ref == "lottery 2020-06 206 1"
    assert (entered.draw_id, entered.model_group) == (draw, "206")
    assert entered.person == placed.customer_id
    again = run(app, "orders", file, "--draw", str(draw))
    assert "3 rows read = 0 imported + 3 already there + 0 rejected" in again.stdout


def test_a_list_is_there_already_also_when_the_draw_is_over(
    installation: Casebook, draw: UUID, tmp_path: Path
) -> None:
    file = listed(tmp_path, *ROWS[:2])
    run(app, "orders", file, "--draw", str(draw))
    clock = installation.clock
    installation.clock = lambda: NOW + timedelta(hours=1)
    installation.execute(d.CloseDraw(stream=draw), actor=OPERATOR)
    installation.clock = clock
    file = listed(tmp_path, *ROWS)
    late = run(app, "orders", file, "--draw", str(draw), "--strict")
    assert late.exit_code == 3
    assert "3 rows read = 0 imported + 2 already there + 1 rejected" in late.stdout
    with (tmp_path / "list.csv.rejects.csv").open(encoding="utf-8", newline="") as rejects:
        [reject] = csv.DictReader(rejects)
    assert (reject["line"], reject["row"], reject["code"]) == ("4", "TU5 1", "draw.not_open")
    assert reject["raw"] == ROWS[2]


def test_a_row_that_is_wrong_is_rejected_alone(
    installation: Casebook, draw: UUID, tmp_path: Path
) -> None:
    wrong = ("Runa,1,aa,bb,1", "206,x,ab,bb,1", "206,2,not hexadecimal,bb,1", "206,3,ac", ROWS[0])
    result = run(app, "orders", listed(tmp_path, *wrong), "--draw", str(draw))
    assert "5 rows read = 1 imported + 0 already there + 4 rejected" in result.stdout
    with (tmp_path / "list.csv.rejects.csv").open(encoding="utf-8", newline="") as rejects:
        codes = {reject["line"]: reject["code"] for reject in csv.DictReader(rejects)}
    assert codes == {
        "2": "draw.model_not_in_draw",
        "3": "value.list_seq",
        "4": "value.tracking_ref",
        "5": "row.malformed",
    }
    assert installation.state(order_id("7a99377952e76d09")).version == 2


def test_a_list_needs_a_draw_that_is_open(installation: Casebook, tmp_path: Path) -> None:
    file = listed(tmp_path, *ROWS)
    for arguments, said in (
        ((), "Say with --draw"),
        (("--draw", str(uuid4())), "there is no draw"),
    ):
        result = run(app, "orders", file, *arguments)
        assert result.exit_code == 1
        assert said in result.stderr
    file.write_text("a,b\n", encoding="utf-8")
    assert "no list of applicants" in run(app, "orders", file, "--dry-run").stderr
    assert run(app, "orders", listed(tmp_path, *ROWS), "--dry-run").exit_code == 0
