"""Letters to authorities, rendered from a case's events: facts in, the bytes of a PDF out.

It lies with the read models because it is one: made from the log whenever it is asked for, never
stored, and the same for the same events. Nothing of the web is known here. What people wrote
reaches the template as JSON strings and is set as text; it is never read as markup.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain import referral as r
from domain.declare import Refusal
from domain.fields import Erased
from projections.letters.typesetting import compiled
from projections.letters.writing import day_in_words, digits_of
from store.log import Recorded

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "letter.typ"

CHARACTERS_MAX = 120_000
"""How much text a letter may hold; a longer one is an enclosure."""
PARAGRAPH_CHARACTERS = 40
"""What a paragraph counts for at least: it has a line, whatever little stands on it."""


class LetterTooLong(Refusal, code="letter.too_long"):
    """The reply holds more text than a letter may; put some of it into an enclosure."""


# --- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and the paragraphs under it."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A name and its value; `is_code` marks one of Latin letters and digits alone."""

    name: str
    value: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Source:
    """An event that the letter rests on, as the auditor finds it in the log."""

    what: str
    position: str
    version: str
    day: str


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is on a letter, in its reader's language and calendar."""

    locale: str
    direction: str
    is_draft: bool
    words: dict[str, str]
    title: str
    addressee: str
    head: tuple[Line, ...]
    salutation: str
    opening: str
    parts: tuple[Part, ...]
    facts: tuple[Line, ...]
    closing: str
    sources: tuple[Source, ...]


def letter_of(history: Sequence[Recorded], n: int) -> Letter:
    """Return reply `n` of a referral as a letter, from the events of the case, oldest first.

    Raises `ReplyNotFound`; and for a last word that was not sent, whatever keeps it from being
    sent now: a letter that may not go out is not printed either.
    """
    case = r.DECIDER.initial
    for recorded in history:
        case = r.DECIDER.evolve(case, recorded.event)
    prepared = case.numbered(r.ReplyPrepared, n)
    if prepared is None or case.received is None or case.registered is None:
        raise r.ReplyNotFound
    sent = case.outcomes.get(prepared.reply_id)
    if sent is None and prepared.reply.concludes:
        r.in_order(case, prepared.reply)
        if case.rounds.get(prepared.reply_id) != case.round:
            raise r.ReplyIsOfEarlierRound
    return _Writer(case, history, prepared, sent).letter()


