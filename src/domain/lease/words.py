"""The words of a lease's language: who lends, where it stands, what is paid and for what."""

from enum import StrEnum


class LeaseProvider(StrEnum):
    """Who lends the money."""

    IN_HOUSE = "in_house"
    BANK = "bank"


class LeaseStatus(StrEnum):
    """Where the lease stands."""

    NOT_APPLIED = "not_applied"
    APPLIED = "applied"
    CHECKED = "checked"
    """The credit check was made; the decision is next."""
    APPROVED = "approved"
    REJECTED = "rejected"
    CONTRACTED = "contracted"
    ACTIVE = "active"
    """The vehicle is the lessee's to use; instalments run."""
    DEFAULTED = "defaulted"
    """Given up as a lease that is paid by instalments; what is still paid is taken."""
    COMPLETED = "completed"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


ENDED = frozenset(
    {
        LeaseStatus.REJECTED,
        LeaseStatus.COMPLETED,
        LeaseStatus.SETTLED,
        LeaseStatus.WITHDRAWN,
    }
)
"""The statuses in which nothing more is owed or decided."""

RUNNING = frozenset({LeaseStatus.CONTRACTED, LeaseStatus.ACTIVE, LeaseStatus.DEFAULTED})
"""The statuses in which there is a contract, and money is owed under it."""


class LeaseStep(StrEnum):
    """The steps that the procedures of leases speak of."""

    APPLICATION = "application"
    TERMS = "terms"
    PAPERS = "papers"
    VERIFICATION = "verification"
    CREDIT_CHECK = "credit_check"
    DECISION = "decision"
    GUARANTOR = "guarantor"
    GUARANTEE = "guarantee"
    CONTRACT = "contract"
    ACTIVATION = "activation"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    FEE = "fee"
    REFUND = "refund"
    ARREARS_PAUSE = "arrears_pause"
    ARREARS = "arrears"
    PREPAYMENT = "prepayment"
    SETTLEMENT_QUOTE = "settlement_quote"
    SETTLEMENT = "settlement"
    RESTRUCTURING = "restructuring"
    DEFAULT = "default"
    GUARANTEE_RETURN = "guarantee_return"
    GUARANTEE_CALL = "guarantee_call"
    WITHDRAWAL = "withdrawal"
    CARRY_OVER = "carry_over"


class LeasePaper(StrEnum):
    """What a document of a lease is, as far as checklists ask."""

    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    PROOF_OF_ADDRESS = "proof_of_address"
    PROOF_OF_INCOME = "proof_of_income"
    BANK_STATEMENT = "bank_statement"
    CREDIT_REPORT = "credit_report"
    CHEQUE_COPY = "cheque_copy"
    PROMISSORY_NOTE_COPY = "promissory_note_copy"
    SIGNED_CONTRACT = "signed_contract"
    BANK_DECISION = "bank_decision"
    INSURANCE_POLICY = "insurance_policy"
    OTHER = "other"


class PaperParty(StrEnum):
    """Whose paper a checklist asks for."""

    APPLICANT = "applicant"
    GUARANTOR = "guarantor"


class PaperRejection(StrEnum):
    """Why a paper was rejected."""

    ILLEGIBLE = "illegible"
    EXPIRED = "expired"
    INCOMPLETE = "incomplete"
    OF_ANOTHER_PERSON = "of_another_person"
    CONTRADICTS = "contradicts"
    NOT_GENUINE = "not_genuine"


class CreditOutcome(StrEnum):
    """What a credit check found."""

    PASSED = "passed"
    REFERRED = "referred"
    """Neither good nor bad; the committee has to look closely."""
    FAILED = "failed"


class LeaseDecisionBy(StrEnum):
    """Who decides on an application."""

    COMMITTEE = "committee"
    BANK = "bank"


class LeaseOutcome(StrEnum):
    """What was decided on an application (the variants of its step)."""

    APPROVED = "approved"
    REJECTED = "rejected"


