"""Invented cases: whole lives of complaints, drawn from a seed, no two runs of it different."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import log
from random import Random
from uuid import UUID, uuid5

from domain.clocks.messages import PauseReason
from domain.complaint import (
    AddDocument,
    AnnounceResult,
    AnswerInvalidComplaint,
    AnswerThrough,
    ApprovePlan,
    AssignComplaint,
    CarryOutPlan,
    Channel,
    ClassifyComplaint,
    CloseComplaint,
    ClosingGround,
    CompleteWork,
    ConfirmingParty,
    ConfirmResult,
    Correspondent,
    Direction,
    EndPause,
    GradeComplaint,
    Importance,
    JudgeComplaint,
    Kind,
    Outcome,
    PaperKind,
    PauseClocks,
    RecordCorrespondence,
    RegisterComplaint,
    SubmitPlan,
)
from domain.declare import Actor, ActorId, Command, Role
from domain.money import Currency, Money
from simulating.acts import Act, Extent, Play

BEGINS_AT = datetime(2025, 1, 1, tzinfo=UTC)
SPREAD = timedelta(days=365)
"""Over which the cases come in."""

LONGEST = timedelta(days=120)
"""How long after the last case came in the play goes on."""

_NAMESPACE = UUID("3c1f5a86-0d7e-5f7a-8f0e-2b7d0e5a94c3")
_SPREAD_OF_DURATIONS = 0.9
"""Sigma of the lognormal that every duration is drawn from; the median is each step's own."""

_INVALID_SHARE = 0.06
_FORGOTTEN_SHARE = 0.04
_WITHDRAWN_SHARE = 0.15
_DEALER_SHARE = 0.55
_WAITS_FOR_PARTS_SHARE = 0.3


def _actor(
    account: str,
    role: Role,
    unit: str | None = None,
    region: str | None = None,
    dealer_id: str | None = None,
) -> Actor:
    return Actor(
        id=ActorId(account), roles=frozenset({role}), unit=unit, region=region, dealer_id=dealer_id
    )


SPECIALIST = _actor("generated-specialist", Role.SPECIALIST, "customer_centre")
EXPERT = _actor("generated-expert", Role.EXPERT, "complaints")
SUPERVISOR = _actor("generated-supervisor", Role.SUPERVISOR, "complaints")
MANAGER = _actor("generated-manager", Role.MANAGER, "customer_care")
REGIONS = ("central", "north", "south", "east", "west")
DEALERS = tuple(
    _actor(f"generated-dealer-{n}", Role.DEALER, None, region, f"G-{n}")
    for n, region in enumerate(REGIONS, 1)
)
UNITS = tuple(
    _actor(f"generated-{unit}", Role.UNIT, unit) for unit in ("after_sales", "parts", "technical")
)


class Generated:
    """So many invented cases of a seed; each follows from the seed and its own number alone."""

    def __init__(self, cases: int, seed: int) -> None:
        self._cases = cases
        self._seed = seed
        self.rows_left_out = 0

    def extent(self) -> Extent:
        """Return from when to when the cases are played."""
        return Extent(BEGINS_AT, BEGINS_AT + SPREAD + LONGEST, self._cases)

    def plays(self, share: int, shares: int) -> Iterator[Play]:
        """Invent the cases of a share."""
        for n in range(share, self._cases, shares):
            yield Life(n + 1, Random(f"{self._seed}/{n}")).play()  # noqa: S311 (no secret)


