"""The laws of a ledger, after every step of any history, against a model that counts plainly.

The model keeps lots as rows and looks for what expires first by sorting them anew each time.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import loyalty as lo
from domain.declare import Actor, Context, Refusal
from domain.rulebook import Rules
from projections.case_documents import document_of
from sagas import loyalty_expiry
from tests.domain.loyalty.club import (
    CUSTOMER,
    HOUSEHOLD,
    LEDGER,
    OFFICER,
    OTHER_OFFICER,
    PROGRAMME,
    SISTER,
    SISTERS,
    SPECIALIST,
    rules_of,
    usd,
)
from tests.scenario import NOW, SYSTEM, recorded

AMOUNTS = st.integers(0, 60_000)
FEW = st.integers(1, 400)


class Row:
    """A lot of the model: what is there, since when it is active, and until when."""

    def __init__(self, lot: UUID, points: int, expires: datetime | None, order: datetime) -> None:
        self.lot, self.points, self.expires, self.order = lot, points, expires, order


class Model:
    """Points as plain rows, and sums of what was done with them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.sums: dict[str, int] = {}
        self.reserved = 0

    def add(self, name: str, points: int) -> None:
        self.sums[name] = self.sums.get(name, 0) + points

    def expected(self, now: datetime, points: int) -> list[tuple[UUID, int]]:
        """Return what spending so many takes: from what expires first, then what came first."""
        far = datetime.max.replace(tzinfo=now.tzinfo)
        taken = []
        for row in sorted(self.rows, key=lambda r: (r.expires or far, r.order, r.lot.int)):
            if points and row.points and (row.expires is None or row.expires > now):
                taken.append((row.lot, min(points, row.points)))
                points -= taken[-1][1]
        return taken


