"""The portals' homes, the sections of the 360° and who is found by which number."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Role
from domain.notification import PlanNotification
from tests.api.service import COMPANY, Person, Service, problem

PRICE = {"minor": 9_800_000_000, "currency": "IRR"}
SYSTEM = Actor(id=ActorId("system:tests"), roles=frozenset({Role.SYSTEM}))


class Somebody:
    """A customer with an order, a ledger, a vehicle and complaints, and her token."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.desk = service.person(Role.MANAGER, sub="u-manager", **COMPANY)
        self.id, self.herself = service.customer()
        self.number = f"SO-{uuid4().hex[:8]}".upper()
        self.dealer = f"dealer-{uuid4().hex[:6]}"
        self.member = f"M-{uuid4().hex[:8]}".upper()
        self.order = self.desk.done("/v1/orders", {
            "customer_id": str(self.id), "scheme": "immediate", "model": "E5", "price": PRICE,
            "contract_on": "2026-01-10", "number": self.number, "dealer_id": self.dealer,
        })["id"]  # fmt: skip
        self.ledger = self.desk.done("/v1/loyalty-ledgers", {
            "customer_id": str(self.id), "programme": "club", "membership_number": self.member,
        })["id"]  # fmt: skip
        self.vehicle = self.desk.done(
            "/v1/vehicles", {"make": "Example", "model": "E5", "vin_source": "phone"}
        )["id"]
        self.desk.done(
            f"/v1/vehicles/{self.vehicle}/ownership",
            {"customer_id": str(self.id), "from_on": "2025-01-01"},
        )
        self.complaint = self.complained()

    def complained(self, **more: Any) -> str:
        made: str = self.desk.done(
            "/v1/complaints",
            {
                "kind": "quality", "channel": "phone", "narrative": "It jerks.",
                "customer_id": str(self.id), "vehicle_id": self.vehicle, **more,
            },
        )["id"]  # fmt: skip
        return made

    def earned(self, visits: int) -> None:
        for _ in range(visits):
            self.desk.done(f"/v1/loyalty-ledgers/{self.ledger}/earnings", {
                "source": "service", "reference": f"visit-{uuid4()}",
                "amount": {"minor": 5_000_000_000, "currency": "IRR"},
            })  # fmt: skip

    def read(self, person: Person, path: str) -> Any:
        person.position = max(person.position, self.desk.position)
        answer = person.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def somebody(service: Service) -> Somebody:
    return Somebody(service)


def test_a_customers_home_says_what_is_open_and_what_is_due_first(somebody: Somebody) -> None:
    somebody.earned(1)
    home = somebody.read(somebody.herself, "/v1/portal/customer")
    assert home["customer"]["id"] == str(somebody.id)
    for part in ("orders", "loyalty", "complaints", "vehicles"):
        assert home[part]["open"] == len(home[part]["items"]) == 1, part
    [order] = home["orders"]["items"]
    assert (order["id"], order["stage"]) == (somebody.order, "placement")
    due = home["next_instalment"]
    assert (due["case"], due["category"], due["number"]) == (
        somebody.order, "order", somebody.number,
    )  # fmt: skip
    assert due["amount"]["currency"] == "IRR"
    assert due["amount"]["minor"] == order["next_due_minor"]
    assert home["next_expiry"]["case"] == somebody.ledger
    assert home["next_expiry"]["points"] == home["loyalty"]["items"][0]["balance_points"]
    [complaint] = home["complaints"]["items"]
    assert complaint["id"] == somebody.complaint
    assert complaint["due_at"] is not None
    assert home["leases"] == {"total": 0, "open": 0, "items": []}
    assert home["notices"] == {"unseen": 0, "more": False, "items": []}


def test_a_home_is_unchanged_until_something_changes(somebody: Somebody) -> None:
    somebody.read(somebody.herself, "/v1/portal/customer")
    answer = somebody.herself.get("/v1/portal/customer")
    again = somebody.herself.get("/v1/portal/customer", if_none_match=answer.headers["etag"])
    assert again.status_code == 304


