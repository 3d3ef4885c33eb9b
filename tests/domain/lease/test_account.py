"""The contract and its account: schedules, payments on their days, arrears, and the ends."""

from datetime import date
from typing import Any

import pytest

from domain import lease as l
from domain.declare import AlreadyExists, CaseNotFound
from domain.finance import Part, Share
from domain.money import CurrenciesDiffer
from tests.domain.lease import desk as d
from tests.domain.lease.desk import money
from tests.scenario import CASE

LINES = d.ACTIVE.state.contract.instalments
FIRST = LINES[0].principal_minor + LINES[0].interest_minor


def share(n: int, part: str, minor: int) -> Share:
    return Share(n=n, part=Part(part), minor=minor)


def parts(scenario: Any) -> dict[int, list[tuple[int, str, int]]]:
    """Return where every payment that counts goes now, by its number."""
    return {
        entry.payment_id.int - 0x3000 - 100: [(s.n, s.part.value, s.minor) for s in entry.shares]
        for entry in scenario.state.account.entries
    }


@pytest.mark.parametrize("product", sorted(d.PRICES))
def test_a_schedule_repays_exactly_what_was_financed(product: str) -> None:
    contract = d.until(product, "contracted").state.contract
    assert sum(line.principal_minor for line in contract.instalments) == contract.financed.minor
    assert len(contract.instalments) == contract.term_months
    days = [line.due_on for line in contract.instalments]
    assert days == sorted(set(days))


def test_a_due_date_on_a_holiday_moves_and_the_agreed_day_stands_beside_it() -> None:
    lines = d.until("ir_in_house", "contracted").state.contract.instalments
    second = lines[1]
    assert (second.nominal_on, second.due_on) == (date(2025, 4, 2), date(2025, 4, 5))  # 13 Bedar
    shown = [(line.nominal_on.month, line.nominal_on.day) for line in lines[:8]]
    assert shown == [(3, 3), (4, 2), (5, 3), (6, 3), (7, 4), (8, 4), (9, 4), (10, 5)]  # the 13th


def test_a_contract_is_signed_once_after_the_decision() -> None:
    d.CONTRACTED.when(d.sign()).then_nothing()
    d.CONTRACTED.when(d.sign(contract_number="L-2")).refused(l.LeaseContractStands)
    d.APPLIED.when(d.sign()).refused(l.LeaseNotApproved)
    secured = d.SECURED.at(d.EARLY.now)
    secured.when(d.sign(signed_on=date(2025, 1, 19))).refused(l.SignedBeforeDecision)
    secured.when(d.sign(signed_on=date(2025, 2, 12))).refused(l.LeaseLiesAhead)
    secured.when(d.sign(first_due_on=date(2025, 4, 2))).refused(l.FirstDueDateUnclear)
    later = secured.after((d.OFFICER, d.sign(first_due_on=date(2025, 3, 20))))
    assert later.state.contract.instalments[0].due_on == date(2025, 3, 20)


def test_a_lease_is_activated_after_its_contract_on_one_day() -> None:
    d.SECURED.when(d.activate(), by=d.SAGA).refused(l.LeaseNotContracted)
    d.ACTIVE.when(d.activate(), by=d.SAGA).then_nothing()
    d.ACTIVE.when(d.activate(date(2025, 2, 6)), by=d.SAGA).refused(l.ActivationDiffers)


def test_no_money_is_taken_before_there_is_a_contract() -> None:
    d.SECURED.when(d.pay(1, 100, d.SIGNED_ON)).refused(l.LeaseNotContracted)
    d.CONTRACTED.when(d.pay(1, 100, date(2025, 1, 31))).refused(l.PaymentBeforeContract)
    d.ACTIVE.when(d.pay(1, 100, date(2026, 7, 3))).refused(l.LeaseLiesAhead)


def test_money_is_positive_and_of_the_leases_currency() -> None:
    on = date(2025, 3, 1)
    d.ACTIVE.when(d.pay(1, 0, on)).refused(l.LeaseAmountNotPositive)
    d.ACTIVE.when(d.pay(1, -100, on)).refused(l.LeaseAmountNotPositive)
    d.ACTIVE.when(d.pay(1, 100, on, product="ir_in_house")).refused(CurrenciesDiffer)


def test_a_payment_pays_what_is_due_interest_first() -> None:
    first = LINES[0]
    paid = d.ACTIVE.after((d.OFFICER, d.pay(1, 20_000, first.due_on)))
    rest = 20_000 - first.interest_minor
    assert paid.events[-1].shares == (
        share(1, "interest", first.interest_minor),
        share(1, "principal", rest),
    )
    paid.when(d.pay(1, 20_000, first.due_on)).then_nothing()
    paid.when(d.pay(1, 20_001, first.due_on)).refused(l.LeaseItemExists)
    assert paid.state.account.principal_left == 2_500_000 - rest


