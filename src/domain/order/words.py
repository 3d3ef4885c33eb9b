"""The words of the purchase order's language: its stages, its money, and why things happen."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """Where the order stands as a contract; its stages say how far the car is."""

    NOT_PLACED = "not_placed"
    LIVE = "live"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


ENDED = frozenset({OrderStatus.DELIVERED, OrderStatus.CANCELLED})
"""The statuses in which the car is on its way to nobody any more; money may still go back."""


class OrderStage(StrEnum):
    """What the customer sees of her order; which of them there are, and their order, is a scheme's.

    The two stages of payment follow from the money itself: a bounced cheque takes them back.
    """

    PLACEMENT = "placement"
    CONTRACT = "contract"
    FIRST_PAYMENT = "first_payment"
    DRAW_ENTRY = "draw_entry"
    DRAW = "draw"
    FINANCING = "financing"
    INVITATION = "invitation"
    """The customer was told the final price, and asked to pay the rest."""
    FULL_PAYMENT = "full_payment"
    ALLOCATION = "allocation"
    RELEASE = "release"
    DOCUMENTS = "documents"
    PLATING = "plating"
    DELIVERY_APPOINTMENT = "delivery_appointment"
    DELIVERY = "delivery"


class OrderAct(StrEnum):
    """What people do in an order beside its stages; a scheme says who may do it, and until when."""

    PAYMENT = "payment"
    REVERSAL = "reversal"
    REFUND = "refund"
    DRAW_RELEASE = "draw_release"
    ALLOCATION_WITHDRAWAL = "allocation_withdrawal"
    PROMISE = "promise"
    COMPENSATION = "compensation"
    CANCELLATION = "cancellation"
    CORRECTION = "correction"


class OrderPaymentMethod(StrEnum):
    """How money came in or went back."""

    BANK_TRANSFER = "bank_transfer"
    CARD = "card"
    CASH = "cash"
    CHEQUE = "cheque"
    ONLINE = "online"
    TRADE_IN = "trade_in"
    CREDIT_NOTE = "credit_note"


class OrderReversalReason(StrEnum):
    """Why a recorded payment does not stand."""

    CHEQUE_BOUNCED = "cheque_bounced"
    CHARGEBACK = "chargeback"
    RECORDED_TWICE = "recorded_twice"
    WRONG_ORDER = "wrong_order"
    WRONG_AMOUNT = "wrong_amount"


class OrderRefundCause(StrEnum):
    """Why money has to go back."""

    OVERPAYMENT = "overpayment"
    CANCELLATION = "cancellation"


class OrderDrawOutcome(StrEnum):
    """What a draw gave the order."""

    WINNER = "winner"
    RESERVE = "reserve"
    NOT_DRAWN = "not_drawn"


class OrderDrawRelease(StrEnum):
    """Why a place in a draw's ranking was let go."""

    CUSTOMER_DECLINED = "customer_declined"
    DEADLINE_MISSED = "deadline_missed"
    NOT_ENTITLED = "not_entitled"
    ORDER_CANCELLED = "order_cancelled"


class OrderFinancingFailure(StrEnum):
    """Why a lease does not finance the order."""

    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ENDED = "ended"


class OrderReleaseSource(StrEnum):
    """From where the car was released to be handed over."""

    FACTORY = "factory"
    CUSTOMS = "customs"


class OrderAllocationEnd(StrEnum):
    """Why a car that was allocated is no longer meant for this order."""

    DEFECTIVE = "defective"
    DAMAGED = "damaged"
    REALLOCATED = "reallocated"
    CUSTOMER_REFUSED = "customer_refused"
    ORDER_CANCELLED = "order_cancelled"
    MISTAKE = "mistake"


class OrderPromiseReason(StrEnum):
    """Why the promised day moved."""

    PRODUCTION = "production"
    SUPPLY = "supply"
    CUSTOMS = "customs"
    TRANSPORT = "transport"
    FORCE_MAJEURE = "force_majeure"
    CUSTOMER_REQUEST = "customer_request"
    LATE_PAYMENT = "late_payment"


class OrderPaper(StrEnum):
    """The papers that belong to a car and are prepared for, or handed to, its buyer."""

    INVOICE = "invoice"
    REGISTRATION = "registration"
    TITLE = "title"
    INSURANCE = "insurance"
    CUSTOMS_PERMIT = "customs_permit"
    WARRANTY_BOOKLET = "warranty_booklet"
    USER_MANUAL = "user_manual"
    INSPECTION_SHEET = "inspection_sheet"


class OrderSignatory(StrEnum):
    """Who signed the hand-over record."""

    CUSTOMER = "customer"
    REPRESENTATIVE = "representative"
    DEALER = "dealer"
    CARRIER = "carrier"


class OrderCreditKind(StrEnum):
    """What the company owes the customer beyond her own money."""

    DELAY_COMPENSATION = "delay_compensation"
    PARTICIPATION_PROFIT = "participation_profit"
    CANCELLATION_INTEREST = "cancellation_interest"


class OrderCreditForm(StrEnum):
    """How such a credit was given: as money, or as a part of the price that need not be paid."""

    PAID_OUT = "paid_out"
    CREDITED = "credited"


class OrderCancelReason(StrEnum):
    """Why an order was cancelled; the scheme's terms differ by it."""

    CUSTOMER_WITHDREW = "customer_withdrew"
    LATE_DELIVERY = "late_delivery"
    NOT_DRAWN = "not_drawn"
    FINANCING_FAILED = "financing_failed"
    PAYMENT_DEFAULT = "payment_default"
    CANNOT_SUPPLY = "cannot_supply"
    MISTAKE = "mistake"
