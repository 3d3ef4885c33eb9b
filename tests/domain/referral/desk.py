"""A secretariat for tests: its people, its rules as shipped, and a special case at every stage."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain import referral as r
from domain.declare import Role
from domain.procedure import Taker, taker
from tests.domain.complaint.desk import CLOCK_RULES, actor
from tests.scenario import CASE, Scenario, case

SECRETARY = actor("sepideh", Role.SECRETARIAT, unit="secretariat")
SPECIAL = actor("shirin", Role.SPECIAL_EXPERT, unit="special_customers")
OTHER_SPECIAL = actor("song", Role.SPECIAL_EXPERT, unit="special_customers")
SUPERVISOR = actor("simin", Role.SUPERVISOR, unit="complaints")
SPECIALIST = actor("sara", Role.SPECIALIST, unit="customer_centre")
UNIT_HEAD = actor("hamid", Role.UNIT_HEAD, unit="after_sales")
MANAGER = actor("mina", Role.MANAGER)
SAGA = actor("saga:referral", Role.SYSTEM)
WORKER = Taker(id=actor("wen", Role.UNIT).id, unit="after_sales")

LEILA = UUID(int=0xC1)
COMPLAINT = UUID(int=0xCC)

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LETTER_ON = date(2026, 2, 26)
ANSWER_BY = date(2026, 3, 18)


def an_id(number: int) -> UUID:
    return UUID(int=0x2000 + number)


def by(who: Any) -> Taker:
    return taker(who)


def receive(**facts: Any) -> r.ReceiveReferral:
    said: dict[str, Any] = {
        "stream": CASE,
        "route": r.ReferralRoute.COURIER,
        "authority": "سازمان حمایت مصرف‌کنندگان و تولیدکنندگان",
        "authority_ref": "44/1404",
        "letter_number": "۱۴۰۴/۵۵۱۲/ح",
        "letter_on": LETTER_ON,
        "answer_by_on": ANSWER_BY,
        "kind": r.ReferralMatter.QUALITY,
        "matter": "The gearbox jerks; three repairs did not help.",
        "complainant_name": "لیلا کریمی",
        "customer_id": LEILA,
    }
    return r.ReceiveReferral(**{**said, **facts})


def register(pack: str = "iran", number: str = "S-1404-0017", **facts: Any) -> r.RegisterReferral:
    return r.RegisterReferral(stream=CASE, number=number, pack=pack, **facts)


def distribute(**facts: Any) -> r.DistributeReferral:
    return r.DistributeReferral(stream=CASE, **{"unit": "after_sales", **facts})


LINK = r.LinkComplaint(stream=CASE, complaint_id=COMPLAINT)


def conclude(version: int = 9, *handled_by: Taker) -> r.ConcludeHandling:
    return r.ConcludeHandling(
        stream=CASE,
        complaint_version=version,
        conclusion=r.HandlingConclusion.RESULT_ANNOUNCED,
        handled_by=handled_by or (WORKER,),
    )


def control(number: int = 1, **facts: Any) -> r.ControlAction:
    said = {"action": "plan", "due_at": NOW + timedelta(hours=4), "done_at": NOW}
    return r.ControlAction(stream=CASE, control_id=an_id(number), **{**said, **facts})


def final_control(number: int = 10, outcome: str = "accepted", **facts: Any) -> r.FinalControl:
    way = r.ControlOutcome(outcome)
    return r.FinalControl(stream=CASE, control_id=an_id(number), outcome=way, **facts)


def inform(number: int = 20, **facts: Any) -> r.InformCustomer:
    said = {
        "channel": r.InformingChannel.PHONE,
        "content": "The gearbox is replaced on Monday.",
        "evidence": "call 7731, recorded",
    }
    return r.InformCustomer(stream=CASE, information_id=an_id(number), **{**said, **facts})


ELEMENTS = {
    "iran": {
        "acknowledgement": ("reference",),
        "interim": ("actions_so_far",),
        "holding": ("reason_for_delay", "expected_date"),
        "final": ("findings", "actions_taken", "customer_informed", "conclusion"),
    },
}


def prepare(
    reply: str = "final",
    number: int = 30,
    *,
    elements: tuple[str, ...] | None = None,
    pack: str = "iran",
    **facts: Any,
) -> r.PrepareReply:
    names = ELEMENTS[pack][reply] if elements is None else elements
    given = tuple(r.ElementGiven(element=name, text=f"What is said of {name}.") for name in names)
    return r.PrepareReply(
        stream=CASE, reply_id=an_id(number), reply=r.ReplyType(reply), elements=given, **facts
    )


def send(n: int = 1, **facts: Any) -> r.SendReply:
    said = {"route": r.ReferralRoute.COURIER, "letter_number": "1404/R/0917"}
    return r.SendReply(stream=CASE, n=n, **{**said, **facts})


CLOSE = r.CloseReferral(stream=CASE, closure_id=an_id(90))

FRESH: Scenario = case(r.DECIDER, rules=CLOCK_RULES, actor=SECRETARY, now=NOW)
RECEIVED = FRESH.after((SECRETARY, receive()))
REGISTERED = RECEIVED.after((SECRETARY, register()))
DISTRIBUTED = REGISTERED.after((SECRETARY, distribute()), (SAGA, LINK))
HANDLED = DISTRIBUTED.after((SAGA, conclude()), (SPECIAL, control()))
CONTROLLED = HANDLED.after((SPECIAL, final_control()))
INFORMED = CONTROLLED.after((SPECIALIST, inform()))
WRITTEN = INFORMED.after((SPECIAL, prepare()))
REPLIED = WRITTEN.after((SECRETARY, send()))
CLOSED = REPLIED.after((SECRETARY, CLOSE))
