"""The purchase order: from placing to the hand-over, or to the refund, one file per phase.

`words` holds the enumerations, `scheme` the rule document that says how a car is sold, `case` the
state, `compensation` what accrues day by day.
"""

# The names are packed, or this list would be longer than what it lists.
# fmt: off
# ruff: noqa: I001, RUF022

from domain.order.words import (
    ENDED, OrderAct, OrderAllocationEnd, OrderCancelReason, OrderCreditForm, OrderCreditKind,
    OrderDrawOutcome, OrderDrawRelease, OrderFinancingFailure, OrderPaper, OrderPaymentMethod,
    OrderPromiseReason, OrderRefundCause, OrderReleaseSource, OrderReversalReason, OrderSignatory,
    OrderStage, OrderStatus,
)
from domain.order.scheme import (
    Accruing, CancellationTerms, DelayTerms, HandOver, ModelPrice, OrderBase, PlanPart, SaleScheme,
)
from domain.order.case import (
    DrawEntry, Instalment, Order, OrderAmountNotPositive, OrderCurrencyDiffers,
    OrderDateLiesAhead, OrderHasNoContract, OrderHasTooManyItems, OrderIsCancelled,
    OrderIsDelivered, OrderItemExists, parties, subject,
)
from domain.order.placing import (
    AlreadyContracted, ContractBeforeOrder, ContractComesLater, CustomerIsMissing, TermsNotYours,
    OrderContracted, OrderPlaced, PlaceOrder, SchemeHasNoDraw, SchemeHasNoLease, SchemeNotOnSale,
    SignOrderContract,
)
from domain.order.contract import (
    DueDayNotWorked, InstalmentBeforeContract, InstalmentTwice, PlanDiffersFromPrice, PlanNotOpen,
    PlannedInstalment, PriceIsMissing, PromiseBeforeContract,
)
from domain.order.inviting import (
    AlreadyInvited, InviteToPay, InvitedBeforeContract, OrderInvited, PriceIsFinal,
)
from domain.order.paying import (
    OrderPaymentNotFound, OrderPaymentReceived, OrderPaymentReversed, OrderRefundDue,
    OrderRefunded, PaymentAlreadyReversed, PaymentBeforeContract, ReceiveOrderPayment,
    RefundExceedsCredit, RefundOrder, ReversalBeforePayment, ReverseOrderPayment,
)
from domain.order.drawing import (
    AlreadyDrawn, CarAlreadyAllocated, DrawEntryWithdrawn, DrawPlaceReleased, DrawSagaOnly,
    EnterDraw, ModelGroupNotYours, MoveUp, NotInDraw, NotReserve, NothingToRelease, OrderDrawn,
    OrderEnteredInDraw, OrderMovedUp, OtherDraw, RecordOutcome, ReleaseDrawPlace,
    WithdrawDrawEntry,
)
from domain.order.financing import (
    ConfirmFinancing, FailFinancing, FinancingConfirmed, FinancingExceedsPrice, FinancingFailed,
    FinancingSagaOnly, NotLeased, OtherLease,
)
from domain.order.allocating import (
    AllocateVehicle, AllocationWithdrawn, CarIsAnother, DocumentsPrepared, NoCarAllocated,
    OrderPlated, OrderReleased, OtherCarAllocated, PaperReady, PaperTwice, PlateOrder,
    PrepareDocuments, PreparedPaper, ReleaseIsOtherwise, ReleaseOrder, VehicleAllocated,
    WithdrawAllocation,
)
from domain.order.promising import (
    CompensationSettled, MovePromise, NoPriceToCredit, NothingToSettle, PromiseInPast,
    PromiseMoved, SettleCompensation,
)
from domain.order.delivering import (
    AppointmentInPast, DeliverOrder, DeliveredBeforeRelease, DeliveryScheduled,
    HandOverIncomplete, MileageTooHigh, NotedDefect, OrderDelivered, ScheduleDelivery, SeenDefect,
)
from domain.order.cancelling import (
    CancelOrder, CancellationNotOffered, CancelledBeforeContract, CancelledEarlier,
    CancelledOtherwise, CorrectOrder, ModelIsSettled, OrderCancelled, OrderCorrected,
)
from domain.order.deciding import (
    DECIDER, DRAW_ENTRY, ORDER_NUMBER, VIN_ON_ORDER, decide, evolve,
)

