"""Leases over HTTP: one from its application to the early settlement, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.declare import Role
from tests.api.service import COMPANY, Person, Service, problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n" + b"a scan of an identity card " * 20


def rial(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "IRR"}


@pytest.fixture(autouse=True)
def at_now(service: Service) -> Iterator[None]:
    """Let the casebook believe that it is always the same instant."""
    casebook = service.app.state.desk.casebook
    clock = casebook.clock
    casebook.clock = lambda: NOW
    yield
    casebook.clock = clock


@pytest.fixture
def officer(service: Service) -> Person:
    return service.person(Role.LEASING_OFFICER, sub="u-officer", unit="leasing", **COMPANY)


@pytest.fixture
def committee(service: Service) -> Person:
    return service.person(Role.SUPERVISOR, sub="u-committee", unit="leasing", **COMPANY)


def upload(
    person: Person,
    lease: str,
    kind: str,
    content: bytes = PDF,
    media_type: str = "application/pdf",
    **fields: str,
) -> httpx.Response:
    answer = person.client.post(
        f"/v1/leases/{lease}/documents",
        data={"kind": kind, "title": "A scan", **fields},
        files={"file": ("scan.pdf", content, media_type)},
        headers={"authorization": f"Bearer {person.token}"},
    )
    person.remember(answer)
    return answer


def verified(person: Person, officer: Person, lease: str, kind: str, **fields: Any) -> str:
    """Add a paper that the officer finds to be in order."""
    document = str(uuid4())
    answer = upload(person, lease, kind, document_id=document, **fields)
    assert answer.status_code == 200, answer.text
    officer.done(f"/v1/leases/{lease}/documents/{document}/verification")
    return document


def applied(person: Person, customer: UUID, **fields: Any) -> str:
    body = {
        "customer_id": str(customer),
        "product": "ir_in_house",
        "price": rial(15_000_000_000),
        "down_payment": rial(6_000_000_000),
        "term_months": 36,
        "applied_on": "2025-08-01",
        **fields,
    }
    made: str = person.done("/v1/leases", body)["id"]
    return made


def approved(
    service: Service, officer: Person, committee: Person, **fields: Any
) -> tuple[str, Person]:
    customer, person = service.customer()
    lease = applied(officer, customer, **fields)
    verified(person, officer, lease, "national_id")
    verified(person, officer, lease, "bank_statement")
    officer.done(
        f"/v1/leases/{lease}/credit-check",
        {"outcome": "passed", "source": "bureau", "checked_on": "2025-08-05"},
    )
    committee.done(
        f"/v1/leases/{lease}/decision",
        {"outcome": "approved", "decided_by": "committee", "decided_on": "2025-08-10"},
    )
    return lease, person


def contracted(service: Service, officer: Person, committee: Person) -> tuple[str, Person, str]:
    lease, person = approved(service, officer, committee)
    guarantor, cheque = str(uuid4()), str(uuid4())
    at = f"/v1/leases/{lease}"
    named = {"guarantor_id": guarantor, "name": "Nasrin Example", "national_id": "0084575948"}
    officer.done(f"{at}/guarantors", named)
    verified(officer, officer, lease, "national_id", guarantor_id=guarantor)
    cover = {"kind": "cheque", "amount": rial(11_000_000_000), "reference": "7731-220"}
    officer.done(f"{at}/guarantees", {"guarantee_id": cheque, "received_on": "2025-08-11", **cover})
    officer.done(
        f"{at}/guarantees",
        {"kind": "guarantor", "guarantor_id": guarantor, "received_on": "2025-08-11"},
    )
    signed = {"contract_number": f"L-{lease[-6:]}", "signed_on": "2025-08-15"}
    officer.done(f"{at}/contract", signed)
    officer.done(f"{at}/activation", {"on": "2025-08-20"})
    return lease, person, cheque


def pay(officer: Person, lease: str, minor: int, on: str, **fields: Any) -> str:
    payment = str(uuid4())
    body = {"payment_id": payment, "amount": rial(minor), "value_on": on, **fields}
    officer.done(f"/v1/leases/{lease}/payments", body)
    return payment


def test_a_lease_from_the_application_to_the_early_settlement(
    service: Service, officer: Person, committee: Person
) -> None:
    lease, customer, cheque = contracted(service, officer, committee)
    at = f"/v1/leases/{lease}"
    read = officer.get(at).json()
    assert (read["status"], read["number"]) == ("active", f"L-{lease[-6:]}")
    [schedule] = officer.get(f"{at}/schedule").json()["schedules"]
    lines = schedule["instalments"]
    assert len(lines) == 36
    assert sum(line["principal_minor"] for line in lines) == 9_000_000_000
    assert lines[0]["nominal_on"] == "2025-09-15"  # the 24th of Mordad, and the 24th of Shahrivar
    instalment = lines[0]["principal_minor"] + lines[0]["interest_minor"]
    pay(officer, lease, instalment, "2025-09-15")
    late = pay(officer, lease, instalment, "2025-12-20")
    older = pay(officer, lease, instalment, "2025-10-16")
    read = officer.get(at).json()
    first, moved, backdated = read["payments"]
    assert (first["payment_id"], moved["payment_id"], backdated["payment_id"]) == (
        first["payment_id"],
        late,
        older,
    )
    assert moved["allocated"] != moved["stands"], "both views are kept"
    assert backdated["allocated"] == backdated["stands"]
    assert read["replays"][0]["cause_id"] == older
    standing = officer.get(f"{at}/account?as_of=2026-03-02").json()
    assert standing["arrears_minor"] > 0
    assert standing["bucket"] == "past_due_60"
    customer.done(f"{at}/settlement-quote", {"settle_on": "2026-03-02"})
    [quote] = customer.get(at).json()["quotes"]
    settled = {
        "quote_id": quote["quote_id"],
        "amount": quote["amount"],
        "value_on": "2026-03-02",
    }
    short = {**settled, "amount": rial(quote["amount"]["minor"] - 1)}
    problem(officer.post(f"{at}/settlement", short), 422, "lease.settlement_differs")
    officer.done(f"{at}/settlement", settled)
    customer.position = officer.position
    seen = customer.get(at).json()
    assert (seen["status"], seen["outstanding_minor"]) == ("settled", 0)
    assert (
        sum(share["minor"] for share in seen["payments"][-1]["stands"]["shares"])
        == (quote["amount"]["minor"])
    )
    officer.done(f"{at}/guarantees/{cheque}/return", {"returned_on": "2026-03-02"})
    read = officer.get(at).json()
    assert [each["state"] for each in read["guarantees"]] == ["returned", "received"]
    assert (
        officer.get(f"/v1/leases?number=L-{lease[-6:]}").json()["items"][0]["status"] == "settled"
    )


def test_a_customer_sees_what_she_owes_and_not_what_colleagues_note(
    service: Service, officer: Person, committee: Person
) -> None:
    lease, customer, _ = contracted(service, officer, committee)
    customer.position = officer.position
    read = customer.get(f"/v1/leases/{lease}")
    assert read.status_code == 200
    seen = read.json()
    assert len(seen["schedules"][0]["instalments"]) == 36
    assert "credit_checks" not in seen
    assert "guarantors" not in seen
    assert "Nasrin" not in read.text
    assert "u-committee" not in read.text
    assert len(seen["documents"]) == 2, "a guarantor's papers are the guarantor's"
    [item] = customer.get("/v1/leases").json()["items"]
    assert item["id"] == lease
    assert item["oldest_unpaid_due_on"] == "2025-09-15"
    _, stranger = service.customer()
    stranger.position = officer.position
    for path in ("", "/schedule", "/account"):
        problem(stranger.get(f"/v1/leases/{lease}{path}"), 404, "case.not_found")
    assert stranger.get("/v1/leases").json()["items"] == []


def test_a_paper_that_is_an_executable_is_refused(service: Service, officer: Person) -> None:
    customer, person = service.customer()
    lease = applied(person, customer)
    before = service.app.state.desk.casebook.head()
    refused = upload(person, lease, "national_id", b"MZ\x90\x00" + bytes(64))
    problem(refused, 415, "request.unsupported_media_type")
    problem(upload(person, lease, "national_id", b"GIF89a..", "image/gif"), 422,
            "document.media_type_not_allowed")  # fmt: skip
    assert service.app.state.desk.casebook.head() == before
    document = str(uuid4())
    assert upload(person, lease, "national_id", document_id=document).status_code == 200
    officer.position = person.position
    officer.done(f"/v1/leases/{lease}/documents/{document}/rejection", {"ground": "illegible"})
    person.position = officer.position
    [paper] = person.get(f"/v1/leases/{lease}").json()["documents"]
    assert (paper["state"], paper["ground"]) == ("rejected", "illegible")
    assert person.get(f"/v1/leases/{lease}/documents/{document}").content == PDF


def test_a_guarantors_paper_is_kept_with_her_own_key(
    service: Service, officer: Person, committee: Person
) -> None:
    lease, customer, _ = contracted(service, officer, committee)
    [paper] = [
        p for p in officer.get(f"/v1/leases/{lease}").json()["documents"] if p["guarantor_id"]
    ]
    assert paper["subject_id"] == paper["guarantor_id"]
    at = f"/v1/leases/{lease}/documents/{paper['document_id']}"
    assert officer.get(at).content == PDF
    customer.position = officer.position
    problem(customer.get(at), 404, "lease.paper_not_found")
    unknown = upload(officer, lease, "national_id", guarantor_id=str(uuid4()))
    problem(unknown, 404, "lease.guarantor_not_named")


def test_money_is_whole_positive_and_of_one_currency(
    service: Service, officer: Person, committee: Person
) -> None:
    customer, person = service.customer()
    other = {"customer_id": str(customer), "product": "ir_in_house", "term_months": 36}
    for price in ({"minor": 1.5, "currency": "IRR"}, {"minor": "x", "currency": "IRR"}):
        problem(officer.post("/v1/leases", {**other, "price": price}), 422, "request.invalid")
    dollars = {**other, "price": {"minor": 15_000_000_000, "currency": "USD"}}
    problem(officer.post("/v1/leases", dollars), 422, "money.currencies_differ")
    problem(officer.post("/v1/leases", {**other, "price": rial(-1)}), 422,
            "lease.amount_not_positive")  # fmt: skip
    lease, _ = approved(service, officer, committee)
    paid = {"amount": rial(1_000), "value_on": "2025-08-20"}
    problem(officer.post(f"/v1/leases/{lease}/payments", paid), 409, "lease.not_contracted")
    lease, _, _ = contracted(service, officer, committee)
    at = f"/v1/leases/{lease}/payments"
    for amount, code in (
        (rial(0), "lease.amount_not_positive"),
        (rial(-5), "lease.amount_not_positive"),
        ({"minor": 5, "currency": "EUR"}, "money.currencies_differ"),
    ):
        problem(officer.post(at, {**paid, "amount": amount}), 422, code)
    early = {**paid, "value_on": "2025-08-01"}
    problem(officer.post(at, early), 422, "lease.payment_before_contract")
    assert person.token


def test_whoever_took_the_application_does_not_decide_on_it(
    service: Service, officer: Person, committee: Person
) -> None:
    customer, person = service.customer()
    lease = applied(committee, customer)
    officer.position = committee.position
    verified(person, officer, lease, "national_id")
    verified(person, officer, lease, "bank_statement")
    check = {"outcome": "passed", "source": "bureau", "checked_on": "2025-08-05"}
    officer.done(f"/v1/leases/{lease}/credit-check", check)
    decision = {"outcome": "approved", "decided_by": "committee", "decided_on": "2025-08-10"}
    at = f"/v1/leases/{lease}/decision"
    problem(committee.post(at, decision), 403, "procedure.same_party_may_not")
    problem(officer.post(at, decision), 403, "procedure.step_not_yours")


def test_a_list_is_filtered_and_goes_on_page_by_page(
    service: Service, officer: Person, committee: Person
) -> None:
    earlier, _ = service.customer()
    applied(officer, earlier)
    lease, _ = approved(service, officer, committee)
    officer.position = committee.position
    for query in ("status=approved", "product=ir_in_house&provider=in_house&open=true"):
        found = [item["id"] for item in officer.get(f"/v1/leases?{query}").json()["items"]]
        assert lease in found
    for query in ("status=defaulted", "product=ir_bank_flat", "bank=melli", "bucket=doubtful",
                  "dealer=D-9", f"order={uuid4()}", "next_due_before=2020-01-01"):  # fmt: skip
        assert officer.get(f"/v1/leases?{query}").json()["items"] == []
    page = officer.get("/v1/leases?limit=1").json()
    following = officer.get(f"/v1/leases?limit=1&cursor={page['next']}").json()
    assert page["items"][0]["id"] != following["items"][0]["id"]
    problem(officer.get("/v1/leases?status=lost"), 422, "request.invalid")


def test_an_outsider_names_no_order_of_somebody_elses(service: Service) -> None:
    own, customer = service.customer()
    other, stranger = service.customer()
    order = service.specialist.done(
        "/v1/orders",
        {
            "customer_id": str(other), "scheme": "leased", "model": "E5", "dealer_id": "D-9",
            "price": rial(9_000_000_000), "contract_on": "2026-03-01",
        },
    )["id"]  # fmt: skip
    body = {
        "product": "ir_in_house", "price": rial(9_000_000_000), "term_months": 12,
        "down_payment": rial(4_000_000_000), "order_id": order,
    }  # fmt: skip
    dealer = service.person(Role.DEALER, dealer_id="D-1")
    for person, whose in ((customer, own), (dealer, other)):
        answer = person.post("/v1/leases", {**body, "customer_id": str(whose)})
        [error] = problem(answer, 422, "request.invalid")["errors"]
        assert (error["pointer"], error["code"]) == ("#/order_id", "case_not_found")
    stranger.done("/v1/leases", {**body, "customer_id": str(other)})
