"""Case documents: one fold for the row, the past, the difference; and who sees what of it."""

import copy
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from pydantic_core import from_json, to_json

from domain import complaint as c
from domain import customer as cu
from domain.declare import Decider
from domain.fields import Erased
from domain.procedure import Procedure
from domain.vehicle import events as ve
from projections.case_documents import (
    CATEGORIES,
    Audience,
    Change,
    audience_body,
    diff,
    document_of,
    evolve,
    parties_of,
)
from projections.case_documents.complaint import COMPLAINT
from tests.domain.complaint import desk, timing
from tests.projections.told import BY_CATEGORY, histories, history

CASE = UUID(int=1)
STORIES = (
    desk.REGISTERED, desk.SALES, desk.AFTER_SALES, desk.QUALITY, desk.ANNOUNCED, desk.CONFIRMED,
    desk.CLOSED, desk.QUALITY.given(desk.PLAN, desk.APPROVED, desk.RECEIPT, desk.CARRIED_OUT),
)  # fmt: skip

IN_ANY_ORDER = sorted(CATEGORIES.keys() - {"lease", "loyalty", "order"})
"""Kinds of cases whose documents can follow any events, whether or not they may be.

Accounts cannot: what a payment pays must be there. Those of leases, ledgers and orders are held to
their aggregates along lives that can be, by tests of their own.
"""


def document(events: list[Any]) -> dict[str, Any]:
    found = document_of(history(CASE, events), desk.RULES)
    assert found is not None
    return found


def says_what_the_aggregate_says(events: list[Any]) -> None:
    state = c.DECIDER.initial
    for event in events:
        state = c.DECIDER.evolve(state, event)
    shown = document(events)
    assert shown["status"] == state.status
    assert set(shown["done"]) == state.taken.done
    assert shown["priority"] == state.sorting.priority
    assert shown["kind"] == state.facts.kind
    assert shown["version"] == state.version
    assert parties_of(shown) == c.DECIDER.parties(state)
    assert state.procedure is not None
    procedure = desk.RULES.pinned(Procedure, state.procedure)
    expected = [
        (step.name, [role.value for role in step.roles], step.optional)
        for step in c.next_steps(procedure, state.taken, state.status)
    ]
    assert [(s["step"], s["roles"], s["optional"]) for s in shown["next_steps"]] == expected


@pytest.mark.parametrize("story", STORIES)
def test_a_complaint_is_shown_as_its_aggregate_stands(story: Any) -> None:
    for version in range(1, len(story.events) + 1):
        says_what_the_aggregate_says(list(story.events[:version]))


@given(events=histories("complaint"))
def test_whatever_happens_to_a_complaint_is_shown_as_its_aggregate_stands(
    events: list[Any],
) -> None:
    says_what_the_aggregate_says(events)


@pytest.mark.parametrize("category", IN_ANY_ORDER)
def test_every_case_has_its_aggregates_parties(category: str) -> None:
    decider: Decider[Any, Any, Any] = BY_CATEGORY[category]

    @given(events=histories(category, size_max=8))
    def law(events: list[Any]) -> None:
        if isinstance(events[0], cu.CustomerRegistered):
            events = [cu.CustomerRegistered(customer_id=CASE, name="L", kind=events[0].kind,
                                            locale=events[0].locale), *events[1:]]  # fmt: skip
        state = decider.initial
        for event in events:
            state = decider.evolve(state, event)
        assert parties_of(document(events)) == decider.parties(state)

    law()


@pytest.mark.parametrize("category", IN_ANY_ORDER)
def test_folding_a_stored_document_on_is_folding_the_whole_history(category: str) -> None:
    @given(events=histories(category, size_max=8))
    def law(events: list[Any]) -> None:
        recorded = history(CASE, events, reason="she called")
        for cut in range(1, len(recorded)):
            stored = document_of(recorded[:cut], desk.RULES)
            loaded = from_json(to_json(stored))
            assert loaded == stored
            before = copy.deepcopy(loaded)
            after = evolve(loaded, recorded[cut])
            assert loaded == before, "a fold changed the document it was given"
            whole = evolve(None, recorded[0])
            for one in recorded[1 : cut + 1]:
                whole = evolve(whole, one)
            for derived in ("next_steps", "answer"):
                after.pop(derived, None)
            assert after == whole

    law()


def test_every_event_of_every_case_has_a_fold() -> None:
    folded = {cls for category in CATEGORIES.values() for cls in category.folds}
    assert folded == {cls for decider in BY_CATEGORY.values() for cls in decider.events}


def test_a_document_holds_codes_and_instants_and_no_sentence_of_ours() -> None:
    shown = document(list(desk.CLOSED.events))
    assert shown["status"] == "closed"
    assert shown["opened_at"] == shown["received_at"] < "2026-03-01T09:01:00Z"
    assert shown["updated_at"] == "2026-03-01T09:12:00Z"
    assert shown["closures"][0]["ground"] == "carried_out"
    assert "left" not in " ".join(shown)


