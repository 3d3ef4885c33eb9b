"""Loyalty ledgers over HTTP: opened, earned, spent, given back; two desks; cash and transfers."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.declare import Role
from domain.loyalty import ledger_id
from tests.api.service import COMPANY, Person, Service, problem

IRR = "IRR"


class Club:
    """A member with her ledger, and the people of the club."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.specialist = service.specialist
        self.officer = service.person(Role.LOYALTY_OFFICER, sub="u-loyalty", **COMPANY)
        self.other = service.person(Role.LOYALTY_OFFICER, sub="u-loyalty-2", **COMPANY)
        self.customer_id, self.customer = service.customer()

    def open(self, **facts: Any) -> "Club":
        said = {"customer_id": str(self.customer_id), "programme": "club", **facts}
        self.id = self.specialist.done("/v1/loyalty-ledgers", said)["id"]
        return self

    def at(self, part: str) -> str:
        return f"/v1/loyalty-ledgers/{self.id}/{part}"

    def earn(self, visits: int = 1, minor: int = 100_000_000) -> "Club":
        for _ in range(visits):
            body = {
                "source": "service",
                "reference": f"visit-{uuid4()}",
                "amount": {"minor": minor, "currency": IRR},
            }
            self.specialist.done(self.at("earnings"), body)
        return self

    def read(self, person: Person | None = None) -> dict[str, Any]:
        reader = person or self.specialist
        reader.position = max(reader.position, self.officer.position, self.specialist.position)
        found = reader.get(f"/v1/loyalty-ledgers/{self.id}")
        assert found.status_code == 200, found.text
        body: dict[str, Any] = found.json()
        return body


@pytest.fixture
def club(service: Service) -> Club:
    return Club(service).open()


def test_points_are_earned_spent_and_given_back(club: Club) -> None:
    assert UUID(club.id) == ledger_id(club.customer_id, "club")
    club.earn()
    assert club.read()["balance_points"] == 300
    spent = {"purpose": "service", "points": 120, "redemption_id": str(uuid4())}
    club.specialist.done(club.at("redemptions"), spent)
    seen = club.read(club.customer)
    assert (seen["balance_points"], seen["totals"]["spent"]) == (180, 120)
    assert sum(seen["expiring"].values()) == 180
    assert seen["next_expiry"]["points"] == 180
    given_back = {"redemption_id": spent["redemption_id"]}
    club.specialist.done(club.at("reversals"), given_back)
    assert club.read()["balance_points"] == 300
    lots = club.specialist.get(club.at("lots")).json()
    assert [(lot["points"], lot["state"]) for lot in lots["items"]] == [(300, "active")]
    assert lots["next"] is None


def test_a_reference_earns_once_and_a_body_that_differs_is_refused(club: Club) -> None:
    body = {"source": "survey", "reference": "survey-7"}
    first = club.specialist.done(club.at("earnings"), body)
    again = club.specialist.done(club.at("earnings"), body)
    assert again["version"] == first["version"]
    other = {**body, "units": 2}
    answer = club.specialist.post(club.at("earnings"), other)
    problem(answer, 409, "loyalty.reference_differs")


def test_two_desks_that_redeem_the_same_points_at_once_do_not_both_get_them(club: Club) -> None:
    club.earn()  # 300 points
    rounds, wins = 5, 0
    for _ in range(rounds):
        start = threading.Barrier(2)
        answers: list[int] = []

        def redeem(start: threading.Barrier = start, answers: list[int] = answers) -> None:
            person = club.service.person(Role.SPECIALIST, **COMPANY)
            start.wait()
            body = {"purpose": "service", "points": 200}
            answers.append(person.post(club.at("redemptions"), body).status_code)

        desks = [threading.Thread(target=redeem) for _ in range(2)]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        assert sorted(answers) == [200, 409]
        wins += answers.count(200)
        ledger = club.service.app.state.desk.casebook.state(UUID(club.id)).state
        assert sum(lot.points for lot in ledger.lots) == 100
        assert ledger.spent == 200 * wins
        club.officer.done(club.at("adjustments"), {"points": 200, "reason": "goodwill"})
    assert wins == rounds


def test_points_are_reserved_by_a_hold_and_redeemed_from_it(club: Club) -> None:
    club.earn()
    hold = {"hold_id": str(uuid4()), "purpose": "car_wash", "points": 250}
    club.specialist.done(club.at("holds"), hold)
    seen = club.read()
    assert (seen["balance_points"], seen["held_points"]) == (50, 250)
    spending = {"purpose": "car_wash", "points": 60}
    problem(
        club.customer.post(club.at("redemptions"), spending), 409, "loyalty.points_insufficient"
    )
    used = {"purpose": "car_wash", "points": 100, "hold_id": hold["hold_id"]}
    club.specialist.done(club.at("redemptions"), used)
    seen = club.read()
    assert (seen["balance_points"], seen["held_points"], seen["holds"]) == (200, 0, {})
    other = {**hold, "hold_id": str(uuid4())}
    hold_id = club.customer.done(club.at("holds"), {**other, "points": 50})
    assert hold_id["version"]
    club.customer.done(club.at(f"holds/{other['hold_id']}/release"))
    club.specialist.position = club.customer.position
    assert club.read()["balance_points"] == 200


