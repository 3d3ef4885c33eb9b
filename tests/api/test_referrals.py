"""Special cases over HTTP: under the Iranian and the Chinese pack, from the letter to the reply."""

import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.declare import Actor, ActorId, Role
from domain.referral import ConcludeHandling, HandlingConclusion, LinkComplaint, ResumeHandling
from tests.api.service import COMPANY, Person, Service, problem

SAGA = Actor(id=ActorId("saga:referral"), roles=frozenset({Role.SYSTEM}))


class Authority:
    """The people of a special case, and the case as they see it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.secretary = service.person(Role.SECRETARIAT, sub="u-secretary", unit="secretariat")
        self.special = service.person(Role.SPECIAL_EXPERT, sub="u-special")
        self.expert = service.person(Role.EXPERT, sub="u-expert", unit="complaints", **COMPANY)
        self.id = ""

    def receive(self, **facts: Any) -> "Authority":
        said = {
            "route": "courier",
            "authority": "سازمان حمایت مصرف‌کنندگان",
            "letter_number": f"۱۴۰۵/{uuid4().hex[:8]}",
            "letter_on": "2026-11-01",
            "received_at": "2026-11-02T08:00:00Z",
            "kind": "quality",
            "matter": "The gearbox jerks; three repairs did not help.",
            "complainant_name": "لیلا کریمی",
            **facts,
        }
        self.id = self.secretary.done("/v1/referrals", said)["id"]
        return self

    def at(self, part: str) -> str:
        return f"/v1/referrals/{self.id}/{part}"

    def registered(self, pack: str, **facts: Any) -> "Authority":
        number = f"S-{uuid4().hex[:8]}"
        self.secretary.done(self.at("registration"), {"number": number, "pack": pack, **facts})
        return self

    def handled(self) -> "Authority":
        """Let the matter be distributed and handled, as the saga says when it runs."""
        self.secretary.done(self.at("distribution"), {"unit": "after_sales"})
        complaint = UUID(self.service.complaint())
        casebook = self.service.app.state.desk.casebook
        casebook.execute(LinkComplaint(stream=self.stream, complaint_id=complaint), actor=SAGA)
        concluded = ConcludeHandling(
            stream=self.stream,
            complaint_version=1,
            conclusion=HandlingConclusion.RESULT_ANNOUNCED,
        )
        receipt = casebook.execute(concluded, actor=SAGA)
        self.special.position = self.secretary.position = receipt.position
        self.special.done(
            self.at("action-controls"),
            {"action": "plan", "done_at": "2026-11-03T08:00:00Z"},
        )
        return self

    @property
    def stream(self) -> UUID:
        return UUID(self.id)

    def told(self) -> "Authority":
        self.special.done(self.at("final-control"), {"outcome": "accepted"})
        self.special.done(
            self.at("customer-information"),
            {"channel": "phone", "content": "It is repaired on Monday.", "evidence": "call 7731"},
        )
        return self

    def reply(self, reply: str, *elements: str, **facts: Any) -> dict[str, Any]:
        given = [{"element": name, "text": f"متن {name} 内容"} for name in elements]
        return {"reply": reply, "elements": given, **facts}

    def shown(self, by: Person | None = None) -> dict[str, Any]:
        person = by or self.special
        person.position = self.service.app.state.desk.casebook.head()
        while (answer := person.get(f"/v1/referrals/{self.id}")).status_code == 503:
            pass  # the view is still reading: the answer says so after waiting for it
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


IRAN = ("findings", "actions_taken", "customer_informed", "conclusion")
CHINA = ("findings", "decision", "reasons", "customer_informed")


@pytest.fixture
def authority(service: Service) -> Authority:
    return Authority(service)


def test_a_special_case_under_the_iranian_pack_from_the_letter_to_the_reply(
    authority: Authority,
) -> None:
    case = authority.receive(answer_by_on="2027-01-20").registered("iran")
    seen = case.shown()
    clocks = {clock["clock"]: clock for clock in seen["clocks"]}
    assert clocks["authority_reply"]["due_at"] == "2027-01-20T20:30:00Z"
    assert clocks["reply"]["due_at"] < clocks["authority_reply"]["due_at"]
    assert seen["answer"] == {
        "regime": "iran",
        "known_by": "letter",
        "answer_by_on": "2027-01-20",
        "number_in_pack": False,
        "rule": "IR-5",
        "citation": "Executive by-law 1395, Art. 29, first stage",
        "confirmed": "seen; no number of days found",
        "counts_from": None,
    }
    secretary, special = case.secretary, case.special
    secretary.done(case.at("reply"), case.reply("acknowledgement", "reference"))
    sent = {"route": "courier", "letter_number": "1405/R/1"}
    secretary.done(case.at("reply/1/dispatch"), sent)
    early = special.post(case.at("reply"), case.reply("final", *IRAN))
    problem(early, 409, "referral.reply_before_final_control")
    case.handled()
    problem(
        special.post(case.at("customer-information"), {"channel": "phone", "content": "x"}),
        409,
        "referral.customer_informed_too_early",
    )
    special.done(case.at("final-control"), {"outcome": "accepted"})
    early = special.post(case.at("reply"), case.reply("final", *IRAN))
    problem(early, 409, "referral.reply_before_customer_information")
    told = {"channel": "phone", "content": "It is repaired.", "evidence": "call 7731"}
    special.done(case.at("customer-information"), told)
    short = special.post(case.at("reply"), case.reply("final", "findings", "conclusion"))
    missing = problem(short, 422, "referral.reply_elements_missing")
    assert missing["params"]["missing"] == ["actions_taken", "customer_informed"]
    special.done(case.at("reply"), case.reply("final", *IRAN))
    draft = special.get(case.at("reply/2/letter"))
    assert (draft.status_code, draft.headers["content-type"]) == (200, "application/pdf")
    assert draft.headers["content-language"] == "fa"
    secretary.done(case.at("reply/2/dispatch"), {**sent, "letter_number": "1405/R/2"})
    letter = special.get(case.at("reply/2/letter"))
    assert letter.content.startswith(b"%PDF-") and letter.content != draft.content
    again = special.get(case.at("reply/2/letter"), if_none_match=letter.headers["etag"])
    assert again.status_code == 304
    secretary.done(case.at("closure"))
    ended = case.shown(case.service.auditor)
    assert ended["status"] == "closed"
    assert {clock["state"] for clock in ended["clocks"]} == {"stopped"}


def test_a_special_case_under_the_chinese_packs(authority: Authority) -> None:
    china = {
        "authority": "上海市市场监督管理局",
        "matter": "变速箱顿挫。",
        "complainant_name": "王丽娜",
    }
    case = authority.receive(**china).registered("china_43")
    assert case.shown()["answer"]["known_by"] == "rule"
    asked = {"milestone": "exchange_requested", "happened_on": "2026-11-03"}
    case.special.done(case.at("milestones"), asked)
    clocks = {clock["clock"]: clock for clock in case.shown()["clocks"]}
    assert clocks["authority_reply"]["derivation"]["rule"]["rule"] == "CN-3"
    assert clocks["authority_reply"]["due_at"] == "2026-11-17T10:00:00Z"
    assert clocks["CN-4"]["due_at"] == "2026-12-01T10:00:00Z"
    case.handled().told()
    case.special.done(case.at("reply"), case.reply("final", *CHINA))
    case.secretary.done(
        case.at("reply/1/dispatch"), {"route": "post", "letter_number": "客服函〔2026〕0917号"}
    )
    letter = case.special.get(case.at("reply/1/letter"))
    assert (letter.status_code, letter.headers["content-language"]) == (200, "zh")


def test_the_order_that_was_in_force_is_the_one_that_counts(authority: Authority) -> None:
    case = authority.receive(authority="市场监督管理局")
    wrong = case.secretary.post(case.at("registration"), {"number": "S-20", "pack": "china_20"})
    params = problem(wrong, 422, "referral.pack_not_in_force")["params"]
    assert params["until_on"] == "2026-04-14"
    case.registered("china_121")
    accepted = {"milestone": "authority_accepted", "happened_on": "2026-11-03"}
    case.special.done(case.at("milestones"), accepted)
    seen = case.shown()
    theirs = next(clock for clock in seen["clocks"] if clock["clock"] == "CN-8")
    assert theirs["binds"] == "authority"
    assert seen["answer"]["known_by"] == "nothing"


def test_a_reply_that_was_written_before_the_case_came_back_is_not_printed(
    authority: Authority,
) -> None:
    case = authority.receive().registered("iran").handled().told()
    case.special.done(case.at("reply"), case.reply("final", *IRAN))
    casebook = case.service.app.state.desk.casebook
    casebook.execute(ResumeHandling(stream=case.stream, complaint_version=2), actor=SAGA)
    early = case.special.get(case.at("reply/1/letter"))
    problem(early, 409, "referral.reply_before_final_control")
    sent = {"route": "courier", "letter_number": "1405/R/9"}
    problem(
        case.secretary.post(case.at("reply/1/dispatch"), sent),
        409,
        "referral.reply_before_final_control",
    )


def test_the_same_letter_is_not_two_special_cases(authority: Authority) -> None:
    case = authority.receive(letter_number="1405/77")
    again = {
        "route": "system", "authority": "سازمان حمایت مصرف‌کنندگان", "letter_number": "1405/77",
        "letter_on": "2026-11-01", "kind": "quality", "matter": "The same matter.",
    }  # fmt: skip
    problem(case.secretary.post("/v1/referrals", again), 409, "claim.already_claimed")


def test_special_cases_are_listed_and_filtered(authority: Authority) -> None:
    name = f"Authority {uuid4().hex[:6]}"
    case = authority.receive(authority=name, answer_by_on="2027-02-01").registered("iran")
    case.shown()
    for query, found in (
        (f"authority={name}", True),
        (f"authority={name}&pack=iran&status=registered&open=true", True),
        (f"authority={name}&pack=uk_disp", False),
        (f"authority={name}&due_before=2026-01-01T00:00:00Z", False),
        (f"authority={name}&due_before=2028-01-01T00:00:00Z", True),
    ):
        items = case.special.get(f"/v1/referrals?{query}").json()["items"]
        assert [item["id"] for item in items] == ([case.id] if found else []), query
    item = case.special.get(f"/v1/referrals?authority={name}").json()["items"][0]
    assert item["authority_due_at"] == "2027-02-01T20:30:00Z"
    assert item["next_step"] == "distribution"
    assert case.secretary.get("/v1/referrals?complaint=x").status_code == 422


def test_each_desk_finds_its_next_step_in_its_worklist(authority: Authority) -> None:
    case = authority.receive()

    def work(person: Person) -> dict[str, str]:
        case.shown(person)
        items = person.get("/v1/worklist?limit=200").json()["items"]
        return {item["id"]: item["next_step"] for item in items}

    assert work(case.secretary)[case.id] == "registration"
    assert case.id not in work(case.special)
    case.registered("iran").handled()
    assert work(case.special)[case.id] == "final_control"
    assert case.id not in work(case.secretary)


def test_a_paper_of_a_special_case_is_kept_and_read_again(authority: Authority) -> None:
    case = authority.receive()
    answer = case.secretary.client.post(
        case.at("documents"),
        data={"kind": "authority_letter", "title": "The letter"},
        files={"file": ("letter.txt", b"The letter's text", "text/plain")},
        headers={"authorization": f"Bearer {case.secretary.token}"},
    )
    assert answer.status_code == 200, answer.text
    paper = case.shown()["documents"][0]
    read = case.special.get(case.at(f"documents/{paper['document_id']}"))
    assert read.content == b"The letter's text"
    missing = case.special.get(case.at(f"documents/{uuid4()}"))
    problem(missing, 404, "referral.paper_not_found")


def test_a_referral_is_nothing_for_customers_dealers_and_those_it_was_not_given_to(
    authority: Authority,
) -> None:
    case = authority.receive().registered("iran")
    case.secretary.done(case.at("distribution"), {"unit": "after_sales"})
    head = case.service.app.state.desk.casebook.head()
    _, customer = case.service.customer()
    dealer = case.service.person(Role.DEALER, dealer_id="D-17")
    for person in (customer, dealer):
        assert person.get(f"/v1/referrals/{case.id}").status_code == 403
    stranger = case.service.person(Role.EXPERT, unit="legal", region="south")
    colleague = case.service.person(Role.EXPERT, unit="after_sales", region="south")
    stranger.position = colleague.position = head
    assert stranger.get(f"/v1/referrals/{case.id}").status_code == 404
    assert stranger.get(case.at("reply/1/letter")).status_code == 404
    assert colleague.get(f"/v1/referrals/{case.id}").status_code == 200


def test_a_deadline_of_the_authoritys_is_moved_by_its_own_letter_only(
    authority: Authority,
) -> None:
    case = authority.receive(answer_by_on="2027-01-20").registered("iran")
    clocks = {clock["clock"]: clock["n"] for clock in case.shown()["clocks"]}
    n = clocks["authority_reply"]
    later = {"n": n, "due_at": "2027-02-20T20:30:00Z", "reason": "They gave more time."}
    refused = case.special.post(case.at("deadlines"), later)
    problem(refused, 409, "referral.deadline_is_the_authoritys")
    extension = {"due_at": later["due_at"], "reason": later["reason"], "paper_ids": [str(uuid4())]}
    unproven = case.special.post(case.at(f"deadlines/{n}/extension"), extension)
    problem(unproven, 404, "referral.paper_not_found")


def test_a_letter_takes_no_longer_than_its_reader_waits(authority: Authority) -> None:
    case = authority.receive().registered("iran").handled().told()
    long = [{"element": name, "text": "متن بلند. " * 1_500} for name in IRAN]
    case.special.done(case.at("reply"), {"reply": "final", "elements": long})
    began = time.monotonic()
    assert case.special.get(case.at("reply/1/letter")).status_code == 200
    assert time.monotonic() - began < 15
