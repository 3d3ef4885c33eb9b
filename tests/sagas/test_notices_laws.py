"""Laws of who is told: in any history, nobody twice, and of every breach somebody or a reason."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain import complaint as c
from domain import notification as n
from domain import staff
from domain.clocks.messages import DeadlineBreached
from domain.declare import Context, Refusal, Role
from domain.rulebook import NO_RULES
from sagas import notices
from sagas.declare import Do
from sagas.directory import DIRECTORY, Directory
from sagas.notices import CaseNotices
from store.log import Recorded
from tests.sagas import clocks
from tests.sagas.test_notices import (
    ASSIGNED,
    AT,
    BREACHED,
    CASE,
    CLIMBED,
    DUE_AT,
    ESCALATED,
    PEOPLE,
    STAFF_ID,
    STARTED,
    WARNED,
    WHO,
    complaint_of,
    recorded,
)

NUMBERS = (1, 2, 3)
ACKNOWLEDGED = c.EscalationAcknowledged(n=1, by=ASSIGNED.by, will_do="Call her.", done_by_at=DUE_AT)
HAPPENS = st.one_of(
    st.sampled_from(NUMBERS).map(lambda k: replace(WARNED, n=k)),
    st.sampled_from(NUMBERS).map(lambda k: replace(BREACHED, n=k)),
    st.sampled_from(NUMBERS).map(lambda k: clocks.stopped(k, AT)),
    st.sampled_from([None, *PEOPLE]).map(lambda account: replace(ASSIGNED, handler=account)),
    st.sampled_from([STARTED, ESCALATED, CLIMBED, ACKNOWLEDGED, complaint_of()]),
)
MOVES = st.one_of(
    st.sampled_from(sorted(PEOPLE)).flatmap(
        lambda account: st.sampled_from(
            [
                (account, staff.StaffMemberDeactivated()),
                (account, staff.StaffMemberReactivated()),
                (account, staff.StaffMemberPlaced(roles=(Role.SUPERVISOR,), region="north")),
            ]
        )
    )
)
STEPS = st.lists(
    st.one_of(
        HAPPENS.map(lambda event: ("case", event)),
        MOVES.map(lambda move: ("staff", move)),
        st.integers(0, 3).map(lambda k: ("fire", k)),
        st.integers(0, 9).map(lambda k: ("acknowledge", k)),
    ),
    max_size=25,
)


decide: Any = n.DECIDER.decide


class Log:
    """A log in memory: the case, the staff and the notices, with the saga over them."""

    def __init__(self, accounts: list[str]) -> None:
        self.events: list[Recorded] = []
        self.notices: dict[UUID, n.Notification] = {}
        self.who: Directory = DIRECTORY.initial
        self.state: CaseNotices | None = None
        for account in accounts:
            for event in PEOPLE[account]:
                self.append(event, STAFF_ID[account])

    def append(self, event: Any, stream: UUID = CASE) -> None:
        at = AT + timedelta(minutes=7 * len(self.events))
        entry = recorded(event, len(self.events) + 1, at, stream)
        self.events.append(entry)
        self.who, self.state = follow(self.who, self.state, entry)

    def execute(self, do: Do) -> int:
        """Decide all of it on the notices as they stand, all or nothing; return how much it made.

        Settling what is not planned yet is refused; it is tried again when it is.
        """
        after, made = dict(self.notices), []
        for wish in do.commands:
            before = after.get(wish.stream, n.DECIDER.initial)
            context = Context(now=AT, actor=notices.SAGA.actor, rules=NO_RULES)
            try:
                events = decide(before, wish, context)
            except Refusal:
                return 0
            for event in events:
                after[wish.stream] = before = n.DECIDER.evolve(before, event)
                made.append((event, wish.stream))
        self.notices = after
        for event, stream in made:
            self.append(event, stream)
        return len(made)

    def todo(self) -> list[Do]:
        return [] if self.state is None else notices.todo(self.state, AT + timedelta(days=99))

    def acknowledge(self, k: int) -> None:
        waiting = [i for i, one in self.notices.items() if one.planned and not one.acknowledged]
        if waiting:
            stream = waiting[k % len(waiting)]
            planned = self.notices[stream].planned
            assert planned is not None
            event = n.NotificationAcknowledged(by=planned.recipient, case_id=CASE)
            self.notices[stream] = n.DECIDER.evolve(self.notices[stream], event)
            self.append(event, stream)


def follow(
    who: Directory, state: CaseNotices | None, entry: Recorded
) -> tuple[Directory, CaseNotices | None]:
    if entry.topic in DIRECTORY.topics:
        who = DIRECTORY.evolve(who, entry)
    if entry.topic in notices.SAGA.topics:
        state = notices.evolve(state, entry, who)
    return who, state


@given(st.lists(st.sampled_from(sorted(PEOPLE)), unique=True), STEPS)
def test_in_any_history_nobody_is_told_twice_and_no_breach_is_passed_over(
    accounts: list[str], steps: list[tuple[str, Any]]
) -> None:
    log = Log(accounts)
    for kind, what in steps:
        match kind:
            case "case":
                log.append(what)
            case "staff" if what[0] in accounts:
                log.append(what[1], STAFF_ID[what[0]])
            case "acknowledge":
                log.acknowledge(what)
            case "fire":
                todo = log.todo()
                if todo:
                    log.execute(todo[min(what, len(todo) - 1)])
    for _ in range(200):
        todo = log.todo()
        if not todo:
            break
        for do in todo:
            log.execute(do)
    assert log.todo() == [], "something is to be done for ever"
    assert log.state is None or notices.wake(log.state) is None
    opened = [
        entry
        for entry in log.events
        if isinstance(entry.event, n.NotificationPlanned | n.NotificationWithheld)
    ]
    told = Counter((entry.event.cause, entry.event.recipient) for entry in opened)
    assert all(times == 1 for times in told.values())
    causes = {cause for cause, _ in told}
    breaches = {e.event_id for e in log.events if isinstance(e.event, DeadlineBreached)}
    assert breaches <= causes

    who: Directory = DIRECTORY.initial
    state: CaseNotices | None = None
    for entry in log.events:
        who, state = follow(who, state, entry)
    assert (who, state) == (log.who, log.state)
    elsewhere: CaseNotices | None = None
    for entry in log.events:  # as a changed saga would, which names other people
        if entry.topic in notices.SAGA.topics:
            elsewhere = notices.evolve(elsewhere, entry, WHO)
    assert elsewhere is None or notices.todo(elsewhere, AT + timedelta(days=99)) == []
    if state is not None:
        adapter = TypeAdapter(CaseNotices)
        assert adapter.validate_json(adapter.dump_json(state)) == state
