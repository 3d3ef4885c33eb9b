"""Laws of a lease's account, against a model that keeps it day by day in plain dictionaries."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import lease as l
from domain.declare import Actor, Context, Refusal
from domain.finance import Prepayment, Share
from domain.finance.rates import percent
from domain.lease.account import Account
from domain.lease.reckoning import owed_on, replayed
from projections.case_documents import document_of
from tests.domain.lease import desk as d
from tests.domain.lease.model import Model, Money
from tests.scenario import CASE, recorded

PRODUCTS = ("us_simple_interest", "ir_in_house", "cn_auto_finance")
DAYS = st.integers(0, 500)
NUMBERS = st.integers(0, 12)
SHARES = st.sampled_from((1, 3, 10, 25, 40))
"""What a payment comes to, in tenths of an instalment."""


class Wishing(RuleBasedStateMachine):
    """A lease under contract, of which people wish for things; each wish is made twice."""

    def __init__(self) -> None:
        super().__init__()
        self.state: l.Lease = l.DECIDER.initial
        self.events: list[Any] = []
        self.begun = self.state
        self.before: Sequence[Any] = ()

    def start(self, product: str) -> None:
        self.product = product
        months = 12
        scenario = d.until(product, "secured")
        terms = l.LeaseTermsChanged(
            price=scenario.state.terms.price,
            down_payment=scenario.state.terms.down_payment,
            financed=scenario.state.terms.financed,
            term_months=months,
            annual_percent=scenario.state.terms.annual_percent,
            by=scenario.state.applied.by,
        )
        contracted = scenario.given(terms).at(d.EARLY.now).after((d.OFFICER, d.sign()))
        active = contracted.after((d.SAGA, d.activate()))
        self.state = self.begun = active.state
        self.before = active.events
        assert self.state.contract is not None
        first = self.state.contract.instalments[0]
        self.instalment = first.principal_minor + first.interest_minor

    def wish(self, command: Any, actor: Actor = d.MANAGER) -> Sequence[Any]:
        context = Context(now=d.NOW, actor=actor, rules=d.RULES)
        made = l.DECIDER.decide(self.state, command, context)
        for event in made:
            self.state = l.DECIDER.evolve(self.state, event)
            self.events.append(event)
        again = l.DECIDER.decide(self.state, command, context)
        assert list(again) == [], f"{type(command).__name__} twice is not once"
        return made

    def on(self, days: int) -> date:
        return d.SIGNED_ON + timedelta(days=days)


class ToldAnew(Wishing):
    """Payments, reversals, fees and pauses in any order of arrival."""

    @initialize(product=st.sampled_from(PRODUCTS))
    def begin(self, product: str) -> None:
        self.start(product)
        contract = self.state.contract
        assert contract is not None
        self.model = Model(
            contract.instalments,
            percent(contract.penalty.annual_percent),
            contract.penalty.grace_days,
            contract.penalty.on_principal_only,
        )

    @rule(number=NUMBERS, days=DAYS, tenths=SHARES)
    def pay(self, number: int, days: int, tenths: int) -> None:
        minor = self.instalment * tenths // 10 + number
        command = d.pay(number, minor, self.on(days), product=self.product)
        if self.state.items.has(command.payment_id):
            return
        self.wish(command)
        self.model.payments[command.payment_id] = Money(command.payment_id, self.on(days), minor)

    @rule(number=NUMBERS)
    def take_back(self, number: int) -> None:
        try:
            self.wish(d.take_back(number))
        except Refusal:
            return
        self.model.payments.pop(d.an_id(100 + number), None)

    @rule(number=st.integers(0, 3), days=DAYS, minor=st.integers(1, 5_000))
    def charge(self, number: int, days: int, minor: int) -> None:
        charge_id = d.an_id(900 + number)
        if charge_id in self.model.fees:
            return
        command = l.ChargeLeaseFee(
            stream=CASE,
            charge_id=charge_id,
            fee=l.LeaseFee.COLLECTION,
            amount=d.money(minor, self.product),
            charged_on=self.on(days),
        )
        try:
            self.wish(command)
        except l.LeaseIsOver:
            return
        self.model.fees[charge_id] = (self.on(days), minor)

    @rule(number=st.integers(0, 2), days=DAYS, length=st.integers(1, 60))
    def pause(self, number: int, days: int, length: int) -> None:
        command = l.PauseArrears(
            stream=CASE,
            pause_id=d.an_id(950 + number),
            ground=l.ArrearsPauseReason.DISPUTE,
            from_on=self.on(days),
            to_on=self.on(days + length),
        )
        if self.state.items.has(command.pause_id):
            return
        try:
            self.wish(command)
        except Refusal:
            return
        self.model.pauses.append((self.on(days), self.on(days + length)))

    @invariant()
    def every_payment_goes_where_the_model_says(self) -> None:
        parts, over = self.model.told()
        told = {entry.payment_id: of(entry.shares) for entry in self.state.account.entries}
        left = {entry.payment_id: entry.left_minor for entry in self.state.account.entries}
        assert told == parts
        assert left == over

    @invariant()
    def parts_sum_to_the_payment_and_principal_to_what_was_lent(self) -> None:
        balanced(self.state)


def of(shares: Sequence[Share]) -> dict[tuple[int, str], int]:
    return {(share.n, share.part.value): share.minor for share in shares}


def balanced(state: l.Lease) -> None:
    """Assert that nothing is lost or made up: of each payment, of principal, of instalments."""
    account = state.account
    for entry in account.entries:
        assert sum(share.minor for share in entry.shares) + entry.left_minor == entry.minor
        assert all(share.minor > 0 for share in entry.shares)
    lent = state.contract.financed.minor if state.contract else 0
    capitalised = 0
    former: Account | None = account
    while former is not None:
        capitalised += former.capitalised
        former = former.former
    assert account.paid.principal + account.principal_left == lent + capitalised
    for line in account.lines:
        assert 0 <= line.principal_paid <= line.principal_minor
        assert 0 <= line.interest_paid <= line.interest_minor
        assert line.penalty_paid >= 0
    assert account.surplus >= 0


TestToldAnew = ToldAnew.TestCase
TestToldAnew.settings = settings(max_examples=15, stateful_step_count=25)


class Anything(Wishing):
    """Whatever can be wished for under a contract, in any order."""

    @initialize(product=st.sampled_from(PRODUCTS))
    def begin(self, product: str) -> None:
        self.start(product)
        self.today = 0

    def try_it(self, command: Any, actor: Actor = d.MANAGER) -> Sequence[Any]:
        try:
            return self.wish(command, actor)
        except Refusal:
            return []

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.today += days

    @rule(number=NUMBERS, back=st.sampled_from((0, 0, 1, 20, 90)), tenths=SHARES)
    def pay(self, number: int, back: int, tenths: int) -> None:
        minor = self.instalment * tenths // 10
        on = self.on(max(self.today - back, 0))
        self.try_it(d.pay(number, minor, on, product=self.product))

    @rule(number=NUMBERS)
    def take_back(self, number: int) -> None:
        self.try_it(d.take_back(number))

    @rule(number=st.integers(0, 3), minor=st.integers(1, 5_000))
    def charge(self, number: int, minor: int) -> None:
        amount = d.money(minor, self.product)
        fee = l.LeaseFee.COLLECTION
        charge_id = d.an_id(900 + number)
        self.try_it(
            l.ChargeLeaseFee(
                stream=CASE,
                charge_id=charge_id,
                fee=fee,
                amount=amount,
                charged_on=self.on(self.today),
            )
        )

    @rule(number=st.integers(0, 2), length=st.integers(1, 60), open_end=st.booleans())
    def pause(self, number: int, length: int, open_end: bool) -> None:
        command = l.PauseArrears(
            stream=CASE,
            pause_id=d.an_id(950 + number),
            ground=l.ArrearsPauseReason.HARDSHIP,
            from_on=self.on(self.today),
            to_on=None if open_end else self.on(self.today + length),
        )
        self.try_it(command)

    @rule(number=st.integers(0, 2))
    def resume(self, number: int) -> None:
        pause_id = d.an_id(950 + number)
        self.try_it(l.ResumeArrears(stream=CASE, pause_id=pause_id, to_on=self.on(self.today)))

    @rule(number=st.integers(40, 44), mode=st.sampled_from(Prepayment), tenths=SHARES)
    def prepay(self, number: int, mode: Prepayment, tenths: int) -> None:
        amount = d.money(self.instalment * tenths // 10, self.product)
        self.try_it(
            l.PrepayLease(
                stream=CASE,
                payment_id=d.an_id(100 + number),
                mode=mode,
                amount=amount,
                value_on=self.on(self.today),
            )
        )

    @rule(number=st.integers(0, 4), kind=st.sampled_from(l.RestructuringKind))
    def restructure(self, number: int, kind: l.RestructuringKind) -> None:
        by_rate = kind is l.RestructuringKind.RATE_CHANGE
        self.try_it(
            l.RestructureLease(
                stream=CASE,
                restructuring_id=d.an_id(800 + number),
                kind=kind,
                effective_on=self.on(self.today),
                months=None if by_rate else 2 + number * 4,
                annual_percent="5.5" if by_rate else None,
            )
        )

    @rule(number=st.integers(0, 4), ground=st.sampled_from(l.ScheduleWithdrawal))
    def withdraw_schedule(self, number: int, ground: l.ScheduleWithdrawal) -> None:
        command = l.WithdrawSchedule(
            stream=CASE,
            withdrawal_id=d.an_id(850 + number),
            schedule_n=max(self.state.account.n, 2),
            ground=ground,
        )
        self.try_it(command)

    @rule(number=st.integers(0, 2), settles=st.sampled_from((False, False, True)))
    def settle(self, number: int, settles: bool) -> None:
        quote_id = d.an_id(700 + number)
        on = self.on(self.today)
        quoted = self.try_it(l.QuoteSettlement(stream=CASE, quote_id=quote_id, settle_on=on))
        if not quoted or not settles:
            return
        [quote] = quoted
        command = l.SettleLease(
            stream=CASE,
            payment_id=d.an_id(750 + number),
            quote_id=quote_id,
            amount=quote.amount,
            value_on=on,
        )
        made = self.settled_on(command, on)
        for event in made:
            assert sum(share.minor for share in event.shares) == quote.amount.minor
            assert self.state.status is l.LeaseStatus.SETTLED
            assert self.state.account.principal_left == 0

    def settled_on(self, command: Any, on: date) -> Sequence[Any]:
        """Settle on the day of the quote, which is long gone in these tests."""
        now = d.NOW.replace(year=on.year, month=on.month, day=on.day)
        context = Context(now=now, actor=d.MANAGER, rules=d.RULES)
        try:
            made = l.DECIDER.decide(self.state, command, context)
        except Refusal:
            return []
        for event in made:
            self.state = l.DECIDER.evolve(self.state, event)
            self.events.append(event)
        return made

    @rule(number=st.integers(0, 2), share=st.integers(1, 3))
    def refund(self, number: int, share: int) -> None:
        surplus = self.state.account.surplus
        if surplus >= share:
            self.try_it(
                l.RefundLeaseSurplus(
                    stream=CASE,
                    refund_id=d.an_id(600 + number),
                    amount=d.money(surplus // share, self.product),
                )
            )

    @rule(days=st.integers(0, 200))
    def assess(self, days: int) -> None:
        self.try_it(l.AssessArrears(stream=CASE, as_of_on=self.on(days)))

    @invariant()
    def nothing_is_lost_or_made_up(self) -> None:
        balanced(self.state)

    @invariant()
    def what_stands_is_what_a_replay_makes(self) -> None:
        product = d.RULES.documents[l.LeaseProduct, self.product][0].content
        account = self.state.account
        anew = replayed(account, product.waterfall)
        assert anew.entries == account.entries
        assert anew.lines == account.lines

    @invariant()
    def an_ended_lease_owes_nothing(self) -> None:
        account = self.state.account
        if self.state.status in (l.LeaseStatus.COMPLETED, l.LeaseStatus.SETTLED):
            on = max([account.last_on, *(charge.on for charge in account.charges)])
            assert owed_on(account, on) == []

    def teardown(self) -> None:
        """The history folds again to the same lease."""
        state = self.begun
        for event in self.events:
            state = l.DECIDER.evolve(state, event)
        assert state == self.state
        if self.events:
            self.document_says_what_the_account_says()

    def document_says_what_the_account_says(self) -> None:
        """The document adds shares up and knows no rule; it comes to the same."""
        history = enumerate([*self.before, *self.events], start=1)
        log = [recorded(event, at=d.NOW, version=version) for version, event in history]
        document = document_of(log, d.RULES)
        assert document is not None
        account, paid = self.state.account, document["paid"]
        assert document["status"] == self.state.status
        assert document["outstanding_minor"] == account.principal_left
        assert paid["surplus_minor"] - document["refunded_minor"] == account.surplus
        whole = account.paid
        assert [paid[f"{part}_minor"] for part in ("principal", "interest", "fee", "penalty")] == [
            whole.principal,
            whole.interest,
            whole.fee,
            whole.penalty,
        ]
        [schedule] = [each for each in document["schedules"] if each["in_force"]]
        assert schedule["n"] == account.n
        assert [
            (each["principal_paid_minor"], each["interest_paid_minor"], each["penalty_paid_minor"])
            for each in schedule["instalments"]
        ] == [
            (line.principal_paid, line.interest_paid, line.penalty_paid) for line in account.lines
        ]


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=20, stateful_step_count=30)
