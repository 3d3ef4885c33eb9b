"""The lease: from an application to its last instalment, one file per phase of its life.

`words` holds the enumerations, `product` the rules, `case` the state; `ledger`, `reckoning` and
`account` what is owed and paid. Phases: `application`, `papers`, `credit`, `guarantees`,
`contract`, `payments` (and what `replaying` makes of them), `charges`, `arrears`, `prepayment`,
`restructuring`, `settlement`, `ending`; `carried_over` opens leases of other systems.
"""

# The names are packed, or this list would be longer than what it lists.
# fmt: off
# ruff: noqa: I001, RUF022

from domain.lease.words import (
    ArrearsPauseReason, CreditOutcome, DefaultReason, ENDED, GuaranteeKind, GuaranteeStatus,
    LeaseDecisionBy, LeaseFee, LeaseOutcome, LeasePaper, LeasePaymentKind, LeasePaymentMethod,
    LeaseProvider, LeaseStatus, LeaseStep, LeaseWithdrawal, PaperParty, PaperRejection, RUNNING,
    RejectionGround, RestructuringKind, ReversalReason, ScheduleCause, ScheduleWithdrawal,
)
from domain.lease.product import (
    ArrearsTerms, Bucket, ChecklistItem, CreditRule, GuaranteeAsked, LeaseProduct, PenaltyTerms,
)
from domain.lease.account import (
    Account, AgreedArrears, AgreedPenalty, LeaseInstalment, Reallocated, Standing, standing,
)
from domain.lease.case import (
    Lease, LeaseAmountNotPositive, LeaseContractStands, LeaseIsOver, LeaseItemExists,
    LeaseItemNotFound, LeaseLiesAhead, LeaseNotContracted, LeaseTerms, parties, subject,
)
from domain.lease.application import (
    ApplicationNotYours, ApplyForLease, BankUnclear, ChangeLeaseTerms, DownPaymentTooSmall,
    LeaseApplied, LeaseTermsChanged, RateNotOffered, SumNotFinanced, TermNotOffered,
    TermsAreDecided,
)
from domain.lease.papers import (
    AddLeaseDocument, GuarantorNotNamed, LeaseDocumentRejected, LeaseDocumentUploaded,
    LeaseDocumentVerified, LeasePaperNotFound, LeasePapersMissing, PaperIsJudged,
    RejectLeaseDocument, VerifyLeaseDocument,
)
from domain.lease.credit import (
    BankReferenceMissing, CheckCredit, CreditCheckTooOld, CreditChecked, CreditNotGoodEnough,
    DecideOnLease, DecidedBySomebodyElse, DecisionBeforeCheck, LeaseDecided, LeaseIsDecided,
    RejectionUnclear,
)
from domain.lease.guarantees import (
    CallGuarantee, GuaranteeCalled, GuaranteeExceeded, GuaranteeHasGone, GuaranteeReceived,
    GuaranteeReturned, GuaranteeStillNeeded, GuaranteesMissing, GuarantorIsApplicant,
    GuarantorNamed, GuarantorUnclear, NameGuarantor, ReceiveGuarantee, ReturnGuarantee,
)
from domain.lease.contract import (
    ActivateLease, ActivationDiffers, ApprovalExpired, FirstDueDateUnclear, LeaseActivated,
    LeaseContractSigned, LeaseNotApproved, SignLeaseContract, SignedBeforeDecision,
    TermNotDivisible,
)
from domain.lease.replaying import (
    LeaseAccountReplayed, LeaseCompleted, LeaseRefundReclaimed, LeaseReopened,
    PaymentBeforeContract, PaymentBeforeSchedule,
)
from domain.lease.payments import (
    GoodwillTooLarge, LeasePaymentReceived, LeasePaymentReversed, PaymentIsReversed,
    PaymentKindHasItsOwnWay, ReceiveLeasePayment, ReverseLeasePayment,
)
from domain.lease.charges import (
    ChargeLeaseFee, LeaseFeeCharged, LeaseSurplusRefunded, RefundLeaseSurplus, RefundTooLarge,
)
from domain.lease.prepayment import (
    LeasePrepaid, PrepayLease, PrepaymentNotOffered, PrepaymentOutOfOrder, PrepaymentTooLarge,
    PrepaymentTooSmall,
)
from domain.lease.arrears import (
    ArrearsBucketChanged, ArrearsPaused, ArrearsResumed, AssessArrears, PauseArrears,
    PauseHasEnded, PauseUnclear, PausesOverlap, ResumeArrears,
)
from domain.lease.settlement import (
    LeaseSettled, QUOTES_MAX, QuoteExpired, QuoteOutdated, QuoteSettlement, QuoteTooFarAhead,
    SettleLease, SettlementDiffers, SettlementQuoted, TooManyQuotes,
)
from domain.lease.restructuring import (
    ExtensionTooShort, LeaseRestructured, LeaseScheduleWithdrawn, NotNewestSchedule,
    RestructureLease, RestructuringNotOffered, RestructuringOutOfOrder, RestructuringUnclear,
    WithdrawSchedule,
)
from domain.lease.ending import (
    DefaultLease, LeaseDefaulted, LeaseHasBegun, LeaseReinstated, LeaseWithdrawn, NotDefaulted,
    NotLongInArrears, ReinstateLease, StillInArrears, WithdrawLease,
)
from domain.lease.carried_over import (
    CarriedOverUnclear, CarryOverLease, GivenLeaseColumn, LeaseCarriedOver, LeaseSourceColumn,
)
from domain.lease.deciding import (
    DECIDER, LeaseCommand, LeaseEvent, decide, evolve,
)