__all__ = [
    "Accruing", "AllocateVehicle", "AllocationWithdrawn", "AlreadyContracted", "AlreadyDrawn",
    "AlreadyInvited", "AppointmentInPast", "CancelOrder", "CancellationNotOffered",
    "CancellationTerms", "CancelledBeforeContract", "CancelledEarlier", "CancelledOtherwise",
    "CarAlreadyAllocated", "CarIsAnother", "CompensationSettled", "ConfirmFinancing",
    "ContractBeforeOrder", "ContractComesLater", "CorrectOrder", "CustomerIsMissing", "DECIDER",
    "DRAW_ENTRY", "DelayTerms", "DeliverOrder", "DeliveredBeforeRelease", "DeliveryScheduled",
    "DocumentsPrepared", "DrawEntry", "DrawEntryWithdrawn", "DrawPlaceReleased", "DrawSagaOnly",
    "DueDayNotWorked", "ENDED", "EnterDraw", "FailFinancing", "FinancingConfirmed",
    "FinancingExceedsPrice", "FinancingFailed", "FinancingSagaOnly", "HandOver",
    "HandOverIncomplete", "Instalment", "InstalmentBeforeContract", "InstalmentTwice",
    "InviteToPay", "InvitedBeforeContract", "MileageTooHigh", "ModelGroupNotYours",
    "ModelIsSettled", "ModelPrice", "MovePromise", "MoveUp",
    "NoCarAllocated", "NoPriceToCredit", "NotInDraw", "NotLeased", "NotReserve",
    "NotedDefect", "NothingToRelease", "NothingToSettle", "ORDER_NUMBER", "Order", "OrderAct",
    "OrderAllocationEnd", "OrderAmountNotPositive", "OrderBase", "OrderCancelReason",
    "OrderCancelled", "OrderContracted", "OrderCorrected", "OrderCreditForm", "OrderCreditKind",
    "OrderCurrencyDiffers", "OrderDateLiesAhead", "OrderDelivered", "OrderDrawOutcome",
    "OrderDrawRelease", "OrderDrawn", "OrderEnteredInDraw", "OrderFinancingFailure",
    "OrderHasNoContract", "OrderHasTooManyItems", "OrderInvited", "OrderIsCancelled",
    "OrderIsDelivered", "OrderItemExists", "OrderMovedUp", "OrderPaper", "OrderPaymentMethod",
    "OrderPaymentNotFound", "OrderPaymentReceived", "OrderPaymentReversed", "OrderPlaced",
    "OrderPlated", "OrderPromiseReason", "OrderRefundCause", "OrderRefundDue", "OrderRefunded",
    "OrderReleaseSource", "OrderReleased", "OrderReversalReason", "OrderSignatory", "OrderStage",
    "OrderStatus", "OtherCarAllocated", "OtherDraw", "OtherLease", "PaperReady", "PaperTwice",
    "PaymentAlreadyReversed", "PaymentBeforeContract", "PlaceOrder", "PlanDiffersFromPrice",
    "PlanNotOpen", "PlanPart", "PlannedInstalment", "PlateOrder", "PrepareDocuments",
    "PreparedPaper", "PriceIsFinal", "PriceIsMissing", "PromiseBeforeContract", "PromiseInPast",
    "PromiseMoved", "ReceiveOrderPayment", "RecordOutcome", "RefundExceedsCredit", "RefundOrder",
    "ReleaseDrawPlace", "ReleaseIsOtherwise", "ReleaseOrder", "ReversalBeforePayment",
    "ReverseOrderPayment", "SaleScheme", "ScheduleDelivery", "SchemeHasNoDraw", "SchemeHasNoLease",
    "SchemeNotOnSale", "SeenDefect", "SettleCompensation", "SignOrderContract", "TermsNotYours",
    "VIN_ON_ORDER", "VehicleAllocated", "WithdrawAllocation", "WithdrawDrawEntry", "decide",
    "evolve", "parties", "subject",
]
