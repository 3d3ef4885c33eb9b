"""A lease and the order that it pays for move together, whichever of them goes first."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from domain import lease as ls
from domain import notification as n
from domain import order as o
from domain.declare import Refusal, Role
from domain.staff import RegisterStaffMember
from sagas import notices
from sagas.financing import SAGA
from sagas.instances import view_of
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.views import compare, rebuild
from tests.sagas.desk import Desk
from tests.sagas.leasing import FINANCED, LEASE, Lender, Lending
from tests.sagas.market import LEILA, NOW, ORDER, RealShowroom
from tests.sagas.promises import MASTER_KEY

MARYAM = UUID(int=0x3A21)
SECOND = UUID(int=0x1EA5F)


@pytest.fixture
def lender() -> Lender:
    made = Lender(SAGA)
    made.customer()
    return made


def the_order(lender: Lending) -> o.Order:
    found: o.Order = lender.state(ORDER)
    return found


def handed_over(lender: Lending) -> None:
    lender.allocate()
    lender.release()
    lender.deliver()


@pytest.mark.parametrize("order_first", [True, False])
def test_a_signed_contract_confirms_the_financing_whoever_names_the_other(
    lender: Lender, order_first: bool
) -> None:
    if order_first:
        lender.order(scheme="leased")
        lender.apply(order_id=ORDER)
    else:
        lender.apply()
        lender.order(scheme="leased", lease_id=LEASE)
    lender.decide()
    assert lender.settle() == 0
    lender.sign()
    lender.settle()
    (event,) = lender.all_of(o.FinancingConfirmed)
    (signed,) = lender.all_of(ls.LeaseContractSigned)
    assert (event.event.lease_id, event.event.amount) == (LEASE, FINANCED)
    assert (event.causation_id, event.actor) == (signed.event_id, "saga:financing")
    assert lender.settle() == 0
    assert lender.is_as_folded_anew(SAGA)


def test_an_order_may_name_a_lease_before_it_is_applied_for(lender: Lender) -> None:
    lender.order(scheme="leased", lease_id=LEASE)
    assert lender.settle() == 0
    lender.lease()
    lender.settle()
    assert the_order(lender).financed_minor == FINANCED.minor


@pytest.mark.parametrize("heard", [True, False])
def test_the_hand_over_activates_the_lease(lender: Lender, heard: bool) -> None:
    lender.order(scheme="leased")
    lender.lease(order_id=ORDER)
    if heard:
        lender.settle()
    handed_over(lender)
    lender.settle()
    lease = lender.standing()
    assert lease.status is ls.LeaseStatus.ACTIVE
    (activated,) = lender.all_of(ls.LeaseActivated)
    assert activated.event.activated_on == lender.now.date()
    assert activated.event.order_id == ORDER
    assert lender.settle() == 0


def test_a_contract_that_is_signed_after_the_hand_over_activates_too(lender: Lender) -> None:
    lender.order(scheme="leased")
    lender.apply(order_id=ORDER)
    lender.decide()
    handed_over(lender)
    assert lender.settle() == 0
    lender.sign()
    lender.settle()
    assert lender.standing().status is ls.LeaseStatus.ACTIVE
    assert lender.all_of(o.FinancingConfirmed) == []
    assert lender.settle() == 0


def test_a_rejected_application_fails_the_financing(lender: Lender) -> None:
    lender.order(scheme="leased")
    lender.apply(order_id=ORDER)
    lender.decide(approved=False)
    lender.settle()
    (failed,) = lender.all_of(o.FinancingFailed)
    assert failed.event.reason is o.OrderFinancingFailure.REJECTED
    assert lender.time.instances(SAGA) == {}


def test_a_new_lease_takes_the_place_of_one_that_failed(lender: Lender) -> None:
    lender.order(scheme="leased")
    lender.apply(order_id=ORDER)
    lender.decide(approved=False)
    lender.settle()
    lender.lease(SECOND, order_id=ORDER)
    lender.settle()
    assert the_order(lender).lease_id == SECOND
    assert the_order(lender).financed_minor == FINANCED.minor
    handed_over(lender)
    lender.settle()
    assert lender.standing(SECOND).status is ls.LeaseStatus.ACTIVE


def test_an_order_that_names_a_lease_which_was_rejected_before_learns_of_it(
    lender: Lender,
) -> None:
    lender.apply()
    lender.decide(approved=False)
    lender.settle()
    lender.order(scheme="leased", lease_id=LEASE)
    lender.settle()
    assert [each.event.lease_id for each in lender.all_of(o.FinancingFailed)] == [LEASE]
    assert lender.settle() == 0


def test_a_cancelled_order_withdraws_a_lease_that_has_not_begun(lender: Lender) -> None:
    lender.order(scheme="leased")
    lender.lease(order_id=ORDER)
    lender.settle()
    lender.cancel()
    lender.settle()
    (withdrawn,) = lender.all_of(ls.LeaseWithdrawn)
    assert withdrawn.event.reason is ls.LeaseWithdrawal.ORDER_CANCELLED
    assert lender.all_of(o.FinancingFailed) == []
    assert lender.settle() == 0
    assert lender.is_as_folded_anew(SAGA)


def test_a_lease_under_which_was_paid_stays_and_its_officers_hear_of_it() -> None:
    lender = Lender(SAGA, notices.SAGA)
    lender.customer()
    officer = RegisterStaffMember(
        stream=UUID(int=7), account="omid", name="X", roles=(Role.LEASING_OFFICER,), region="north"
    )
    lender.wish(officer)
    lender.order(scheme="leased", lease_id=LEASE, region="north", number="K-7")
    lender.lease()
    lender.settle()
    lender.pay("early", 1_000_000)
    lender.cancel()
    lender.settle()
    assert lender.standing().status is ls.LeaseStatus.CONTRACTED
    (notice,) = [each.event for each in lender.all_of(n.NotificationPlanned)]
    assert (notice.recipient, notice.code) == ("omid", "order.financed_cancelled")
    assert lender.settle() == 0
    for saga in (SAGA, notices.SAGA):
        assert lender.is_as_folded_anew(saga)


def test_when_what_was_paid_turns_out_not_to_count_the_lease_is_withdrawn(lender: Lender) -> None:
    lender.order(scheme="leased")
    lender.lease(order_id=ORDER)
    payment = lender.pay("early", 1_000_000)
    lender.cancel()
    lender.settle()
    lender.reverse(payment)
    lender.time.fire(SAGA, LEASE)  # as it is looked at again, a day later at most
    assert lender.standing().status is ls.LeaseStatus.WITHDRAWN


def test_a_lease_does_not_pay_for_somebody_elses_order(lender: Lender) -> None:
    lender.customer(MARYAM)
    lender.order(scheme="leased", customer=MARYAM)
    lender.lease(order_id=ORDER)
    assert lender.settle() == 0
    lender.merge(MARYAM, LEILA)
    lender.time.fire(SAGA, LEASE)
    assert the_order(lender).financed_minor == FINANCED.minor


def test_of_two_leases_the_first_that_is_signed_pays_and_the_other_changes_nothing(
    lender: Lender,
) -> None:
    lender.order(scheme="leased")
    lender.lease(order_id=ORDER)
    lender.lease(SECOND, order_id=ORDER)
    lender.settle()
    assert the_order(lender).lease_id == LEASE
    lender.officer(ls.WithdrawLease(stream=SECOND, reason=ls.LeaseWithdrawal.BY_APPLICANT))
    assert lender.settle() == 0
    assert the_order(lender).financed_minor == FINANCED.minor


def test_a_lease_that_is_paid_at_once_still_confirms_the_financing(lender: Lender) -> None:
    lender.order(scheme="leased")
    lender.lease(order_id=ORDER)
    payment = lender.pay("all", sum(line.unpaid for line in lender.lines()))
    assert lender.standing().status is ls.LeaseStatus.COMPLETED
    lender.settle()
    assert the_order(lender).financed_minor == FINANCED.minor
    lender.reverse(payment)
    handed_over(lender)
    lender.settle()
    assert lender.standing().status is ls.LeaseStatus.ACTIVE


def test_a_lease_for_an_order_that_is_paid_in_cash_is_not_tried_again_and_again(
    lender: Lender,
) -> None:
    lender.order()
    lender.lease(order_id=ORDER)
    assert lender.settle() == 0
    assert [type(each.refusal) for each in lender.time.refused] == [o.NotLeased]


@pytest.mark.parametrize("seed", range(12))
def test_however_they_happen_lease_and_order_agree_in_the_end(seed: int) -> None:
    chance = random.Random(seed)
    lender = Lender(SAGA)
    lender.customer()
    names = chance.random() < 0.5
    lender.apply(order_id=None if names else ORDER)
    lender.order(scheme="leased", lease_id=LEASE if names else None)
    acts: list[Callable[[], object]] = [
        lambda: lender.decide(approved=chance.random() < 0.8),
        lender.sign,
        lender.allocate,
        lender.release,
        lender.deliver,
        lender.cancel,
        lambda: lender.officer(
            ls.WithdrawLease(stream=LEASE, reason=ls.LeaseWithdrawal.BY_APPLICANT)
        ),
    ]
    for _ in range(14):
        try:
            chance.choices(acts, weights=(5, 5, 4, 4, 4, 1, 1))[0]()
        except Refusal:
            continue
        if chance.random() < 0.4:
            lender.settle()
    lender.settle()
    lease, order = lender.standing(), the_order(lender)
    confirmed = order.financed_minor > 0 and order.lease_id == LEASE
    if lease.contract is not None and order.status is o.OrderStatus.LIVE:
        assert confirmed == (lease.status not in ls.ENDED)
    if lease.activated is not None:
        assert order.status is o.OrderStatus.DELIVERED
    if order.status is o.OrderStatus.CANCELLED:
        assert lease.status in ls.ENDED
    dead = lease.status in (ls.LeaseStatus.REJECTED, ls.LeaseStatus.WITHDRAWN)
    if dead and order.status is o.OrderStatus.LIVE:
        assert order.financing_failed == LEASE
    assert lender.settle() == 0
    assert lender.is_as_folded_anew(SAGA)
    assert lender.time.refused == []


# --- on a real casebook ---------------------------------------------------------------------------


class RealLender(RealShowroom, Lending):
    """A lender on a casebook."""


@pytest.fixture
def real(database_url: str) -> Iterator[RealLender]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(MASTER_KEY))
        desk = RealLender(database_url, casebook, (SAGA,), NOW.replace(year=2027))
        desk.begin()
        desk.begin_lending()
        yield desk


def test_done_again_after_a_crash_or_rebuilt_it_is_done_once(real: RealLender) -> None:
    real.customer()
    real.order(scheme="leased")
    real.lease(order_id=ORDER)
    real.fold()
    for _ in range(2):  # the second time nobody has heard of what the first one did
        real.tick()
        real.now += timedelta(minutes=1)
    assert len(real.all_of(o.FinancingConfirmed)) == 1
    handed_over(real)
    Desk.settle(real)
    assert real.state(LEASE).status is ls.LeaseStatus.ACTIVE
    head = real.casebook.head()
    assert compare(real.url, real.casebook.log_reader, view_of(SAGA)) == []
    rebuild(real.url, real.casebook.log_reader, view_of(SAGA))
    assert (real.settle(), real.casebook.head()) == (0, head)
