"""Whether documents that are published name only documents that there are.

A document cannot know this of itself, so it is judged where documents are published: among the
ones in the log and the ones published with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain import DOCUMENT_TYPES
from domain.clocks.rules import ClassPause, Ladder, SlaPack, StatutoryPack
from domain.declare import Unacceptable
from domain.rulebook import PublishRules, Rules

Place = tuple[str | int, ...]

FIRST_KINDS = ("organisation", "calendar", "authorisation_limits", "ladder")
"""Kinds that others name; they are published before the rest."""


class ReferenceUnknown(Unacceptable, code="rulebook.reference_unknown"):
    """The document names another one that is not published; publish that one first."""


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
    def message(self) -> str:
        """Return what is wrong and the fix, in English, for files."""
        known = ", ".join(self.known) or "none yet"
        return (
            f"no {self.reference.kind} is called {self.reference.name}; publish it first,"
            f" or write one of these: {known}"
        )


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
            content_type = DOCUMENT_TYPES.get(reference.kind)
            known = {name for held, name in rules.documents if held is content_type}
            if reference.name not in known:
                known |= {name for kind, name in together if kind == reference.kind}
                yield Dangling(publication, reference, tuple(sorted(known)))


def references(content: Any) -> Iterator[Reference]:
    """Yield the documents that a document names."""
    if isinstance(content, SlaPack | Ladder | StatutoryPack):
        yield Reference(("calendar",), "calendar", content.calendar)
    if isinstance(content, SlaPack):
        for number, rule in enumerate(content.clocks):
            if rule.ladder is not None:
                yield Reference(("clocks", number, "ladder"), "ladder", rule.ladder)
    if isinstance(content, ClassPause):
        for number, pack in enumerate(content.packs):
            yield Reference(("packs", number), "statutory_pack", pack)
