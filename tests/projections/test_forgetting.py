"""A person whose key was destroyed is gone from every view, and the views still equal the log."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from domain import customer as cu
from domain.declare import Role
from domain.loyalty import OpenLedger, ledger_id
from domain.money import Currency, Money
from domain.order import PlaceOrder
from projections import VIEWS, identifiers
from store.database import connect
from store.views import catch_up, compare, forget
from tests.domain.complaint import desk
from tests.projections.asking import ask
from tests.projections.world import KEYS, SYSTEM, world

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


def test_who_was_erased_is_found_by_papers_of_the_company_and_by_nothing_of_her_own(
    database_url: str,
) -> None:
    person, order = desk.LEILA, uuid4()
    manager = replace(SYSTEM, roles=frozenset({Role.MANAGER}))
    with world(database_url) as told:
        told.happened(
            person,
            cu.CustomerRegistered(
                customer_id=person, name="x", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
            ),
        )
        told.casebook.execute(
            PlaceOrder(
                stream=order, customer_id=person, scheme="immediate", model="E5", number="SO-1",
                price=Money(minor=9_800_000_000, currency=Currency.IRR),
                contract_on=date(2026, 1, 10),
            ),
            OpenLedger(
                stream=ledger_id(person, "club"), customer_id=person, programme="club",
                membership_number="M-1",
            ),
            actor=manager,
        )  # fmt: skip
        catch_up(database_url, told.log, VIEWS)
        found = [("contract_number", "SO-1"), ("membership_number", "M-1")]
        assert [kind for kind, _ in found] == looked_up(database_url, found)
        with connect(database_url) as owner:
            owner.execute("DELETE FROM casebook.subject_keys WHERE subject_id = %s", [person])
        forget(database_url, told.log, VIEWS, person)
        assert looked_up(database_url, found) == ["contract_number"]
        for view in VIEWS:
            assert compare(database_url, told.log, view) == [], view.name


def looked_up(url: str, wanted: list[tuple[str, str]]) -> list[str]:
    """Return by which of these numbers somebody is found."""
    _, matches = ask(url, lambda c: identifiers.find(c, KEYS, wanted))
    return [match.kind for match in matches]


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
