"""Contracts and statements over HTTP: in the reader's language, and only to whom the case is."""

from uuid import uuid4

import pytest

from domain.declare import Role
from tests.api.service import COMPANY, Person, Service, problem
from tests.api.test_leases import applied, contracted, pay

PRICE = {"minor": 9_800_000_000, "currency": "IRR"}


@pytest.fixture(scope="module")
def desk(service: Service) -> Person:
    return service.person(Role.MANAGER, sub="u-manager", **COMPANY)


@pytest.fixture(scope="module")
def sara(service: Service) -> tuple[str, Person]:
    customer_id, person = service.customer()
    return str(customer_id), person


@pytest.fixture(scope="module")
def order(desk: Person, sara: tuple[str, Person]) -> str:
    body = {
        "customer_id": sara[0], "scheme": "immediate", "model": "E5", "price": PRICE,
        "contract_on": "2026-01-10", "number": "O-17",
    }  # fmt: skip
    made: str = desk.done("/v1/orders", body)["id"]
    return made


@pytest.fixture(scope="module")
def ledger(desk: Person, sara: tuple[str, Person]) -> str:
    body = {"customer_id": sara[0], "programme": "club"}
    made: str = desk.done("/v1/loyalty-ledgers", body)["id"]
    return made


def test_a_customer_reads_the_statement_of_her_order_in_her_language(
    desk: Person, sara: tuple[str, Person], order: str
) -> None:
    path = f"/v1/orders/{order}/statement.pdf"
    customer = sara[1]
    customer.position = desk.position
    read = customer.get(path, accept_language="fa-IR,en;q=0.5")
    assert read.status_code == 200, read.text
    assert read.headers["content-type"] == "application/pdf"
    assert read.headers["content-language"] == "fa"
    assert read.headers["content-disposition"] == 'inline; filename="order_statement.pdf"'
    assert "private" in read.headers["cache-control"]
    assert read.content.startswith(b"%PDF-")
    same = customer.get(path, accept_language="fa-IR,en;q=0.5", if_none_match=read.headers["etag"])
    assert same.status_code == 304
    other = customer.get(f"{path}?locale=zh", accept_language="fa")
    assert other.headers["content-language"] == "zh"
    assert other.headers["etag"] != read.headers["etag"]


def test_the_language_is_the_customers_where_nobody_asks_for_one(
    desk: Person, sara: tuple[str, Person], order: str
) -> None:
    desk.done(f"/v1/customers/{sara[0]}/locale", {"locale": "zh"})
    headers = {"authorization": f"Bearer {desk.token}", "accept-language": ""}
    del headers["accept-language"]
    path = f"/v1/orders/{order}/statement.pdf"
    request = desk.client.build_request("GET", path, headers=headers)
    request.headers.pop("accept-language", None)
    read = desk.client.send(request)
    assert read.status_code == 200, read.text
    assert read.headers["content-language"] == "zh"


def test_a_statement_is_reckoned_through_the_day_asked_for(desk: Person, order: str) -> None:
    path = f"/v1/orders/{order}/statement.pdf?locale=en"
    tags = {desk.get(f"{path}&as_of={on}").headers["etag"] for on in ("2026-02-01", "2026-03-01")}
    assert len(tags) == 2
    problem(desk.get(f"{path}&as_of=yesterday"), 422, "request.invalid")
    problem(desk.get(f"{path}&locale=tlh"), 422, "request.invalid")


def test_a_customer_reads_the_statement_of_her_points(
    desk: Person, sara: tuple[str, Person], ledger: str
) -> None:
    customer = sara[1]
    customer.position = desk.position
    read = customer.get(f"/v1/loyalty-ledgers/{ledger}/statement.pdf?locale=en")
    assert read.status_code == 200, read.text
    assert read.content.startswith(b"%PDF-")


def test_a_lessee_reads_her_contract_and_her_account(service: Service) -> None:
    officer = service.person(Role.LEASING_OFFICER, sub="u-officer", unit="leasing", **COMPANY)
    committee = service.person(Role.SUPERVISOR, sub="u-committee", unit="leasing", **COMPANY)
    lease, lessee, _ = contracted(service, officer, committee)
    lessee.position = officer.position
    contract = lessee.get(f"/v1/leases/{lease}/contract.pdf?locale=fa")
    assert contract.status_code == 200, contract.text
    assert contract.content.startswith(b"%PDF-")
    assert contract.headers["content-disposition"] == 'inline; filename="lease_contract.pdf"'
    path = f"/v1/leases/{lease}/statement.pdf?locale=fa&as_of=2026-03-01"
    before = lessee.get(path)
    assert before.status_code == 200, before.text
    pay(officer, lease, 100_000_000, "2026-02-01")
    lessee.position = officer.position
    after = lessee.get(path)
    assert after.headers["etag"] != before.headers["etag"]
    _, other = service.customer()
    other.position = officer.position
    for part in ("contract.pdf", "statement.pdf"):
        problem(other.get(f"/v1/leases/{lease}/{part}"), 404, "case.not_found")


def test_a_lease_without_contract_has_neither(service: Service) -> None:
    officer = service.person(Role.LEASING_OFFICER, sub="u-officer", unit="leasing", **COMPANY)
    customer, _ = service.customer()
    lease = applied(officer, customer)
    for part in ("contract.pdf", "statement.pdf"):
        problem(officer.get(f"/v1/leases/{lease}/{part}"), 409, "lease.not_contracted")


def test_anothers_statement_is_none(
    service: Service, desk: Person, order: str, ledger: str
) -> None:
    _, other = service.customer()
    other.position = desk.position
    for path in (f"/v1/orders/{order}", f"/v1/loyalty-ledgers/{ledger}"):
        problem(other.get(f"{path}/statement.pdf"), 404, "case.not_found")
    problem(desk.get(f"/v1/orders/{ledger}/statement.pdf"), 404, "case.not_found")
    problem(desk.get(f"/v1/orders/{uuid4()}/statement.pdf"), 404, "case.not_found")
    dealer = service.person(Role.DEALER, dealer_id="D-1")
    problem(dealer.get(f"/v1/orders/{order}/statement.pdf"), 403, "role.not_entitled")


def test_an_order_without_contract_has_no_statement(desk: Person, sara: tuple[str, Person]) -> None:
    body = {"customer_id": sara[0], "scheme": "ordinary_pre_sale", "model": "E5"}
    made = desk.done("/v1/orders", body)["id"]
    problem(desk.get(f"/v1/orders/{made}/statement.pdf"), 409, "order.has_no_contract")
