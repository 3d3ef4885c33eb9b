"""The document of a purchase order: its stages, its money, its car, and what a delay has cost.

Nothing in it changes with the passing of days. What has accrued by a day is derived when it is
asked for, by `domain.order.compensation`, from what stands here; of an order that has ended the
last day is known, and so is the sum.
"""

from datetime import date
from typing import Any

from domain import order as o
from domain import procedure as steps
from domain.declare import Parties
from domain.order import OrderStage, OrderStatus, SaleScheme
from domain.order.case import reached
from domain.order.compensation import Account, Course, Move, Span, accrued_minor, spans
from domain.order.scheme import Accruing
from domain.order.sums import Sums
from domain.order.words import OrderCreditKind
from domain.procedure import Taken
from domain.rulebook import Pin, Rules
from projections.case_documents.folding import SKELETON, Body, Category, Listing, only, uuid_of
from projections.case_documents.order_folds import (
    DESCRIPTION,
    FOLDS,
    LISTS,
    OF_THE_CAR,
    TERMS,
)
from store.views import Document

_STAGES = frozenset(stage.value for stage in OrderStage)
_DELAY = OrderCreditKind.DELAY_COMPENSATION

# --- what is derived ------------------------------------------------------------------------------


def _parties(document: Document) -> Parties:
    return Parties(
        customer_id=uuid_of(document["customer_id"]),
        dealer_id=document["dealer_id"],
        region=document["region"],
        units=frozenset(document["units"]),
    )