class _Writer:
    """Puts the facts of one reply into the words of its language."""

    def __init__(
        self,
        case: r.Referral,
        history: Sequence[Recorded],
        prepared: r.ReplyPrepared,
        sent: r.ReplySent | None,
    ) -> None:
        assert case.received is not None and case.registered is not None
        self.case, self.history = case, history
        self.received, self.registered = case.received, case.registered
        self.prepared, self.sent = prepared, sent
        self.locale = prepared.locale.value
        self.texts = texts(self.locale)
        zones = [clock.due.derivation.zone for clock in case.clocks.clocks]
        self.zone = ZoneInfo(next((z for z in reversed(zones) if z != "UTC"), "UTC"))

    def letter(self) -> Letter:
        """Return the letter; raises `LetterTooLong`."""
        words = self.texts["words"]
        parts = tuple(self.part(each) for each in self.prepared.elements)
        paragraphs = (each for part in parts for each in part.paragraphs)
        if sum(max(len(each), PARAGRAPH_CHARACTERS) for each in paragraphs) > CHARACTERS_MAX:
            raise LetterTooLong(characters_max=CHARACTERS_MAX)
        return Letter(
            locale=self.locale,
            direction=words["direction"],
            is_draft=self.sent is None,
            words=words,
            title=self.texts["title"][self.prepared.reply.value],
            addressee=self.received.authority,
            head=tuple(self.head()),
            salutation=words["salutation"],
            opening=self.opening(),
            parts=parts,
            facts=tuple(self.facts()),
            closing=words["closing"],
            sources=tuple(self.sources()),
        )

    def day(self, on: date | datetime) -> str:
        if isinstance(on, datetime):
            on = on.astimezone(self.zone).date()
        return day_in_words(on, self.locale)

    def head(self) -> list[Line]:
        """Return the two letters' numbers and days, and whose matter it is."""
        words, received = self.texts["words"], self.received
        sent = self.sent
        lines = [
            line(words["date"], self.day(sent.sent_at if sent else self._prepared_at())),
            line(words["our_letter"], sent.letter_number if sent else words["not_sent"]),
            line(words["our_case"], self.registered.number),
            line(words["your_letter"], received.letter_number),
            line(words["of_day"], self.day(received.letter_on)),
        ]
        if received.authority_ref is not None:
            lines.append(line(words["your_reference"], received.authority_ref))
        name = readable(received.complainant_name)
        if name is not None:
            lines.append(line(words["complainant"], name))
        subject = readable(self.prepared.subject)
        if subject is not None:
            lines.append(line(words["subject"], subject))
        return lines

    def _prepared_at(self) -> datetime:
        return next(
            recorded.recorded_at
            for recorded in self.history
            if isinstance(recorded.event, r.ReplyPrepared)
            and recorded.event.reply_id == self.prepared.reply_id
        )

    def opening(self) -> str:
        said: str = self.texts["opening"][self.prepared.reply.value]
        return said.format(
            number=self.received.letter_number, day=self.day(self.received.letter_on)
        )

    def part(self, given: r.ReplyElement) -> Part:
        heading = self.texts["element"].get(given.element, given.element.replace("_", " "))
        said = readable(given.text) or self.texts["words"]["erased"]
        return Part(heading, tuple(each for each in said.splitlines() if each.strip()))

    def facts(self) -> list[Line]:
        """Return what the case itself says: when it was controlled and the customer informed."""
        words, prepared = self.texts["words"], self.prepared
        lines = []
        if prepared.reply.concludes:
            informed = self.newest(r.CustomerInformed)
            if self.case.controlled_at is not None:
                lines.append(line(words["controlled"], self.day(self.case.controlled_at)))
            if informed is not None:
                channel = self.texts["channel"][informed.event.channel.value]
                day = self.day(informed.event.informed_at)
                said = words["channel"].format(day=day, channel=channel)
                lines.append(line(words["informed"], said))
        if prepared.expected_on is not None:
            lines.append(line(words["expected"], self.day(prepared.expected_on)))
        return lines

    def newest(self, kind: type[Any]) -> Recorded | None:
        """Return the newest event of a kind that stands before the reply was sent."""
        found = None
        for recorded in self.history:
            if isinstance(recorded.event, kind):
                found = recorded
            if recorded.event is self.sent:
                break
        return found

    def sources(self) -> list[Source]:
        """Return the events that the letter rests on, in the order of the log."""
        kinds: list[type[Any]] = [r.ReferralReceived, r.ReferralRegistered]
        if self.prepared.reply.concludes:
            kinds += [r.HandlingConcluded, r.FinalControlPassed, r.CustomerInformed]
        found = [event for kind in kinds if (event := self.newest(kind)) is not None]
        for recorded in self.history:
            if recorded.event in (self.prepared, self.sent):
                found.append(recorded)
        return [self.source(recorded) for recorded in found]

    def source(self, recorded: Recorded) -> Source:
        return Source(
            what=self.texts["event"][recorded.topic],
            position=digits_of(str(recorded.position), self.locale),
            version=digits_of(str(recorded.version), self.locale),
            day=self.day(recorded.recorded_at),
        )


def line(name: str, value: str) -> Line:
    """Return a name and its value; a number of Latin letters and digits keeps its order."""
    return Line(name, value, value.isascii())


def readable(value: str | Erased | None) -> str | None:
    """Return a personal value, None where there is none any more."""
    return None if isinstance(value, Erased) else value


@lru_cache(maxsize=8)
def texts(locale: str) -> dict[str, Any]:
    """Return the sentences of letters in a language."""
    path = FOLDER / "texts" / f"{locale}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


# --- rendering ------------------------------------------------------------------------------------


def render(letter: Letter) -> bytes:
    """Return the letter as a PDF; blocks for some tenths of a second."""
    return compiled(TEMPLATE, letter, "pdf")[0]


def pictures(letter: Letter, pixels_per_inch: float = 110) -> list[bytes]:
    """Return the pages of the letter as PNG pictures."""
    return compiled(TEMPLATE, letter, "png", pixels_per_inch)
