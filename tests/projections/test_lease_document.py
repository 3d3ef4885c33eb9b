"""The document of a lease: every schedule, and of each payment where it went and where it goes."""

from collections.abc import Sequence
from typing import Any

from domain import lease as l
from projections.case_documents import CATEGORIES, Audience, audience_body, document_of
from tests.domain.lease import desk as d
from tests.scenario import recorded

LIFE = d.a_life()
SETTLED = d.settled(LIFE)


def document(events: Sequence[Any]) -> dict[str, Any]:
    log = [recorded(event, at=d.NOW, version=n) for n, event in enumerate(events, start=1)]
    found = document_of(log, d.RULES)
    assert found is not None
    return found


def test_every_event_of_a_lease_is_folded() -> None:
    assert set(CATEGORIES["lease"].folds) == set(l.DECIDER.events)


def test_both_views_of_a_payment_are_kept() -> None:
    found = document(LIFE.events)
    payments = {each["payment_id"]: each for each in found["payments"]}
    bounced = payments[str(d.an_id(101))]
    assert not bounced["counts"]
    assert bounced["allocated"]["shares"] and not bounced["stands"]["shares"]
    moved = payments[str(d.an_id(102))]
    assert moved["allocated"] != moved["stands"]
    for each in payments.values():
        for view in ("allocated", "stands") if each["counts"] else ("allocated",):
            parts = sum(share["minor"] for share in each[view]["shares"])
            assert parts + each[view]["left_minor"] == each["amount"]["minor"]


def test_every_schedule_is_kept_and_one_is_in_force() -> None:
    found = document(LIFE.events)
    told = [(each["n"], each["cause"], each["in_force"]) for each in found["schedules"]]
    assert told == [
        (1, "contract", False),
        (2, "prepayment_lower", True),
        (3, "extension", False),
    ]
    assert found["schedules"][2]["withdrawal"]["ground"] == "agreement_ended"
    ended = document(SETTLED.events)
    assert ended["status"] == "settled"
    assert ended["outstanding_minor"] == 0
    assert ended["settlement"]["quote_id"] == str(d.an_id(700))


def test_a_document_is_what_the_account_is_at_every_version() -> None:
    state = l.DECIDER.initial
    for n, event in enumerate(SETTLED.events, start=1):
        state = l.DECIDER.evolve(state, event)
        if state.account.n == 0 or isinstance(event, l.LeasePaymentReceived):
            continue  # one that comes from long ago is followed by the replay that it causes
        found = document(SETTLED.events[:n])
        assert found["outstanding_minor"] == state.account.principal_left, type(event).__name__
        assert found["paid"]["interest_minor"] == state.account.paid.interest
        assert found["status"] == state.status


def test_what_a_list_shows_is_of_the_newest_events_day() -> None:
    listing = CATEGORIES["lease"].listing
    summary = listing(document(LIFE.events)).summary
    assert summary["as_of_on"] == "2026-07-01"
    assert summary["oldest_unpaid_due_on"] < "2026-07-01" <= summary["next_due_on"]
    assert summary["arrears_minor"] > 0
    assert (summary["papers_to_verify"], summary["guarantees_held"]) == (0, 1)
    ended = listing(document(SETTLED.events))
    assert not ended.is_open
    assert ended.summary["bucket"] is None
    assert ended.summary["next_due_on"] is None
    applied = listing(document(d.APPLIED.events))
    assert applied.next_step == "papers"


def test_others_see_what_is_theirs_and_no_more() -> None:
    whole = document(LIFE.events)
    hers = audience_body(whole, Audience.CUSTOMER)
    theirs = audience_body(whole, Audience.DEALER)
    assert hers is not None and theirs is not None
    for hidden in ("'Nasrin'", "'omid'", "'simin'", "'mina'", "'bureau'"):
        assert hidden in str(whole)
        assert hidden not in str(hers)
        assert hidden not in str(theirs)
    assert "payments" not in theirs
    assert "schedules" not in theirs
    assert hers["standing"]["outstanding_minor"] == whole["outstanding_minor"]
    assert len(hers["payments"]) == len(whole["payments"])