def test_a_document_stands_at_any_version() -> None:
    events = list(desk.CLOSED.events)
    statuses = [document(events[:version])["status"] for version in range(1, 13)]
    assert statuses == [
        "registered", "valid", "classified", "graded", "assigned", "in_handling", "in_handling",
        "announced", "announced", "confirmed", "confirmed", "closed",
    ]  # fmt: skip
    assert document_of([]) is None


# --- who sees what --------------------------------------------------------------------------------

INTERNAL = "never to be seen outside"
ALL_OF_IT = [
    desk.registered("dealer", narrative="The brakes fail.", complainant_name="Leila Karimi"),
    c.ComplaintJudgedValid(by=desk.by(desk.SPECIALIST), reason=INTERNAL),
    desk.classified("dealer", c.Kind.QUALITY, "brakes"),
    c.ComplaintGraded(
        importance=c.Importance.HIGH, priority=c.Priority.HIGH, points=77, risks=(c.Risk.CRASH,),
        grading=desk.GRADED.grading, by=desk.by(desk.EXPERT), reason=INTERNAL,
    ),
    desk.TO_DEALER,
    c.InquirySent(
        inquiry_id=desk.an_id(1), n=1, unit="accounting", question=INTERNAL, by=desk.by(desk.EXPERT)
    ),
    c.InquiryAnswered(n=1, inquiry_id=desk.an_id(1), answer=INTERNAL, by=desk.by(desk.ACCOUNTANT)),
    c.InstructionGiven(instruction_id=desk.an_id(2), instruction=INTERNAL, to_unit="sales"),
    c.CorrespondenceRecorded(
        correspondence_id=desk.an_id(3), direction=c.Direction.OUT, channel=c.Channel.LETTER,
        correspondent=c.Correspondent.SUPPLIER, content=INTERNAL, happened_at=desk.RECEIVED,
        document_ids=(desk.an_id(4),),
    ),
    c.DocumentAdded(
        document_id=desk.an_id(4), kind=c.PaperKind.EXPERT_OPINION, title=INTERNAL,
        media_type="application/pdf", size_bytes=1, content_sha256="00" * 32,
    ),
    c.CrisisDeclared(
        crisis_id=desk.an_id(5), level=c.CrisisLevel.LOCAL, reason=INTERNAL,
        support_unit="marketing",
    ),
    c.ComplaintCorrected(
        correction_id=desk.an_id(6), corrects_version=1, reason=INTERNAL, mileage=1200
    ),
    desk.LETTER_IN,
    desk.announced(c.Outcome.EXPLAINED),
]  # fmt: skip


@pytest.mark.parametrize("audience", [Audience.CUSTOMER, Audience.DEALER])
def test_outsiders_see_nothing_internal(audience: Audience) -> None:
    shown = document_of(history(CASE, ALL_OF_IT, reason=INTERNAL), desk.RULES)
    assert shown is not None
    assert INTERNAL in to_json(shown).decode()
    body = audience_body(shown, audience)
    text = to_json(body).decode()
    assert INTERNAL not in text
    for internal in ("77", 'crash":[', "accounting", "marketing", "actor", "erfan"):
        assert internal not in text
    assert "The brakes fail." in text
    assert "Thank you, I withdraw my complaint." in text
    assert body is not None
    assert body["mileage"] == 1200


def test_a_dealer_sees_what_it_has_to_do_and_the_customer_does_not() -> None:
    told = c.InstructionGiven(instruction_id=desk.an_id(9), instruction="Call her.", to_unit=None)
    shown = document([*desk.QUALITY.events, desk.PLAN, desk.APPROVED, told])
    dealer = audience_body(shown, Audience.DEALER)
    customer = audience_body(shown, Audience.CUSTOMER)
    assert dealer is not None
    assert customer is not None
    assert dealer["plans"][0]["plan"] == "Replace the brake discs."
    assert dealer["instructions"][0]["instruction"] == "Call her."
    assert "plan_execution" in [step["step"] for step in dealer["next_steps"]]
    assert {"plans", "instructions", "priority", "handling"}.isdisjoint(customer)


def test_whose_case_it_is_sees_her_deadlines_and_nothing_of_who_was_told() -> None:
    story = timing.decided(timing.PACED, timing.pause(note="She may sue."))
    story = timing.decided(
        story, c.EscalateComplaint(stream=CASE, escalation_id=desk.an_id(70), reason="She shouts.")
    )
    promise = c.MakePromise(
        stream=CASE, promise_id=desk.an_id(90), promise="A call.", due_at=timing.at(3, 9)
    )
    shown = document_of(history(CASE, timing.decided(story, promise).events), timing.TIMED)
    assert shown is not None
    assert [e["reached"][0]["role"] for e in shown["escalations"]] == ["supervisor"]
    customer = audience_body(shown, Audience.CUSTOMER)
    dealer = audience_body(shown, Audience.DEALER)
    assert customer is not None
    assert dealer is not None
    assert [clock["clock"] for clock in customer["clocks"]] == [
        "first_response", "judgement", "resolution", "promise",
    ]  # fmt: skip
    assert [clock["clock"] for clock in dealer["clocks"]] == ["resolution", "plan", "promise"]
    assert customer["promises"][0]["promise"] == "A call."
    assert customer["pauses"] == [
        {"n": 1, "reason": "customer", "paused_at": "2026-03-01T09:00:00Z", "resumed_at": None}
    ]
    for body in (customer, dealer):
        text = to_json(body).decode()
        assert "escalations" not in body
        assert "She may sue." not in text
        assert "She shouts." not in text


