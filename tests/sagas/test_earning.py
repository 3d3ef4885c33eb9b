"""Points for what customers do: once for each thing, by the programme's data, and taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest

from domain import complaint as co
from domain import customer as c
from domain import loyalty as lo
from domain import vehicle as v
from domain.money import Currency
from domain.rulebook import Pin
from sagas import loyalty_expiry
from sagas.earning import SAGA
from sagas.instances import view_of
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import SHIPPED, publication_of
from store.views import compare, rebuild
from tests.sagas.market import CAR, LEILA, NOW, ORDER, VIN, Market, RealShowroom, Showroom
from tests.sagas.promises import MASTER_KEY

CLUB = "club"
LEDGER = lo.ledger_id(LEILA, CLUB)
MARYAM = UUID(int=0x3A21)
COMPLAINT = UUID("01990000-0000-7000-8000-0000000000ca")
VISIT = uuid5(CAR, "visit")


class Club(Showroom):
    """A showroom whose customers are in the shipped club."""

    def __init__(self) -> None:
        super().__init__(SAGA, loyalty_expiry.SAGA)
        self.wish(publication_of(SHIPPED / "loyalty_programme" / "club.toml"))

    def vehicle(self, holder: UUID = LEILA, since: date = date(2027, 1, 1)) -> None:
        """Register a car that somebody has."""
        own = v.RecordOwnership(
            stream=CAR,
            ownership_id=uuid5(CAR, str(holder)),
            customer_id=holder,
            role=v.OwnershipRole.OWNER,
            from_on=since,
        )
        if not self.all_of(v.VehicleRegistered):
            self.say(v.RegisterVehicle(stream=CAR, make="IKCO", model="Dena", vin=VIN))
        self.say(own)

    def visit(
        self,
        on: date,
        visit_id: UUID = VISIT,
        works: tuple[v.WorkKind, ...] = (v.WorkKind.PERIODIC_SERVICE,),
    ) -> None:
        """Record a visit to a workshop."""
        self.say(
            v.RecordVisit(
                stream=CAR,
                visit_id=visit_id,
                dealer_id="T-17",
                visited_on=on,
                mileage_km=20_000,
                works=works,
            )
        )


@pytest.fixture
def club() -> Club:
    made = Club()
    made.customer()
    return made


def ledger(club: Market, stream: UUID = LEDGER) -> lo.Ledger:
    found: lo.Ledger = club.state(stream)
    return found


def earned(club: Market) -> list[tuple[str, int]]:
    return [(e.event.source.value, e.event.points) for e in club.all_of(lo.PointsEarned)]


def bought(club: Market) -> None:
    club.order()
    club.allocate()
    club.release()
    club.deliver()


# --- purchases ------------------------------------------------------------------------------------


def test_a_delivered_order_earns_by_its_price_and_enrols_her(club: Club) -> None:
    bought(club)
    club.settle()
    assert earned(club) == [("purchase", 950)]
    (event,) = club.all_of(lo.PointsEarned)
    (cause,) = [each for each in club.log() if each.topic == "order.delivered"]
    assert event.event.reference == str(cause.event_id)
    assert event.causation_id == cause.event_id
    assert event.actor == "saga:earning"
    assert ledger(club).customer_id == LEILA
    assert club.settle() == 0
    assert club.is_as_folded_anew(SAGA)


def test_nothing_is_earned_before_the_car_is_hers(club: Club) -> None:
    club.order()
    club.allocate()
    club.cancel(vehicle_id=CAR)
    assert club.settle() == 0


def test_a_programme_that_enrols_nobody_or_counts_in_other_money_is_left_alone(
    club: Club,
) -> None:
    published = publication_of(SHIPPED / "loyalty_programme" / "carried_over_baskets.toml")
    club.wish(published)
    dollars = lo.LoyaltyProgramme(
        currency=Currency.USD,
        enrols=True,
        earning=(
            lo.EarningRule(code="p", source=lo.EarningSource.PURCHASE, points_each=5),
            lo.EarningRule(code="q", source=lo.EarningSource.PARTICIPATION, points_each=7),
        ),
    )
    club.publish("loyalty_programme", "dollars", dollars)
    bought(club)
    club.say(c.OpenPortalAccount(stream=LEILA, account="sub-7", login_phone="09121234567"))
    club.settle()
    assert sorted(earned(club)) == [("participation", 7), ("participation", 20), ("purchase", 950)]


def test_what_was_delivered_before_it_was_carried_over_earns_nothing(club: Club) -> None:
    long_ago = NOW - timedelta(days=300)
    club.order(source_ref="old/1", placed_at=long_ago, contract_on=long_ago.date())
    club.allocate()
    club.release(on=long_ago.date())
    club.deliver(on=(NOW - timedelta(days=200)).date())
    assert club.settle() == 0


def test_the_record_that_stands_for_her_gets_the_points(club: Club) -> None:
    club.customer(MARYAM)
    bought(club)
    club.merge(LEILA, MARYAM)
    club.settle()
    assert ledger(club, lo.ledger_id(MARYAM, CLUB)).earned == 950
    assert len(earned(club)) == 1


def test_what_was_credited_before_a_merge_is_not_credited_to_the_other_record_too(
    club: Club,
) -> None:
    club.customer(MARYAM)
    bought(club)
    club.time.sleep_until(NOW + timedelta(hours=1))
    before = club.time.instances(SAGA)[ORDER]
    club.settle()
    club.merge(LEILA, MARYAM)
    for do in club.time.todo(SAGA, before):  # as who has not heard of the first time would
        club.time.execute(*do.commands, actor=SAGA.actor, cause=do.cause)
    assert len(earned(club)) == 1


# --- services -------------------------------------------------------------------------------------


def test_a_periodic_service_earns_for_who_had_the_car_that_day(club: Club) -> None:
    club.customer(MARYAM)
    club.vehicle(LEILA)
    ended_on = NOW.date() - timedelta(days=20)
    club.say(v.EndOwnership(stream=CAR, ownership_id=uuid5(CAR, str(LEILA)), to_on=ended_on))
    club.vehicle(MARYAM, since=ended_on)
    club.visit(ended_on - timedelta(days=2))
    club.visit(NOW.date(), uuid5(CAR, "second"))
    club.visit(NOW.date(), uuid5(CAR, "third"), works=(v.WorkKind.REPAIR,))
    club.settle()
    assert ledger(club).earned == 200
    assert ledger(club, lo.ledger_id(MARYAM, CLUB)).earned == 200
    assert club.is_as_folded_anew(SAGA)


def test_a_visit_long_ago_or_of_a_car_that_nobody_has_earns_nothing(club: Club) -> None:
    club.vehicle()
    club.visit(NOW.date() - timedelta(days=120))
    other = UUID(int=0xCB)
    club.say(v.RegisterVehicle(stream=other, make="IKCO", model="Dena", vin_source="none"))
    assert club.settle() == 0


def test_a_visit_that_was_none_is_taken_back_once(club: Club) -> None:
    club.vehicle()
    club.visit(NOW.date())
    club.settle()
    assert ledger(club).earned == 200
    club.say(v.WithdrawVisit(stream=CAR, visit_id=VISIT))
    club.settle()
    assert (ledger(club).reversed, ledger(club).debt) == (200, 0)
    (event,) = club.all_of(lo.PointsClawedBack)
    (cause,) = club.all_of(v.VisitWithdrawn)
    assert event.causation_id == cause.event_id
    assert club.settle() == 0
    assert club.is_as_folded_anew(SAGA)


def test_a_visit_that_was_withdrawn_at_once_earns_nothing(club: Club) -> None:
    club.vehicle()
    club.visit(NOW.date())
    club.say(v.WithdrawVisit(stream=CAR, visit_id=VISIT))
    assert club.settle() == 0


def test_what_was_credited_while_the_visit_was_withdrawn_is_taken_back(club: Club) -> None:
    club.vehicle()
    club.visit(NOW.date())
    club.say(v.WithdrawVisit(stream=CAR, visit_id=VISIT))
    (visit,) = club.all_of(v.VisitRecorded)
    club.wish(
        lo.OpenLedger(stream=LEDGER, customer_id=LEILA, programme=CLUB),
        lo.EarnPoints(
            stream=LEDGER,
            earning_id=VISIT,
            source=lo.EarningSource.SERVICE,
            reference=str(visit.event_id),
        ),
    )
    club.settle()
    assert (ledger(club).earned, ledger(club).reversed) == (200, 200)


def test_points_of_a_record_that_was_merged_since_are_taken_back_where_they_are(
    club: Club,
) -> None:
    club.customer(MARYAM)
    club.vehicle()
    club.visit(NOW.date())
    club.settle()
    club.merge(LEILA, MARYAM)
    club.say(v.WithdrawVisit(stream=CAR, visit_id=VISIT))
    club.settle()
    assert (ledger(club).earned, ledger(club).reversed) == (200, 200)
    assert club.settle() == 0


def test_where_a_cap_left_nothing_to_earn_there_is_nothing_to_take_back(club: Club) -> None:
    club.vehicle()
    visits = [uuid5(CAR, f"visit {number}") for number in range(4)]
    for visit_id in visits:
        club.visit(NOW.date(), visit_id)
        club.settle()
    assert earned(club) == [("service", 200)] * 3 + [("service", 0)]
    club.say(v.WithdrawVisit(stream=CAR, visit_id=visits[3]))
    assert club.settle() == 0


# --- answers and taking part ----------------------------------------------------------------------


def test_the_first_answer_to_a_call_back_earns(club: Club) -> None:
    club.time.append(COMPLAINT, a_complaint(LEILA), actor=SAGA.actor)
    for number, satisfaction in enumerate((None, 4, 5)):
        called = co.CalledBack(
            callback_id=uuid5(COMPLAINT, str(number)),
            reached=satisfaction is not None,
            satisfaction=satisfaction,
            comment=None,
        )
        club.time.append(COMPLAINT, called, actor=SAGA.actor)
    club.settle()
    assert earned(club) == [("callback", 30)]


def a_complaint(customer_id: UUID | None) -> co.ComplaintRegistered:
    """Return a complaint as it is recorded, with no more than has to be said."""
    return co.ComplaintRegistered(
        kind=co.Kind.QUALITY,
        channel=co.Channel.PHONE,
        origin=co.Origin.CUSTOMER,
        received_at=NOW,
        procedure=Pin(name="sales", version=1),
        narrative="It rattles.",
        customer_id=customer_id,
    )


def test_her_first_portal_account_earns_and_a_second_one_does_not(club: Club) -> None:
    portal = c.OpenPortalAccount(stream=LEILA, account="sub-7", login_phone="09121234567")
    club.say(portal)
    club.settle()
    club.say(c.ClosePortalAccount(stream=LEILA))
    club.say(replace(portal, account="sub-8"))
    club.settle()
    assert earned(club) == [("participation", 20)]


# --- on a real casebook ---------------------------------------------------------------------------


@pytest.fixture
def real(database_url: str) -> Iterator[RealShowroom]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(MASTER_KEY))
        desk = RealShowroom(database_url, casebook, (SAGA,), NOW)
        desk.begin()
        desk.wish(publication_of(SHIPPED / "loyalty_programme" / "club.toml"))
        yield desk


def test_done_again_or_rebuilt_it_credits_once(real: RealShowroom) -> None:
    real.customer()
    bought(real)
    real.fold()
    for _ in range(2):  # the second look has not heard of what the first one did
        real.tick()
        real.now += timedelta(minutes=1)
    assert len(earned(real)) == 1
    real.settle()
    head = real.casebook.head()
    assert compare(real.url, real.casebook.log_reader, view_of(SAGA)) == []
    rebuild(real.url, real.casebook.log_reader, view_of(SAGA))
    assert (real.settle(), real.casebook.head()) == (0, head)