class Ledgers(RuleBasedStateMachine):
    """Two ledgers of a household, one of them against the model."""

    rules_in_force: Rules
    debt_allowed = False

    @initialize()
    def open(self) -> None:
        self.now = NOW
        self.model = Model()
        self.number = 0
        self.states: dict[UUID, Any] = {LEDGER: lo.Ledger(), SISTERS: lo.Ledger()}
        self.redeemed: dict[UUID, int] = {}
        self.references: dict[str, int] = {}
        self.held: list[UUID] = []
        self.log: list[Any] = []
        programme = replace(PROGRAMME, debt_allowed=self.debt_allowed)
        self.rules_in_force = rules_of(programme)
        for stream, customer in ((LEDGER, CUSTOMER), (SISTERS, SISTER)):
            self.do(
                lo.OpenLedger(
                    stream=stream, customer_id=customer, programme="club", household_id=HOUSEHOLD
                )
            )

    def do(self, *commands: Any, by: Actor = SPECIALIST) -> list[Any] | Refusal:
        """Decide commands all or nothing, and each again: twice equals once."""
        context = Context(now=self.now, actor=by, rules=self.rules_in_force)
        states, made = dict(self.states), list[Any]()
        for command in commands:
            try:
                events = lo.decide(states[command.stream], command, context)
            except Refusal as refusal:
                return refusal
            for event in events:
                states[command.stream] = lo.evolve(states[command.stream], event)
                self.balanced(states[command.stream])
            made.extend(events)
            assert lo.decide(states[command.stream], command, context) == []
        self.states = states
        for event in made:
            self.see(event)
        for command in commands[:1]:
            if command.stream == LEDGER:
                self.log.extend(made if len(commands) == 1 else self.own(made))
        return made

    def own(self, made: list[Any]) -> list[Any]:
        """Return the events of a transfer that are this ledger's."""
        return [event for event in made if not isinstance(event, lo.PointsTransferredIn)]

    def see(self, event: Any) -> None:
        """Let the model follow the sums that an event says; the lots are checked by the rules."""
        add = self.model.add
        match event:
            case lo.PointsExpired(parts=parts):
                add("expired", lo.points_of(parts))
            case lo.DebtRepaid(points=points):
                add("debt", -points)
            case lo.HoldReleased(parts=parts):
                self.model.reserved -= lo.points_of(parts)
            case _:
                pass

    def balanced(self, ledger: Any) -> None:
        left, right = lo.sides(ledger)
        assert left == right
        assert all(lot.points > 0 for lot in ledger.lots)
        assert ledger.debt >= 0
        if not self.debt_allowed:
            assert ledger.debt == 0
        ends = [lot.expires_at for lot in ledger.lots]
        far = datetime.max.replace(tzinfo=NOW.tzinfo)
        assert [end or far for end in ends] == sorted(end or far for end in ends)

    def new_id(self) -> UUID:
        self.number += 1
        return uuid5(LEDGER, str(self.number))

    @property
    def ledger(self) -> Any:
        return self.states[LEDGER]

    def rows(self) -> list[Row]:
        return [
            Row(lot.lot_id, lot.points, lot.expires_at, lot.earned_at)
            for lot in self.ledger.lots
            if lot.state is lo.LotState.ACTIVE
        ]

    # --- what people do ----------------------------------------------------------------------

    @rule(amount=AMOUNTS, source=st.sampled_from(("purchase", "service", "survey", "game")))
    def earn(self, amount: int, source: str) -> None:
        earning = self.new_id()
        before = self.ledger.earned
        made = self.do(
            lo.EarnPoints(
                stream=LEDGER,
                earning_id=earning,
                source=lo.EarningSource(source),
                reference=f"r-{self.number}",
                amount=usd(amount),
            )
        )
        assert isinstance(made, list) and isinstance(made[0], lo.PointsEarned)
        self.references[f"r-{self.number}"] = made[0].points
        self.model.add("earned", made[0].points)
        assert self.ledger.earned == before + made[0].points

    @rule(points=FEW)
    def redeem(self, points: int) -> None:
        there = self.free()
        redemption = self.new_id()
        self.model.rows = self.rows_settled()
        expected = self.model.expected(self.now, points)
        made = self.do(
            lo.RedeemPoints(
                stream=LEDGER,
                redemption_id=redemption,
                purpose=lo.SpendingPurpose.SERVICE,
                points=points,
            )
        )
        if points > there:
            assert isinstance(made, lo.PointsInsufficient)
            return
        assert isinstance(made, list)
        [spent] = [event for event in made if isinstance(event, lo.PointsRedeemed)]
        assert [(part.lot_id, part.points) for part in spent.parts] == expected
        self.redeemed[redemption] = points
        self.model.add("spent", points)

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        if not self.redeemed:
            return
        redemption = data.draw(st.sampled_from(sorted(self.redeemed)))
        left = self.redeemed[redemption]
        points = data.draw(st.one_of(st.none(), st.integers(1, left + 1)))
        made = self.do(
            lo.ReverseRedemption(
                stream=LEDGER,
                reversal_id=self.new_id(),
                redemption_id=redemption,
                points=points,
            )
        )
        if points is not None and points > left:
            assert isinstance(made, lo.ReversalTooLarge | lo.ReversalTooLate)
            return
        if isinstance(made, lo.ReversalTooLate):
            return
        assert isinstance(made, list)
        back = left if points is None else points
        assert lo.points_of(made[0].parts) == back
        self.model.add("spent", -back)
        self.redeemed[redemption] = left - back
        if left == back:
            del self.redeemed[redemption]

    @rule(data=st.data(), points=FEW)
    def claw_back(self, data: st.DataObject, points: int) -> None:
        found = sorted(r for r, left in self.references.items() if left)
        if not found:
            return
        reference = data.draw(st.sampled_from(found))
        key = next(
            source for source in lo.EarningSource if self.ledger.reference(source, reference)
        )
        points = min(points, self.references[reference])
        made = self.do(
            lo.ClawBackPoints(
                stream=LEDGER,
                claw_back_id=self.new_id(),
                source=key,
                reference=reference,
                points=points,
            )
        )
        assert isinstance(made, list)
        [clawed] = [event for event in made if isinstance(event, lo.PointsClawedBack)]
        taken = lo.points_of(clawed.parts)
        assert taken + clawed.debt_points + clawed.forgone_points == points
        assert clawed.debt_points == 0 or self.debt_allowed
        self.references[reference] -= points
        self.model.add("reversed", taken + clawed.debt_points)
        self.model.add("debt", clawed.debt_points)

    @rule(points=st.integers(-300, 300).filter(bool))
    def adjust(self, points: int) -> None:
        there = self.free()
        made = self.do(
            lo.AdjustPoints(
                stream=LEDGER,
                adjustment_id=self.new_id(),
                points=points,
                reason=lo.AdjustmentReason.GOODWILL,
            ),
            by=OFFICER,
        )
        if -points > there:
            assert isinstance(made, lo.PointsInsufficient)
        else:
            self.model.add("adjusted_up" if points > 0 else "adjusted_down", abs(points))

    @rule(points=FEW)
    def hold(self, points: int) -> None:
        hold = self.new_id()
        made = self.do(
            lo.HoldPoints(
                stream=LEDGER,
                hold_id=hold,
                purpose=lo.SpendingPurpose.SERVICE,
                points=points,
            )
        )
        if isinstance(made, list):
            self.held.append(hold)
            self.model.reserved += points

    @rule(part=st.integers(1, 4))
    def use_hold(self, part: int) -> None:
        if not self.held:
            return
        hold = self.held.pop()
        standing = self.ledger.holds[hold]
        reserved = lo.points_of(standing.parts)
        if part == 1:
            self.do(lo.ReleaseHold(stream=LEDGER, hold_id=hold))
            return
        points, redemption = max(1, reserved // (part - 1)), self.new_id()
        made = self.do(
            lo.RedeemPoints(
                stream=LEDGER,
                redemption_id=redemption,
                purpose=lo.SpendingPurpose.SERVICE,
                points=points,
                hold_id=hold,
            )
        )
        if standing.has_lapsed(self.now):
            assert isinstance(made, lo.HoldNotFound)
            self.held.append(hold)
            return
        assert isinstance(made, list)
        self.redeemed[redemption] = points
        self.model.reserved -= points
        self.model.add("spent", points)

    @rule(points=st.integers(100, 400), ends=st.booleans())
    def cash_out(self, points: int, ends: bool) -> None:
        item = self.new_id()
        made = self.do(lo.RequestCashOut(stream=LEDGER, cash_out_id=item, points=points))
        if isinstance(made, Refusal):
            return
        if ends:
            self.do(lo.ApproveCashOut(stream=LEDGER, cash_out_id=item), by=OFFICER)
            paid = lo.PayCashOut(stream=LEDGER, cash_out_id=item, paid_on=self.now.date())
            assert isinstance(self.do(paid, by=OTHER_OFFICER), list)
            self.model.add("spent", points)
        else:
            why = lo.CashOutRejection.WITHDRAWN
            self.do(lo.RejectCashOut(stream=LEDGER, cash_out_id=item, why=why), by=OTHER_OFFICER)

    @rule(points=st.integers(10, 300))
    def transfer(self, points: int) -> None:
        asked = lo.TransferPoints(
            stream=LEDGER, transfer_id=self.new_id(), to_ledger_id=SISTERS, points=points
        )
        before = self.states[SISTERS].transferred_in
        made = self.do(*lo.pieces(asked, self.ledger, self.now))
        if isinstance(made, list):
            self.model.add("transferred_out", points)
            assert self.states[SISTERS].transferred_in == before + points

    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        if self.ledger.frozen:
            lot = data.draw(st.sampled_from(sorted(self.ledger.frozen)))
            self.do(lo.ClearEarning(stream=LEDGER, earning_id=lot), by=OFFICER)

    @rule(days=st.sampled_from((0, 1, 7, 15, 32, 100, 400)), timers=st.booleans())
    def time_passes(self, days: int, timers: bool) -> None:
        self.now += timedelta(days=days, hours=1)
        if timers:
            self.do(lo.ActivateLots(stream=LEDGER, as_of_at=self.now), by=SYSTEM)
            self.do(lo.ExpirePoints(stream=LEDGER, as_of_at=self.now), by=SYSTEM)

    # --- what must hold ----------------------------------------------------------------------

    def rows_settled(self) -> list[Row]:
        """Return the model's rows as they are once time has brought what it has by now."""
        rows = self.rows()
        rows += [
            Row(lot.lot_id, lot.points, lot.expires_at, lot.earned_at)
            for lot in self.ledger.lots
            if lot.state is lo.LotState.PENDING and lot.active_from_at <= self.now
        ]
        return [row for row in rows if row.expires is None or row.expires > self.now]

    def free(self) -> int:
        return sum(row.points for row in self.rows_settled())

    @invariant()
    def the_sums_are_the_models(self) -> None:
        if not hasattr(self, "states"):
            return
        for name, expected in self.model.sums.items():
            assert getattr(self.ledger, name) == expected, name
        assert self.ledger.held - self.ledger.points_in(lo.LotState.FROZEN) == self.model.reserved
        for state in self.states.values():
            self.balanced(state)

    def teardown(self) -> None:
        """Fold what happened into the document and the saga: they say what the ledger says."""
        if not hasattr(self, "log"):
            return
        log = [
            recorded(event, at=NOW, version=n, position=n, stream=LEDGER)
            for n, event in enumerate(self.log, 1)
        ]
        document = document_of(log, self.rules_in_force)
        assert document is not None
        ledger, state = self.ledger, lo.LotState
        assert document["balance_points"] == ledger.points_in(state.ACTIVE)
        assert document["pending_points"] == ledger.points_in(state.PENDING)
        assert document["held_points"] == ledger.held
        assert document["totals"] == {name: getattr(ledger, name) for name in document["totals"]}
        by_expiry: dict[Any, int] = {}
        for lot in ledger.lots:
            if lot.state is state.ACTIVE:
                by_expiry[lot.expires_at] = by_expiry.get(lot.expires_at, 0) + lot.points
        shown = {
            None if at == "never" else datetime.fromisoformat(at): points
            for at, points in document["expiring"].items()
        }
        assert shown == by_expiry
        dues = None
        for each in (each for each in log if each.topic in loyalty_expiry.SAGA.topics):
            dues = loyalty_expiry.evolve(dues, each, None)
        by_expiry.pop(None, None)
        assert (dict(dues.expiring) if dues else {}) == by_expiry
        pending = {lot.lot_id: lot.points for lot in ledger.lots if lot.state is state.PENDING}
        assert ({k: w.points for k, w in dues.pending.items()} if dues else {}) == pending


class LedgersWithDebt(Ledgers):
    """The same where a claw-back may leave a debt."""

    debt_allowed = True


TestLedgers = Ledgers.TestCase
TestLedgersWithDebt = LedgersWithDebt.TestCase
TestLedgers.settings = settings(max_examples=20, stateful_step_count=25)
TestLedgersWithDebt.settings = settings(max_examples=20, stateful_step_count=25)
