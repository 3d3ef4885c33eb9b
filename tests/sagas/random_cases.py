"""A complaint in virtual time, to which anybody does anything, with short deadlines everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from domain import complaint as c
from domain.clocks import messages as m
from domain.clocks.calendar import Calendar, Weekday, Window, WorkingDay
from domain.clocks.rules import (
    AuthorisationLimits,
    ClockRule,
    Ladder,
    Limit,
    Rung,
    SlaPack,
    WarningRule,
)
from domain.declare import Actor, Command, Refusal, Role
from domain.procedure import Procedure
from domain.rulebook import Published, Rules
from sagas import deadline_warnings, sla_escalation
from sagas.declare import Do, Saga
from sagas.virtual import VirtualTime
from tests.domain.complaint import desk
from tests.domain.complaint.test_laws import (
    ENDING,
    PEOPLE,
    SORTING,
    WORK,
    document,
    going_on,
    of,
    words,
)
from tests.scenario import CASE, NOW

DAY = timedelta(days=1)
CALENDAR = Calendar(
    zone="UTC",
    week=tuple(
        WorkingDay(day=day, windows=(Window(starts_local="08:00", ends_local="16:00"),))
        for day in Weekday
    ),
    holidays=(),
    special_days=(),
    covers_from_on=(NOW - 400 * DAY).date(),
    covers_until_on=(NOW + 800 * DAY).date(),
)


def hours(amount: int) -> m.Span:
    return m.Span(amount=amount, unit=m.Unit.HOURS)


WARNINGS = (WarningRule(share_percent=75), WarningRule(lead=hours(1)))
PAUSABLE = (m.PauseReason.PARTS.value, m.PauseReason.CUSTOMER.value)


def rule(clock: str, starts: str, stops: Sequence[str], span: int, **facts: Any) -> ClockRule:
    defaults: dict[str, Any] = {"warnings": WARNINGS, "ladder": "customer_care"}
    return ClockRule(
        clock=clock,
        starts_on=(f"complaint.{starts}",),
        stops_on=tuple(f"complaint.{stop}" for stop in stops),
        span=hours(span),
        **{**defaults, **facts},
    )


PACK = SlaPack(
    calendar="iran",
    clocks=(
        rule("judgement", "registered", ["judged_valid", "judged_invalid"], 8),
        rule("plan", "assigned", ["plan_submitted"], 30),
        rule("vrt_finding", "vrt_formed", ["vrt_finding_reported", "vrt_proposal_made"], 20),
        rule("first_response", "registered", ["result_announced"], 60, ladder=None),
        rule(
            "resolution",
            "registered",
            ["closed", "invalid_answered"],
            48,
            priorities=("urgent",),
            pausable_for=PAUSABLE,
            urgency=m.Urgency.STATUTORY,
        ),
        rule(
            "resolution",
            "registered",
            ["closed", "invalid_answered"],
            120,
            pausable_for=PAUSABLE,
        ),
    ),
    serves=("complaint",),
)
LADDER = Ladder(
    calendar="iran",
    rungs=(
        Rung(role=Role.SUPERVISOR, climb_after=hours(4)),
        Rung(role=Role.UNIT_HEAD, climb_after=hours(8)),
        Rung(role=Role.MANAGER, climb_after=None),
    ),
    repeat_after=hours(48),
)
LIMITS = AuthorisationLimits(limits=(Limit(role=Role.MANAGER, up_to=None),))


def rules() -> Rules:
    """The rules as shipped, but with deadlines of hours on a calendar without holidays."""
    documents = dict(desk.RULES.documents)
    for name, content in (
        ("iran", CALENDAR),
        ("complaint", PACK),
        ("customer_care", LADDER),
        ("default", LIMITS),
    ):
        published = Published(name, 1, datetime.min.replace(tzinfo=NOW.tzinfo), content)
        documents[type(content), name] = (published,)
    return Rules(documents)


RULES = rules()
SAGAS: tuple[Saga[Any], ...] = (deadline_warnings.SAGA, sla_escalation.SAGA)
HEAD = desk.actor("hadi", Role.UNIT_HEAD, unit="complaints")

instants = st.integers(-48, 240).map(lambda hours_: NOW + timedelta(hours=hours_))
numbers = st.integers(1, 8)
few = st.integers(1, 3)
ids = st.integers(500, 503).map(desk.an_id)

ON_CLOCKS = st.one_of(
    of(
        c.PauseClocks,
        pause_id=ids,
        reason=st.sampled_from([m.PauseReason.PARTS, m.PauseReason.CUSTOMER]),
        note=words,
    ),
    of(c.EndPause, n=few),
    of(c.SetDeadline, n=numbers, due_at=instants, reason=words),
    of(c.MakePromise, promise_id=ids, promise=words, due_at=instants),
    of(c.ExtendClock, n=numbers, amount=st.integers(10, 200), reason=words),
    of(c.CancelClock, n=numbers, reason=words),
    of(c.StopClock, n=numbers),
    of(c.AcknowledgeEscalation, n=few, will_do=words, done_by_at=instants),
    of(c.EscalateComplaint, escalation_id=ids, reason=words),
)
people = st.sampled_from([*PEOPLE, desk.MANAGER, HEAD, HEAD])


@dataclass(frozen=True)
class Act:
    """After a while, in which the sagas were awake or not, somebody does something.

    `wish` is a command that `who` tries, or the name of what is sensible just then.
    """

    after: timedelta
    asleep: bool
    who: Actor
    wish: Any


def acts(*, outages: bool) -> st.SearchStrategy[list[Act]]:
    """Anybody does anything, at any time; now and then somebody does what is to be done next."""
    pauses = st.sampled_from([0, 1, 30, 200, 500, 1500, 4000]).map(
        lambda minutes: timedelta(minutes=minutes)
    )
    asleep = st.sampled_from([False, False, False, True]) if outages else st.just(False)
    anything = st.one_of(SORTING, WORK, ENDING, ON_CLOCKS)
    sensible = st.sampled_from(
        ["go_on", "go_on", "go_on", "answer", "pause", "resume", "regrade", "give_up", "reopen"]
    )
    somebody = st.builds(Act, pauses, asleep, people, anything)
    sensibly = st.builds(Act, pauses, asleep, st.just(desk.SPECIALIST), sensible)
    happens = st.lists(st.one_of(somebody, sensibly, sensibly, sensibly), min_size=4, max_size=30)
    sorted_out = [Act(timedelta(), False, desk.SPECIALIST, "go_on")] * len(_SORTING)
    return st.tuples(st.sampled_from([[], sorted_out, sorted_out]), happens).map(
        lambda parts: [*parts[0], *parts[1]]
    )


def _in_case(command: type[Command], **fields: Any) -> Any:
    if command is c.AcknowledgeEscalation:
        fields = {"will_do": "Call her today.", **fields}
    return command(stream=CASE, **fields)


_SORTING: dict[str, tuple[Actor, Any]] = {
    "judgement": (desk.SPECIALIST, c.JudgeComplaint(stream=CASE, valid=True)),
    "classification": (
        desk.SPECIALIST,
        c.ClassifyComplaint(stream=CASE, kind=c.Kind.QUALITY, subject="brakes"),
    ),
    "grading": (desk.SPECIALIST, c.GradeComplaint(stream=CASE, importance=c.Importance.NORMAL)),
    "assignment": (
        desk.SPECIALIST,
        c.AssignComplaint(stream=CASE, region="north", dealer_id="D-17"),
    ),
}
"""How a complaint is sorted out, by the step."""


@dataclass
class Run:
    """One random history and all that the sagas wanted in it."""

    time: VirtualTime
    wished: list[tuple[Saga[Any], Do]] = field(default_factory=list)
    new: int = 0

    def history(self, *kinds: type[Any]) -> list[Any]:
        """Return what was recorded of the case, of some kinds."""
        return [each for each in self.time.log if isinstance(each.event, kinds)]

    @property
    def case(self) -> c.Complaint:
        """Return the complaint as it stands."""
        state: c.Complaint = self.time.cases[CASE].state
        return state

    def do(self, who: Actor, command: Any) -> None:
        """Let somebody try something."""
        try:
            self.time.execute(command, actor=who)
        except Refusal:
            return

    def answer(self) -> None:
        """Somebody who was told acknowledges the first escalation that is open."""
        for escalation in self.case.escalations:
            if escalation.is_open:
                role, unit, region = escalation.reached[-1]
                told = desk.actor("told", role, unit=unit, region=region)
                by_at = self.time.now + DAY
                self.do(told, _in_case(c.AcknowledgeEscalation, n=escalation.n, done_by_at=by_at))
                return

    def pause(self) -> None:
        """The case waits for parts."""
        wish = _in_case(
            c.PauseClocks, pause_id=self.an_id(), reason=m.PauseReason.PARTS, note="No pads."
        )
        self.do(desk.EXPERT, wish)

    def resume(self) -> None:
        """The parts have come."""
        for pause in self.case.clocks.pauses:
            if pause.is_open:
                self.do(desk.EXPERT, _in_case(c.EndPause, n=pause.n))

    def regrade(self) -> None:
        """It matters more than was thought."""
        high, why = c.Importance.HIGH, f"Reason {self.an_id()}."
        self.do(desk.SPECIALIST, _in_case(c.GradeComplaint, importance=high, reason=why))

    def give_up(self) -> None:
        """A team is formed, and gives up at once."""
        n = self.case.number_of(c.VrtFormed) + 1
        self.do(
            desk.EXPERT,
            _in_case(
                c.FormVrt, vrt_id=self.an_id(), kind=c.VrtKind.QUALITY, lead="tara", task="Look."
            ),
        )
        self.do(desk.TECHNICAL, _in_case(c.ReportVrtFailure, n=n, reason="No bench."))

    def reopen(self) -> None:
        """She calls again after the end."""
        wish = _in_case(c.ReopenComplaint, reopening_id=self.an_id(), reason="It broke again.")
        self.do(desk.EXPERT, wish)

    def an_id(self) -> UUID:
        """Return an id that nothing has yet."""
        self.new += 1
        return desk.an_id(3000 + self.new)

    def go_on(self) -> None:
        """Somebody does what is to be done next, and proves it."""
        assert self.case.procedure is not None
        self.new += 1
        self.do(desk.EXPERT, document(desk.an_id(1000 + self.new)))
        procedure = RULES.pinned(Procedure, self.case.procedure)
        for step in c.next_steps(procedure, self.case.taken, self.case.status):
            going = _SORTING.get(step.name) or going_on(step.name, 2000 + self.new, self.case)
            if going is not None and (not step.optional or step.name.startswith("plan")):
                self.do(*going)
                return


def listening(saga: Saga[Any], run: list[tuple[Saga[Any], Do]]) -> Saga[Any]:
    """Return the saga, remembering what it wished."""

    def todo(state: Any, now: datetime) -> Sequence[Do]:
        wishes = saga.todo(state, now)
        run.extend((saga, do) for do in wishes)
        return wishes

    return replace(saga, todo=todo)


def lived(history: Sequence[Act], *, then: timedelta = 20 * DAY, **more: Any) -> Run:
    """Let a complaint be registered, all this happen to it, and some more time pass."""
    wished: list[tuple[Saga[Any], Do]] = []
    sagas = [listening(saga, wished) for saga in more.pop("sagas", SAGAS)]
    deciders = more.pop("deciders", (c.DECIDER,))
    known = more.pop("given", ())
    run = Run(VirtualTime(deciders, sagas, now=NOW, rules=RULES, **more), wished)
    for stream, event in known:
        run.time.append(stream, event, actor=desk.IMPORTER)
    run.time.execute(desk.register(received_at=None), actor=desk.SPECIALIST)
    for act in history:
        at = run.time.now + act.after
        if act.asleep:
            run.time.sleep_until(at)
        else:
            run.time.run_until(at)
        if isinstance(act.wish, str):
            getattr(run, act.wish)()
        else:
            run.do(act.who, act.wish)
    run.time.run_until(run.time.now + then)
    return run
