"""Examples of request bodies that work, put together from one sample per field.

An example holds what a command must have and what makes it speak; optional ids of other cases stay
out, since nobody else's database has those. A test sends every one of them.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from api.bodies import Body

_PRICE = {"minor": 9_800_000_000, "currency": "IRR"}

SAMPLES: Mapping[str, Any] = {
    "absorbed_id": "0192f6a0-7c1e-7d3a-9b52-0000000000c2",
    "account": "account-7f3a",
    "address": "maryam@example.com",
    "amount": 12,
    "answer": "The gearbox control unit got new software; the jerk is gone on the test drive.",
    "awaited": "inquiry_answer",
    "bulletin": "Both vehicles are with the laboratory; the first finding is due on Thursday.",
    "body": "Provincial board for settling disputes of vehicle owners",
    "carried_out_on": "2026-03-05",
    "channel": "phone",
    "check_digit_applies": False,
    "colour": "white",
    "comment": "The customer drove it for two days and is content.",
    "completed_on": "2026-03-05",
    "completion_id": "0192f6a0-7c1e-7d3a-9b52-000000000005",
    "confirmation_id": "0192f6a0-7c1e-7d3a-9b52-000000000006",
    "confirmed": True,
    "contact_id": "0192f6a0-7c1e-7d3a-9b52-000000000001",
    "content": "The customer writes that the jerk comes back when the engine is cold.",
    "corrects_version": 1,
    "correspondent": "customer",
    "court": "General court of Tehran, branch 12",
    "customer_id": "0192f6a0-7c1e-7d3a-9b52-0000000000c1",
    "dealer_id": "dealer-12",
    "defect_exists": True,
    "direction": "in",
    "done_by_at": "2030-03-06T12:30:00Z",
    "due_at": "2030-03-06T12:30:00Z",
    "effective_from_at": "2026-01-01T00:00:00Z",
    "ended_on": "2026-06-20",
    "ends_local": "07:00",
    "expires_on": "2027-03-20",
    "finding": "The valve body of the gearbox leaks at the second solenoid.",
    "from_at": "2026-03-05T08:00:00Z",
    "from_on": "2025-05-02",
    "granted": True,
    "ground": "carried_out",
    "identifiers": [{"kind": "phone", "value": "+98 912 000 0017"}],
    "importance": "normal",
    "inspected_on": "2026-02-14",
    "instruction": "Call the customer today and agree on a day for the repair.",
    "insurer": "Example Insurance",
    "kind": "quality",
    "lead": "account-9c21",
    "level": "local",
    "locale": "fa",
    "login_phone": "+98 912 000 0017",
    "make": "Example Motor",
    "manufacturer_percent": 100,
    "mileage_km": 20350,
    "model": "E5",
    "name": "Sara Example",
    "narrative": "The gearbox jerks between second and third gear when the engine is cold.",
    "note": "The customer has called twice.",
    "occurred_on": "2026-02-20",
    "opened_on": "2026-04-01",
    "origin": "customer",
    "outcome": "met",
    "party": "customer",
    "passed": True,
    "plan": "Replace the valve body, test drive over 30 km, hand over a courtesy car meanwhile.",
    "plan_id": "0192f6a0-7c1e-7d3a-9b52-000000000004",
    "plate": "12 ب 345 67",
    "promise": "We call on Tuesday morning with the day of the repair.",
    "proposal": "Refund the price of the floor mats and renew the service plan for a year.",
    "purpose": "service_notices",
    "question": "Was the campaign for this gearbox carried out on the vehicle?",
    "reached": True,
    "report": "Valve body replaced, gearbox adapted, test drive without findings.",
    "role": "owner",
    "roles": ["supervisor"],
    "satisfaction": 4,
    "solution": "Replace the valve body and adapt the gearbox.",
    "starts_local": "22:00",
    "starts_on": "2025-05-02",
    "ends_on": "2028-05-01",
    "statement": "The customer was called on the 21st, not on the 20th.",
    "subject": "gearbox",
    "summary": "All vehicles were found and repaired; the media were told.",
    "support_unit": "legal",
    "task": "Find out why the gearbox jerks.",
    "through": "service_specialist",
    "title": "Repair order of 5 March",
    "to_on": "2026-01-31",
    "unit": "after_sales",
    "valid": True,
    "value": "+98 912 000 0017",
    "vehicle_id": "0192f6a0-7c1e-7d3a-9b52-0000000000e1",
    "vin": "LSGJA52U7AH000017",
    "visited_on": "2026-03-05",
    "will_do": "The region sends a technician and a courtesy car tomorrow.",
    "works": ["repair"],
    "zone": "Asia/Tehran",
    "authority": "Provincial organisation of industry, mine and trade",
    "action": "plan",
    "elements": [{"element": "reference", "text": "Special case S-2026-0017."}],
    "evidence": "Recorded call 7731",
    "happened_on": "2026-03-04",
    "letter_number": "1404/5512",
    "letter_on": "2026-03-01",
    "matter": "The complainant writes that three repairs did not cure the gearbox.",
    "milestone": "ruling_served",
    "number": "S-2026-0017",
    "pack": "iran",
    "paper_ids": ["0192f6a0-7c1e-7d3a-9b52-0000000000d1"],
    "reply": "acknowledgement",
    "route": "courier",
    "programme": "club",
    "points": 100,
    "source": "service",
    "reference": "visit-2026-0317",
    "redemption_id": "0192f6a0-7c1e-7d3a-9b52-0000000000f1",
    "to_ledger_id": "0192f6a0-7c1e-7d3a-9b52-0000000000f2",
    "household_id": "0192f6a0-7c1e-7d3a-9b52-0000000000f3",
    "why": "account_unknown",
    "paid_on": "2026-03-05",
    "grade": "silver",
    "occurred_at": "2026-03-05T08:00:00Z",
    "scheme": "immediate",
    "contract_on": "2026-03-01",
    "received_on": "2026-03-02",
    "reversed_on": "2026-03-03",
    "released_on": "2026-03-05",
    "prepared_on": "2026-03-05",
    "plated_on": "2026-03-06",
    "delivered_on": "2026-03-07",
    "cancelled_on": "2026-03-05",
    "invited_on": "2026-03-05",
    "settled_on": "2026-03-08",
    "promised_on": "2030-04-10",
    "draw_id": "0192f6a0-7c1e-7d3a-9b52-0000000000a1",
    "method": "bank_transfer",
    "form": "paid_out",
    "at": "2030-03-06T08:00:00Z",
    "keys": 2,
    "signed_by": ["customer", "dealer"],
}
"""What a field is shown with, wherever it occurs."""

SPECIAL: Mapping[str, Mapping[str, Any]] = {
    "AddContact": {"channel": "phone"},
    "AddStaffChannel": {"kind": "email"},
    "AnswerInvalidComplaint": {
        "answer": "The matter was looked into; it is a question about the app, not a defect."
    },
    "AssignComplaint": {"region": "north", "dealer_id": "dealer-12"},
    "CancelClock": {"reason": "The customer has sold the vehicle and withdraws."},
    "CloseComplaint": {"ground": "carried_out"},
    "ConfirmResult": {"channel": "phone"},
    "CorrectComplaint": {"reason": "Misheard on the phone.", "crash": False},
    "CorrectName": {"name": "Sara Example-Rad"},
    "DeclareCrisis": {"reason": "Three fires within a week.", "support_unit": "marketing"},
    "EndArbitration": {"outcome": "settled"},
    "EndLitigation": {"outcome": "settled"},
    "EscalateComplaint": {"reason": "The customer does not leave before somebody decides."},
    "ExtendClock": {"reason": "The laboratory needs another week; a holding letter was sent."},
    "IdentifyCustomer": {"kind": "phone"},
    "PauseClocks": {"reason": "customer", "note": "She is abroad until Monday."},
    "PlaceStaffMember": {"region": "north"},
    "PublishRules": {"kind": "grading", "name": "standard"},
    "RecordVehicleDocument": {"kind": "registration"},
    "RecordWarranty": {"kind": "basic"},
    "RegisterComplaint": {"occurred_on": "2026-02-20", "narrative": SAMPLES["narrative"]},
    "RegisterStaffMember": {"region": "north", "locale": "fa"},
    "RegisterCustomer": {"kind": "person", "identifiers": SAMPLES["identifiers"]},
    "RejectPlan": {"reason": "The cost is above what the warranty pays; ask the factory first."},
    "ReopenComplaint": {"reason": "The jerk came back after 200 km."},
    "ResetClock": {"reason": "The customer demands something else since the fifth."},
    "SetDeadline": {"n": 3, "reason": "Agreed with the customer on the phone."},
    "ReportVrtFailure": {"reason": "No two members of the team were at hand in time."},
    "ReportVrtFinding": {"manufacturer_percent": 100, "solution": SAMPLES["solution"]},
    "SendReminder": {"awaited": "inquiry_answer", "n": 1},
    "WithdrawIdentifier": {"kind": "phone"},
    "ControlAction": {"due_at": "2026-03-06T12:30:00Z", "done_at": "2026-03-05T08:00:00Z"},
    "DistributeReferral": {"unit": "after_sales"},
    "EscalateReferral": {"reason": "The complainant stands at the counter."},
    "FinalControl": {"outcome": "accepted"},
    "InformCustomer": {"evidence": SAMPLES["evidence"]},
    "PauseReferralClocks": {"reason": "parts", "note": "The valve body arrives on the 12th."},
    "ReceiveReferral": {"answer_by_on": "2026-03-20"},
    "SetReferralDeadline": {"n": 1, "reason": "The laboratory needs a week more."},
    "ExtendReferralClock": {"reason": "The authority gave two weeks more."},
    "ResetReferralClock": {"reason": "The repair was agreed a day later."},
    "CancelReferralClock": {"reason": "The ruling was set aside."},
    "AdjustPoints": {"reason": "goodwill"},
    "CarryOverBalance": {"origin": "Club card system, list of 5 March"},
    "EarnPoints": {"amount": {"minor": 4_800_000, "currency": "IRR"}},
    "HoldPoints": {"purpose": "service"},
    "OpenLedger": {"membership_number": "CL-100-2207"},
    "RedeemPoints": {"purpose": "service"},
    "RequestCashOut": {"points": 5_000},
    "AnnounceDraw": {
        "name": "summer-2030",
        "quotas": [{"model": "E5", "winners": 100, "reserves": 50}],
        "source": "Tehran Stock Exchange, TEDPIX at closing",
        "opens_at": "2030-03-01T08:00:00Z",
        "closes_at": "2030-03-06T08:00:00Z",
        "value_expected_at": "2030-03-07T12:30:00Z",
    },
    "CommitSeed": {
        "seed_sha256": "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
    },
    "ExcludeEntry": {
        "order_id": "0192f6a0-7c1e-7d3a-9b52-0000000000f9",
        "reason": "ineligible",
    },
    "RevealDraw": {"seed": "00" * 32, "public_value": "2043129.85"},
    "WithdrawReferral": {"reason": "The letter was meant for another maker."},
    "PlaceOrder": {
        "customer_id": SAMPLES["customer_id"],
        "price": _PRICE,
        "contract_on": "2026-03-01",
        "number": "P-1404-0017",
    },
    "SignOrderContract": {"price": _PRICE, "number": "P-1404-0018"},
    "ReceiveOrderPayment": {"amount": _PRICE, "reference": "TR-88120"},
    "EnterDraw": {"model_group": "E5"},
    "ReverseOrderPayment": {"reason": "cheque_bounced"},
    "RefundOrder": {"amount": {"minor": 1_000_000, "currency": "IRR"}},
    "AllocateVehicle": {"vin": "LSGJA52U7AH000017", "colour": "white"},
    "ReleaseOrder": {"source": "factory"},
    "WithdrawAllocation": {"because": "damaged"},
    "PrepareDocuments": {"papers": [{"kind": "invoice", "number": "F-5512"}]},
    "MovePromise": {"because": "supply"},
    "CancelOrder": {"because": "customer_withdrew"},
    "DeliverOrder": {
        "papers": ["invoice", "registration", "insurance", "warranty_booklet"],
        "mileage_km": 12,
        "defects": [{"code": "scratch", "remark": "A scratch on the left mirror."}],
    },
}
"""What single commands are shown with besides."""


def example_of(body: Body) -> dict[str, Any]:
    """Return an example of a body: its required fields, and those that make it speak."""
    special = SPECIAL.get(body.command.__name__, {})
    example: dict[str, Any] = {}
    for name, field in body.model.model_fields.items():
        if name in special:
            example[name] = special[name]
        elif field.is_required():
            example[name] = _sample(body, name)
    return example


def _sample(body: Body, name: str) -> Any:
    if name in SAMPLES:
        return SAMPLES[name]
    raise KeyError(f"{body.command.__name__}.{name} has no sample in api.examples")


def unused_special_fields(body: Body) -> set[str]:
    """Return what `SPECIAL` says of fields that the body does not have (a test wants none)."""
    special = SPECIAL.get(body.command.__name__, {})
    known = {field.name for field in dataclasses.fields(body.command)}
    return set(special) - known
