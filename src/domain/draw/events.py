"""What can happen to a draw. Its entries are events of the orders, found by the draw's id."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.declare import event, value
from domain.draw.ranking import DrawOutcome


class EntryRule(StrEnum):
    """How often one person may enter."""

    ONE_PER_PERSON = "one_per_person"


class ExclusionReason(StrEnum):
    """Why an entry is left out of the ranking; it stays in the list, with its number."""

    INELIGIBLE = "ineligible"
    SAME_PERSON = "same_person"
    """One person has two records, and entered under both."""
    FALSE_STATEMENT = "false_statement"
    NOT_PAID = "not_paid"
    COURT_ORDER = "court_order"
    WITHDREW = "withdrew"
    """The entrant does not want to take part any more."""


@value
class Quota:
    """How many of one model are drawn, and how many more move up when winners let go."""

    model: str
    winners: int
    reserves: int


@value
class ModelCount:
    """How many entries there are for a model."""

    model: str
    entries: int


@value
class ModelOutcome:
    """What became of the entries for a model."""

    model: str
    entries: int
    excluded: int
    winners: int
    reserves: int
    not_drawn: int


@event("draw.announced")
class DrawAnnounced:
    """A draw is to be held, by these rules: none of them changes any more.

    `source` names the public source of randomness, whose value nobody can know before
    `value_expected_at`, which is after the closing.
    """

    name: str
    rule: EntryRule
    quotas: tuple[Quota, ...]
    source: str
    source_reference: str | None
    value_expected_at: datetime
    opens_at: datetime
    closes_at: datetime


@event("draw.committed")
class SeedCommitted:
    """The operator committed to a secret seed by its SHA-256."""

    seed_sha256: str


@event("draw.opened")
class DrawOpened:
    """Entries are taken from now on."""


@event("draw.entry_excluded")
class EntryExcluded:
    """The entry of an order is left out of the ranking."""

    order_id: UUID
    reason: ExclusionReason


@event("draw.entry_restored")
class EntryRestored:
    """The entry of an order is not left out any more, as it was for this reason."""

    order_id: UUID
    reason: ExclusionReason


@event("draw.closed")
class DrawClosed:
    """No entry whose position in the log comes after this one counts."""

    closed_at: datetime


@event("draw.entries_sealed")
class EntriesSealed:
    """The entries that count are these: so many, with this root, up to the closing's position."""

    closed_position: int
    count: int
    root: str
    counted: tuple[ModelCount, ...]


@event("draw.revealed")
class DrawRevealed:
    """The seed and the public value are known to all, and with them the ranking."""

    seed: str
    public_value: str
    value_published_at: datetime


@event("draw.ranked")
class DrawRanked:
    """The ranking was worked out and its proof file published, byte for byte this one."""

    ranking_sha256: str
    proof_sha256: str
    proof_bytes: int
    outcomes: tuple[ModelOutcome, ...]


@event("draw.outcome_not_taken")
class OutcomeNotTaken:
    """An order could not be told what it was given: it takes no part in the draw any more."""

    order_id: UUID
    model: str
    rank: int
    outcome: DrawOutcome


@event("draw.handed_out")
class OutcomesHandedOut:
    """Every order was told what it was given; from now on places are passed on."""

    places: int


@event("draw.place_passed_on")
class PlacePassedOn:
    """A place that was let go went to the next reserve of the model; None: there was none left."""

    from_order: UUID
    to_order: UUID | None
    model: str


DrawEvent = (
    DrawAnnounced
    | SeedCommitted
    | DrawOpened
    | EntryExcluded
    | EntryRestored
    | DrawClosed
    | EntriesSealed
    | DrawRevealed
    | DrawRanked
    | OutcomeNotTaken
    | OutcomesHandedOut
    | PlacePassedOn
)

EVENTS: tuple[type[DrawEvent], ...] = (
    DrawAnnounced,
    SeedCommitted,
    DrawOpened,
    EntryExcluded,
    EntryRestored,
    DrawClosed,
    EntriesSealed,
    DrawRevealed,
    DrawRanked,
    OutcomeNotTaken,
    OutcomesHandedOut,
    PlacePassedOn,
)
