"""The lease's decider: every command to the phase that decides on it, every event to its."""

from collections.abc import Sequence
from typing import Any, assert_never

from domain.declare import Claim, Context, Decider, Release
from domain.lease import (
    application,
    arrears,
    carried_over,
    charges,
    contract,
    credit,
    ending,
    guarantees,
    papers,
    payments,
    prepayment,
    replaying,
    restructuring,
    settlement,
)
from domain.lease.case import Follow, Lease, parties, subject

LeaseCommand = (
    application.ApplicationCommand
    | papers.PapersCommand
    | credit.CreditCommand
    | guarantees.GuaranteesCommand
    | contract.ContractCommand
    | payments.PaymentsCommand
    | charges.ChargesCommand
    | arrears.ArrearsCommand
    | prepayment.PrepayLease
    | settlement.SettlementCommand
    | restructuring.RestructuringCommand
    | ending.EndingCommand
    | carried_over.CarryOverLease
)
LeaseEvent = (
    application.ApplicationEvent
    | papers.PapersEvent
    | credit.CreditEvent
    | guarantees.GuaranteesEvent
    | contract.ContractEvent
    | payments.PaymentsEvent
    | charges.ChargesEvent
    | arrears.ArrearsEvent
    | prepayment.LeasePrepaid
    | settlement.SettlementEvent
    | restructuring.RestructuringEvent
    | ending.EndingEvent
    | carried_over.LeaseCarriedOver
)


def decide(case: Lease, command: LeaseCommand, context: Context) -> Sequence[LeaseEvent]:
    """Return the events that grant the command, or refuse."""
    match command:
        case application.ApplyForLease() | application.ChangeLeaseTerms():
            return application.decide(case, command, context)
        case carried_over.CarryOverLease():
            return carried_over.decide(case, command, context)
        case (
            papers.AddLeaseDocument() | papers.VerifyLeaseDocument() | papers.RejectLeaseDocument()
        ):
            return papers.decide(case, command, context)
        case credit.CheckCredit() | credit.DecideOnLease():
            return credit.decide(case, command, context)
        case (
            guarantees.NameGuarantor()
            | guarantees.ReceiveGuarantee()
            | guarantees.ReturnGuarantee()
            | guarantees.CallGuarantee()
        ):
            return guarantees.decide(case, command, context)
        case contract.SignLeaseContract() | contract.ActivateLease():
            return contract.decide(case, command, context)
        case payments.ReceiveLeasePayment() | payments.ReverseLeasePayment():
            return payments.decide(case, command, context)
        case charges.ChargeLeaseFee() | charges.RefundLeaseSurplus():
            return charges.decide(case, command, context)
        case arrears.PauseArrears() | arrears.ResumeArrears() | arrears.AssessArrears():
            return arrears.decide(case, command, context)
        case prepayment.PrepayLease():
            return prepayment.decide(case, command, context)
        case settlement.QuoteSettlement() | settlement.SettleLease():
            return settlement.decide(case, command, context)
        case restructuring.RestructureLease() | restructuring.WithdrawSchedule():
            return restructuring.decide(case, command, context)
        case ending.WithdrawLease() | ending.DefaultLease() | ending.ReinstateLease():
            return ending.decide(case, command, context)
    assert_never(command)


FOLLOW: Follow = {
    **application.FOLLOW,
    **papers.FOLLOW,
    **credit.FOLLOW,
    **guarantees.FOLLOW,
    **contract.FOLLOW,
    **payments.FOLLOW,
    **replaying.FOLLOW,
    **charges.FOLLOW,
    **arrears.FOLLOW,
    **prepayment.FOLLOW,
    **settlement.FOLLOW,
    **restructuring.FOLLOW,
    **ending.FOLLOW,
    **carried_over.FOLLOW,
}


def evolve(case: Lease, event: LeaseEvent) -> Lease:
    """Return the lease one event later."""
    return FOLLOW[type(event)](case, event)


def claims(case: Lease, event: Any) -> Sequence[Claim | Release]:
    """Return what belongs to this lease alone: its contract's number, and its order."""
    match event:
        case contract.LeaseContractSigned():
            return [Claim("lease_contract", event.contract_number)]
        case carried_over.LeaseCarriedOver():
            return [Claim("lease_contract", f"{event.source}\n{event.contract_number}")]
        case application.LeaseApplied(order_id=order_id) if order_id is not None:
            return [Claim("lease_of_order", str(order_id))]
        case ending.LeaseWithdrawn() | credit.LeaseDecided() if case.order_id is not None:
            rejected = isinstance(event, ending.LeaseWithdrawn) or event.ground is not None
            return [Release("lease_of_order", str(case.order_id))] if rejected else []
    return ()


DECIDER: Decider[Lease, LeaseCommand, LeaseEvent] = Decider(
    category="lease",
    initial=Lease(),
    decide=decide,
    evolve=evolve,
    commands=(
        application.ApplyForLease,
        application.ChangeLeaseTerms,
        papers.AddLeaseDocument,
        papers.VerifyLeaseDocument,
        papers.RejectLeaseDocument,
        credit.CheckCredit,
        credit.DecideOnLease,
        guarantees.NameGuarantor,
        guarantees.ReceiveGuarantee,
        guarantees.ReturnGuarantee,
        guarantees.CallGuarantee,
        contract.SignLeaseContract,
        contract.ActivateLease,
        payments.ReceiveLeasePayment,
        payments.ReverseLeasePayment,
        charges.ChargeLeaseFee,
        charges.RefundLeaseSurplus,
        arrears.PauseArrears,
        arrears.ResumeArrears,
        arrears.AssessArrears,
        prepayment.PrepayLease,
        settlement.QuoteSettlement,
        settlement.SettleLease,
        restructuring.RestructureLease,
        restructuring.WithdrawSchedule,
        ending.WithdrawLease,
        ending.DefaultLease,
        ending.ReinstateLease,
        carried_over.CarryOverLease,
    ),
    opens=(application.ApplyForLease, carried_over.CarryOverLease),
    events=tuple(FOLLOW),
    parties=parties,
    subject=subject,
    claims=claims,
)