def test_a_holder_sees_nothing_of_those_who_had_the_vehicle_before() -> None:
    before, now = UUID(int=11), UUID(int=12)
    from_on = desk.PLAN.carry_out_by_on
    assert from_on is not None
    events = [
        ve.VehicleRegistered(make="Dena", model="Plus", vin="LVGBH42K9DG123456"),
        ve.OwnershipRecorded(
            ownership_id=uuid4(), customer_id=before, role=ve.OwnershipRole.OWNER, from_on=from_on,
            to_on=from_on,
        ),
        ve.OwnershipRecorded(
            ownership_id=uuid4(), customer_id=now, role=ve.OwnershipRole.OWNER, from_on=from_on
        ),
    ]  # fmt: skip
    shown = document(events)
    assert len(shown["ownerships"]) == 2
    body = audience_body(shown, Audience.CUSTOMER)
    assert body is not None
    assert str(before) not in to_json(body).decode()
    assert [o["customer_id"] for o in body["ownerships"]] == [str(now)]


def test_dealers_have_no_body_of_customers_and_nobody_outside_of_staff() -> None:
    registered = cu.CustomerRegistered(
        customer_id=CASE, name="Leila", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
    )
    shown = document([registered])
    assert audience_body(shown, Audience.DEALER) is None
    own = audience_body(shown, Audience.CUSTOMER)
    assert own is not None
    assert own["name"] == "Leila"
    assert CATEGORIES["staff"].customer is None


def test_an_erased_value_is_shown_as_erased() -> None:
    events = [desk.registered(narrative=Erased()), desk.JUDGED]
    assert document(events)["narrative"] == {"erased": True}


# --- differences ----------------------------------------------------------------------------------


def test_a_difference_says_what_a_step_changed() -> None:
    events = list(desk.SALES.events)
    before, after = document(events[:3]), document(events[:4])
    found = {change.pointer: change for change in diff(before, after)}
    assert found["/status"] == Change("replace", "/status", "classified", "graded")
    assert found["/done/2"] == Change("add", "/done/2", after="grading")
    assert found["/priority"].after == "normal"
    assert "/narrative" not in found


def test_a_difference_names_places_as_json_pointers() -> None:
    assert diff({"a/b": {"c~d": [1, 2]}}, {"a/b": {"c~d": [1]}, "e": None}) == [
        Change("remove", "/a~1b/c~0d/1", before=2),
        Change("add", "/e"),
    ]
    assert diff({"a": 1}, {"a": True}) == [Change("replace", "/a", 1, True)]
    assert diff({"a": 1}, {}) == [Change("remove", "/a", before=1)]
    assert diff([1], [1, 2]) == [Change("add", "/1", after=2)]
    assert diff({"a": []}, {"a": []}) == []


def test_a_case_that_nobody_graded_yet_is_not_at_the_end_of_the_worklist() -> None:
    ranks = {priority: priority.rank for priority in c.Priority}
    for facts, rank in (
        ({}, ranks[c.Priority.NORMAL]),
        ({"fire": True}, ranks[c.Priority.URGENT]),
        ({"injured_count": 1}, ranks[c.Priority.URGENT]),
    ):
        listing = COMPLAINT.listing(document([desk.registered(**facts)]))
        assert (listing.priority, listing.priority_rank) == (None, rank)
    graded = document([desk.registered(fire=True), desk.GRADED])
    assert COMPLAINT.listing(graded).priority_rank == ranks[c.Priority.NORMAL]


def test_whoever_owes_an_answer_or_a_report_finds_the_case_in_the_worklist() -> None:
    team = c.VrtFormed(
        vrt_id=desk.an_id(60), n=1, kind=c.VrtKind.QUALITY, lead="tara", unit="technical",
        task="Is it the disc?", by=desk.by(desk.EXPERT),
    )  # fmt: skip
    listing = COMPLAINT.listing(document([*desk.QUALITY.events, desk.ASKED, team]))
    assert listing.next_step == "plan"
    assert listing.next_roles == ("dealer", "unit", "unit_head", "technical")
    assert listing.summary["owed"] == [
        {"step": "inquiry_answer", "n": 1, "unit": "accounting"},
        {"step": "vrt_report", "n": 1, "lead": "tara"},
    ]
    answered = COMPLAINT.listing(document([*desk.QUALITY.events, desk.ASKED, desk.REPLIED]))
    assert (answered.next_roles, answered.summary["owed"]) == (("dealer",), [])
