"""Whether documents that are published name only documents that there are.

A document cannot know this of itself, so it is judged where documents are published: among the
ones in the log and the ones published with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from domain import DECIDERS, DOCUMENT_TYPES
from domain.clocks.rules import ClassPause, Ladder, SlaPack, StatutoryPack
from domain.declare import Unacceptable, stored_name
from domain.lease import LeaseProduct
from domain.order import SaleScheme
from domain.rulebook import PublishRules, Rules

Place = tuple[str | int, ...]

FIRST_KINDS = ("organisation", "calendar", "authorisation_limits", "ladder")
"""Kinds that others name; they are published before the rest."""


EVENT = "event"
EVENTS = frozenset(stored_name(event) for decider in DECIDERS for event in decider.events)
"""Stored names that a clock can start or stop on; another one would never occur. A kind of case may
tell several meanings of one event apart by a further part (`referral.reply_sent.last`)."""


class ReferenceUnknown(Unacceptable, code="rulebook.reference_unknown"):
    """The document names something that there is not: publish it first, or correct the name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """That a document names another one, and where in it."""

    place: Place
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference of one publication to a document that there is not, and those there are."""

    publication: PublishRules
    reference: Reference
    known: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Return where in the document it stands."""
        return self.reference.place

    @property
    def message(self) -> str:
        """Return what is wrong and the fix, in English, for files."""
        known = ", ".join(self.known) or "none yet"
        if self.reference.kind == EVENT:
            return f"no event is called {self.reference.name}; close to it: {known}"
        return (
            f"no {self.reference.kind} is called {self.reference.name}; publish it first,"
            f" or write one of these: {known}"
        )

    @property
    def refusal(self) -> ReferenceUnknown:
        """Return what is wrong as a refusal."""
        return ReferenceUnknown(
            kind=self.reference.kind,
            name=self.reference.name[:64],
            pointer="/".join(str(part) for part in self.place),
            known=self.known,
        )


class PacksOverlap(Unacceptable, code="rulebook.packs_overlap"):
    """Another pack of this regime is for letters of the same days; let one end before the other."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two statutory packs of one regime are for letters of the same days."""

    publication: PublishRules
    regime: str
    other: str

    @property
    def place(self) -> Place:
        """Return where in the document it stands."""
        return ("regime",)

    @property
    def message(self) -> str:
        """Return what is wrong and the fix, in English, for files."""
        return (
            f"statutory_pack/{self.other} is for letters of the same days under {self.regime};"
            " let one of them end before the other begins (until_on, from_on)"
        )

    @property
    def refusal(self) -> PacksOverlap:
        """Return what is wrong as a refusal."""
        return PacksOverlap(regime=self.regime[:64], other=self.other)


def in_order(publications: Sequence[PublishRules]) -> list[PublishRules]:
    """Return publications so that what others name comes first."""
    return sorted(publications, key=lambda one: (_rank(one.kind), one.kind, one.name))


def _rank(kind: str) -> int:
    return FIRST_KINDS.index(kind) if kind in FIRST_KINDS else len(FIRST_KINDS)


def dangling(
    publications: Sequence[PublishRules], rules: Rules, parsed: Callable[[PublishRules], object]
) -> Iterator[Dangling]:
    """Yield every reference to a document that is neither published nor among `publications`."""
    together = {(one.kind, one.name) for one in publications}
    for publication in publications:
        for reference in references(parsed(publication)):
            if (reference.kind, reference.name) in together:
                continue
            if reference.kind == EVENT:
                if not {reference.name, reference.name.rpartition(".")[0]} & EVENTS:
                    close = get_close_matches(reference.name[:64], EVENTS, n=3)
                    yield Dangling(publication, reference, tuple(close))
                continue
            content_type = DOCUMENT_TYPES.get(reference.kind)
            known = {name for held, name in rules.documents if held is content_type}
            if reference.name not in known:
                known |= {name for kind, name in together if kind == reference.kind}
                yield Dangling(publication, reference, tuple(sorted(known)))


def overlapping(
    publications: Sequence[PublishRules], rules: Rules, parsed: Callable[[PublishRules], object]
) -> Iterator[Overlap]:
    """Yield statutory packs whose days overlap with those of another pack of their regime."""
    packs = {
        name: published[-1].content
        for (content_type, name), published in rules.documents.items()
        if content_type is StatutoryPack
    }
    for publication in publications:
        pack = parsed(publication)
        if isinstance(pack, StatutoryPack):
            packs[publication.name] = pack
    for publication in publications:
        own = packs.get(publication.name)
        if publication.kind != "statutory_pack" or own is None:
            continue
        for name, pack in packs.items():
            same = name != publication.name and pack.regime == own.regime
            if same and _days(own)[0] <= _days(pack)[1] and _days(pack)[0] <= _days(own)[1]:
                yield Overlap(publication, own.regime, name)


def _days(pack: StatutoryPack) -> tuple[date, date]:
    return pack.from_on or date.min, pack.until_on or date.max


def references(content: Any) -> Iterator[Reference]:
    """Yield the documents that a document names."""
    if isinstance(content, SlaPack | Ladder | StatutoryPack):
        yield Reference(("calendar",), "calendar", content.calendar)
    if isinstance(content, SaleScheme) and content.calendar is not None:
        yield Reference(("calendar",), "calendar", content.calendar)
    if isinstance(content, LeaseProduct):
        yield Reference(("calendar",), "calendar", content.calendar)
        yield Reference(("procedure",), "procedure", content.procedure)
    if isinstance(content, SlaPack):
        for number, rule in enumerate(content.clocks):
            for field in ("starts_on", "stops_on"):
                for place, name in enumerate(getattr(rule, field)):
                    yield Reference(("clocks", number, field, place), EVENT, name)
            if rule.ladder is not None:
                yield Reference(("clocks", number, "ladder"), "ladder", rule.ladder)
    if isinstance(content, ClassPause):
        for number, pack in enumerate(content.packs):
            yield Reference(("packs", number), "statutory_pack", pack)