def test_what_is_late_bears_interest_until_it_is_paid() -> None:
    late = d.ACTIVE.after((d.OFFICER, d.pay(1, FIRST + 1_000, date(2025, 3, 31))))
    penalty = round(LINES[0].principal_minor * 30 * 69 / 1000 / 365)
    assert parts(late)[1] == [
        (1, "penalty", penalty),
        (1, "interest", LINES[0].interest_minor),
        (1, "principal", LINES[0].principal_minor),
        (2, "interest", 1_000 - penalty),
    ]


def test_a_payment_from_long_ago_replays_the_account_and_both_views_are_kept() -> None:
    once = d.ACTIVE.after((d.OFFICER, d.pay(1, FIRST, date(2025, 4, 1))))
    decided = once.events[-1].shares
    assert decided[0].part is Part.PENALTY
    both = once.after((d.OFFICER, d.pay(2, FIRST, date(2025, 3, 1))))
    received, replayed = both.events[-2:]
    assert [s.n for s in received.shares] == [1, 1]
    assert replayed.cause_id == d.an_id(102)
    assert replayed.from_on == date(2025, 3, 1)
    [change] = replayed.changes
    assert [s.n for s in change.shares] == [2, 2]
    assert once.events[-1].shares == decided, "what was decided then stands in its event"
    other_way = d.ACTIVE.after(
        (d.OFFICER, d.pay(2, FIRST, date(2025, 3, 1))),
        (d.OFFICER, d.pay(1, FIRST, date(2025, 4, 1))),
    )
    assert other_way.state.account.entries == both.state.account.entries
    assert other_way.state.account.lines == both.state.account.lines


def test_a_payment_that_bounces_never_was() -> None:
    two = d.ACTIVE.after(
        (d.OFFICER, d.pay(1, FIRST, date(2025, 3, 1))),
        (d.OFFICER, d.pay(2, FIRST, date(2025, 4, 1))),
    )
    bounced = two.after((d.OFFICER, d.take_back(1, reversed_on=date(2025, 4, 5))))
    alone = d.ACTIVE.after((d.OFFICER, d.pay(2, FIRST, date(2025, 4, 1))))
    assert parts(bounced) == parts(alone)
    bounced.when(d.take_back(1, reversed_on=date(2025, 4, 5))).then_nothing()
    again = l.ReverseLeasePayment(
        stream=CASE,
        reversal_id=d.an_id(7777),
        payment_id=d.an_id(101),
        ground=l.ReversalReason.BOUNCED,
    )
    bounced.when(again).refused(l.PaymentIsReversed)
    two.when(d.take_back(9)).refused(l.LeaseItemNotFound)


def whole(scenario: Any, on: date) -> int:
    """Return everything that is owed under the schedule, on a day on which nothing is late."""
    return sum(line.unpaid for line in scenario.state.account.lines)


def test_the_last_payment_completes_the_lease_and_more_is_a_surplus() -> None:
    owed = whole(d.ACTIVE, d.SIGNED_ON)
    paid = d.ACTIVE.after((d.OFFICER, d.pay(1, owed + 500, d.SIGNED_ON)))
    assert paid.events[-1] == l.LeaseCompleted(completed_on=d.SIGNED_ON, payment_id=d.an_id(101))
    assert paid.state.status is l.LeaseStatus.COMPLETED
    assert paid.state.account.surplus == 500
    refund = l.RefundLeaseSurplus(stream=CASE, refund_id=d.an_id(601), amount=money(500))
    too_much = l.RefundLeaseSurplus(stream=CASE, refund_id=d.an_id(601), amount=money(501))
    paid.when(too_much, by=d.MANAGER).refused(l.RefundTooLarge, at_most_minor=500)
    refunded = paid.after((d.MANAGER, refund))
    assert refunded.state.account.surplus == 0
    reopened = refunded.after((d.OFFICER, d.take_back(1)))
    assert reopened.state.status is l.LeaseStatus.ACTIVE
    assert reopened.state.account.surplus == 0, "the refund was of money that was not there"
    assert [type(e).__name__ for e in reopened.events[-3:]] == [
        "LeasePaymentReversed",
        "LeaseRefundReclaimed",
        "LeaseReopened",
    ]


