"""The words of the complaint's language: kinds, origins, channels, statuses, steps, grounds."""

from enum import StrEnum


class Kind(StrEnum):
    """What the complaint is about, broadly."""

    QUALITY = "quality"
    SALES = "sales"
    SERVICE = "service"
    PARTS = "parts"
    OTHER = "other"


class Origin(StrEnum):
    """Who raised it; an authority's complaint is a special case."""

    CUSTOMER = "customer"
    DEALER = "dealer"
    AUTHORITY = "authority"
    MEDIA = "media"


class Channel(StrEnum):
    """By which way something came in or went out."""

    PORTAL = "portal"
    PHONE = "phone"
    MESSAGE = "message"
    EMAIL = "email"
    LETTER = "letter"
    FAX = "fax"
    WEBSITE = "website"
    WECHAT = "wechat"
    REGIONAL_OFFICE = "regional_office"
    IN_PERSON = "in_person"
    OTHER_SYSTEM = "other_system"


class MileageUnit(StrEnum):
    """The unit an odometer reading was given in; readings are kept as given."""

    KM = "km"
    MI = "mi"


class Risk(StrEnum):
    """What makes a complaint dangerous, whatever its subject."""

    DEATH = "death"
    INJURY = "injury"
    FIRE = "fire"
    CRASH = "crash"
    MEDIA = "media"


class Importance(StrEnum):
    """How much it matters in the eyes of whoever grades it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Priority(StrEnum):
    """In which order cases are worked on; `rank` 0 comes first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Return the place in the order of work, 0 being the most urgent."""
        return _RANKS[self]


_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


class Status(StrEnum):
    """Where the case stands in its life."""

    NOT_REGISTERED = "not_registered"
    REGISTERED = "registered"
    VALID = "valid"
    INVALID = "invalid"
    ANSWERED = "answered"
    """Judged invalid, answered and thereby ended."""
    CLASSIFIED = "classified"
    GRADED = "graded"
    ASSIGNED = "assigned"
    IN_HANDLING = "in_handling"
    WAITING = "waiting"
    """Only of carried-over cases: the source says that it waits for somebody."""
    COMPLETED = "completed"
    """The work was done; the result is still to be announced."""
    ANNOUNCED = "announced"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


ENDED = frozenset({Status.CLOSED, Status.ANSWERED})
"""The statuses in which nothing more is to be done."""


class Step(StrEnum):
    """The steps that complaint procedures speak of."""

    JUDGEMENT = "judgement"
    INVALID_ANSWER = "invalid_answer"
    CLASSIFICATION = "classification"
    GRADING = "grading"
    ASSIGNMENT = "assignment"
    INQUIRY = "inquiry"
    INQUIRY_ANSWER = "inquiry_answer"
    VRT = "vrt"
    VRT_REPORT = "vrt_report"
    PLAN = "plan"
    PLAN_APPROVAL = "plan_approval"
    PLAN_EXECUTION = "plan_execution"
    COMPLETION = "completion"
    RESULT = "result"
    SECOND_CONFIRMATION = "second_confirmation"
    CUSTOMER_CONFIRMATION = "customer_confirmation"
    CLOSURE = "closure"
    CARRY_OVER = "carry_over"


class AnswerThrough(StrEnum):
    """Through whom an invalid complaint is answered."""

    SERVICE_SPECIALIST = "service_specialist"
    DEALER = "dealer"


class AssignedTo(StrEnum):
    """To what kind of body a case is assigned (the variants of the step `assignment`)."""

    DEALER = "dealer"
    UNIT = "unit"


class Awaited(StrEnum):
    """What somebody is late with, and reminded of."""

    JUDGEMENT = "judgement"
    ASSIGNMENT = "assignment"
    INQUIRY_ANSWER = "inquiry_answer"
    VRT_REPORT = "vrt_report"
    PLAN = "plan"
    PLAN_APPROVAL = "plan_approval"
    PLAN_EXECUTION = "plan_execution"
    COMPLETION = "completion"
    RESULT = "result"


class Direction(StrEnum):
    """Whether correspondence came in or went out."""

    IN = "in"
    OUT = "out"


class Correspondent(StrEnum):
    """With whom the correspondence is."""

    CUSTOMER = "customer"
    DEALER = "dealer"
    REGION = "region"
    UNIT = "unit"
    AUTHORITY = "authority"
    MEDIA = "media"
    SUPPLIER = "supplier"
    OTHER = "other"


class PaperKind(StrEnum):
    """What a document is, as far as rules ask."""

    CUSTOMER_ACCEPTANCE = "customer_acceptance"
    INVOICE = "invoice"
    REPAIR_ORDER = "repair_order"
    PHOTO = "photo"
    RECORDING = "recording"
    EXPERT_OPINION = "expert_opinion"
    LETTER = "letter"
    CONTRACT = "contract"
    OTHER = "other"


class VrtKind(StrEnum):
    """What a vehicle response team is formed for; a quality one owes a finding."""

    QUALITY = "quality"
    SERVICE = "service"
    SALES = "sales"
    PARTS = "parts"
    OTHER = "other"


class Outcome(StrEnum):
    """What the announced result is."""

    EXPLAINED = "explained"
    MET = "met"
    """The demand was met, or the repair or plan was carried out."""
    PLANNED = "planned"
    """A plan is agreed on that is not yet carried out."""
    DECLINED = "declined"


class ConfirmingParty(StrEnum):
    """Whose confirmation it is."""

    CUSTOMER = "customer"
    SECOND = "second"


class ClosingGround(StrEnum):
    """The four grounds on which a case is closed, exactly one of them."""

    WITHDRAWN = "withdrawn"
    """1: the customer accepts the explanation and withdraws."""
    CARRIED_OUT = "carried_out"
    """2: accepts the repair or plan and it was carried out, or the demand was met."""
    FOLLOW_UP = "follow_up"
    """3: accepts the plan, not yet carried out, and agrees on the follow-up."""
    UNFOUNDED = "unfounded"
    """4: the demand is against law or warranty terms and a clear answer was given."""


class FollowUpReason(StrEnum):
    """Why an accepted plan is not yet carried out."""

    CUSTOMER = "customer"
    OBJECTIVE = "objective"


class ArbitrationOutcome(StrEnum):
    """How an arbitration ended."""

    FOR_CUSTOMER = "for_customer"
    FOR_COMPANY = "for_company"
    SETTLED = "settled"
    DISMISSED = "dismissed"


class LitigationOutcome(StrEnum):
    """How a litigation ended."""

    FOR_CUSTOMER = "for_customer"
    FOR_COMPANY = "for_company"
    SETTLED = "settled"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class CrisisLevel(StrEnum):
    """How far a crisis reaches."""

    LOCAL = "local"
    NATIONAL = "national"
    INTERNATIONAL = "international"


class CarriedMeaning(StrEnum):
    """What a row of the source says about the case."""

    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    NOTED = "noted"
    """The row is kept and says nothing that changes where the case stands."""


class WaitingFor(StrEnum):
    """For whom or what a carried-over case waits."""

    CUSTOMER = "customer"
    USER = "user"
    VENDOR = "vendor"
    IMPLEMENTATION = "implementation"
    OTHER = "other"
