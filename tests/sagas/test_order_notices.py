"""A customer is told of her order, over contacts that are hers, and only if she agreed to it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import psycopg
import pytest

from domain import customer as c
from domain import notification as n
from domain import order as o
from domain.fields import Erased
from sagas import delivery
from sagas.channels import Channels
from sagas.instances import view_of
from sagas.order_notices import SAGA
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.views import compare, rebuild
from tests.sagas.market import LEILA, NOW, ORDER, QUIET, Market, RealShowroom, Showroom
from tests.sagas.promises import MASTER_KEY
from tests.sagas.receivers import smtp_receiver

DRAW = UUID(int=0xD4A3)
ALLOCATED = "order.vehicle_allocated"


@pytest.fixture
def showroom() -> Showroom:
    return Showroom(SAGA)


@pytest.fixture
def real(database_url: str) -> Iterator[RealShowroom]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(MASTER_KEY))
        desk = RealShowroom(database_url, casebook, (SAGA, delivery.SAGA), NOW)
        desk.begin()
        yield desk


def planned(showroom: Market, code: str) -> n.NotificationPlanned:
    events = [each.event for each in showroom.all_of(n.NotificationPlanned)]
    (found,) = [event for event in events if event.code == code]
    assert isinstance(found, n.NotificationPlanned)
    return found


def facts(notice: n.NotificationPlanned) -> dict[str, str]:
    return {param.name: param.value for param in notice.params}


def test_she_is_told_of_each_stage_of_her_order(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order(number="K-1407/22", draw_id=DRAW)
    showroom.settle()
    assert showroom.told() == []
    showroom.say(o.EnterDraw(stream=ORDER, draw_id=DRAW))
    won = o.OrderDrawOutcome.WINNER
    showroom.wish(o.RecordOutcome(stream=ORDER, draw_id=DRAW, outcome=won, rank=3, quota="dena"))
    showroom.settle()
    showroom.allocate()
    showroom.settle()
    showroom.release()
    showroom.settle()
    at = showroom.now + timedelta(days=3)
    showroom.say(
        o.ScheduleDelivery(stream=ORDER, appointment_id=uuid5(ORDER, "a"), at=at, place="T-17")
    )
    showroom.settle()
    stages = ["order.drawn", ALLOCATED, "order.released", "order.delivery_scheduled"]
    assert showroom.told() == stages
    drawn = planned(showroom, "order.drawn")
    assert facts(drawn)["order_draw_outcome"] == "winner"
    assert facts(drawn)["rank"] == "3"
    assert (drawn.customer_id, drawn.staff_id, drawn.locale) == (LEILA, None, "fa")
    assert drawn.recipient == f"customer:{LEILA}"
    assert facts(planned(showroom, "order.delivery_scheduled"))["place"] == "T-17"
    showroom.deliver()
    assert showroom.settle() == 0
    assert showroom.told() == stages


def test_she_is_asked_to_pay_the_rest_and_hears_that_a_lease_pays_nothing(
    showroom: Showroom,
) -> None:
    showroom.customer()
    showroom.order(scheme="leased")
    today = showroom.now.date()
    showroom.say(o.InviteToPay(stream=ORDER, invited_on=today))
    because = o.OrderFinancingFailure.REJECTED
    showroom.wish(o.FailFinancing(stream=ORDER, lease_id=DRAW, because=because))
    showroom.settle()
    invited = facts(planned(showroom, "order.invited"))
    assert invited["price"] == "9500000000 IRR"
    assert invited["due_on"] >= today.isoformat()
    failed = facts(planned(showroom, "order.financing_failed"))
    assert failed["order_financing_failure"] == "rejected"
    assert showroom.settle() == 0


def test_without_her_consent_or_a_verified_contact_it_is_withheld_and_says_why(
    showroom: Showroom,
) -> None:
    showroom.customer(agrees=False)
    showroom.order()
    showroom.allocate()
    showroom.settle()
    assert showroom.withheld() == [(ALLOCATED, "no_consent")]
    other, hers = UUID(int=0x77), UUID(int=0x78)
    showroom.customer(other, phone=None)
    showroom.contact(other, c.ContactChannel.PHONE, "09127654321", verified=False)
    showroom.order(hers, other)
    showroom.say(
        o.AllocateVehicle(stream=hers, allocation_id=hers, vehicle_id=hers, vin="NAAP03EE8KJ123457")
    )
    showroom.settle()
    assert showroom.withheld()[1:] == [(ALLOCATED, "no_contact")]
    assert showroom.told() == []
    assert showroom.settle() == 0


def test_her_preferred_contact_is_used_of_several(showroom: Showroom) -> None:
    showroom.customer()
    first = next(iter(showroom.person().contacts))
    newest = showroom.contact(LEILA, c.ContactChannel.PHONE, "09127654321")
    showroom.order()
    showroom.allocate()
    showroom.settle()
    assert planned(showroom, ALLOCATED).channels[0].channel_id == newest
    showroom.say(c.PreferContact(stream=LEILA, contact_id=first))
    showroom.release()
    showroom.settle()
    assert planned(showroom, "order.released").channels[0].channel_id == first


def test_she_is_told_the_morning_after_that_her_car_is_late(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order(promised_on=NOW.date() + timedelta(days=5))
    showroom.settle()
    morning = datetime(2028, 5, 13, 5, 30, tzinfo=UTC)
    showroom.now = morning - timedelta(seconds=1)
    assert showroom.settle() == 0
    showroom.now = morning
    showroom.settle()
    late = planned(showroom, "order.delivery_late")
    assert facts(late)["promised_on"] == "2028-05-12"
    assert showroom.settle() == 0


def test_a_promise_that_moved_is_told_and_waited_for_anew(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order(promised_on=NOW.date() + timedelta(days=5))
    showroom.settle()
    later = NOW.date() + timedelta(days=20)
    why = o.OrderPromiseReason.SUPPLY
    showroom.say(o.MovePromise(stream=ORDER, promised_on=later, because=why))
    showroom.settle()
    assert showroom.told() == ["order.promise_moved"]
    showroom.now += timedelta(days=15)
    assert showroom.settle() == 0
    showroom.now += timedelta(days=7)
    showroom.settle()
    assert showroom.told() == ["order.promise_moved", "order.delivery_late"]


def test_a_car_that_came_in_time_is_not_late_and_a_cancelled_order_neither(
    showroom: Showroom,
) -> None:
    showroom.customer()
    showroom.order(promised_on=NOW.date() + timedelta(days=5))
    showroom.allocate()
    showroom.release()
    showroom.deliver()
    other = UUID(int=0x0D1)
    showroom.order(other, promised_on=NOW.date() + timedelta(days=5))
    showroom.cancel(other)
    showroom.settle()
    assert showroom.told() == ["order.cancelled"]
    showroom.now += timedelta(days=30)
    assert showroom.settle() == 0


def test_it_is_silent_about_what_was_broken_before_the_order_was_carried_over(
    showroom: Showroom,
) -> None:
    showroom.customer()
    showroom.order(
        source_ref="old/17",
        placed_at=NOW - timedelta(days=400),
        contract_on=NOW.date() - timedelta(days=400),
        promised_on=NOW.date() - timedelta(days=300),
    )
    showroom.allocate()
    showroom.release(on=NOW.date() - timedelta(days=200))
    showroom.settle()
    assert showroom.told() == [ALLOCATED]


def test_rebuilt_it_is_the_same(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order(promised_on=NOW.date() + timedelta(days=5))
    assert showroom.is_as_folded_anew(SAGA)
    showroom.allocate()
    assert showroom.is_as_folded_anew(SAGA)
    showroom.settle()
    assert showroom.is_as_folded_anew(SAGA)
    assert showroom.told() == [ALLOCATED]


def test_of_a_merged_record_the_one_that_stands_for_her_is_told(showroom: Showroom) -> None:
    survivor = UUID(int=0x3A21)
    showroom.customer(agrees=False)
    showroom.order()
    showroom.customer(survivor, phone="09127654321", locale=c.Locale.EN)
    showroom.merge(LEILA, survivor)
    showroom.allocate()
    showroom.settle()
    notice = planned(showroom, ALLOCATED)
    assert (notice.customer_id, notice.locale) == (survivor, "en")
    assert notice.recipient == f"customer:{survivor}"
    assert [one.channel_id for one in notice.channels] == [*showroom.person(survivor).contacts]
    assert showroom.settle() == 0


def test_of_a_person_whose_data_were_erased_nothing_is_sent(showroom: Showroom) -> None:
    showroom.customer()
    showroom.order()
    standing = showroom.time.cases[LEILA]
    erased = replace(standing.state, name=Erased())
    showroom.time.cases[LEILA] = standing._replace(state=erased)
    showroom.allocate()
    showroom.settle()
    assert showroom.withheld() == [(ALLOCATED, "erased")]
    assert showroom.settle() == 0


# --- on a real casebook ---------------------------------------------------------------------------


def test_it_goes_out_once_in_her_language_when_her_night_is_over(real: RealShowroom) -> None:
    with smtp_receiver() as receiver:
        senders = Channels(Keys(MASTER_KEY), {"email": receiver.template})
        real.customer(email="leila@example.com")
        real.contact(LEILA, c.ContactChannel.WECHAT, "leila-k", verified=False)
        real.order()
        real.now = datetime(2028, 5, 7, 20, 0, tzinfo=UTC)
        real.allocate()
        real.settle(senders)
        assert receiver.mail == []
        notice = planned(real, ALLOCATED)
        assert [channel.kind for channel in notice.channels] == ["sms", "email"]
        assert notice.quiet_hours == QUIET
        real.now = datetime(2028, 5, 8, 4, 29, tzinfo=UTC)
        assert real.settle(senders) == 0
        real.now += timedelta(minutes=1)
        real.settle(senders)
        head = real.casebook.head()
        rebuild(real.url, real.casebook.log_reader, view_of(SAGA))
        assert compare(real.url, real.casebook.log_reader, view_of(SAGA)) == []
        real.now += timedelta(days=1)
        assert (real.settle(senders), real.casebook.head()) == (0, head)
    ((recipients, mail),) = receiver.mail
    assert recipients == ["leila@example.com"]
    assert mail["subject"] == "خودرویی به شما تخصیص یافت"
    with psycopg.connect(real.url) as connection:
        rows = connection.execute(
            "SELECT convert_from(state, 'UTF8') FROM casebook.events"
            " WHERE topic LIKE 'notification.%'"
        ).fetchall()
        rows += connection.execute("SELECT state FROM views.saga_order_notices").fetchall()
    for personal in ("Karimi", "leila", "912123"):
        assert all(personal not in row[0] for row in rows)


def test_what_she_takes_back_before_it_is_sent_keeps_it_from_her(real: RealShowroom) -> None:
    orders = [UUID(int=0x0D1), UUID(int=0x0D2)]
    people = [UUID(int=0x3A1), UUID(int=0x3A2)]
    real.now = datetime(2028, 5, 7, 20, 0, tzinfo=UTC)
    with smtp_receiver() as receiver:
        senders = Channels(Keys(MASTER_KEY), {"email": receiver.template})
        for number, (person, order) in enumerate(zip(people, orders, strict=True)):
            real.customer(person, phone=None, email=f"p{number}@example.com")
            real.order(order, person)
            real.cancel(order)
        real.settle(senders)
        assert real.told() == ["order.cancelled"] * 2
        real.consent(people[0], granted=False)
        [contact_id] = real.person(people[1]).contacts
        real.say(c.RemoveContact(stream=people[1], contact_id=contact_id))
        real.now += timedelta(hours=12)
        real.settle(senders)
    assert receiver.mail == []
    notices = {one.event.case_id: one.stream for one in real.all_of(n.NotificationPlanned)}
    first, second = (real.state(notices[order]) for order in orders)
    assert first.withheld.reason is n.WithheldReason.NO_CONSENT
    assert second.status is n.NotificationStatus.UNDELIVERABLE
