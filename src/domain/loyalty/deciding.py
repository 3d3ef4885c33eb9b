"""The ledger's decider: every command to the phase that decides on it, every event to its."""

from collections.abc import Sequence
from typing import Any, assert_never

from domain.declare import Claim, Context, Decider
from domain.loyalty import (
    adjusting,
    cash_out,
    claw_back,
    earning,
    fraud,
    grades,
    lots,
    opening,
    reversal,
    spending,
    transfer,
)
from domain.loyalty.ledger import Follow, Ledger, parties, subject

LedgerCommand = (
    opening.OpeningCommand
    | earning.EarningCommand
    | lots.LotsCommand
    | fraud.FraudCommand
    | spending.SpendingCommand
    | reversal.ReverseRedemption
    | claw_back.ClawBackPoints
    | adjusting.AdjustPoints
    | cash_out.CashOutCommand
    | transfer.TransferCommand
    | grades.GradesCommand
)
LedgerEvent = (
    opening.OpeningEvent
    | earning.EarningEvent
    | fraud.FraudEvent
    | spending.SpendingEvent
    | reversal.ReversalEvent
    | claw_back.ClawBackEvent
    | adjusting.AdjustingEvent
    | cash_out.CashOutEvent
    | transfer.TransferEvent
    | grades.GradesEvent
)


def decide(ledger: Ledger, command: LedgerCommand, context: Context) -> Sequence[LedgerEvent]:
    """Return the events that grant the command, with what they mean for debt and grade."""
    made: list[LedgerEvent] = list(_decide(ledger, command, context))
    if not made or not _has_consequences(ledger, made[-1], context):
        return made
    for each in made:
        ledger = evolve(ledger, each)
    for repaid in lots.repay(ledger, context.now):
        ledger = evolve(ledger, repaid)
        made.append(repaid)
    first = made[0]
    if isinstance(first, earning.PointsEarned) and not first.held:
        made.extend(grades.upgrade(ledger, context, first.occurred_at))
    elif isinstance(first, fraud.EarningCleared):
        made.extend(grades.upgrade(ledger, context, context.now))
    return made


def _has_consequences(ledger: Ledger, last: LedgerEvent, context: Context) -> bool:
    """Tell whether a debt is to be repaid or a grade may rise, so that it is worth a look."""
    if ledger.debt:
        return True
    match last:
        case earning.PointsEarned(occurred_at=at):
            return grades.can_rise(ledger, context, at)
        case fraud.EarningCleared():
            return grades.can_rise(ledger, context, context.now)
    return False


def _decide(ledger: Ledger, command: LedgerCommand, context: Context) -> Sequence[LedgerEvent]:
    match command:
        case opening.OpenLedger() | opening.ChangeHousehold():
            return opening.decide(ledger, command, context)
        case earning.EarnPoints() | earning.CarryOverBalance():
            return earning.decide(ledger, command, context)
        case lots.ActivateLots() | lots.ExpirePoints():
            return lots.decide(ledger, command, context)
        case fraud.HoldEarning() | fraud.ClearEarning():
            return fraud.decide(ledger, command, context)
        case spending.HoldPoints() | spending.ReleaseHold() | spending.RedeemPoints():
            return spending.decide(ledger, command, context)
        case reversal.ReverseRedemption():
            return reversal.decide(ledger, command, context)
        case claw_back.ClawBackPoints():
            return claw_back.decide(ledger, command, context)
        case adjusting.AdjustPoints():
            return adjusting.decide(ledger, command, context)
        case (
            cash_out.RequestCashOut()
            | cash_out.ApproveCashOut()
            | cash_out.RejectCashOut()
            | cash_out.PayCashOut()
        ):
            return cash_out.decide(ledger, command, context)
        case transfer.TransferPoints() | transfer.GiveTransfer() | transfer.AcceptTransfer():
            return transfer.decide(ledger, command, context)
        case grades.ReviewGrade() | grades.GrantGrade():
            return grades.decide(ledger, command, context)
    assert_never(command)


FOLLOW: Follow = {
    **opening.FOLLOW,
    **earning.FOLLOW,
    **lots.FOLLOW,
    **fraud.FOLLOW,
    **spending.FOLLOW,
    **reversal.FOLLOW,
    **claw_back.FOLLOW,
    **adjusting.FOLLOW,
    **cash_out.FOLLOW,
    **transfer.FOLLOW,
    **grades.FOLLOW,
}


def evolve(ledger: Ledger, event: LedgerEvent) -> Ledger:
    """Return the ledger one event later."""
    return FOLLOW[type(event)](ledger, event)


def claims(_ledger: Ledger, event: Any) -> Sequence[Claim]:
    """Return what belongs to this ledger alone: its membership number in its programme."""
    if isinstance(event, opening.LedgerOpened) and isinstance(event.membership_number, str):
        number = f"{event.programme.name}\n{event.membership_number}"
        return [Claim("loyalty_membership", number)]
    return ()


DECIDER: Decider[Ledger, LedgerCommand, LedgerEvent] = Decider(
    category="loyalty",
    initial=Ledger(),
    decide=decide,
    evolve=evolve,
    commands=(
        opening.OpenLedger,
        opening.ChangeHousehold,
        earning.EarnPoints,
        earning.CarryOverBalance,
        lots.ActivateLots,
        lots.ExpirePoints,
        fraud.HoldEarning,
        fraud.ClearEarning,
        spending.HoldPoints,
        spending.ReleaseHold,
        spending.RedeemPoints,
        reversal.ReverseRedemption,
        claw_back.ClawBackPoints,
        adjusting.AdjustPoints,
        cash_out.RequestCashOut,
        cash_out.ApproveCashOut,
        cash_out.RejectCashOut,
        cash_out.PayCashOut,
        transfer.TransferPoints,
        transfer.GiveTransfer,
        transfer.AcceptTransfer,
        grades.ReviewGrade,
        grades.GrantGrade,
    ),
    opens=(opening.OpenLedger,),
    events=tuple(FOLLOW),
    parties=parties,
    subject=subject,
    claims=claims,
)