def test_her_home_has_what_she_was_told_until_she_has_seen_it(service: Service) -> None:
    somebody = Somebody(service)
    for hers in (True, False):
        wish = PlanNotification(
            stream=uuid4(), recipient=f"customer:{somebody.id}" if hers else "account-1",
            locale="en", code="order.delivered", case_id=UUID(somebody.order),
            case_category="order", urgency=Urgency.REMINDER, cause=uuid4(),
            caused_at=datetime.now(UTC),
            customer_id=somebody.id if hers else None, staff_id=None if hers else uuid4(),
        )  # fmt: skip
        receipt = service.app.state.desk.casebook.execute(wish, actor=SYSTEM)
        somebody.desk.position = receipt.position
    home = somebody.read(somebody.herself, "/v1/portal/customer")
    assert home["notices"]["unseen"] == 1
    [notice] = home["notices"]["items"]
    assert (notice["code"], notice["case_id"]) == ("order.delivered", somebody.order)
    assert notice["seen"] is False
    listed = somebody.read(somebody.herself, f"/v1/customers/{somebody.id}/notifications")
    assert [item["id"] for item in listed["items"]] == [notice["id"]]
    whole = somebody.read(somebody.desk, f"/v1/customers/{somebody.id}/360")
    assert whole["notifications"]["total"] == 2
    somebody.herself.done(f"/v1/notifications/{notice['id']}/seen")
    seen = somebody.read(somebody.herself, "/v1/portal/customer")["notices"]
    assert (seen["unseen"], seen["items"][0]["seen"]) == (0, True)


def test_whoever_acts_for_nobody_has_no_home(service: Service) -> None:
    for role, path in ((Role.CUSTOMER, "customer"), (Role.DEALER, "dealer")):
        answer = service.person(role).get(f"/v1/portal/{path}")
        problem(answer, 404, "case.not_found")
    stranger = service.person(Role.CUSTOMER, customer_id=str(uuid4()))
    problem(stranger.get("/v1/portal/customer"), 404, "case.not_found")


def test_a_dealers_home_has_its_complaints_orders_and_vehicles_and_nobody_elses(
    somebody: Somebody,
) -> None:
    expert = somebody.service.expert
    case = somebody.complaint
    somebody.desk.done(f"/v1/complaints/{case}/judgement", {"valid": True})
    somebody.desk.done(
        f"/v1/complaints/{case}/classification", {"kind": "quality", "subject": "gearbox"}
    )
    somebody.desk.done(f"/v1/complaints/{case}/grading", {"importance": "normal"})
    somebody.desk.done(
        f"/v1/complaints/{case}/assignment", {"region": "north", "dealer_id": somebody.dealer}
    )
    expert.position = somebody.desk.position
    dealer = somebody.service.person(Role.DEALER, dealer_id=somebody.dealer)
    home = somebody.read(dealer, "/v1/portal/dealer")
    assert home["dealer_id"] == somebody.dealer
    assert [item["id"] for item in home["complaints"]["items"]] == [case]
    assert home["complaints"]["open"] == {"count": 1, "more": False}
    assert home["complaints"]["items"][0]["ours"] is (home["complaints"]["ours"]["count"] == 1)
    assert [item["id"] for item in home["orders"]["items"]] == [somebody.order]
    assert sum(stage["count"] for stage in home["orders"]["by_next_stage"]) == 1
    assert [item["id"] for item in home["vehicles"]["items"]] == [somebody.vehicle]
    assert "insurance_expires_on" not in home["vehicles"]["items"][0]
    other = somebody.read(somebody.service.person(Role.DEALER, dealer_id="x"), "/v1/portal/dealer")
    assert other["complaints"]["items"] == other["orders"]["items"] == []
    assert other["vehicles"]["items"] == other["orders"]["by_next_stage"] == []


@pytest.mark.parametrize("kind", ["contract_number", "membership_number"])
def test_a_customer_is_found_by_the_numbers_of_her_papers(somebody: Somebody, kind: str) -> None:
    value = somebody.number if kind == "contract_number" else somebody.member
    asked = {"identifiers": [{"kind": kind, "value": f" {value.lower()} "}]}
    somebody.desk.position = max(somebody.desk.position, somebody.herself.position)
    found = somebody.desk.post("/v1/customers/identification", asked).json()
    assert (found["outcome"], found["customer_id"]) == ("one", str(somebody.id))
    category = "order" if kind == "contract_number" else "loyalty"
    assert [match["category"] for match in found["matches"]] == [category]