def test_goodwill_lets_penalties_and_fees_go_and_never_principal() -> None:
    fee = l.ChargeLeaseFee(
        stream=CASE,
        charge_id=d.an_id(90),
        fee=l.LeaseFee.RETURNED_PAYMENT,
        amount=money(2_500),
        charged_on=date(2025, 3, 5),
    )
    charged = d.ACTIVE.after((d.OFFICER, fee))
    let_go = d.pay(1, 2_500, date(2025, 3, 5), kind=l.LeasePaymentKind.GOODWILL)
    forgiven = charged.after((d.MANAGER, let_go))
    assert (0, "fee", 2_500 - 27) in parts(forgiven)[1]
    more = d.pay(1, 1_000_000, date(2025, 3, 5), kind=l.LeasePaymentKind.GOODWILL)
    charged.when(more, by=d.MANAGER).refused(l.GoodwillTooLarge)


def test_a_lease_falls_through_the_classes_of_arrears_and_pauses_hold_it() -> None:
    for days, bucket in ((0, None), (1, "days_1_30"), (30, "days_1_30"), (31, "days_31_60")):
        found = l.standing(d.ACTIVE.state, date(2025, 3, 1) + d.days(days))
        assert (found.days_past_due, found.bucket) == (days, bucket)
    found = l.standing(d.ACTIVE.state, date(2025, 3, 31))
    assert found.arrears_minor == FIRST
    assert found.next_due_on == date(2025, 4, 1)
    pause = l.PauseArrears(
        stream=CASE,
        pause_id=d.an_id(951),
        ground=l.ArrearsPauseReason.HARDSHIP,
        from_on=date(2025, 3, 11),
        to_on=date(2025, 3, 31),
    )
    paused = d.ACTIVE.after((d.MANAGER, pause))
    found = l.standing(paused.state, date(2025, 4, 1))
    assert (found.days_past_due, found.bucket) == (11, "days_1_30")
    paused.when(pause, by=d.MANAGER).then_nothing()
    other = l.PauseArrears(
        stream=CASE,
        pause_id=d.an_id(952),
        ground=l.ArrearsPauseReason.DISPUTE,
        from_on=date(2025, 3, 30),
    )
    paused.when(other, by=d.MANAGER).refused(l.PausesOverlap)
    resume = l.ResumeArrears(stream=CASE, pause_id=d.an_id(951), to_on=date(2025, 3, 16))
    resumed = paused.after((d.MANAGER, resume))
    assert l.standing(resumed.state, date(2025, 4, 1)).days_past_due == 26
    resumed.when(resume, by=d.MANAGER).then_nothing()


def test_grace_is_given_before_anything_is_in_arrears() -> None:
    active = d.until("ir_in_house", "active").state
    due_on = active.contract.instalments[0].due_on
    within = l.standing(active, due_on + d.days(3))
    assert (within.arrears_minor, within.bucket, within.penalty_minor) == (0, None, 0)
    after = l.standing(active, due_on + d.days(4))
    assert after.bucket == "overdue"
    assert after.penalty_minor == round(after.arrears_minor * 4 * 29 / 100 / 365)


def test_a_class_of_arrears_is_recorded_when_it_is_a_new_one() -> None:
    assess = l.AssessArrears(stream=CASE, as_of_on=date(2025, 3, 2))
    fallen = d.ACTIVE.when(assess, by=d.SAGA).then(
        l.ArrearsBucketChanged(
            as_of_on=date(2025, 3, 2),
            was=None,
            bucket="days_1_30",
            arrears=money(FIRST),
            penalty=money(7),
            oldest_unpaid_due_on=date(2025, 3, 1),
            days_past_due=1,
        )
    )
    later = l.AssessArrears(stream=CASE, as_of_on=date(2025, 3, 20))
    fallen.when(later, by=d.SAGA).then_nothing()
    cured = fallen.after((d.OFFICER, d.pay(1, FIRST + 500, date(2025, 3, 20))), (d.SAGA, later))
    assert cured.events[-1].bucket is None
    older = l.AssessArrears(stream=CASE, as_of_on=date(2025, 3, 19))
    cured.when(older, by=d.SAGA).then_nothing()  # what was known later stands


