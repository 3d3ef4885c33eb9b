"""How a demo case is told: acts in order, each one command of one actor that records one event."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Self
from uuid import UUID, uuid5

from demo.people import (
    CUSTOMERS,
    EXPERT,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
    Person,
    demo_id,
)
from domain.complaint import (
    AddDocument,
    AnnounceResult,
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
    FormVrt,
    GiveInstruction,
    GradeComplaint,
    Importance,
    JudgeComplaint,
    Kind,
    MileageUnit,
    Origin,
    Outcome,
    PaperKind,
    RecordCorrespondence,
    RegisterComplaint,
    SubmitPlan,
    VrtKind,
)
from domain.declare import Actor, Command
from domain.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Act:
    """What one person does."""

    actor: Actor
    command: Command
    at: datetime | None = None
    """When, where it is not a few hours after the act before it."""
    beside: tuple[Command, ...] = ()
    """What changes in other cases at the same moment."""


BETWEEN_ACTS = timedelta(hours=3)


class Tale:
    """One case from its beginning, act by act."""

    def __init__(self, stream: UUID, now: datetime, *, days_ago: int) -> None:
        self.now = now
        self.stream = stream
        self.acts: list[Act] = []
        self.received_at = now - timedelta(days=days_ago, hours=3)

    def id(self, what: str) -> UUID:
        """Return the id of a thing of this case."""
        return uuid5(self.stream, what)

    def instant_of(self, n: int) -> datetime:
        """Return when act `n` is done: one after the other since the case came in."""
        at = self.received_at + timedelta(hours=1)
        for act in self.acts[1 : n + 1]:
            at = max(at, act.at) if act.at is not None else at + BETWEEN_ACTS
        return min(self.now, at)

    @property
    def today(self) -> date:
        """Return the day on which the next act is done."""
        return self.instant_of(len(self.acts)).date()

    def by(
        self, actor: Actor, command: Command, at: datetime | None = None, *beside: Command
    ) -> Self:
        """Add an act."""
        self.acts.append(Act(actor, command, at, beside))
        return self


class Story(Tale):
    """One complaint from its beginning; every method is one act, and returns the story."""

    def __init__(self, name: str, now: datetime, person: Person | None, *, days_ago: int) -> None:
        super().__init__(demo_id(f"complaint/{name}"), now, days_ago=days_ago)
        self.name = name
        self.person = person

    # --- intake --------------------------------------------------------------------------------

    def registered(
        self,
        kind: Kind,
        narrative: str,
        *,
        by: Actor = SPECIALIST,
        channel: Channel = Channel.PHONE,
        origin: Origin = Origin.CUSTOMER,
        fire: bool = False,
        crash: bool = False,
        media: bool = False,
        injured_count: int = 0,
        dealer_id: str | None = None,
        region: str | None = None,
        vin_partial: str | None = None,
    ) -> "Story":
        """Somebody complains, or somebody complains for her."""
        person = self.person
        return self.by(
            by,
            RegisterComplaint(
                stream=self.stream,
                kind=kind,
                channel=channel,
                origin=origin,
                received_at=self.received_at,
                occurred_on=(self.received_at - timedelta(days=2)).date(),
                narrative=narrative,
                customer_id=None if person is None else person.id,
                vehicle_id=None if person is None else person.vehicle_id,
                vin_partial=vin_partial,
                mileage=None if person is None else 9_400 + 1_700 * person.n,
                mileage_unit=MileageUnit.KM,
                injured_count=injured_count,
                fire=fire,
                crash=crash,
                media=media,
                dealer_id=dealer_id,
                region=region,
                number=f"DEMO-{self.name}",
            ),
        )

    def valid(self) -> "Story":
        """It is a complaint."""
        return self.by(SPECIALIST, JudgeComplaint(stream=self.stream, valid=True))

    def invalid(self, reason: str) -> "Story":
        """It is none."""
        return self.by(SPECIALIST, JudgeComplaint(stream=self.stream, valid=False, reason=reason))

    def classified(self, kind: Kind, subject: str) -> "Story":
        """It is about this."""
        return self.by(EXPERT, ClassifyComplaint(stream=self.stream, kind=kind, subject=subject))

    def graded(self, importance: Importance = Importance.NORMAL) -> "Story":
        """It matters that much."""
        return self.by(EXPERT, GradeComplaint(stream=self.stream, importance=importance))

    def to_dealer(self, dealer: Actor) -> "Story":
        """A dealer works on it."""
        return self.by(
            EXPERT,
            AssignComplaint(
                stream=self.stream,
                region=dealer.region,
                dealer_id=dealer.dealer_id,
                handler=EXPERT.id,
            ),
        )

    def to_unit(self, unit: str) -> "Story":
        """A handling unit works on it."""
        return self.by(EXPERT, AssignComplaint(stream=self.stream, unit=unit, handler=EXPERT.id))

    # --- papers --------------------------------------------------------------------------------

    def document(self, what: str, kind: PaperKind, title: str, by: Actor = SPECIALIST) -> "Story":
        """A document comes in; its bytes are as imaginary as its author."""
        return self.by(
            by,
            AddDocument(
                stream=self.stream,
                document_id=self.id(what),
                kind=kind,
                title=title,
                media_type="image/jpeg" if kind is PaperKind.PHOTO else "application/pdf",
                size_bytes=48_000 + len(title),
                content_sha256=sha256(f"{self.name}/{what}".encode()).hexdigest(),
            ),
        )

    def message(
        self,
        what: str,
        content: str,
        *,
        direction: Direction = Direction.IN,
        correspondent: Correspondent = Correspondent.CUSTOMER,
        channel: Channel = Channel.MESSAGE,
        by: Actor = SPECIALIST,
        letter_number: str | None = None,
    ) -> "Story":
        """Something is said or written."""
        return self.by(
            by,
            RecordCorrespondence(
                stream=self.stream,
                correspondence_id=self.id(what),
                direction=direction,
                correspondent=correspondent,
                channel=channel,
                content=content,
                happened_at=self.received_at + timedelta(hours=1 + len(self.acts) / 10),
                letter_number=letter_number,
            ),
        )

    # --- the work ------------------------------------------------------------------------------

    def vrt(self, kind: VrtKind, task: str, lead: Actor = TECHNICAL) -> "Story":
        """A vehicle response team is formed."""
        return self.by(
            EXPERT,
            FormVrt(stream=self.stream, vrt_id=self.id("vrt"), kind=kind, lead=lead.id, task=task),
        )

    def plan(self, dealer: Actor, plan: str, cost_minor: int, what: str = "plan") -> "Story":
        """The dealer says what it would do, and for how much."""
        return self.by(
            dealer,
            SubmitPlan(
                stream=self.stream,
                plan_id=self.id(what),
                plan=plan,
                cost=Money(minor=cost_minor, currency=Currency.IRR),
                carry_out_by_on=self.today + timedelta(days=7),
            ),
        )

    def approved(self, what: str = "plan") -> "Story":
        """The plan may be carried out."""
        return self.by(SUPERVISOR, ApprovePlan(stream=self.stream, plan_id=self.id(what)))

    def carried_out(self, dealer: Actor, report: str, cost_minor: int) -> "Story":
        """The plan was carried out, and a repair order proves it."""
        self.document("repair order", PaperKind.REPAIR_ORDER, "Repair order", by=dealer)
        return self.by(
            dealer,
            CarryOutPlan(
                stream=self.stream,
                plan_id=self.id("plan"),
                carried_out_on=self.today,
                cost=Money(minor=cost_minor, currency=Currency.IRR),
                report=report,
                paper_ids=(self.id("repair order"),),
            ),
        )

    def completed(self, by: Actor, report: str) -> "Story":
        """Whoever worked on it says that it is done."""
        return self.by(
            by,
            CompleteWork(
                stream=self.stream,
                completion_id=self.id("completion"),
                completed_on=self.today,
                report=report,
            ),
        )

    def instructed(self, instruction: str, to_unit: str | None = None) -> "Story":
        """A superior says what to do; a unit that is told so has a part in the case."""
        n = sum(isinstance(act.command, GiveInstruction) for act in self.acts) + 1
        return self.by(
            SUPERVISOR,
            GiveInstruction(
                stream=self.stream,
                instruction_id=self.id(f"instruction {n}"),
                instruction=instruction,
                to_unit=to_unit,
            ),
        )

    # --- the end -------------------------------------------------------------------------------

    def result(self, outcome: Outcome, answer: str) -> "Story":
        """The customer is told the result."""
        return self.by(
            EXPERT,
            AnnounceResult(
                stream=self.stream,
                result_id=self.id("result"),
                outcome=outcome,
                channel=Channel.PHONE,
                answer=answer,
            ),
        )

    def confirmed_by_second(self, by: Actor = SUPERVISOR) -> "Story":
        """The second party confirms."""
        return self._confirmed(by, ConfirmingParty.SECOND, None)

    def confirmed_by_customer(self, comment: str | None = None) -> "Story":
        """The customer confirms, on the telephone."""
        return self._confirmed(SPECIALIST, ConfirmingParty.CUSTOMER, comment)

    def _confirmed(self, by: Actor, party: ConfirmingParty, comment: str | None) -> "Story":
        return self.by(
            by,
            ConfirmResult(
                stream=self.stream,
                confirmation_id=self.id(f"confirmation by {party}"),
                party=party,
                confirmed=True,
                channel=Channel.PHONE,
                comment=comment,
            ),
        )

    def closed(self, ground: ClosingGround, *papers: str) -> "Story":
        """The case is closed on the evidence of these papers."""
        return self.by(
            EXPERT,
            CloseComplaint(
                stream=self.stream,
                closure_id=self.id("closure"),
                ground=ground,
                paper_ids=tuple(self.id(paper) for paper in papers),
            ),
        )


class Stories:
    """Begins stories: numbered in the order they are told, about customers by their number."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.told: list[Story] = []

    def about(self, customer: int | None, *, days_ago: int) -> Story:
        """Begin a story about a customer, or about somebody who is not known."""
        person = None if customer is None else CUSTOMERS[customer - 1]
        story = Story(f"{len(self.told) + 1:02}", self.now, person, days_ago=days_ago)
        self.told.append(story)
        return story