def test_a_leasing_desk_sees_applications_and_papers_and_her_lessee_sees_her_lease(
    somebody: Somebody,
) -> None:
    applied = {
        "customer_id": str(somebody.id), "product": "ir_in_house", "applied_on": "2026-01-10",
        "price": {"minor": 15_000_000_000, "currency": "IRR"}, "term_months": 36,
        "down_payment": {"minor": 6_000_000_000, "currency": "IRR"}, "region": "east",
    }  # fmt: skip
    lease = somebody.desk.done("/v1/leases", applied)["id"]
    officer = somebody.service.person(Role.LEASING_OFFICER, region="east")
    elsewhere = somebody.service.person(Role.LEASING_OFFICER, region="west")
    home = somebody.read(officer, "/v1/portal/leasing")
    assert home["applications"]["by_status"] == [{"status": "applied", "count": 1, "more": False}]
    assert [item["id"] for item in home["applications"]["items"]] == [lease]
    assert home["papers"]["to_verify"] == {"count": 0, "more": False}
    assert somebody.read(elsewhere, "/v1/portal/leasing")["applications"]["items"] == []
    hers = somebody.read(somebody.herself, "/v1/portal/customer")
    assert [item["id"] for item in hers["leases"]["items"]] == [lease]
    listed = somebody.read(somebody.herself, f"/v1/customers/{somebody.id}/leases")
    assert [item["id"] for item in listed["items"]] == [lease]
    stranger = somebody.service.person(Role.CUSTOMER, customer_id=str(uuid4()))
    for section in ("leases", "orders", "loyalty", "vehicles", "complaints", "notifications"):
        path = f"/v1/customers/{somebody.id}/{section}"
        problem(stranger.get(path), 404, "case.not_found")


def test_numbers_of_two_people_say_several_until_their_records_are_one(
    service: Service, somebody: Somebody
) -> None:
    other, desk = Somebody(service), somebody.desk
    asked = {
        "identifiers": [
            {"kind": "contract_number", "value": somebody.number},
            {"kind": "membership_number", "value": other.member},
        ]
    }
    desk.position = other.desk.position
    found = desk.post("/v1/customers/identification", asked).json()
    assert (found["outcome"], found["customer_id"], len(found["matches"])) == ("several", None, 2)
    desk.done(f"/v1/customers/{somebody.id}/merges", {"absorbed_id": str(other.id)})
    found = desk.post("/v1/customers/identification", asked).json()
    assert (found["outcome"], found["customer_id"]) == ("one", str(somebody.id))
    whole = somebody.read(desk, f"/v1/customers/{somebody.id}/360")
    for section in ("orders", "loyalty", "vehicles", "complaints"):
        assert whole[section]["total"] == 2
        froms = {item.get("merged_from") for item in whole[section]["items"]}
        assert froms == {str(other.id), None}, section
    for path, theirs in (
        ("/v1/loyalty-ledgers", {somebody.ledger, other.ledger}),
        ("/v1/orders", {somebody.order, other.order}),
    ):
        hers = somebody.read(somebody.herself, path)["items"]
        assert {item["id"] for item in hers} == theirs, path
    listed = somebody.read(desk, f"/v1/customers/{somebody.id}/orders?limit=1")
    assert [item["merged_from"] for item in listed["items"]] == [str(other.id)]
    path = f"/v1/customers/{somebody.id}/orders?limit=1&cursor={listed['next']}"
    rest = somebody.read(desk, path)
    assert [item["id"] for item in rest["items"]] == [somebody.order]
    desk.done(f"/v1/customers/{somebody.id}/merges/{other.id}/undoing", {"reason": "a mistake"})
    found = desk.post("/v1/customers/identification", asked).json()
    assert found["outcome"] == "several"


def test_work_of_a_better_grade_comes_first_and_says_so(service: Service) -> None:
    plain, loyal = Somebody(service), Somebody(service)
    loyal.earned(4)
    region = f"r-{uuid4().hex[:6]}"
    cases = {}
    for who in (plain, loyal):
        cases[who.id] = who.complained(region=region)
    regional = service.person(Role.SPECIALIST, region=region)
    work = loyal.read(regional, "/v1/worklist?limit=200")["items"]
    seen = [item for item in work if item["id"] in cases.values()]
    assert [item["id"] for item in seen] == [cases[loyal.id], cases[plain.id]]
    first, second = (item["standing"] for item in seen)
    assert (first["grade"], first["grade_rank"]) == ("silver", 2)
    assert (second["grade"], second["grade_rank"]) == ("basic", 3)
    assert first["rank"] == second["rank"]
    following = work[work.index(seen[0]) + 1]["standing"]
    assert (following["grade"], following["after_previous_by"]) == ("basic", "grade")
    previous = work[work.index(seen[1]) - 1]["standing"]
    others_between = previous["grade"] == "basic"
    assert second["after_previous_by"] in (("due", "age") if others_between else ("grade",))
    assert first["opened_at"] > second["opened_at"]
