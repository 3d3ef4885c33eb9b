"""Purchase orders over HTTP: the whole life of one, and what is refused on the way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain import draw as d
from domain.declare import Actor, ActorId, Role
from tests.api.service import COMPANY, Person, Service, problem

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PRICE: dict[str, Any] = {"minor": 9_800_000_000, "currency": "IRR"}


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


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
def desk(service: Service) -> Person:
    return service.person(Role.MANAGER, sub="u-manager", **COMPANY)


_serial = iter(range(100_000, 200_000))


def vin() -> str:
    return f"NAAXX00LAKA{next(_serial)}"


def car(desk: Person, number: str) -> str:
    body = {"make": "Example Motor", "model": "E5", "vin": number}
    made: str = desk.done("/v1/vehicles", body)["id"]
    return made


def placed(service: Service, desk: Person, customer: str | None = None, **fields: Any) -> str:
    """Place an order of 100 days ago, promised for 70 days ago."""
    customer = customer or str(service.customer()[0])
    body = {
        "customer_id": customer,
        "scheme": "immediate",
        "model": "E5",
        "price": PRICE,
        "contract_on": day(-100),
        **fields,
    }
    made: str = desk.done("/v1/orders", body)["id"]
    return made


def pay(desk: Person, order: str, minor: int, on: int = -100, **fields: Any) -> str:
    payment = str(uuid4())
    body = {
        "payment_id": payment,
        "amount": rial(minor),
        "received_on": day(on),
        "method": "bank_transfer",
        **fields,
    }
    desk.done(f"/v1/orders/{order}/payments", body)
    return payment


def allocated(desk: Person, order: str) -> tuple[str, str]:
    number = vin()
    vehicle = car(desk, number)
    desk.done(f"/v1/orders/{order}/allocation", {"vehicle_id": vehicle, "vin": number})
    return vehicle, number


HANDED_OVER = {
    "delivered_on": day(0),
    "mileage_km": 12,
    "keys": 2,
    "papers": ["invoice", "registration", "insurance", "warranty_booklet"],
    "signed_by": ["customer", "dealer"],
    "defects": [{"code": "scratch", "remark": "Left mirror."}],
}


def ready(desk: Person, order: str, plate: str = "12 ب 345 67") -> None:
    released = {"released_on": day(-1), "source": "factory"}
    desk.done(f"/v1/orders/{order}/release", released)
    papers = {"prepared_on": day(-1), "papers": [{"kind": "registration", "number": "R-1"}]}
    desk.done(f"/v1/orders/{order}/documents", papers)
    desk.done(f"/v1/orders/{order}/plating", {"plate": plate, "plated_on": day(-1)})


def test_an_order_is_placed_paid_allocated_and_delivered_late(
    service: Service, desk: Person
) -> None:
    customer_id, customer = service.customer()
    order = placed(service, desk, str(customer_id))
    pay(desk, order, PRICE["minor"])
    vehicle, _ = allocated(desk, order)
    ready(desk, order)
    desk.done(f"/v1/orders/{order}/delivery", HANDED_OVER)

    customer.position = desk.position
    shown = customer.get(f"/v1/orders/{order}").json()
    assert (shown["status"], shown["stage"]) == ("delivered", "delivery")
    assert [s["stage"] for s in shown["stages"] if s["done"]] == [
        "placement", "full_payment", "allocation", "release", "documents", "plating", "delivery",
    ]  # fmt: skip
    assert shown["money"]["balance_minor"] == PRICE["minor"]
    assert shown["delivery"]["late_by_days"] == 70
    owed = PRICE["minor"] * 70 * 25 // 1000 // 30
    assert abs(shown["delivery"]["compensation_minor"] - owed) <= 1
    owner = customer.get(f"/v1/vehicles/{vehicle}").json()
    assert owner["ownerships"][0]["customer_id"] == str(customer_id)
    assert owner["plate"] == "12ب34567"

    accrued = customer.get(f"/v1/orders/{order}/compensation?as_of={day(30)}").json()
    delay = accrued["accruals"][0]
    assert (delay["kind"], len(delay["days"])) == ("delay_compensation", 70)
    assert sum(each["accrued_minor"] for each in delay["days"]) == delay["accrued_minor"]
    assert delay["accrued_minor"] == shown["delivery"]["compensation_minor"]
    assert date.fromisoformat(delay["days"][-1]["on"]) == TODAY


# --- money ----------------------------------------------------------------------------------------


def test_money_that_was_too_much_goes_back(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"] + 700)
    shown = desk.get(f"/v1/orders/{order}").json()
    assert shown["money"]["refundable_minor"] == 700
    assert [due["amount"] for due in shown["refunds_due"]] == [rial(700)]
    body = {"amount": rial(701), "paid_on": day(0), "method": "bank_transfer"}
    refused = problem(
        desk.post(f"/v1/orders/{order}/refund", body), 409, "order.refund_exceeds_credit"
    )
    assert refused["params"]["refundable_minor"] == 700
    desk.done(f"/v1/orders/{order}/refund", {**body, "amount": rial(700)})
    after = desk.get(f"/v1/orders/{order}").json()["money"]
    assert (after["balance_minor"], after["refundable_minor"]) == (PRICE["minor"], 0)


def test_amounts_are_whole_positive_and_in_one_currency(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    path = f"/v1/orders/{order}/payments"
    body = {"received_on": day(-1), "method": "card"}
    fraction = {**body, "amount": {"minor": 12.5, "currency": "IRR"}}
    wrong = problem(desk.post(path, fraction), 422, "request.invalid")
    assert wrong["errors"][0]["pointer"] == "#/amount/minor"
    negative = {**body, "amount": rial(-5)}
    problem(desk.post(path, negative), 422, "order.amount_not_positive")
    dollars = {**body, "amount": {"minor": 100, "currency": "USD"}}
    problem(desk.post(path, dollars), 422, "order.currency_differs")
    early = {**body, "amount": rial(5), "received_on": day(-101)}
    problem(desk.post(path, early), 422, "order.payment_before_contract")
    assert desk.get(f"/v1/orders/{order}").json()["money"]["paid_minor"] == 0


def test_a_refusal_is_said_in_the_readers_language(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    body = {"amount": rial(-5), "received_on": day(-1), "method": "card"}
    answer = desk.post(f"/v1/orders/{order}/payments", body, accept_language="fa")
    assert "مبلغ" in problem(answer, 422, "order.amount_not_positive")["title"]


# --- whose it is ----------------------------------------------------------------------------------


def test_a_customer_orders_for_herself_at_the_sellers_terms(service: Service) -> None:
    customer_id, customer = service.customer()
    other_id, other = service.customer()
    body = {"scheme": "ordinary_pre_sale", "model": "E5"}
    made = customer.done("/v1/orders", body)
    shown = customer.get(f"/v1/orders/{made['id']}").json()
    assert [s["stage"] for s in shown["stages"] if s["next"]] == ["draw_entry"]
    assert "customer_id" not in shown
    other.position = customer.position
    assert other.get(f"/v1/orders/{made['id']}").status_code == 404
    named = {**body, "customer_id": str(other_id)}
    assert customer.post("/v1/orders", named).status_code == 404
    own_price = {**body, "scheme": "immediate", "price": rial(5)}
    problem(customer.post("/v1/orders", own_price), 403, "order.terms_not_yours")
    listed = customer.get("/v1/orders").json()["items"]
    assert [item["id"] for item in listed] == [made["id"]]
    assert other.get("/v1/orders").json()["items"] == []
    pays = {"amount": rial(5), "received_on": day(0), "method": "card"}
    answer = customer.post(f"/v1/orders/{made['id']}/payments", pays)
    assert answer.status_code == 403
    assert customer_id != other_id


def test_a_dealer_sells_and_hands_over_what_is_his(service: Service, desk: Person) -> None:
    dealer = service.person(Role.DEALER, dealer_id="D-17")
    rival = service.person(Role.DEALER, dealer_id="D-99")
    customer_id, _ = service.customer()
    body = {"customer_id": str(customer_id), "scheme": "immediate", "model": "E5", "price": PRICE}
    order = dealer.done("/v1/orders", {**body, "contract_on": day(-5)})["id"]
    pay(dealer, order, PRICE["minor"], -5)
    rival.position = dealer.position
    assert rival.get(f"/v1/orders/{order}").status_code == 404
    vehicle, _ = allocated(desk, order)
    ready(desk, order, "14 ج 345 67")
    rival.position = dealer.position = desk.position
    answer = rival.post(f"/v1/orders/{order}/delivery", HANDED_OVER)
    assert answer.status_code == 404
    dealer.done(f"/v1/orders/{order}/delivery", HANDED_OVER)
    shown = dealer.get(f"/v1/orders/{order}").json()
    assert (shown["status"], shown["customer_id"]) == ("delivered", str(customer_id))
    assert "actor" not in shown["delivery"]
    desk.position = dealer.position
    assert desk.get(f"/v1/vehicles/{vehicle}").json()["holder_id"] == str(customer_id)


# --- one car, one order ---------------------------------------------------------------------------


def test_a_car_is_allocated_to_one_order_however_many_ask_at_once(
    service: Service, desk: Person
) -> None:
    orders = [placed(service, desk) for _ in range(6)]
    for order in orders:
        pay(desk, order, PRICE["minor"])
    number = vin()
    vehicle = car(desk, number)
    start = threading.Barrier(len(orders))

    def ask(order: str) -> tuple[str, int, str]:
        body = {"vehicle_id": vehicle, "vin": number}
        with httpx.Client(base_url=service.url, timeout=30) as client:
            start.wait()
            answer = client.post(
                f"/v1/orders/{order}/allocation", json=body, headers=desk.headers()
            )
        desk.remember(answer)
        return order, answer.status_code, answer.json().get("type", "")

    with ThreadPoolExecutor(len(orders)) as pool:
        answers = list(pool.map(ask, orders))
    won = [order for order, status, _ in answers if status == 200]
    assert len(won) == 1, answers
    lost = {code for _, status, code in answers if status != 200}
    assert lost <= {"vehicle.reserved_for_another", "claim.already_claimed"}
    shown = desk.get(f"/v1/vehicles/{vehicle}").json()
    assert shown["reserved_for"] == won[0]


def test_a_car_taken_back_can_be_meant_for_another_order(service: Service, desk: Person) -> None:
    first, second = placed(service, desk), placed(service, desk)
    for order in (first, second):
        pay(desk, order, PRICE["minor"])
    vehicle, number = allocated(desk, first)
    again = {"vehicle_id": vehicle, "vin": number}
    path = f"/v1/orders/{second}/allocation"
    problem(desk.post(path, again), 409, "vehicle.reserved_for_another")
    desk.done(f"/v1/orders/{first}/allocation/withdrawal", {"because": "reallocated"})
    desk.done(path, again)
    assert desk.get(f"/v1/vehicles/{vehicle}").json()["reserved_for"] == second


def test_the_car_has_to_be_the_one_of_this_vin(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"])
    vehicle = car(desk, vin())
    path = f"/v1/orders/{order}/allocation"
    other = {"vehicle_id": vehicle, "vin": vin()}
    problem(desk.post(path, other), 422, "vehicle.vin_of_another")
    for letter in "IOQ":
        wrong = {"vehicle_id": vehicle, "vin": f"{letter}AAXX00LAKA100000"}
        problem(desk.post(path, wrong), 422, "identifier.vin_is_wrong")
    unknown = {"vehicle_id": str(uuid4()), "vin": vin()}
    problem(desk.post(path, unknown), 422, "request.invalid")
    assert desk.get(f"/v1/orders/{order}").json()["vehicle"] is None


def test_the_sales_unit_allocates_and_accounting_takes_money_and_gives_it_back(
    service: Service, desk: Person
) -> None:
    sales = service.person(Role.UNIT, unit="sales")
    accounting = service.person(Role.UNIT, unit="accounting")
    parts = service.person(Role.UNIT, unit="parts")
    order = placed(service, desk)
    pay(accounting, order, PRICE["minor"] + 5)
    number = vin()
    body = {"vehicle_id": car(desk, number), "vin": number}
    assert parts.post(f"/v1/orders/{order}/allocation", body).status_code == 404
    sales.done(f"/v1/orders/{order}/allocation", body)
    back = {"amount": rial(5), "paid_on": day(0), "method": "bank_transfer"}
    accounting.done(f"/v1/orders/{order}/refund", back)
    assert parts.get(f"/v1/orders/{order}").status_code == 404
    assert accounting.get(f"/v1/orders/{order}").json()["money"]["refundable_minor"] == 0


def test_a_reserved_car_is_sold_by_its_order_alone(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"])
    vehicle, _ = allocated(desk, order)
    somebody, _ = service.customer()
    body = {"customer_id": str(somebody), "from_on": day(0)}
    problem(desk.post(f"/v1/vehicles/{vehicle}/ownership", body), 409, "vehicle.is_reserved")
    problem(
        desk.post(f"/v1/vehicles/{vehicle}/vin/correction", {"vin": vin()}),
        409,
        "vehicle.is_reserved",
    )


def test_a_cancelled_order_frees_its_car_and_says_what_goes_back(
    service: Service, desk: Person
) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"])
    vehicle, _ = allocated(desk, order)
    body = {"because": "cannot_supply", "cancelled_on": day(0), "remark": "Water damage."}
    desk.done(f"/v1/orders/{order}/cancellation", body)
    shown = desk.get(f"/v1/orders/{order}").json()
    assert (shown["status"], shown["vehicle"]) == ("cancelled", None)
    assert shown["money"]["refundable_minor"] == PRICE["minor"]
    kinds = {c["kind"]: c["accrued_minor"] for c in shown["compensation"]}
    assert kinds["cancellation_interest"] > 0
    assert kinds["delay_compensation"] > 0
    assert desk.get(f"/v1/vehicles/{vehicle}").json()["reserved_for"] is None
    desk.done(f"/v1/orders/{order}/cancellation", body)


# --- the draw -------------------------------------------------------------------------------------


def announced(service: Service, *, opened: bool = True) -> str:
    """Announce, commit and open a draw for E5, as its operator."""
    casebook = service.app.state.desk.casebook
    operator = Actor(id=ActorId("u-operator"), roles=frozenset({Role.MANAGER}))
    draw = uuid4()
    casebook.execute(
        d.AnnounceDraw(
            stream=draw,
            name="spring-2026",
            quotas=(d.AskedQuota(model="E5", winners=2, reserves=1),),
            source="Central bank, dollar rate",
            opens_at=NOW,
            closes_at=NOW + timedelta(days=5),
            value_expected_at=NOW + timedelta(days=6),
        ),
        d.CommitSeed(stream=draw, seed_sha256="ab" * 32),
        actor=operator,
    )
    if opened:
        casebook.execute(d.OpenDraw(stream=draw), actor=operator)
    return str(draw)


def test_a_person_has_one_entry_in_a_draw(service: Service) -> None:
    draw = announced(service)
    _, customer = service.customer()
    body = {"scheme": "ordinary_pre_sale", "model": "E5"}
    orders = [customer.done("/v1/orders", body)["id"] for _ in range(2)]
    entry = {"draw_id": draw}
    customer.done(f"/v1/orders/{orders[0]}/draw-entry", entry)
    problem(
        customer.post(f"/v1/orders/{orders[1]}/draw-entry", entry), 409, "claim.already_claimed"
    )
    customer.done(f"/v1/orders/{orders[0]}/draw-entry/withdrawal", entry)
    customer.done(f"/v1/orders/{orders[1]}/draw-entry", entry)
    found = customer.get(f"/v1/orders?draw={draw}").json()["items"]
    assert [item["id"] for item in found] == [orders[1]]


def test_an_entry_is_taken_while_the_draw_is_open_only(service: Service) -> None:
    draw = announced(service, opened=False)
    _, customer = service.customer()
    order = customer.done("/v1/orders", {"scheme": "ordinary_pre_sale", "model": "E5"})["id"]
    answer = customer.post(f"/v1/orders/{order}/draw-entry", {"draw_id": draw})
    problem(answer, 409, "draw.not_open")
    other = customer.done("/v1/orders", {"scheme": "ordinary_pre_sale", "model": "E9"})["id"]
    missing = customer.post(f"/v1/orders/{other}/draw-entry", {"draw_id": str(uuid4())})
    problem(missing, 422, "request.invalid")


# --- the list -------------------------------------------------------------------------------------


def test_orders_are_listed_by_what_they_are(service: Service, desk: Person) -> None:
    customer_id, _ = service.customer()
    made = [
        placed(service, desk, str(customer_id), number=f"P-{next(_serial)}", trim=trim)
        for trim in ("base", "full", "full")
    ]
    pay(desk, made[1], PRICE["minor"] + 5)
    whose = f"customer={customer_id}"

    def found(query: str) -> list[str]:
        answer = desk.get(f"/v1/orders?{whose}&{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert found("scheme=immediate") == [made[1], made[2], made[0]]
    assert found("stage=full_payment") == [made[1]]
    assert found("refundable=true") == [made[1]]
    assert found("refundable=false&limit=1") == [made[2]]
    assert found("scheme=leased") == []
    assert found(f"promised_before={day(-69)}") == [made[1], made[2], made[0]]
    assert found(f"promised_before={day(-70)}") == []
    first = desk.get(f"/v1/orders?{whose}&limit=2").json()
    rest = desk.get(f"/v1/orders?{whose}&limit=2&cursor={first['next']}").json()
    assert [i["id"] for i in (*first["items"], *rest["items"])] == [made[1], made[2], made[0]]
    assert rest["next"] is None
    number = first["items"][1]["number"]
    assert found(f"number={number}") == [made[2]]
    problem(desk.get("/v1/orders?stage=nowhere"), 422, "request.invalid")
    problem(desk.get("/v1/orders?promised_before=soon"), 422, "request.invalid")


def test_a_number_is_one_orders(service: Service, desk: Person) -> None:
    placed(service, desk, number="P-ONE")
    body = {
        "customer_id": str(service.customer()[0]),
        "scheme": "immediate",
        "model": "E5",
        "price": PRICE,
        "contract_on": day(-3),
        "number": "p-one",
    }
    problem(desk.post("/v1/orders", body), 409, "claim.already_claimed")


def test_compensation_is_shown_by_any_day(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"])
    path = f"/v1/orders/{order}/compensation"

    def accrued(query: str) -> Any:
        return desk.get(path + query).json()["accruals"][0]

    assert (accrued("")["accrued_minor"], len(accrued("")["days"])) == (571_666_667, 70)
    assert accrued(f"?as_of={day(-70)}")["days"] == []
    assert accrued(f"?as_of={day(-69)}")["accrued_minor"] == 8_166_667
    settled = {"form": "paid_out", "settled_on": day(-69)}
    desk.done(f"/v1/orders/{order}/compensation/settlement", settled)
    assert accrued("")["owed_minor"] == 571_666_667 - 8_166_667
    problem(desk.get(f"{path}?as_of=2199-01-01"), 422, "request.invalid")
    problem(desk.get(f"{path}?as_of=yesterday"), 422, "request.invalid")
    moved = {"promised_on": day(30), "because": "supply"}
    desk.done(f"/v1/orders/{order}/promise", moved)
    assert accrued("")["accrued_minor"] == 571_666_667


def at_once(service: Service, desk: Person, *posts: tuple[str, dict[str, Any]]) -> list[int]:
    """Post all of it in the same moment, and return how each was answered."""
    start = threading.Barrier(len(posts))

    def ask(post: tuple[str, dict[str, Any]]) -> int:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            start.wait()
            answer = client.post(post[0], json=post[1], headers=desk.headers())
        desk.remember(answer)
        return answer.status_code

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(ask, posts))


def test_two_desks_do_not_pay_the_same_money_back(service: Service, desk: Person) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"] + 700)
    back = {"amount": rial(700), "paid_on": day(0), "method": "bank_transfer"}
    answers = at_once(service, desk, *[(f"/v1/orders/{order}/refund", back)] * 4)
    assert sorted(answers) == [200, 409, 409, 409]
    assert desk.get(f"/v1/orders/{order}").json()["money"]["balance_minor"] == PRICE["minor"]


def test_a_car_is_handed_over_or_its_order_cancelled_but_never_both(
    service: Service, desk: Person
) -> None:
    order = placed(service, desk)
    pay(desk, order, PRICE["minor"])
    vehicle, _ = allocated(desk, order)
    ready(desk, order, "15 د 345 67")
    cancelled = {"because": "cannot_supply", "cancelled_on": day(0)}
    answers = at_once(
        service,
        desk,
        (f"/v1/orders/{order}/delivery", HANDED_OVER),
        (f"/v1/orders/{order}/cancellation", cancelled),
    )
    assert sorted(answers) == [200, 409]
    shown = desk.get(f"/v1/orders/{order}").json()
    record = desk.get(f"/v1/vehicles/{vehicle}").json()
    assert record["reserved_for"] is None
    assert bool(record["ownerships"]) is (shown["status"] == "delivered")