def _day(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


def _minor(money: Body | None) -> int | None:
    return None if money is None else money["minor"]


def _standing(document: Document) -> list[Body]:
    return [payment for payment in document["payments"] if payment["reversal"] is None]


def sums_of(document: Document) -> Sums:
    """Return the order's money as its document has it."""
    cancellation = document["cancellation"]
    credited = (s for s in document["settlements"] if s["form"] == "credited")
    return Sums(
        price_minor=_minor(document["price"]),
        paid_minor=sum(payment["amount"]["minor"] for payment in _standing(document)),
        refunded_minor=sum(refund["amount"]["minor"] for refund in document["refunds"]),
        financed_minor=document["financed_minor"],
        credited_minor=sum(s["amount"]["minor"] for s in credited),
        fee_minor=None if cancellation is None else (_minor(cancellation["fee"]) or 0),
    )


def _money(document: Document) -> Body:
    sums = sums_of(document)
    return {
        "paid_minor": sums.paid_minor,
        "refunded_minor": sums.refunded_minor,
        "balance_minor": sums.balance_minor,
        "financed_minor": sums.financed_minor,
        "credited_minor": sums.credited_minor,
        "outstanding_minor": sums.outstanding_minor,
        "refundable_minor": sums.refundable_minor,
    }


def _plan(document: Document, sums: Sums) -> list[Body]:
    """Say of each instalment what of it was paid: the earliest is covered first."""
    own_minor = max(0, sums.balance_minor + sums.credited_minor)
    lease_minor = sums.financed_minor
    plan = []
    for part in document["instalments"]:
        covered = min(part["minor"], lease_minor if part["by_lease"] else own_minor)
        if part["by_lease"]:
            lease_minor -= covered
        else:
            own_minor -= covered
        plan.append({**part, "covered_minor": covered})
    return plan


def _paid_at(document: Document, minor: int) -> str | None:
    """Return when the payments that stand first came to so much."""
    so_far = sums_of(document).credited_minor
    for payment in _standing(document):
        so_far += payment["amount"]["minor"]
        if so_far >= minor:
            at: str = payment["at"]
            return at
    return None


def _stages(document: Document, scheme: SaleScheme, sums: Sums) -> None:
    """Say which stages the order has, which of them it has reached and when, and what is next."""
    at = dict(document["stage_at"])
    draw, plan = document["draw"], document["instalments"]
    won = draw is not None and OrderStage.DRAW.value in at
    first_minor = plan[0]["minor"] if plan else 0
    done = reached(at.keys(), sums, first_minor, won=won)
    at.setdefault(OrderStage.FIRST_PAYMENT.value, _paid_at(document, first_minor))
    at.setdefault(OrderStage.FULL_PAYMENT.value, _paid_at(document, sums.owed_minor))
    live = document["status"] == OrderStatus.LIVE.value
    procedure = scheme.stages
    following = steps.next_steps(procedure, Taken(done)) if live else ()
    ahead = [step for step in following if step.name in _STAGES]
    names = {step.name for step in ahead}
    document["stages"] = [
        {
            "stage": step.name,
            "done": step.name in done,
            "at": at.get(step.name) if step.name in done else None,
            "next": step.name in names,
            "optional": step.optional,
        }
        for step in procedure.steps
        if step.name in _STAGES
    ]
    have = [stage["stage"] for stage in document["stages"] if stage["done"]]
    document["stage"] = have[-1] if have else None
    document["next_steps"] = [
        {"step": s.name, "roles": [role.value for role in s.roles], "optional": s.optional}
        for s in ahead
    ]


def _compensation(document: Document, scheme: SaleScheme, sums: Sums) -> None:
    """Say what accrues by which rate and over which days; the sum where the last day is known."""
    ended = document["delivery"] or document["cancellation"] or {}
    course = Course(
        contract_on=_day(document["contract_on"]),
        counts_from_on=_day(document["counts_from_on"]),
        ends_on=_day(ended.get("delivered_on") or ended.get("cancelled_on")),
        terms=None if document["cancellation"] is None else document["cancellation"]["terms"],
    )
    account = account_of(document)
    found = []
    for span in spans(course, scheme):
        of_kind = (s for s in document["settlements"] if s["kind"] == span.kind)
        until_on = span.until_on
        rate = span.rate
        found.append(
            {
                "kind": span.kind.value,
                "rate": {
                    "monthly": rate.monthly,
                    "annual": rate.annual,
                    "month_days": rate.month_days,
                    "year_days": rate.year_days,
                    "base": rate.base.value,
                },
                "after_on": span.after_on.isoformat(),
                "until_on": None if until_on is None else until_on.isoformat(),
                "not_while_overdue": span.not_while_overdue,
                "settled_minor": sum(s["amount"]["minor"] for s in of_kind),
                "accrued_minor": None
                if course.ends_on is None or until_on is None
                else accrued_minor(span, account, until_on),
            }
        )
    document["compensation"] = found
    delay = next((c for c in found if c["kind"] == _DELAY), None)
    document["accrues_from_on"] = None if delay is None else delay["after_on"]


def account_of(document: Document) -> Account:
    """Return the order's money by day, as its document has it."""
    paid = [Move(_on(p["received_on"]), p["amount"]["minor"]) for p in _standing(document)]
    back = [Move(_on(r["paid_on"]), -r["amount"]["minor"]) for r in document["refunds"]]
    dues = [i for i in document["instalments"] if not i["by_lease"]]
    credited = [s for s in document["settlements"] if s["form"] == "credited"]
    return Account(
        price_minor=_minor(document["price"]) or 0,
        moves=(*paid, *back),
        dues=tuple(Move(_on(i["due_on"]), i["minor"]) for i in dues),
        credits=tuple(Move(_on(s["settled_on"]), s["amount"]["minor"]) for s in credited),
    )


def spans_of(document: Document) -> list[Span]:
    """Return the spans that a finished document names, as the rules reckon them."""
    return [
        Span(
            kind=OrderCreditKind(span["kind"]),
            rate=Accruing(**{**span["rate"], "base": o.OrderBase(span["rate"]["base"])}),
            after_on=_on(span["after_on"]),
            until_on=_day(span["until_on"]),
            not_while_overdue=span["not_while_overdue"],
        )
        for span in document["compensation"]
    ]


def _on(day: str) -> date:
    return date.fromisoformat(day)


def _finish(document: Document, rules: Rules) -> None:
    """Derive stages, sums and what accrues from the pinned scheme."""
    pin = document["scheme"]
    scheme = rules.pinned(SaleScheme, Pin(name=pin["name"], version=pin["version"]))
    sums = sums_of(document)
    document["currency"] = None if document["price"] is None else document["price"]["currency"]
    document["money"] = _money(document)
    document["plan"] = _plan(document, sums)
    _stages(document, scheme, sums)
    _compensation(document, scheme, sums)


def _next_due(document: Document) -> Body | None:
    open_parts = (
        part
        for part in document["plan"]
        if not part["by_lease"] and part["covered_minor"] < part["minor"]
    )
    return next(open_parts, None) if document["status"] == OrderStatus.LIVE.value else None


def _is_open(document: Document) -> bool:
    """Tell whether anything is still to be done: a car to be handed over, or money to go back."""
    live = document["status"] == OrderStatus.LIVE.value
    owes = any((c["accrued_minor"] or 0) > c["settled_minor"] for c in document["compensation"])
    return live or owes or document["money"]["refundable_minor"] > 0


def _listing(document: Document) -> Listing:
    first = next((step for step in document["next_steps"] if not step["optional"]), None)
    due = _next_due(document)
    vehicle, draw, money = document["vehicle"], document["draw"], document["money"]
    promised_on = document["promised_on"]
    outline = {
        **only(document, *SKELETON),
        **only(document, *DESCRIPTION, "stage", "currency", "draw_id", "lease_id"),
        "scheme": document["scheme"]["name"],
        "price_minor": _minor(document["price"]),
        **only(money, "paid_minor", "balance_minor", "outstanding_minor", "refundable_minor"),
        "contract_on": document["contract_on"],
        "promised_on": promised_on,
        "first_promised_on": document["first_promised_on"],
        "accrues_from_on": document["accrues_from_on"],
        "next_due_on": None if due is None else due["due_on"],
        "next_due_minor": None if due is None else due["minor"] - due["covered_minor"],
        "next_stage": first["step"] if first else None,
        "vehicle_id": None if vehicle is None else vehicle["vehicle_id"],
        "vin": None if vehicle is None else vehicle["vin"],
        "draw": None if draw is None else only(draw, "draw_id", "outcome", "rank", "quota"),
        "delivered_on": (document["delivery"] or {}).get("delivered_on"),
    }
    return Listing(
        summary={**outline, "customer_id": document["customer_id"]},
        outline=outline,
        is_open=_is_open(document),
        status=document["status"],
        kind=document["scheme"]["name"],
        number=document["number"],
        vehicle_id=uuid_of(outline["vehicle_id"]),
        customer_due_at=None if due is None else f"{due['due_on']}T00:00:00Z",
        next_step=first["step"] if first else None,
        next_roles=tuple(first["roles"]) if first else (),
    )


# --- what each audience sees ----------------------------------------------------------------------

_SHOWN = (
    *SKELETON, *DESCRIPTION, *TERMS, *LISTS, *OF_THE_CAR,
    "scheme", "placed_at", "first_promised_on", "counts_from_on", "accrues_from_on", "currency",
    "money", "plan", "stage", "stages", "next_steps", "compensation", "draw_id", "lease_id",
    "draw", "financing", "financed_minor", "invitation", "vehicle", "delivery", "cancellation",
)  # fmt: skip
_INTERNAL = frozenset({"by", "actor", "role", "version", "why", "person"})
_NESTED = frozenset({"reversal", "withdrawal"})


def _without_staff(value: Any) -> Any:
    """Leave out of items who recorded them and why."""
    if isinstance(value, list):
        return [_without_staff(item) for item in value]
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if name not in _INTERNAL}
        return {n: _without_staff(part) if n in _NESTED else part for n, part in kept.items()}
    return value


def _for_customer(document: Document) -> Document:
    """All of her order but who of the staff did what."""
    shown = {
        name: value if name in ("version", "next_steps") else _without_staff(value)
        for name, value in only(document, *_SHOWN).items()
    }
    shown["scheme"] = document["scheme"]["name"]
    return shown


def _for_dealer(document: Document) -> Document:
    """What the customer sees, and who she is."""
    return {**_for_customer(document), "customer_id": document["customer_id"]}


ORDER = Category(
    name="order",
    folds=FOLDS,
    parties=_parties,
    listing=_listing,
    customer=_for_customer,
    dealer=_for_dealer,
    finish=_finish,
)
