"""What can be wanted of a draw, and why it may be refused."""

from typing import Annotated
from uuid import UUID

from domain.declare import Command, NotPermitted, Refusal, Unacceptable, command, value
from domain.draw.events import EntryRule, ExclusionReason, ModelCount, ModelOutcome
from domain.draw.ranking import DrawOutcome
from domain.fields import Between, Code, Instant, Items, Line, Text

PLACES_MAX = 10_000_000
QUOTAS_MAX = 200
EXCLUSIONS_MAX = 20_000
"""How many entries of a draw are left out at most; a draw with more of them is not this draw."""

Sha256Hex = Annotated[str, Text(min=64, max=64, pattern=r"^[0-9a-f]{64}$")]
SeedHex = Annotated[str, Text(min=64, max=512, pattern=r"^(?:[0-9a-f]{2})+$")]
"""A seed of 32 to 256 bytes, in hexadecimal."""
PublicValue = Annotated[str, Text(max=500, pattern=r"^[^\n\t]+$")]
Number = Annotated[int, Between(0, 10**12)]

# --- commands -------------------------------------------------------------------------------------


@value
class AskedQuota:
    """How many of one model are to be drawn, and how many reserves."""

    model: Code
    winners: Annotated[int, Between(1, PLACES_MAX)]
    reserves: Annotated[int, Between(0, PLACES_MAX)] = 0


@command
class AnnounceDraw(Command):
    """Announce a draw by all its rules, which do not change afterwards."""

    name: Code
    quotas: Annotated[tuple[AskedQuota, ...], Items(max=QUOTAS_MAX, min=1)]
    source: Line
    value_expected_at: Instant
    opens_at: Instant
    closes_at: Instant
    rule: EntryRule = EntryRule.ONE_PER_PERSON
    source_reference: Line | None = None


@command
class CommitSeed(Command):
    """Commit to a secret seed by its hash; the seed itself stays with the operator."""

    seed_sha256: Sha256Hex


@command
class OpenDraw(Command):
    """Take entries from now on."""


@command
class AdmitEntry(Command):
    """Ask whether an order may enter for this model now; decided together with the order."""

    model: Code


@command
class ExcludeEntry(Command):
    """Leave the entry of an order out of the ranking, for a reason that everyone will see."""

    order_id: UUID
    reason: ExclusionReason


@command
class RestoreEntry(Command):
    """Leave the entry of an order out no more."""

    order_id: UUID


@command
class CloseDraw(Command):
    """Take no more entries."""


@command
class SealEntries(Command):
    """Record which entries count, once all of them were read."""

    closed_position: Number
    count: Number
    root: Sha256Hex
    counted: Annotated[tuple[ModelCount, ...], Items(max=QUOTAS_MAX)]


@command
class RevealDraw(Command):
    """Publish the seed and the value that the public source gave."""

    seed: SeedHex
    public_value: PublicValue
    value_published_at: Instant | None = None


@command
class RecordRanking(Command):
    """Record the ranking that follows from what was revealed, and its proof file."""

    ranking_sha256: Sha256Hex
    proof_sha256: Sha256Hex
    proof_bytes: Number
    outcomes: Annotated[tuple[ModelOutcome, ...], Items(max=QUOTAS_MAX)]


@command
class SkipOutcome(Command):
    """Record that an order does not take what it was given, since it left the draw."""

    order_id: UUID
    model: Code
    rank: Annotated[int, Between(1, PLACES_MAX)]
    outcome: DrawOutcome


@command
class FinishHandingOut(Command):
    """Record that so many orders were told what they were given, and that there are no more."""

    places: Number


@command
class PassPlaceOn(Command):
    """Give a place that was let go to the next reserve; None: no reserve is left."""

    from_order: UUID
    to_order: UUID | None
    model: Code


DrawCommand = (
    AnnounceDraw
    | CommitSeed
    | OpenDraw
    | AdmitEntry
    | ExcludeEntry
    | RestoreEntry
    | CloseDraw
    | SealEntries
    | RevealDraw
    | RecordRanking
    | SkipOutcome
    | FinishHandingOut
    | PassPlaceOn
)