def test_cash_leaves_after_another_person_has_agreed(club: Club) -> None:
    club.officer.done(club.at("adjustments"), {"points": 6_000, "reason": "goodwill"})
    asked = {"cash_out_id": str(uuid4()), "points": 5_000}
    club.officer.done(club.at("cash-outs"), asked)
    item = f"cash-outs/{asked['cash_out_id']}"
    approval = club.at(f"{item}/approval")
    problem(club.officer.post(approval), 403, "loyalty.another_person_needed")
    paid = {"paid_on": "2026-03-01"}
    problem(club.other.post(club.at(f"{item}/payment"), paid), 409, "loyalty.cash_out_not_approved")
    club.other.done(approval)
    club.other.done(club.at(f"{item}/payment"), paid)
    club.officer.position = club.other.position
    seen = club.read()
    [cash_out] = seen["cash_outs"]
    assert cash_out["status"] == "paid"
    assert cash_out["amount"] == {"minor": 30_000_000, "currency": IRR}
    assert (seen["balance_points"], seen["totals"]["spent"]) == (1_000, 5_000)


def test_points_go_over_within_a_household_or_not_at_all(service: Service) -> None:
    household = str(uuid4())
    giver = Club(service).open(household_id=household).earn(2)
    taker = Club(service).open(household_id=household)
    stranger = Club(service).open()
    wish = {"to_ledger_id": taker.id, "points": 150, "transfer_id": str(uuid4())}
    giver.customer.done(giver.at("transfers"), wish)
    giver.customer.done(giver.at("transfers"), wish)  # twice is once
    taker.specialist.position = giver.customer.position
    assert taker.read()["totals"]["transferred_in"] == 150
    giver.specialist.position = giver.customer.position
    before = giver.read()
    assert before["balance_points"] == 450
    kept = giver.specialist.get(giver.at("lots")).json()["items"][0]["expires_at"]
    assert taker.specialist.get(taker.at("lots")).json()["items"][0]["expires_at"] == kept
    elsewhere = {"to_ledger_id": stranger.id, "points": 150}
    answer = giver.customer.post(giver.at("transfers"), elsewhere)
    problem(answer, 422, "loyalty.not_one_household")
    assert giver.read()["version"] == before["version"]


def test_a_customer_sees_and_spends_what_is_hers_and_hears_of_no_other(service: Service) -> None:
    club = Club(service).open(membership_number="CL-100-2207").earn()
    other = Club(service).open()
    assert club.customer.get(other.at("lots")).status_code == 404
    answer = club.customer.post(other.at("redemptions"), {"purpose": "service", "points": 100})
    assert answer.status_code == 404
    assert club.customer.post(club.at("adjustments"), {}).status_code == 403
    club.customer.position = club.specialist.position
    listed = club.customer.get("/v1/loyalty-ledgers").json()["items"]
    assert [item["id"] for item in listed] == [club.id]
    assert listed[0]["membership_number"].endswith("2207")
    assert "100" not in listed[0]["membership_number"]
    body = {"customer_id": str(other.customer_id), "programme": "club"}
    body["membership_number"] = "CL-100-2207"
    again = club.specialist.post("/v1/loyalty-ledgers", body)
    assert again.status_code == 409


def test_lists_are_filtered_by_programme_grade_and_household(service: Service) -> None:
    household = str(uuid4())
    one = Club(service).open(household_id=household)
    two = Club(service).open(household_id=household)
    officer = two.officer
    officer.done(two.at("grade"), {"grade": "silver"})
    path = f"/v1/loyalty-ledgers?household={household}"
    found = officer.get(path).json()["items"]
    assert {item["id"] for item in found} == {one.id, two.id}
    [silver] = officer.get(f"{path}&grade=silver&programme=club").json()["items"]
    assert (silver["id"], silver["queue_rank"]) == (two.id, 2)
    assert officer.get(f"{path}&limit=1").json()["next"]


def test_what_a_fraud_rule_holds_waits_for_another_person(club: Club) -> None:
    body = {"source": "participation", "reference": "share-1", "earning_id": str(uuid4())}
    club.officer.done(club.at("earnings"), {**body, "referred_id": str(club.customer_id)})
    assert (seen := club.read())["held_points"] == 20
    assert seen["frozen"][body["earning_id"]]["rule"] == "self_referral"
    assert "rule" not in club.read(club.customer)["frozen"][body["earning_id"]]
    clearance = club.at(f"earnings/{body['earning_id']}/clearance")
    problem(club.officer.post(clearance), 403, "loyalty.another_person_needed")
    club.other.done(clearance)
    club.officer.position = club.other.position
    assert club.read()["balance_points"] == 20
