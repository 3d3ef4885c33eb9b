"""A person whose key was destroyed is gone from every view, and the views still equal the log."""

from uuid import uuid4

from domain import customer as cu
from projections import VIEWS
from store.database import connect
from store.views import catch_up, compare, forget
from tests.domain.complaint import desk
from tests.projections.world import world

SECRETS = ("Shirin", "Ebadi", "989121234567", "refund of the deposit", "Call me back")


def test_an_erased_person_is_gone_from_every_view(database_url: str) -> None:
    person = desk.LEILA
    with world(database_url) as told:
        told.happened(
            person,
            cu.CustomerRegistered(
                customer_id=person, name="Shirin Ebadi", kind=cu.CustomerKind.PERSON,
                locale=cu.Locale.FA,
            ),
            cu.ContactAdded(
                contact_id=uuid4(), channel=cu.ContactChannel.PHONE, value="+989121234567"
            ),
        )  # fmt: skip
        case = uuid4()
        told.happened(case, *desk.ANNOUNCED.events, reason="Call me back")
        catch_up(database_url, told.log, VIEWS)
        assert any(secret in everything(database_url) for secret in SECRETS)
        with connect(database_url) as owner:
            owner.execute("DELETE FROM casebook.subject_keys WHERE subject_id = %s", [person])
        for _ in range(2):
            forget(database_url, told.log, VIEWS, person)
            shown = everything(database_url)
            assert not [secret for secret in SECRETS if secret in shown]
            for view in VIEWS:
                assert compare(database_url, told.log, view) == []
        told.happened(uuid4(), desk.registered(customer_id=None, narrative="Another story."))
        catch_up(database_url, told.log, VIEWS)
        with connect(database_url, "reader") as reader:
            [(status,)] = reader.execute(
                "SELECT status FROM views.cases WHERE stream = %s", [case]
            ).fetchall()
        assert status == "announced"


def everything(url: str) -> str:
    """Return every row of every view as text."""
    with connect(url, "reader") as reader:
        rows = [
            str(row)
            for view in VIEWS
            for table in view.tables
            for row in reader.execute(f"SELECT t::text FROM views.{table} t".encode())
        ]
    return "\n".join(rows)