COMMANDS: tuple[type[DrawCommand], ...] = (
    AnnounceDraw,
    CommitSeed,
    OpenDraw,
    AdmitEntry,
    ExcludeEntry,
    RestoreEntry,
    CloseDraw,
    SealEntries,
    RevealDraw,
    RecordRanking,
    SkipOutcome,
    FinishHandingOut,
    PassPlaceOn,
)

# --- refusals -------------------------------------------------------------------------------------


class OperatorOnly(NotPermitted, code="draw.operator_only"):
    """Only the operator of a draw, a manager or administrator, may do this."""


class SystemOnly(NotPermitted, code="draw.system_only"):
    """This follows from what stands in the log; nobody says it."""


class DatesOutOfOrder(Unacceptable, code="draw.dates_out_of_order"):
    """A draw opens, closes later, and its public value is known later still."""


class ClosingLiesBehind(Unacceptable, code="draw.closing_lies_behind"):
    """The draw would be closed before it is announced."""


class ModelTwice(Unacceptable, code="draw.model_twice"):
    """A model has one quota in a draw."""


class SeedIsCommitted(Refusal, code="draw.seed_is_committed"):
    """The operator has committed to another seed; it cannot be exchanged."""


class SeedNotCommitted(Refusal, code="draw.seed_not_committed"):
    """Before entries open, the operator commits to a seed."""


class NotYet(Refusal, code="draw.not_yet"):
    """The time that was announced for this has not come."""


class TooLateToOpen(Refusal, code="draw.too_late_to_open"):
    """The time at which the draw closes has passed; announce another draw."""


class DrawNotOpen(Refusal, code="draw.not_open"):
    """The draw takes no entries now."""


class ModelNotInDraw(Unacceptable, code="draw.model_not_in_draw"):
    """This model is not drawn in this draw."""


class ExclusionsAreOver(Refusal, code="draw.exclusions_are_over"):
    """The public value may be known by now, so nobody is left out or taken in any more."""


class NotEntered(Unacceptable, code="draw.not_entered"):
    """This order has no entry in this draw."""


class EntryIsExcluded(Refusal, code="draw.entry_is_excluded"):
    """The entry is left out already, for another reason."""


class TooManyExclusions(Refusal, code="draw.too_many_exclusions"):
    """A draw in which so many entries are left out is to be announced anew."""


class DrawNotClosed(Refusal, code="draw.not_closed"):
    """The draw is not closed."""


class EntriesNotSealed(Refusal, code="draw.entries_not_sealed"):
    """The entries are being counted; reveal the seed when their root is published."""


class SealedOtherwise(Refusal, code="draw.sealed_otherwise"):
    """The entries were sealed with another root; the log they come from is one and the same."""


class SeedDoesNotMatch(Unacceptable, code="draw.seed_does_not_match"):
    """This is not the seed that the operator committed to."""


class ValueTooEarly(Unacceptable, code="draw.value_too_early"):
    """A public value from before the announced time might have been known to somebody."""


class RevealedOtherwise(Refusal, code="draw.revealed_otherwise"):
    """Another seed or public value has been revealed, and stands."""


class NotRevealed(Refusal, code="draw.not_revealed"):
    """The seed has not been revealed."""


class RankedOtherwise(Refusal, code="draw.ranked_otherwise"):
    """Another ranking has been recorded, and stands."""


class NotRanked(Refusal, code="draw.not_ranked"):
    """The draw has no ranking yet."""


class NotHandedOut(Refusal, code="draw.not_handed_out"):
    """Orders are still being told what they were given; places are passed on afterwards."""


class NoProofYet(Refusal, code="draw.no_proof_yet"):
    """The proof file is published when the ranking is."""


class PlaceIsPassedOn(Refusal, code="draw.place_is_passed_on"):
    """The place was passed on already, or who would get it has got one."""
