"""What desks, portals and auditors ask of the views, on one small and fixed world."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import from_json

from domain import complaint as c
from domain import customer as cu
from domain.clocks.messages import Binds, PauseReason, StoppedClock
from domain.declare import Role
from domain.fields import Erased
from domain.identifiers import IdentifierKind
from domain.vehicle import events as ve
from projections import VIEWS, audit_trail, complaint_list, customer_360, identifiers, worklist
from projections.audit_trail import AuditFilter
from projections.case_documents import Audience, fetch
from projections.complaint_list import ComplaintFilter
from projections.reading import CursorIsWrong, Page, cursor_of
from store.database import connect
from store.views import catch_up
from tests.domain.complaint import desk
from tests.projections.asking import EVERYTHING, Sees, ask
from tests.projections.test_deadlines import started
from tests.projections.world import KEYS, World, world

OMID = UUID(int=0xC2)
VIN = "LVGBH42K9DG123456"


LATER = desk.RECEIVED + timedelta(hours=3)


def urgent(priority: c.Priority) -> c.ComplaintGraded:
    return c.ComplaintGraded(
        importance=c.Importance.HIGH, priority=priority, points=90, risks=(),
        grading=desk.GRADED.grading, by=desk.by(desk.SPECIALIST),
    )  # fmt: skip


class Desk:
    """The cases of this world, by what they are called here."""

    def __init__(self, told: World) -> None:
        self.told = told
        self.url = told.url
        self.cases = {name: uuid4() for name in ("closed", "quality", "asked", "fresh", "omid")}
        for person, name in ((desk.LEILA, "Leila Karimi"), (OMID, "Omid Rad")):
            registered = cu.CustomerRegistered(
                customer_id=person, name=name, kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
            )
            told.happened(person, registered)
        self.vehicle = uuid4()
        owned = ve.OwnershipRecorded(
            ownership_id=uuid4(), customer_id=desk.LEILA, role=ve.OwnershipRole.OWNER,
            from_on=date(2024, 1, 1),
        )  # fmt: skip
        told.happened(self.vehicle, ve.VehicleRegistered(make="Dena", model="Plus", vin=VIN), owned)
        told.happened(self.cases["closed"], *desk.CLOSED.events, by=desk.EXPERT, reason="she asked")
        told.happened(self.cases["quality"], *desk.QUALITY.events, urgent(c.Priority.URGENT))
        told.happened(self.cases["asked"], *desk.SALES.events, desk.ASKED)
        told.happened(self.cases["fresh"], desk.registered(received_at=LATER))
        letter = desk.registered(customer_id=OMID, received_at=LATER - timedelta(hours=1))
        told.happened(self.cases["omid"], letter, desk.JUDGED)
        self.catch_up()

    def catch_up(self) -> None:
        catch_up(self.url, self.told.log, VIEWS)

    def names(self, page: Page) -> list[str]:
        called = {str(case): name for name, case in self.cases.items()}
        return [called[from_json(item)["id"]] for item in page.items]

    def listed(self, sight: Sees = EVERYTHING, **wanted: Any) -> list[str]:
        question = ComplaintFilter(**wanted)
        return self.names(ask(self.url, lambda c: complaint_list.page(c, question, sight)))

    def work(self, *roles: Role, sight: Sees = EVERYTHING, **more: Any) -> list[str]:
        return self.names(ask(self.url, lambda c: worklist.page(c, roles, sight, **more)))

    def everything(self, customer: UUID, *, outside: bool = False) -> Any:
        found = ask(self.url, lambda c: customer_360.fetch(c, customer, outside=outside))
        return None if found.body is None else from_json(found.body)

    def audited(self, **wanted: Any) -> list[int]:
        _, rows = ask(self.url, lambda c: audit_trail.page(c, AuditFilter(**wanted), limit=200))
        return [row.position for row in rows]


@pytest.fixture
def here(database_url: str) -> Iterator[Desk]:
    with world(database_url) as told:
        yield Desk(told)


@pytest.fixture(scope="module")
def shared(module_database_url: str) -> Iterator[Desk]:
    """A world that its tests only read."""
    with world(module_database_url) as told:
        yield Desk(told)


# --- one case -------------------------------------------------------------------------------------


def test_a_case_is_fetched_with_its_version_and_whose_it_is(shared: Desk) -> None:
    case = shared.cases["quality"]
    found = ask(shared.url, lambda c: fetch(c, case, Audience.STAFF))
    assert found.case is not None
    assert found.case.body is not None
    assert found.position == shared.told.casebook.head()
    assert (found.case.category, found.case.version) == ("complaint", 6)
    assert found.case.parties.dealer_id == "D-17"
    assert from_json(found.case.body)["status"] == "assigned"
    nobody = ask(shared.url, lambda c: fetch(c, uuid4(), Audience.STAFF))
    assert nobody.case is None
    assert nobody.position == found.position


@pytest.mark.parametrize("audience", list(Audience))
def test_each_audience_gets_its_own_body(shared: Desk, audience: Audience) -> None:
    case = shared.cases["quality"]
    found = ask(shared.url, lambda c: fetch(c, case, audience))
    assert found.case is not None
    assert found.case.body is not None
    body = from_json(found.case.body)
    assert ("grading" in body) == (audience is Audience.STAFF)
    assert ("plans" in body) == (audience is not Audience.CUSTOMER)


# --- the list -------------------------------------------------------------------------------------


def test_complaints_are_listed_by_newest_activity(shared: Desk) -> None:
    assert shared.listed() == ["omid", "fresh", "asked", "quality", "closed"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"status": "closed"}, ["closed"]),
        ({"kind": "quality"}, ["quality"]),
        ({"priority": "urgent"}, ["quality"]),
        ({"dealer": "D-17"}, ["quality"]),
        ({"region": "north"}, ["quality"]),
        ({"region": "south"}, []),
        ({"handler": "nobody"}, []),
        ({"customer": OMID}, ["omid"]),
        ({"is_open": True}, ["omid", "fresh", "asked", "quality"]),
        ({"is_open": False}, ["closed"]),
        ({"text": "deposit", "status": "registered"}, ["fresh"]),
        ({"status": "registered", "kind": "quality"}, []),
    ],
)
def test_complaints_are_filtered(shared: Desk, wanted: dict[str, Any], names: list[str]) -> None:
    assert shared.listed(**wanted) == names


@pytest.mark.parametrize(
    ("sight", "names"),
    [
        (Sees(), []),
        (Sees(customer_id=OMID), ["omid"]),
        (Sees(dealer_id="D-17"), ["quality"]),
        (Sees(dealer_id="D-99"), []),
        (Sees(unit="accounting"), ["asked", "closed"]),
        (Sees(region="north"), ["quality"]),
        (Sees(unassigned=True), ["omid", "fresh"]),
        (Sees(unit="sales", unassigned=True), ["omid", "fresh", "asked", "closed"]),
    ],
)
def test_a_list_holds_only_what_its_reader_sees(
    shared: Desk, sight: Sees, names: list[str]
) -> None:
    assert shared.listed(sight) == names
    assert shared.listed(sight, text="deposit") == names


def test_a_list_goes_on_where_its_page_ended(shared: Desk) -> None:
    pages = pages_of(shared, lambda cursor: lambda c: complaint_list.page(
        c, ComplaintFilter(), EVERYTHING, cursor=cursor, limit=2))  # fmt: skip
    assert pages == [["omid", "fresh"], ["asked", "quality"], ["closed"]]


def pages_of(here: Desk, asked: Callable[[str | None], Any]) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = ask(here.url, asked(cursor))
        pages.append(here.names(page))
        cursor = page.next
        if cursor is None:
            return pages


@pytest.mark.parametrize(
    "cursor", ["", "x", "bm8", cursor_of("one"), cursor_of(1, 2), cursor_of(2**70), "é"]
)
def test_a_cursor_of_somebody_elses_making_is_refused(shared: Desk, cursor: str) -> None:
    with pytest.raises(CursorIsWrong):
        ask(
            shared.url,
            lambda c: complaint_list.page(c, ComplaintFilter(), EVERYTHING, cursor=cursor),
        )


@pytest.mark.parametrize(
    "keys",
    [
        (1, 99, "infinity", "x", str(OMID)),
        (1, 99, "x", "2026-01-01T00:00:00Z", str(OMID)),
        (1, 99, "infinity", "2026-01-01T00:00:00Z", "x"),
        (1, 100, "infinity", "2026-01-01T00:00:00Z", str(OMID)),
        (-1, 99, "infinity", "2026-01-01T00:00:00Z", str(OMID)),
        (1, "2026-01-01T00:00:00Z", str(OMID)),
        (1,),
    ],
)
def test_a_worklist_cursor_of_somebody_elses_making_is_refused(
    shared: Desk, keys: tuple[Any, ...]
) -> None:
    with pytest.raises(CursorIsWrong):
        ask(shared.url, lambda c: worklist.page(c, [], EVERYTHING, cursor=cursor_of(*keys)))


def test_what_an_outsider_sees_of_a_list_says_nothing_internal(shared: Desk) -> None:
    page = ask(
        shared.url,
        lambda c: complaint_list.page(c, ComplaintFilter(), Sees(dealer_id="D-17"), outside=True),
    )
    [item] = [from_json(item) for item in page.items]
    assert item["status"] == "assigned"
    assert {"handler", "unit", "priority", "next_roles"}.isdisjoint(item)


# --- the worklist ---------------------------------------------------------------------------------


def test_a_worklist_has_the_most_urgent_first_and_then_what_came_in_first(shared: Desk) -> None:
    every = list(Role)
    assert shared.work(*every) == ["quality", "asked", "omid", "fresh"]
    assert shared.work(Role.SPECIALIST) == ["asked", "omid", "fresh"]
    assert shared.work(Role.DEALER, sight=Sees(dealer_id="D-17")) == ["quality"]
    assert shared.work(Role.UNIT, sight=Sees(unit="accounting")) == ["asked"]
    assert shared.work(Role.AUDITOR) == []
    assert shared.work(*every, handler="nobody") == []


def test_a_worklist_goes_on_where_its_page_ended(shared: Desk) -> None:
    pages = pages_of(shared, lambda cursor: lambda c: worklist.page(
        c, list(Role), EVERYTHING, cursor=cursor, limit=3))  # fmt: skip
    assert pages == [["quality", "asked", "omid"], ["fresh"]]


def test_of_cases_as_urgent_the_one_that_is_due_first_comes_first(here: Desk) -> None:
    plan, resolution = LATER + timedelta(days=1), LATER + timedelta(days=2)
    for name, ends_at in (("fresh", resolution), ("omid", plan)):
        here.told.happened(here.cases[name], started(("resolution", ends_at)))
    here.catch_up()
    assert here.work(*Role) == ["quality", "omid", "fresh", "asked"]
    pages = pages_of(here, lambda cursor: lambda c: worklist.page(
        c, list(Role), EVERYTHING, cursor=cursor, limit=1))  # fmt: skip
    assert pages == [["quality"], ["omid"], ["fresh"], ["asked"]]
    page = ask(here.url, lambda c: worklist.page(c, list(Role), EVERYTHING))
    assert from_json(page.items[1])["due_at"] == plan.isoformat().replace("+00:00", "Z")
    assert here.listed(due_before_at=resolution) == ["omid"]
    assert sorted(here.listed(due_before_at=resolution + timedelta(seconds=1))) == ["fresh", "omid"]


def test_a_case_is_due_when_the_first_of_our_running_clocks_is(here: Desk) -> None:
    def due() -> list[str]:
        return here.listed(due_before_at=LATER + timedelta(days=9))

    case = here.cases["fresh"]
    here.told.happened(case, started(("board", LATER), binds=Binds.AUTHORITY))
    here.catch_up()
    assert due() == []
    clocks = started(("board", LATER), ("judgement", LATER), ("resolution", LATER)).clocks
    here.told.happened(case, c.ComplaintClocksStarted(clocks=clocks[1:]))
    here.catch_up()
    assert due() == ["fresh"]
    pause = c.ComplaintClocksPaused(
        pause_id=uuid4(), n=1, reason=PauseReason.PARTS, paused_at=LATER, clocks=(2,), note=None,
        paper_ids=(), ordered_by=None,
    )  # fmt: skip
    stopped = StoppedClock(n=3, stopped_at=LATER, met=True)
    here.told.happened(case, pause, c.ComplaintClocksStopped(stops=(stopped,)))
    here.catch_up()
    assert due() == []


def test_a_worklist_says_the_next_step_and_who_takes_it(shared: Desk) -> None:
    page = ask(shared.url, lambda c: worklist.page(c, [Role.SPECIALIST], EVERYTHING))
    item = from_json(page.items[2])
    assert (item["next_step"], item["priority"], item["due_at"]) == ("judgement", None, None)
    assert "specialist" in item["next_roles"]
    outside = ask(
        shared.url,
        lambda c: worklist.page(c, [Role.DEALER], Sees(dealer_id="D-17"), outside=True),
    )
    item = from_json(outside.items[0])
    assert (item["next_step"], item["priority"]) == ("plan", "urgent")
    assert "handler" not in item


# --- everything of a customer ---------------------------------------------------------------------


def test_a_customer_is_seen_whole(shared: Desk) -> None:
    shown = shared.everything(desk.LEILA)
    assert shown["customer"]["name"] == "Leila Karimi"
    assert [item["vin"] for item in shown["vehicles"]["items"]] == [VIN]
    assert (shown["complaints"]["total"], shown["complaints"]["open"]) == (4, 3)
    statuses = [item["status"] for item in shown["complaints"]["items"]]
    assert statuses == ["registered", "in_handling", "assigned", "closed"]
    assert shown["recent"][0]["topic"] == "complaint.registered"
    assert {item["category"] for item in shown["recent"]} == {"complaint", "vehicle", "customer"}
    assert shared.everything(uuid4()) is None
    assert shared.everything(shared.cases["fresh"]) is None


def test_a_customer_sees_herself_without_what_is_internal(shared: Desk) -> None:
    shown = shared.everything(desk.LEILA, outside=True)
    assert shown["customer"]["name"] == "Leila Karimi"
    assert "topic" not in shown["recent"][0]
    assert "handler" not in shown["complaints"]["items"][0]


def test_a_360_is_bounded_with_whole_counts(here: Desk) -> None:
    here.told.happened_at_once(*[(uuid4(), [desk.registered()]) for _ in range(60)])
    here.catch_up()
    shown = here.everything(desk.LEILA)
    assert shown["complaints"]["total"] == 64
    assert len(shown["complaints"]["items"]) == customer_360.ITEMS_MAX
    assert len(shown["recent"]) == customer_360.ITEMS_MAX


def test_the_cases_of_a_merged_record_are_seen_on_the_survivor_until_it_is_undone(
    here: Desk,
) -> None:
    leila, told = desk.LEILA, here.told
    told.happened_at_once(
        (leila, [cu.CustomerAbsorbed(absorbed_id=OMID)]),
        (OMID, [cu.CustomerMerged(survivor_id=leila)]),
    )
    here.catch_up()
    shown = here.everything(leila)
    assert shown["merged"] == [str(OMID)]
    assert shown["complaints"]["total"] == 5
    noted = {item["id"]: item.get("merged_from") for item in shown["complaints"]["items"]}
    assert noted[str(here.cases["omid"])] == str(OMID)
    assert noted[str(here.cases["fresh"])] is None
    absorbed = here.everything(OMID)
    assert absorbed["customer"]["merged_into"] == str(leila)
    told.happened_at_once(
        (leila, [cu.AbsorptionUndone(absorbed_id=OMID)]),
        (OMID, [cu.MergeUndone(survivor_id=leila)]),
    )
    here.catch_up()
    assert here.everything(leila)["complaints"]["total"] == 4
    assert here.everything(leila)["merged"] == []
    assert here.everything(OMID)["complaints"]["total"] == 1


# --- identifiers ----------------------------------------------------------------------------------


def looked_up(here: Desk, kind: str, value: str) -> list[UUID | None]:
    _, matches = ask(here.url, lambda c: identifiers.find(c, KEYS, [(kind, value)]))
    return [match.customer_id for match in matches]


def test_a_customer_is_found_by_what_is_hers_as_long_as_it_is(here: Desk) -> None:
    told, leila, phone, contact = here.told, desk.LEILA, "+989121234567", uuid4()
    told.happened(
        leila,
        cu.ContactAdded(contact_id=contact, channel=cu.ContactChannel.PHONE, value=phone),
        cu.CustomerIdentified(kind=IdentifierKind.NATIONAL_ID, value="0012345679"),
        cu.PortalAccountOpened(account="leila", login_phone="+989120000000"),
    )
    told.happened(here.vehicle, ve.PlateRecorded(plate="12ب34567"))
    here.catch_up()
    assert looked_up(here, "phone", phone) == [leila]
    assert looked_up(here, "phone", "+989120000000") == [leila]
    assert looked_up(here, "national_id", "0012345679") == [leila]
    assert looked_up(here, "vin", VIN) == [leila]
    assert looked_up(here, identifiers.VIN_LAST_8, VIN[-8:]) == [leila]
    assert looked_up(here, "plate", "12ب34567") == [leila]
    assert looked_up(here, "phone", "+989999999999") == []
    told.happened(
        OMID, cu.ContactAdded(contact_id=uuid4(), channel=cu.ContactChannel.PHONE, value=phone)
    )
    here.catch_up()
    assert looked_up(here, "phone", phone) == [leila, OMID]
    told.happened(
        leila,
        cu.ContactRemoved(contact_id=contact),
        cu.IdentifierWithdrawn(kind=IdentifierKind.NATIONAL_ID, value="0012345679"),
        cu.PortalAccountClosed(account="leila", login_phone="+989120000000"),
    )
    told.happened(here.vehicle, ve.PlateRecorded(plate="99ب99999"))
    here.catch_up()
    assert looked_up(here, "phone", phone) == [OMID]
    assert looked_up(here, "phone", "+989120000000") == []
    assert looked_up(here, "national_id", "0012345679") == []
    assert looked_up(here, "plate", "12ب34567") == []
    assert looked_up(here, "plate", "99ب99999") == [leila]


def test_what_was_added_and_removed_in_one_batch_is_not_found(here: Desk) -> None:
    contact, phone = uuid4(), "+989121234567"
    added = cu.ContactAdded(contact_id=contact, channel=cu.ContactChannel.PHONE, value=phone)
    here.told.happened(desk.LEILA, added, cu.ContactRemoved(contact_id=contact))
    here.told.happened(
        desk.LEILA,
        cu.CustomerIdentified(kind=IdentifierKind.PHONE, value=phone),
        cu.IdentifierWithdrawn(kind=IdentifierKind.PHONE, value=phone),
        cu.CustomerIdentified(kind=IdentifierKind.PHONE, value=phone),
    )
    here.catch_up()
    assert looked_up(here, "phone", phone) == [desk.LEILA]


def test_a_part_of_a_vin_finds_its_vehicle(here: Desk) -> None:
    part = uuid4()
    here.told.happened(part, ve.VehicleRegistered(make="Ford", model="F", vin_part="1FTFW1ET5DK"))
    here.catch_up()
    _, [match] = ask(
        here.url, lambda c: identifiers.find(c, KEYS, [(identifiers.VIN_PART, "1FTFW1ET5DK")])
    )
    assert (match.stream, match.category, match.customer_id) == (part, "vehicle", None)


def test_no_identifier_stands_readable_in_its_table(here: Desk) -> None:
    with connect(here.url, "reader") as reader:
        rows = reader.execute("SELECT i::text FROM views.identifiers i").fetchall()
    assert rows
    assert VIN[-8:] not in str(rows)


# --- the audit trail ------------------------------------------------------------------------------


def test_the_audit_trail_has_every_event_newest_first(shared: Desk) -> None:
    head = shared.told.casebook.head()
    assert shared.audited() == list(range(head, 0, -1))
    position, rows = ask(shared.url, lambda c: audit_trail.page(c, AuditFilter(), before=10))
    assert position == head
    assert [row.position for row in rows] == list(range(9, 0, -1))


def test_the_audit_trail_is_filtered_by_who_what_where_and_whom(shared: Desk) -> None:
    closed = shared.cases["closed"]
    of_closed = [r.position for r in shared.told.casebook.history(closed)][::-1]
    assert shared.audited(case=closed) == of_closed
    assert shared.audited(actor="erfan") == of_closed
    assert shared.audited(role="expert") == of_closed
    assert shared.audited(topic="complaint.closed") == of_closed[:1]
    assert shared.audited(topic="complaint.closed", actor="nobody") == []
    of_leila = shared.audited(customer=desk.LEILA)
    assert set(of_closed) < set(of_leila)
    histories = [shared.told.casebook.history(shared.cases["omid"])]
    assert not {r.position for history in histories for r in history} & set(of_leila)


def test_the_audit_trail_is_filtered_by_when(shared: Desk) -> None:
    history = shared.told.casebook.history(shared.cases["quality"])
    at, head = history[0].recorded_at, shared.told.casebook.head()
    first = history[0].position
    assert shared.audited(from_at=at) == list(range(head, first - 1, -1))
    assert shared.audited(until_at=at) == list(range(first - 1, 0, -1))
    assert (
        shared.audited(from_at=at, until_at=at + timedelta(microseconds=1))
        == [r.position for r in history][::-1]
    )
    ever = at + timedelta(days=1)
    assert shared.audited(from_at=ever) == []
    assert len(shared.audited(until_at=ever)) == head
    assert shared.audited(from_at=at, case=shared.cases["closed"]) == []


def test_a_reason_is_sealed_in_the_table_and_opened_for_whoever_may_read_it(
    shared: Desk,
) -> None:
    wanted = AuditFilter(topic="complaint.closed")
    _, rows = ask(shared.url, lambda c: audit_trail.page(c, wanted))
    assert rows[0].reason is not None
    assert "she asked" not in rows[0].reason
    with connect(shared.url, "views") as connection:
        assert audit_trail.reasons_of(shared.told.log, connection, rows) == ["she asked"]


def test_an_erased_persons_reason_reads_as_erased(here: Desk) -> None:
    _, rows = ask(here.url, lambda c: audit_trail.page(c, AuditFilter(topic="complaint.closed")))
    with connect(here.url) as owner:
        owner.execute("DELETE FROM casebook.subject_keys WHERE subject_id = %s", [desk.LEILA])
        here.told.log.ring.forget(desk.LEILA)
        assert audit_trail.reasons_of(here.told.log, owner, rows) == [Erased()]
