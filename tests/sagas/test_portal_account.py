"""With a customer's first order her portal account is opened, and never a second time."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from domain import customer as c
from sagas.instances import view_of
from sagas.portal_account import SAGA
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.views import compare, rebuild
from tests.sagas.market import LEILA, NOW, ORDER, Market, RealShowroom, Showroom
from tests.sagas.promises import MASTER_KEY

MARYAM = UUID(int=0x3A21)
SECOND = UUID(int=0x0D1)


@pytest.fixture
def showroom() -> Showroom:
    return Showroom(SAGA)


@pytest.fixture
def real(database_url: str) -> Iterator[RealShowroom]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(MASTER_KEY))
        desk = RealShowroom(database_url, casebook, (SAGA,), NOW)
        desk.begin()
        yield desk


def opened(showroom: Market) -> list[UUID]:
    return [each.stream for each in showroom.all_of(c.PortalAccountOpened)]


def test_the_first_order_opens_the_account_of_her_verified_phone(showroom: Showroom) -> None:
    showroom.customer()
    assert showroom.settle() == 0
    showroom.order()
    showroom.settle()
    account = showroom.person().account
    assert account is not None
    assert account.login_phone == "+989121234567"
    (made,) = showroom.all_of(c.PortalAccountOpened)
    (placed,) = [each for each in showroom.log() if each.stream == ORDER]
    assert (made.actor, made.causation_id) == ("saga:portal_account", placed.event_id)
    assert str(LEILA) not in account.account


def test_a_second_order_and_a_second_look_open_nothing_more(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order()
    showroom.order(SECOND)
    showroom.settle()
    assert opened(showroom) == [LEILA]
    assert showroom.is_as_folded_anew(SAGA)
    showroom.now += timedelta(days=3)
    assert showroom.settle() == 0
    assert opened(showroom) == [LEILA]


def test_who_has_an_account_already_keeps_it(showroom: Showroom) -> None:
    showroom.customer()
    own = c.OpenPortalAccount(stream=LEILA, account="sub-7", login_phone="09121234567")
    showroom.say(own)
    showroom.order()
    assert showroom.settle() == 0
    assert showroom.person().account == c.PortalAccount(
        account="sub-7", login_phone="+989121234567"
    )


def test_an_account_that_staff_closed_is_not_opened_again(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order()
    showroom.settle()
    showroom.say(c.ClosePortalAccount(stream=LEILA))
    showroom.order(SECOND)
    showroom.now += timedelta(days=2)
    assert showroom.settle() == 0
    assert showroom.person().account is None


def test_without_a_verified_phone_the_account_waits_for_one(showroom: Showroom) -> None:
    showroom.customer(phone=None)
    showroom.contact(LEILA, c.ContactChannel.PHONE, "09121234567", verified=False)
    showroom.order()
    showroom.settle()
    assert showroom.person().account is None
    assert showroom.settle() == 0
    [contact_id] = showroom.person().contacts
    showroom.say(c.VerifyContact(stream=LEILA, contact_id=contact_id))
    showroom.settle()
    assert opened(showroom) == [LEILA]


def test_of_a_merged_record_the_one_that_stands_for_her_gets_the_account(
    showroom: Showroom,
) -> None:
    showroom.customer(LEILA, phone=None)
    showroom.order()
    showroom.settle()
    showroom.customer(MARYAM)
    showroom.merge(LEILA, MARYAM)
    showroom.settle()
    assert opened(showroom) == [MARYAM]
    assert showroom.settle() == 0


def test_a_merge_that_closes_an_account_does_not_keep_the_other_record_from_one(
    showroom: Showroom,
) -> None:
    showroom.customer(LEILA)
    showroom.order()
    showroom.settle()
    showroom.customer(MARYAM, phone="09127654321")
    showroom.merge(LEILA, MARYAM)
    showroom.settle()
    assert opened(showroom) == [LEILA, MARYAM]


def test_an_order_carried_over_from_another_system_opens_none(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order(source_ref="old/17", placed_at=NOW - timedelta(days=90))
    assert showroom.settle() == 0
    assert opened(showroom) == []


# --- on a real casebook ---------------------------------------------------------------------------


def test_a_phone_by_which_somebody_else_logs_in_is_passed_over_and_no_state_is_personal(
    real: RealShowroom,
) -> None:
    real.customer(MARYAM)
    real.order(SECOND, MARYAM)
    real.settle()
    real.customer(LEILA)
    real.contact(LEILA, c.ContactChannel.PHONE, "09127654321")
    first = next(iter(real.person().contacts))
    real.say(c.PreferContact(stream=LEILA, contact_id=first))
    real.order()
    real.settle()
    account = real.person().account
    assert account is not None and account.login_phone == "+989127654321"
    assert compare(real.url, real.casebook.log_reader, view_of(SAGA)) == []
    head = real.casebook.head()
    rebuild(real.url, real.casebook.log_reader, view_of(SAGA))
    assert real.settle() == 0
    assert real.casebook.head() == head
    with psycopg.connect(real.url) as connection:
        rows = connection.execute("SELECT state FROM views.saga_portal_account").fetchall()
    assert len(rows) == 2
    assert all("912765" not in row[0] and "Leila" not in row[0] for row in rows)
