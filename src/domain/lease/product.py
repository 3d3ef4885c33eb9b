"""A lease product: everything by which leases of one kind differ, as a rule document.

Amounts are minor units of the product's currency, rates percent a year in decimal text.
"""

from collections.abc import Mapping

from domain.declare import value
from domain.finance import InAdvance, PercentText, SettlementTerms, Terms, Waterfall
from domain.finance.prepayment import Prepayment
from domain.lease.words import (
    CreditOutcome,
    GuaranteeKind,
    LeaseDecisionBy,
    LeasePaper,
    LeasePaymentKind,
    LeaseProvider,
    PaperParty,
    RestructuringKind,
)
from domain.money import Currency


@value
class ChecklistItem:
    """Papers of which at least one has to be verified, of the applicant or each guarantor.

    `before` is the step that waits for it: `credit_check`, `decision` or `contract`.
    """

    code: str
    any_of: tuple[LeasePaper, ...]
    party: PaperParty = PaperParty.APPLICANT
    before: str = "decision"


@value
class GuaranteeAsked:
    """Guarantees that have to be there before the contract is signed.

    `cover_percent` is what the amounts of all guarantees of these kinds have to come to, in
    percent of the sum that is financed.
    """

    any_of: tuple[GuaranteeKind, ...]
    at_least: int = 1
    cover_percent: PercentText = "0"


@value
class CreditRule:
    """Which credit check a decision needs; `valid_days` is how long its result holds."""

    may_be_approved: tuple[CreditOutcome, ...] = (CreditOutcome.PASSED, CreditOutcome.REFERRED)
    score_at_least: int | None = None
    valid_days: int = 90


@value
class PenaltyTerms:
    """What is owed for being late: simple interest on what is overdue, by actual days over 365.

    Nothing within `grace_days` of the due date; afterwards from the due date, or from the end of
    the grace where `after_grace_only`. `on_principal_only` leaves interest out of what it is
    reckoned on. No penalty bears a penalty. `of_contract_percent` is a share of the contract's own
    rate that comes on top (100 where interest simply runs on); in a contract it is reckoned in.
    """

    annual_percent: PercentText = "0"
    of_contract_percent: PercentText = "0"
    grace_days: int = 0
    after_grace_only: bool = False
    on_principal_only: bool = False


@value
class Bucket:
    """A class of arrears: from this number of days past due on."""

    code: str
    from_days: int


@value
class ArrearsTerms:
    """When a lease is in arrears, and how arrears are classed; the last that fits counts.

    Within `grace_days` nothing is in arrears. From `default_from_days` on it may be given up.
    """

    grace_days: int = 0
    buckets: tuple[Bucket, ...] = ()
    default_from_days: int = 90

    def __post_init__(self) -> None:
        """Refuse classes that are not in order, with `ValueError`."""
        days = [bucket.from_days for bucket in self.buckets]
        if days != sorted(set(days)) or any(day < 1 for day in days):
            raise ValueError("buckets of arrears begin at one day or later, each after the last")


@value
class LeaseProduct:
    """What is offered, to whom, by which calendar and schedule, and what happens when."""

    provider: LeaseProvider
    decided_by: LeaseDecisionBy
    procedure: str
    calendar: str
    currency: Currency
    annual_percent: PercentText
    annual_percent_at_least: PercentText | None = None
    annual_percent_at_most: PercentText | None = None
    terms_months: tuple[int, ...]
    financed_at_least_minor: int = 1
    financed_at_most_minor: int
    down_payment_at_least_percent: PercentText = "0"
    schedule: Terms
    checklist: tuple[ChecklistItem, ...] = ()
    guarantees: tuple[GuaranteeAsked, ...] = ()
    credit: CreditRule = CreditRule()
    approval_valid_days: int = 60
    penalty: PenaltyTerms = PenaltyTerms()
    arrears: ArrearsTerms = ArrearsTerms()
    waterfalls: tuple[Waterfall, ...]
    prepayment: tuple[Prepayment, ...] = ()
    settlement: SettlementTerms = SettlementTerms()
    quote_valid_days: int = 7
    restructuring: tuple[RestructuringKind, ...] = ()
    restructurings_at_most: int = 0
    capitalise_arrears: bool = False

    def __post_init__(self) -> None:
        """Refuse a product that cannot be sold or whose payments nobody can allocate."""
        if not self.terms_months or min(self.terms_months) < 1 or max(self.terms_months) > 600:
            raise ValueError("a product has terms of 1 to 600 months")
        if not 0 < self.financed_at_least_minor <= self.financed_at_most_minor:
            raise ValueError("the least sum that is financed is positive, and not over the most")
        named = [waterfall.transaction for waterfall in self.waterfalls]
        missing = [kind for kind in LeasePaymentKind if kind not in named]
        if missing or len(set(named)) != len(named):
            raise ValueError(f"each kind of payment has one waterfall; missing: {missing}")
        if any(waterfall.in_advance is InAdvance.KEEP for waterfall in self.waterfalls):
            raise ValueError("money that comes early is allocated at once: write next or last")
        codes = [item.code for item in self.checklist]
        if len(set(codes)) != len(codes):
            raise ValueError("a checklist lists a code twice")

    @property
    def waterfall(self) -> Mapping[str, Waterfall]:
        """Return the waterfalls by the kind of payment."""
        return {waterfall.transaction: waterfall for waterfall in self.waterfalls}