class Life:
    """The life of one invented complaint."""

    def __init__(self, n: int, chance: Random) -> None:
        self._name = f"generated {n}"
        self._chance = chance
        self._stream = uuid5(_NAMESPACE, self._name)
        self._at = BEGINS_AT + timedelta(seconds=int(chance.random() * SPREAD.total_seconds()))
        self._acts: list[Act] = []

    def play(self) -> Play:
        """Live it, and return the acts."""
        if self._opened():
            self._handled()
        return Play(self._name, self._stream, tuple(self._acts))

    def _opened(self) -> bool:
        """Register, judge and sort the case; tell whether it is to be handled."""
        stream, chance = self._stream, self._chance
        dealt = chance.random() < _DEALER_SHARE
        self._kind = Kind.QUALITY if dealt else Kind.SERVICE
        self._by(
            SPECIALIST,
            RegisterComplaint(
                stream=stream,
                kind=self._kind,
                channel=chance.choice((Channel.PHONE, Channel.PORTAL, Channel.IN_PERSON)),
                narrative=self._name,
                crash=dealt and chance.random() < 0.05,
                fire=dealt and chance.random() < 0.02,
            ),
        )
        self._later(median_hours=5)
        if chance.random() < _INVALID_SHARE:
            self._by(SPECIALIST, JudgeComplaint(stream=stream, valid=False, reason="no complaint"))
            self._later(median_hours=12)
            self._by(
                SPECIALIST,
                AnswerInvalidComplaint(
                    stream=stream,
                    through=AnswerThrough.SERVICE_SPECIALIST,
                    channel=Channel.PHONE,
                    answer="no complaint",
                ),
            )
            return False
        self._by(SPECIALIST, JudgeComplaint(stream=stream, valid=True))
        self._later(median_hours=3)
        subjects = ("brakes", "engine", "body", "paint") if dealt else ("waiting_time", "conduct")
        self._by(
            EXPERT,
            ClassifyComplaint(stream=stream, kind=self._kind, subject=chance.choice(subjects)),
            GradeComplaint(stream=stream, importance=chance.choice(tuple(Importance))),
        )
        self._later(median_hours=4)
        self._worker = chance.choice(DEALERS if dealt else UNITS)
        self._by(
            EXPERT,
            AssignComplaint(
                stream=stream,
                region=self._worker.region,
                dealer_id=self._worker.dealer_id,
                unit=self._worker.unit,
            ),
        )
        return chance.random() >= _FORGOTTEN_SHARE

    def _handled(self) -> None:
        if self._chance.random() < _WITHDRAWN_SHARE:
            self._later(median_hours=30)
            self._result(Outcome.EXPLAINED)
            self._later(median_hours=24)
            self._withdrawn()
            return
        if self._kind is Kind.QUALITY:
            self._planned_and_carried_out()
        else:
            self._later(median_hours=70)
            self._by(
                self._worker,
                CompleteWork(
                    stream=self._stream,
                    completion_id=self._id("completion"),
                    completed_on=self._at.date(),
                    report="done",
                ),
            )
            self._document(self._worker)
        self._later(median_hours=8)
        self._result(Outcome.MET)
        self._confirmed_and_closed()

    def _planned_and_carried_out(self) -> None:
        self._later(median_hours=40)
        cost = Money(
            minor=int(self._chance.lognormvariate(log(40_000_000), 1.2)), currency=Currency.IRR
        )
        plan_id = self._id("plan")
        self._by(
            self._worker,
            SubmitPlan(stream=self._stream, plan_id=plan_id, plan="repair", cost=cost),
        )
        self._later(median_hours=14)
        self._by(MANAGER, ApprovePlan(stream=self._stream, plan_id=plan_id))
        if self._chance.random() < _WAITS_FOR_PARTS_SHARE:
            self._waits_for_parts()
        self._later(median_hours=90)
        self._document(self._worker)
        self._by(
            self._worker,
            CarryOutPlan(
                stream=self._stream,
                plan_id=plan_id,
                carried_out_on=self._at.date(),
                cost=cost,
                paper_ids=(self._id("paper"),),
            ),
        )

    def _waits_for_parts(self) -> None:
        self._later(median_hours=4)
        self._by(
            EXPERT,
            PauseClocks(
                stream=self._stream,
                pause_id=self._id("pause"),
                reason=PauseReason.PARTS,
                note="waits for parts",
            ),
        )
        self._later(median_hours=72)
        self._by(EXPERT, EndPause(stream=self._stream, n=1))

    # --- acts that several lives have -------------------------------------------------------------

    def _result(self, outcome: Outcome) -> None:
        self._by(
            EXPERT,
            AnnounceResult(
                stream=self._stream,
                result_id=self._id("result"),
                outcome=outcome,
                channel=Channel.PHONE,
                answer="told",
            ),
        )

    def _withdrawn(self) -> None:
        self._by(
            SPECIALIST,
            RecordCorrespondence(
                stream=self._stream,
                correspondence_id=self._id("paper"),
                direction=Direction.IN,
                correspondent=Correspondent.CUSTOMER,
                channel=Channel.MESSAGE,
                content="withdrawn",
                happened_at=self._at,
            ),
        )
        self._close(ClosingGround.WITHDRAWN)

    def _confirmed_and_closed(self) -> None:
        self._later(median_hours=10)
        self._confirm(EXPERT, ConfirmingParty.SECOND)
        self._later(median_hours=20)
        self._confirm(SPECIALIST, ConfirmingParty.CUSTOMER)
        self._later(median_hours=4)
        self._close(ClosingGround.CARRIED_OUT)

    def _confirm(self, by: Actor, party: ConfirmingParty) -> None:
        self._by(
            by,
            ConfirmResult(
                stream=self._stream,
                confirmation_id=self._id(f"confirmation by {party}"),
                party=party,
                confirmed=True,
            ),
        )

    def _document(self, by: Actor) -> None:
        self._by(
            by,
            AddDocument(
                stream=self._stream,
                document_id=self._id("paper"),
                kind=PaperKind.REPAIR_ORDER,
                title="Repair order",
                media_type="application/pdf",
                size_bytes=1_000,
                content_sha256=sha256(self._name.encode()).hexdigest(),
            ),
        )

    def _close(self, ground: ClosingGround) -> None:
        self._by(
            SUPERVISOR,
            CloseComplaint(
                stream=self._stream,
                closure_id=self._id("closure"),
                ground=ground,
                paper_ids=(self._id("paper"),),
            ),
        )

    def _later(self, *, median_hours: float) -> None:
        hours = self._chance.lognormvariate(log(median_hours), _SPREAD_OF_DURATIONS)
        self._at += timedelta(seconds=int(hours * 3600))

    def _by(self, actor: Actor, *commands: Command) -> None:
        self._acts.append(Act(self._at, actor, commands))

    def _id(self, what: str) -> UUID:
        return uuid5(self._stream, what)