__all__ = [
    "Account", "ActivateLease", "ActivationDiffers", "AddLeaseDocument", "AgreedArrears",
    "AgreedPenalty", "ApplicationNotYours", "ApplyForLease", "ApprovalExpired",
    "ArrearsBucketChanged", "ArrearsPauseReason", "ArrearsPaused", "ArrearsResumed",
    "ArrearsTerms", "AssessArrears", "BankReferenceMissing", "BankUnclear", "Bucket",
    "CallGuarantee", "CarriedOverUnclear", "CarryOverLease", "ChangeLeaseTerms", "ChargeLeaseFee",
    "CheckCredit", "ChecklistItem", "CreditCheckTooOld", "CreditChecked", "CreditNotGoodEnough",
    "CreditOutcome", "CreditRule", "DECIDER", "DecideOnLease", "DecidedBySomebodyElse",
    "DecisionBeforeCheck", "DefaultLease", "DefaultReason", "DownPaymentTooSmall", "ENDED",
    "ExtensionTooShort", "FirstDueDateUnclear", "GivenLeaseColumn", "GoodwillTooLarge",
    "GuaranteeAsked", "GuaranteeCalled", "GuaranteeExceeded", "GuaranteeHasGone", "GuaranteeKind",
    "GuaranteeReceived", "GuaranteeReturned", "GuaranteeStatus", "GuaranteeStillNeeded",
    "GuaranteesMissing", "GuarantorIsApplicant", "GuarantorNamed", "GuarantorNotNamed",
    "GuarantorUnclear", "Lease", "LeaseAccountReplayed", "LeaseActivated",
    "LeaseAmountNotPositive", "LeaseApplied", "LeaseCarriedOver", "LeaseCommand", "LeaseCompleted",
    "LeaseContractSigned", "LeaseContractStands", "LeaseDecided", "LeaseDecisionBy",
    "LeaseDefaulted", "LeaseDocumentRejected", "LeaseDocumentUploaded", "LeaseDocumentVerified",
    "LeaseEvent", "LeaseFee", "LeaseFeeCharged", "LeaseHasBegun", "LeaseInstalment",
    "LeaseIsDecided", "LeaseIsOver", "LeaseItemExists", "LeaseItemNotFound", "LeaseLiesAhead",
    "LeaseNotApproved", "LeaseNotContracted", "LeaseOutcome", "LeasePaper", "LeasePaperNotFound",
    "LeasePapersMissing", "LeasePaymentKind", "LeasePaymentMethod", "LeasePaymentReceived",
    "LeasePaymentReversed", "LeasePrepaid", "LeaseProduct", "LeaseProvider",
    "LeaseRefundReclaimed", "LeaseReinstated", "LeaseReopened", "LeaseRestructured",
    "LeaseScheduleWithdrawn", "LeaseSettled", "LeaseSourceColumn", "LeaseStatus", "LeaseStep",
    "LeaseSurplusRefunded", "LeaseTerms", "LeaseTermsChanged", "LeaseWithdrawal", "LeaseWithdrawn",
    "NameGuarantor", "NotDefaulted", "NotLongInArrears", "NotNewestSchedule", "PaperIsJudged",
    "PaperParty", "PaperRejection", "PauseArrears", "PauseHasEnded", "PauseUnclear",
    "PausesOverlap", "PaymentBeforeContract", "PaymentBeforeSchedule", "PaymentIsReversed",
    "PaymentKindHasItsOwnWay", "PenaltyTerms", "PrepayLease", "PrepaymentNotOffered",
    "PrepaymentOutOfOrder", "PrepaymentTooLarge", "PrepaymentTooSmall", "QUOTES_MAX",
    "QuoteExpired", "QuoteOutdated", "QuoteSettlement", "QuoteTooFarAhead",
    "RUNNING", "RateNotOffered",
    "Reallocated", "ReceiveGuarantee", "ReceiveLeasePayment", "RefundLeaseSurplus",
    "RefundTooLarge", "ReinstateLease", "RejectLeaseDocument", "RejectionGround",
    "RejectionUnclear", "RestructureLease", "RestructuringKind", "RestructuringNotOffered",
    "RestructuringOutOfOrder", "RestructuringUnclear", "ResumeArrears", "ReturnGuarantee",
    "ReversalReason", "ReverseLeasePayment", "ScheduleCause", "ScheduleWithdrawal", "SettleLease",
    "SettlementDiffers", "SettlementQuoted", "SignLeaseContract", "SignedBeforeDecision",
    "Standing", "StillInArrears", "SumNotFinanced", "TermNotDivisible", "TermNotOffered",
    "TermsAreDecided", "TooManyQuotes", "VerifyLeaseDocument", "WithdrawLease", "WithdrawSchedule",
    "decide",
    "evolve", "parties", "standing", "subject",
]
