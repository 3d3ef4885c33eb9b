"""A lessee is reminded of her instalments, and arrears are assessed as they become worse."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from domain import lease as ls
from domain import notification as n
from domain.declare import Command, Refusal, Role
from domain.finance.prepayment import Prepayment
from domain.lease.account import Pause
from domain.money import Currency, Money
from domain.notification_policy import NoticeRule
from domain.staff import RegisterStaffMember
from sagas import notices
from sagas.instalments import SAGA
from sagas.watched_lease import REMINDED, Watched, worse_on
from tests.sagas.leasing import LEASE, SPRING, Lender
from tests.sagas.market import LEILA, POLICY

DUE, ARREARS = "lease.instalment_due", "lease.in_arrears"
FIRST_ON = date(2026, 6, 10)
INSTALMENT = 213_629_000


@pytest.fixture
def lender() -> Lender:
    made = Lender(SAGA)
    made.customer()
    return made


def to(lender: Lender, on: date) -> None:
    """Let time pass to noon in Tehran of a day, whatever is due being done."""
    lender.time.run_until(datetime(on.year, on.month, on.day, 8, 30, tzinfo=SPRING.tzinfo))


def reminded(lender: Lender) -> list[tuple[str, str]]:
    """Return which instalments she was reminded of, and on which day in Tehran."""
    found = []
    for each in lender.all_of(n.NotificationPlanned):
        if each.event.code == DUE:
            facts = {param.name: param.value for param in each.event.params}
            assert each.recorded_at.strftime("%H:%M") == "05:30"  # nine in the morning
            found.append((facts["instalment"], each.recorded_at.date().isoformat()))
    return found


def buckets(lender: Lender) -> list[tuple[str, str | None]]:
    changed = lender.all_of(ls.ArrearsBucketChanged)
    return [(each.event.as_of_on.isoformat(), each.event.bucket) for each in changed]


# --- reminders ------------------------------------------------------------------------------------


def test_she_is_reminded_before_an_instalment_is_due_and_on_the_day(lender: Lender) -> None:
    lender.lease()
    to(lender, FIRST_ON)
    assert reminded(lender) == [("1", "2026-06-03"), ("1", "2026-06-09"), ("1", "2026-06-10")]
    first = lender.all_of(n.NotificationPlanned)[0].event
    facts = {param.name: param.value for param in first.params}
    assert facts["amount"] == f"{INSTALMENT} IRR"
    assert facts["due_on"] == "2026-06-10"
    assert (first.customer_id, first.case_id, first.case_category) == (LEILA, LEASE, "lease")
    assert lender.is_as_folded_anew(SAGA)


def test_what_is_paid_is_not_reminded_of(lender: Lender) -> None:
    lender.lease()
    to(lender, date(2026, 6, 4))
    lender.pay("early", INSTALMENT)
    to(lender, date(2026, 7, 11))
    assert reminded(lender)[1:] == [("2", "2026-07-04"), ("2", "2026-07-10"), ("2", "2026-07-11")]


def test_of_a_payment_that_does_not_count_only_what_is_still_to_come_is_reminded(
    lender: Lender,
) -> None:
    lender.lease()
    payment = lender.pay("advance", INSTALMENT)
    to(lender, date(2026, 6, 5))
    assert reminded(lender) == []
    lender.reverse(payment)
    to(lender, FIRST_ON)
    assert reminded(lender) == [("1", "2026-06-09"), ("1", "2026-06-10")]


def test_a_new_schedule_is_the_one_that_is_reminded_of(lender: Lender) -> None:
    lender.lease()
    to(lender, date(2026, 6, 4))
    lender.officer(
        ls.RestructureLease(
            stream=LEASE,
            restructuring_id=uuid5(LEASE, "deferral"),
            kind=ls.RestructuringKind.DEFERRAL,
            effective_on=date(2026, 6, 4),
            months=2,
        )
    )
    first = lender.lines()[0].due_on
    assert first > date(2026, 7, 30)
    to(lender, date(2026, 7, 20))
    assert reminded(lender) == [("1", "2026-06-03")]
    to(lender, first)
    assert [day for _, day in reminded(lender)[1:]] == [
        (first - timedelta(days=days)).isoformat() for days in (7, 1, 0)
    ]
    assert lender.is_as_folded_anew(SAGA)


def test_nobody_is_reminded_when_the_lease_is_paid(lender: Lender) -> None:
    lender.lease()
    lender.pay("all", sum(line.unpaid for line in lender.lines()))
    assert lender.standing().status is ls.LeaseStatus.COMPLETED
    to(lender, date(2027, 1, 1))
    assert lender.told() == []
    assert buckets(lender) == []


def test_without_consent_every_reminder_says_why_it_was_not_given(lender: Lender) -> None:
    lender.consent(LEILA, granted=False)
    lender.lease()
    to(lender, FIRST_ON)
    assert lender.withheld() == [(DUE, "no_consent")] * 3
    assert lender.settle() == 0


def test_after_an_outage_she_hears_of_an_instalment_once(lender: Lender) -> None:
    lender.lease()
    lender.now = datetime(2026, 6, 10, 6, 0, tzinfo=SPRING.tzinfo)
    lender.settle()
    assert lender.told() == [DUE]
    assert lender.withheld() == [(DUE, "over")] * 2


def test_a_new_policy_moves_the_reminders_of_leases_that_run(lender: Lender) -> None:
    lender.lease()
    to(lender, date(2026, 6, 1))
    rules = (NoticeRule(code=DUE, days_before=(3,)),)
    lender.publish("notification_policy", "default", replace(POLICY, rules=rules))
    to(lender, date(2026, 7, 11))
    assert reminded(lender) == [("1", "2026-06-07"), ("2", "2026-07-08")]
    assert lender.is_as_folded_anew(SAGA)


# --- arrears --------------------------------------------------------------------------------------


def test_arrears_are_assessed_on_the_day_on_which_they_become_worse(lender: Lender) -> None:
    lender.lease()
    to(lender, date(2026, 6, 13))
    assert buckets(lender) == []
    to(lender, date(2026, 8, 11))
    assert buckets(lender) == [("2026-06-14", "overdue"), ("2026-08-10", "past_due_60")]
    assert [code for code in lender.told() if code == ARREARS] == [ARREARS] * 2
    assert lender.is_as_folded_anew(SAGA)


def test_a_payment_that_ends_arrears_is_assessed_at_once_and_no_news_for_her(
    lender: Lender,
) -> None:
    lender.lease()
    to(lender, date(2026, 6, 20))
    lender.pay("late", 300_000_000)
    lender.settle()
    assert buckets(lender) == [("2026-06-14", "overdue"), ("2026-06-20", None)]
    assert lender.told().count(ARREARS) == 1


def test_a_payment_of_an_earlier_day_puts_right_what_was_assessed(lender: Lender) -> None:
    lender.lease()
    to(lender, date(2026, 6, 20))
    payment = lender.pay("was in time", INSTALMENT, FIRST_ON)
    lender.settle()
    assert buckets(lender)[1:] == [("2026-06-20", None)]
    lender.reverse(payment)
    lender.settle()
    assert buckets(lender)[2:] == [("2026-06-20", "overdue")]
    assert lender.settle() == 0


def test_while_arrears_pause_nothing_becomes_worse_and_nobody_is_reminded(lender: Lender) -> None:
    lender.lease()
    to(lender, date(2026, 6, 9))
    pause = uuid5(LEASE, "pause")
    why = ls.ArrearsPauseReason.FORCE_MAJEURE
    lender.officer(
        ls.PauseArrears(stream=LEASE, pause_id=pause, ground=why, from_on=date(2026, 6, 9))
    )
    to(lender, date(2026, 7, 10))
    assert reminded(lender) == [("1", "2026-06-03"), ("1", "2026-06-09")]
    assert buckets(lender) == []
    lender.officer(ls.ResumeArrears(stream=LEASE, pause_id=pause, to_on=date(2026, 7, 10)))
    to(lender, date(2026, 7, 20))
    assert reminded(lender)[2:] == [("2", "2026-07-11")]
    assert buckets(lender) == [("2026-07-14", "overdue")]


def test_the_next_day_of_worse_arrears_is_that_of_looking_at_every_day(lender: Lender) -> None:
    lender.lease()
    watched = lender.time.instances(SAGA)[LEASE]
    chance = random.Random(7)
    for _ in range(60):
        on, pauses = date(2026, 5, 20), list[Pause]()
        while len(pauses) < chance.randint(0, 4):
            on += timedelta(days=chance.choice((0, 1, 5, 25)))
            ends_on = on + timedelta(days=chance.choice((1, 4, 30)))
            pauses.append(Pause(UUID(int=len(pauses)), on, ends_on))
            on = ends_on
        account = watched.account._replace(pauses=tuple(reversed(pauses)))
        paused = replace(watched, account=account)
        assert worse_on(paused) == brute_force(paused, SPRING.date())


def test_a_lease_carried_over_in_arrears_is_silent_until_they_become_worse(lender: Lender) -> None:
    lender.wish(
        ls.CarryOverLease(
            stream=LEASE,
            source="old",
            source_row="17",
            contract_number="X-17",
            product="plain",
            customer_id=LEILA,
            original=Money(minor=3_000_000_000, currency=Currency.IRR),
            annual_percent="18",
            term_months=24,
            originated_on=date(2025, 5, 1),
            as_of_on=SPRING.date(),
            outstanding=Money(minor=2_000_000_000, currency=Currency.IRR),
            next_due_on=date(2026, 5, 20),
            remaining=12,
            days_past_due=40,
        )
    )
    assert lender.settle() == 0
    to(lender, date(2026, 5, 15))
    assert lender.told() == [DUE]  # the next instalment, seven days before
    assert buckets(lender) == []
    to(lender, date(2026, 5, 31))
    assert buckets(lender) == [("2026-05-31", "past_due_60")]
    assert lender.told().count(ARREARS) == 1
    assert lender.is_as_folded_anew(SAGA)


# --- who else is told -----------------------------------------------------------------------------


def told_of_arrears(lender: Lender) -> list[tuple[str, str]]:
    return [
        (each.event.recipient, {p.name: p.value for p in each.event.params}["bucket"])
        for each in lender.all_of(n.NotificationPlanned)
        if each.event.code == "lease.bucket_changed"
    ]


def test_officers_are_told_of_arrears_and_of_worse_ones_their_supervisor_too() -> None:
    lender = Lender(SAGA, notices.SAGA)
    lender.customer()
    for account, role, region in (
        ("omid", Role.LEASING_OFFICER, "north"),
        ("ali", Role.LEASING_OFFICER, "south"),
        ("sara", Role.SUPERVISOR, "north"),
    ):
        stream = UUID(int=sum(account.encode()))
        lender.wish(
            RegisterStaffMember(
                stream=stream, account=account, name="X", roles=(role,), region=region
            )
        )
    lender.lease()
    to(lender, date(2026, 8, 11))
    assert told_of_arrears(lender) == [
        ("omid", "overdue"), ("omid", "past_due_60"), ("sara", "past_due_60"),
    ]  # fmt: skip
    lender.pay("late", 3 * INSTALMENT)
    lender.settle()
    assert len(lender.all_of(n.NotificationSettled)) == 3
    to(lender, date(2026, 9, 20))
    assert told_of_arrears(lender)[3:] == [("omid", "overdue")]
    lender.settle()
    assert len(lender.all_of(n.NotificationSettled)) == 3
    for saga in (SAGA, notices.SAGA):
        assert lender.is_as_folded_anew(saga)


def test_what_officers_were_told_is_settled_when_the_lease_is_paid() -> None:
    lender = Lender(SAGA, notices.SAGA)
    lender.customer()
    lender.wish(
        RegisterStaffMember(
            stream=UUID(int=7), account="omid", name="X", roles=(Role.LEASING_OFFICER,)
        )
    )
    lender.lease()
    to(lender, date(2026, 6, 20))
    assert told_of_arrears(lender) == [("omid", "overdue")]
    standing = ls.standing(lender.standing(), lender.now.date())
    lender.pay("all", sum(line.unpaid for line in lender.lines()) + standing.penalty_minor)
    lender.settle()
    assert lender.standing().status is ls.LeaseStatus.COMPLETED
    assert len(lender.all_of(n.NotificationSettled)) == 1
    assert lender.settle() == 0


# --- laws -----------------------------------------------------------------------------------------


def brute_force(watched: Watched, from_on: date) -> date | None:
    """Return the first day on which another class of arrears holds, by looking at each."""
    for days in range(250):
        on = from_on + timedelta(days=days)
        if watched.is_news(watched.bucket_on(on)):
            return on
    return None


@dataclass
class Chance:
    """Somebody who does to a lease whatever comes to her mind; much of it is refused."""

    lender: Lender
    chance: random.Random
    made: int = 0
    paid: list[UUID] = field(default_factory=list)

    def new(self) -> UUID:
        """Return an id for something new."""
        self.made += 1
        return uuid5(LEASE, f"item {self.made}")

    def amount(self, *minor: int) -> Money:
        """Return one of some amounts."""
        return Money(minor=self.chance.choice(minor), currency=Currency.IRR)

    def act(self) -> None:
        """Do something, or try to."""
        kinds = (self.pay, self.reverse, self.pause, self.arrange, self.settle, self.give_up)
        try:
            self.chance.choices(kinds, weights=(10, 4, 3, 3, 1, 1))[0]()
        except Refusal:
            return

    def pay(self) -> None:
        """Pay, perhaps as of an earlier day."""
        today = self.lender.now.date()
        on = max(SPRING.date(), today - timedelta(days=self.chance.choice((0, 0, 9, 40))))
        minor = self.chance.choice((INSTALMENT, INSTALMENT, 90_000_000))
        self.paid.append(self.lender.pay(str(self.new()), minor, on))

    def reverse(self) -> None:
        """Take a payment back."""
        if self.paid:
            self.lender.reverse(self.paid.pop(self.chance.randrange(len(self.paid))))

    def pause(self) -> None:
        """Pause arrears for some days, or until further notice."""
        on = self.lender.now.date()
        days = self.chance.choice((None, 3, 8, 25))
        pause = ls.PauseArrears(
            stream=LEASE,
            pause_id=self.new(),
            ground=ls.ArrearsPauseReason.HARDSHIP,
            from_on=on,
            to_on=None if days is None else on + timedelta(days=days),
        )
        self.lender.officer(pause)
        if days is None:
            to(self.lender, on + timedelta(days=11))
            ends_on = on + timedelta(days=self.chance.choice((4, 11)))
            self.lender.officer(
                ls.ResumeArrears(stream=LEASE, pause_id=pause.pause_id, to_on=ends_on)
            )

    def arrange(self) -> None:
        """Give the lease another schedule, or its former one again."""
        on = self.lender.now.date()
        lease = self.lender.standing()
        wish: Command = ls.WithdrawSchedule(
            stream=LEASE,
            withdrawal_id=self.new(),
            schedule_n=max(2, lease.account.n),
            ground=ls.ScheduleWithdrawal.MISTAKE,
        )
        if lease.account.n == 1 or self.chance.random() < 0.6:
            wish = ls.RestructureLease(
                stream=LEASE,
                restructuring_id=self.new(),
                kind=ls.RestructuringKind.DEFERRAL,
                effective_on=on,
                months=1,
            )
            if self.chance.random() < 0.5:
                wish = ls.PrepayLease(
                    stream=LEASE,
                    payment_id=self.new(),
                    mode=self.chance.choice(list(Prepayment)),
                    amount=self.amount(300_000_000, 500_000_000),
                    value_on=on,
                )
        self.lender.officer(wish)

    def settle(self) -> None:
        """Settle the lease early."""
        quote = self.new()
        self.lender.officer(ls.QuoteSettlement(stream=LEASE, quote_id=quote))
        found = self.lender.all_of(ls.SettlementQuoted)[-1].event
        self.lender.officer(
            ls.SettleLease(
                stream=LEASE,
                payment_id=self.new(),
                quote_id=quote,
                amount=found.amount,
                value_on=self.lender.now.date(),
            )
        )

    def give_up(self) -> None:
        """Give the lease up, and take it back when it is paid."""
        self.lender.officer(ls.DefaultLease(stream=LEASE, ground=ls.DefaultReason.FRAUD))
        to(self.lender, self.lender.now.date() + timedelta(days=2))
        self.lender.officer(ls.ReinstateLease(stream=LEASE))


@pytest.mark.parametrize("seed", range(10))
def test_after_any_history_the_account_is_the_leases_own_and_rebuilt_is_live(seed: int) -> None:
    chance = random.Random(seed)
    lender = Lender(SAGA)
    lender.customer()
    lender.lease()
    somebody = Chance(lender, chance)
    for _ in range(14):
        somebody.act()
        to(lender, lender.now.date() + timedelta(days=chance.choice((1, 5, 20))))
        watched = lender.time.instances(SAGA)[LEASE]
        lease = lender.standing()
        assert watched.account == lease.account
        assert {watched.status, lease.status} <= REMINDED or watched.status is lease.status
        assert watched.assessed == lease.assessed
        if lease.status in ls.RUNNING:
            moved_on = watched.reminding.today(watched.moved_at)
            assert worse_on(watched) == brute_force(watched, moved_on)
    assert lender.is_as_folded_anew(SAGA)
    assert lender.settle() == 0
    assert lender.time.refused == []
    notices_made = [each.stream for each in lender.all_of(n.NotificationPlanned)]
    assert len(notices_made) == len(set(notices_made))