class RejectionGround(StrEnum):
    """Why an application was rejected."""

    CREDIT = "credit"
    INCOME = "income"
    PAPERS = "papers"
    GUARANTEES = "guarantees"
    POLICY = "policy"
    OTHER = "other"


class GuaranteeKind(StrEnum):
    """What secures a lease."""

    CHEQUE = "cheque"
    PROMISSORY_NOTE = "promissory_note"
    GUARANTOR = "guarantor"
    DEPOSIT = "deposit"
    VEHICLE_LIEN = "vehicle_lien"


class GuaranteeStatus(StrEnum):
    """Where a guarantee is."""

    RECEIVED = "received"
    RETURNED = "returned"
    CALLED = "called"


class LeasePaymentKind(StrEnum):
    """What kind of money comes in; each is allocated by a waterfall of its own."""

    REPAYMENT = "repayment"
    PREPAYMENT = "prepayment"
    SETTLEMENT = "settlement"
    GUARANTEE = "guarantee"
    """A guarantee that was called has paid."""
    INSURANCE = "insurance"
    GOODWILL = "goodwill"
    """The company lets a part of what is owed go."""


class LeasePaymentMethod(StrEnum):
    """By which way money came in."""

    BANK_TRANSFER = "bank_transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CHEQUE = "cheque"
    CASH = "cash"
    ONLINE = "online"
    INTERNAL = "internal"


class ReversalReason(StrEnum):
    """Why a payment does not count."""

    BOUNCED = "bounced"
    RECALLED = "recalled"
    WRONG_LEASE = "wrong_lease"
    ENTERED_TWICE = "entered_twice"
    WRONG_AMOUNT = "wrong_amount"


class LeaseFee(StrEnum):
    """What a fee is charged for."""

    ADMINISTRATION = "administration"
    RETURNED_PAYMENT = "returned_payment"
    COLLECTION = "collection"
    INSURANCE = "insurance"
    REGISTRATION = "registration"
    RESTRUCTURING = "restructuring"
    OTHER = "other"


class ArrearsPauseReason(StrEnum):
    """Why arrears stand still for a time."""

    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    DELIVERY_DELAYED = "delivery_delayed"
    REGULATOR_ORDER = "regulator_order"
    FORCE_MAJEURE = "force_majeure"


class ScheduleCause(StrEnum):
    """From what a schedule comes."""

    CONTRACT = "contract"
    PREPAYMENT_SHORTER = "prepayment_shorter"
    PREPAYMENT_LOWER = "prepayment_lower"
    EXTENSION = "extension"
    DEFERRAL = "deferral"
    RATE_CHANGE = "rate_change"
    CARRIED_OVER = "carried_over"
    SETTLEMENT = "settlement"
    """Nothing falls due any more: the lease was settled."""


class RestructuringKind(StrEnum):
    """How a lease is restructured."""

    EXTENSION = "extension"
    """More instalments."""
    DEFERRAL = "deferral"
    """No instalment for some months, then as many as before."""
    RATE_CHANGE = "rate_change"


class ScheduleWithdrawal(StrEnum):
    """Why a schedule was taken back."""

    MISTAKE = "mistake"
    PAYMENT_BOUNCED = "payment_bounced"
    OLDER_PAYMENT_FOUND = "older_payment_found"
    """A payment from before it became known, or does not count."""
    AGREEMENT_ENDED = "agreement_ended"


class DefaultReason(StrEnum):
    """Why a lease is given up."""

    ARREARS = "arrears"
    TOTAL_LOSS = "total_loss"
    BANKRUPTCY = "bankruptcy"
    FRAUD = "fraud"


class LeaseWithdrawal(StrEnum):
    """Why an application or a contract that did not begin was withdrawn."""

    BY_APPLICANT = "by_applicant"
    ORDER_CANCELLED = "order_cancelled"
    CONDITIONS_NOT_MET = "conditions_not_met"
    EXPIRED = "expired"
    MISTAKE = "mistake"