def test_a_lease_is_given_up_after_long_arrears_and_runs_on_when_they_are_paid() -> None:
    early = l.DefaultLease(
        stream=CASE, ground=l.DefaultReason.ARREARS, defaulted_on=date(2025, 6, 28)
    )
    d.ACTIVE.when(early, by=d.MANAGER).refused(l.NotLongInArrears, days_past_due=119)
    default = l.DefaultLease(
        stream=CASE, ground=l.DefaultReason.ARREARS, defaulted_on=date(2025, 6, 29)
    )
    given_up = d.ACTIVE.after((d.MANAGER, default))
    assert given_up.state.status is l.LeaseStatus.DEFAULTED
    given_up.when(default, by=d.MANAGER).then_nothing()
    reinstate = l.ReinstateLease(stream=CASE, reinstated_on=date(2025, 7, 2))
    given_up.when(reinstate, by=d.MANAGER).refused(l.StillInArrears)
    paid = given_up.after((d.OFFICER, d.pay(1, 6 * FIRST, date(2025, 7, 1))))
    again = paid.after((d.MANAGER, reinstate))
    assert again.state.status is l.LeaseStatus.ACTIVE
    d.ACTIVE.when(reinstate, by=d.MANAGER).refused(l.NotDefaulted)


def test_an_application_is_withdrawn_until_the_lease_begins() -> None:
    withdraw = l.WithdrawLease(stream=CASE, reason=l.LeaseWithdrawal.ORDER_CANCELLED)
    gone = d.CONTRACTED.after((d.SAGA, withdraw))
    assert gone.state.status is l.LeaseStatus.WITHDRAWN
    gone.when(withdraw, by=d.SAGA).then_nothing()
    other = l.WithdrawLease(stream=CASE, reason=l.LeaseWithdrawal.MISTAKE)
    gone.when(other, by=d.SAGA).refused(l.LeaseIsOver)
    d.ACTIVE.when(withdraw, by=d.SAGA).refused(l.LeaseHasBegun)
    paid = d.CONTRACTED.after((d.OFFICER, d.pay(1, 100, date(2025, 2, 1))))
    paid.when(withdraw, by=d.SAGA).refused(l.LeaseHasBegun)
    back = paid.after((d.OFFICER, d.take_back(1)), (d.SAGA, withdraw))
    assert back.state.status is l.LeaseStatus.WITHDRAWN


def carry(**facts: Any) -> l.CarryOverLease:
    said: dict[str, Any] = {
        "source": "abs",
        "source_row": "17",
        "contract_number": "998989999995846784",
        "product": "us_simple_interest",
        "original": money(2_901_959),
        "annual_percent": "6.87",
        "term_months": 76,
        "originated_on": date(2019, 8, 1),
        "as_of_on": date(2020, 7, 31),
        "outstanding": money(2_556_538),
        "instalment": money(47_837),
        "next_due_on": date(2020, 8, 18),
        "remaining": 64,
    }
    return l.CarryOverLease(stream=CASE, **{**said, **facts})


def test_a_lease_is_carried_over_as_its_source_reports_it() -> None:
    carried = d.FRESH.after((d.SAGA, carry()))
    state = carried.state
    assert state.status is l.LeaseStatus.ACTIVE
    assert state.account.paid.principal + state.account.principal_left == 2_901_959
    assert len(state.account.lines) == 64
    assert state.account.lines[0].due_on == date(2020, 8, 18)
    assert l.standing(state, date(2020, 7, 31)).days_past_due == 0
    carried.when(carry(), by=d.SAGA).then_nothing()
    carried.when(carry(term_months=75), by=d.SAGA).refused(AlreadyExists)
    carried.when(d.pay(1, 100, date(2020, 7, 30))).refused(l.PaymentBeforeContract)


@pytest.mark.parametrize("days", [1, 12, 29, 30, 31, 45, 61, 90, 200])
def test_a_lease_is_carried_over_as_many_days_past_due_as_it_was(days: int) -> None:
    state = d.FRESH.after((d.SAGA, carry(days_past_due=days))).state
    assert l.standing(state, date(2020, 7, 31)).days_past_due == days
    due = [line.due_on for line in state.account.lines]
    assert due == sorted(set(due))
    assert sum(line.principal_minor for line in state.account.lines) == 2_556_538


def test_what_a_source_says_has_to_fit_together() -> None:
    for facts in (
        {"outstanding": money(2_901_960)},
        {"next_due_on": date(2020, 7, 31)},
        {"originated_on": date(2020, 8, 1)},
    ):
        d.FRESH.when(carry(**facts), by=d.SAGA).refused(l.CarriedOverUnclear)
    d.FRESH.when(carry(outstanding=money(0)), by=d.SAGA).refused(l.LeaseAmountNotPositive)
    d.FRESH.when(carry(original=money(5, "ir_in_house")), by=d.SAGA).refused(CurrenciesDiffer)


def test_nothing_is_decided_for_a_lease_that_there_is_not() -> None:
    d.FRESH.when(d.pay(1, 100, d.SIGNED_ON)).refused(CaseNotFound)
