"""A complaint desk for tests: its people, its rules as shipped, and a case at every stage."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from domain import DOCUMENT_TYPES
from domain import complaint as c
from domain.clocks.rules import SlaPack
from domain.declare import Actor, ActorId, Role
from domain.procedure import Taker, taker
from domain.rulebook import Pin, Published, Rules
from tests.scenario import CASE, Scenario, case

SHIPPED = Path(__file__).parents[3] / "src" / "store" / "shipped_rules"


def _shipped() -> Rules:
    documents: dict[tuple[type[Any], str], list[Published[Any]]] = {}
    for path in sorted(SHIPPED.glob("*/*.toml")):
        content_type = DOCUMENT_TYPES.get(path.parent.name)
        if content_type is None:
            continue
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        content = TypeAdapter(content_type).validate_python(file["content"])
        since = datetime(2020, 1, 1, tzinfo=UTC)
        documents[content_type, path.stem] = [Published(path.stem, 1, since, content)]
    return Rules(documents)


CLOCK_RULES = _shipped()
"""The rules as shipped, with clocks."""

RULES = Rules({k: v for k, v in CLOCK_RULES.documents.items() if k[0] is not SlaPack})
"""The same without an SLA pack, so without clocks: what is not about time is told without it."""


def actor(name: str, *roles: Role, **whose: Any) -> Actor:
    return Actor(id=ActorId(name), roles=frozenset(roles), **whose)


LEILA = UUID(int=0xC1)
"""Leila Karimi, the customer."""
CAR = UUID(int=0xCA)

CUSTOMER = actor("leila", Role.CUSTOMER, customer_id=LEILA)
OTHER_CUSTOMER = actor("omid", Role.CUSTOMER, customer_id=UUID(int=0xC2))
SPECIALIST = actor("sara", Role.SPECIALIST, unit="customer_centre")
EXPERT = actor("erfan", Role.EXPERT, unit="complaints")
OTHER_EXPERT = actor("elham", Role.EXPERT, unit="special_customers")
SUPERVISOR = actor("simin", Role.SUPERVISOR, unit="complaints")
MANAGER = actor("mina", Role.MANAGER)
TECHNICAL = actor("tara", Role.TECHNICAL, unit="technical")
ACCOUNTANT = actor("amir", Role.UNIT, unit="accounting")
SELLER = actor("sohrab", Role.UNIT, unit="sales")
WORKSHOP = actor("wen", Role.UNIT, unit="after_sales")
DEALER = actor("dara", Role.DEALER, dealer_id="D-17")
OTHER_DEALER = actor("dong", Role.DEALER, dealer_id="D-99")
IMPORTER = actor("system:import", Role.SYSTEM)


def by(who: Actor) -> Taker:
    return taker(who)


def an_id(number: int) -> UUID:
    return UUID(int=0x1000 + number)


RECEIVED = datetime(2026, 2, 27, 8, 30, tzinfo=UTC)
STORY = "The refund of the deposit was promised twice and never came."


def registered(procedure: str = "sales", **facts: Any) -> c.ComplaintRegistered:
    kinds = {"sales": c.Kind.SALES, "dealer": c.Kind.QUALITY, "after_sales": c.Kind.SERVICE}
    defaults: dict[str, Any] = {
        "kind": kinds.get(procedure, c.Kind.OTHER),
        "channel": c.Channel.PHONE,
        "origin": c.Origin.CUSTOMER,
        "received_at": RECEIVED,
        "procedure": Pin(name=procedure, version=1),
        "narrative": STORY,
        "customer_id": LEILA,
    }
    return c.ComplaintRegistered(**{**defaults, **facts})


def register(**facts: Any) -> c.RegisterComplaint:
    defaults: dict[str, Any] = {
        "stream": CASE,
        "kind": c.Kind.SALES,
        "channel": c.Channel.PHONE,
        "received_at": RECEIVED,
        "narrative": STORY,
        "customer_id": LEILA,
    }
    return c.RegisterComplaint(**{**defaults, **facts})


JUDGED = c.ComplaintJudgedValid(by=by(SPECIALIST))
INVALID = c.ComplaintJudgedInvalid(by=by(SPECIALIST), reason="An enquiry, not a complaint.")


def classified(procedure: str, kind: c.Kind, subject: str) -> c.ComplaintClassified:
    return c.ComplaintClassified(
        kind=kind, subject=subject, procedure=Pin(name=procedure, version=1), by=by(SPECIALIST)
    )


GRADED = c.ComplaintGraded(
    importance=c.Importance.NORMAL,
    priority=c.Priority.NORMAL,
    points=30,
    risks=(),
    grading=Pin(name="default", version=1),
    by=by(SPECIALIST),
)
TO_UNIT = c.ComplaintAssigned(region=None, dealer_id=None, unit="sales", by=by(SPECIALIST))
TO_DEALER = c.ComplaintAssigned(region="north", dealer_id="D-17", unit=None, by=by(SPECIALIST))

FRESH = case(c.DECIDER, rules=RULES, actor=SPECIALIST)
REGISTERED = FRESH.given(registered())

SALES: Scenario = REGISTERED.given(
    JUDGED, classified("sales", c.Kind.SALES, "refund"), GRADED, TO_UNIT
)
"""A sales complaint that has been assigned."""

AFTER_SALES: Scenario = FRESH.given(
    registered("after_sales"),
    JUDGED,
    classified("after_sales", c.Kind.SERVICE, "repeated_repair"),
    GRADED,
    TO_DEALER,
)
"""An after-sales complaint that has been assigned to a dealer."""

QUALITY: Scenario = FRESH.given(
    registered("dealer"),
    JUDGED,
    classified("dealer", c.Kind.QUALITY, "brakes"),
    GRADED,
    TO_DEALER,
)
"""A quality complaint that has been assigned to a dealer."""

ASKED = c.InquirySent(
    inquiry_id=an_id(1), n=1, unit="accounting", question="Was it paid?", by=by(EXPERT)
)
REPLIED = c.InquiryAnswered(n=1, inquiry_id=an_id(1), answer="It is paid today.", by=by(ACCOUNTANT))


def announced(outcome: c.Outcome, who: Actor = EXPERT, number: int = 20) -> c.ResultAnnounced:
    return c.ResultAnnounced(
        result_id=an_id(number),
        outcome=outcome,
        channel=c.Channel.PHONE,
        answer="Your deposit was paid back today.",
        by=by(who),
    )


def confirmed(
    party: c.ConfirmingParty, who: Actor, number: int, *, settles: bool
) -> c.ResultConfirmed:
    return c.ResultConfirmed(
        confirmation_id=an_id(number),
        party=party,
        channel=None,
        comment=None,
        settles=settles,
        by=by(who),
    )


ANNOUNCED: Scenario = SALES.given(ASKED, REPLIED, announced(c.Outcome.MET))
"""A sales complaint whose demand was met, and the customer told."""

CONFIRMED: Scenario = ANNOUNCED.given(
    confirmed(c.ConfirmingParty.CUSTOMER, CUSTOMER, 21, settles=False),
    confirmed(c.ConfirmingParty.SECOND, OTHER_EXPERT, 22, settles=True),
)
"""The same, confirmed by both parties."""

RECEIPT = c.DocumentAdded(
    document_id=an_id(30),
    kind=c.PaperKind.INVOICE,
    title="Proof of payment",
    media_type="application/pdf",
    size_bytes=20_000,
    content_sha256="ab" * 32,
)
LETTER_IN = c.CorrespondenceRecorded(
    correspondence_id=an_id(31),
    direction=c.Direction.IN,
    correspondent=c.Correspondent.CUSTOMER,
    channel=c.Channel.EMAIL,
    content="Thank you, I withdraw my complaint.",
    happened_at=RECEIVED,
)
LETTER_OUT = c.CorrespondenceRecorded(
    correspondence_id=an_id(32),
    direction=c.Direction.OUT,
    correspondent=c.Correspondent.CUSTOMER,
    channel=c.Channel.LETTER,
    content="The warranty has ended; we cannot pay for this.",
    happened_at=RECEIVED,
)


def closed(ground: c.ClosingGround = c.ClosingGround.CARRIED_OUT, **facts: Any) -> Any:
    defaults: dict[str, Any] = {
        "closure_id": an_id(40),
        "ground": ground,
        "paper_ids": (an_id(30),),
        "follow_up_on": None,
        "follow_up_reason": None,
        "basis": None,
        "by": by(EXPERT),
    }
    return c.ComplaintClosed(**{**defaults, **facts})


CLOSED: Scenario = CONFIRMED.given(RECEIPT, closed())
"""The same, closed on ground 2."""

PLAN = c.PlanSubmitted(
    plan_id=an_id(50),
    plan="Replace the brake discs.",
    cost=None,
    carry_out_by_on=date(2026, 3, 10),
    by=by(DEALER),
)
APPROVED = c.PlanApproved(plan_id=an_id(50), by=by(SUPERVISOR))
CARRIED_OUT = c.PlanCarriedOut(
    plan_id=an_id(50),
    carried_out_on=date(2026, 2, 28),
    cost=None,
    report=None,
    paper_ids=(an_id(30),),
    by=by(DEALER),
)
