"""How a document follows the clocks of its case, whatever kind of case it is.

A clock is shown with its due instant and all that it was derived from: which stretches of time
counted, which did not, and why. Earlier derivations stand in `history`, each with what changed it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.clocks import messages as m
from domain.clocks.course import steps
from projections.case_documents.folding import Body, Envelope, Fold, added, item_of, without
from store.views import Document

_ENVELOPE = ("at", "version", "actor", "role", "why")


def _change(document: Document, n: int, change: Mapping[str, Any]) -> None:
    clocks = list(document["clocks"])
    clocks[n - 1] = {**clocks[n - 1], **change}
    document["clocks"] = clocks


def _said(item: Body, *names: str) -> Body:
    """Return who said something when, and these of its fields that say anything."""
    return {
        name: item[name]
        for name in (*names, *_ENVELOPE)
        if name in item and item[name] is not None and item[name] != []
    }


def _derivation(due: Body) -> Body:
    """Return what a due instant was derived from, stretches without what they do not say."""
    derivation: Body = due["derivation"]
    stretches = [
        {name: value for name, value in step._asdict().items() if value}
        for step in steps(derivation["course"])
    ]
    return {**without(derivation, "course"), "stretches": stretches}


def _started(document: Document, body: Body, envelope: Envelope) -> None:
    item = item_of(body, envelope)
    for clock in body["clocks"]:
        due = clock["due"]
        started = {
            "n": due["n"],
            "clock": clock["clock"],
            "state": "running",
            "due_at": due["due_at"],
            **without(clock, "due", "clock"),
            "warnings": due["warnings"],
            "stopped_at": None,
            "met": None,
            "breached_at": None,
            "foreseen": None,
            "derivation": _derivation(due),
            **_said(item),
            "history": [],
        }
        added(document, "clocks", started)


def _stopped(document: Document, body: Body, _: Envelope) -> None:
    for stop in body["stops"]:
        _change(
            document,
            stop["n"],
            {"state": "stopped", "stopped_at": stop["stopped_at"], "met": stop["met"]},
        )
        _over(document, stop["stopped_at"])


def _over(document: Document, at: str) -> None:
    """A pause in which no clock stands still any longer is over."""
    ends = [
        pause["n"]
        for pause in document["pauses"]
        if pause["resumed_at"] is None
        and all(document["clocks"][n - 1]["state"] in _ENDED for n in pause["clocks"])
    ]
    if ends:
        document["pauses"] = [
            {**pause, "resumed_at": at} if pause["n"] in ends else pause
            for pause in document["pauses"]
        ]


_ENDED = ("stopped", "cancelled")


def _paused(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "pauses", {**item_of(body, envelope), "resumed_at": None})
    for n in body["clocks"]:
        _change(document, n, {"state": "paused", "due_at": None})


def _due(document: Document, due: Body, by: Body | None = None) -> None:
    """Show another derivation; the one that stood goes into the history with what changed it."""
    before = document["clocks"][due["n"] - 1]
    at = {warning["code"]: warning for warning in before["warnings"]}
    warnings = []
    for warning in due["warnings"]:
        stood = at.get(warning["code"])
        same = stood is not None and stood["at"] == warning["at"]
        warnings.append(stood if same else warning)
    change = {
        "state": "paused" if due["due_at"] is None else "running",
        "due_at": due["due_at"],
        "warnings": warnings,
        "derivation": _derivation(due),
    }
    foreseen = before["foreseen"]
    if foreseen is not None and foreseen["due_at"] != due["due_at"]:
        change["foreseen"] = None
    if by is not None:
        stood = {"due_at": before["due_at"], "derivation": before["derivation"]}
        change["history"] = [*before["history"], {**by, **stood}]
    _change(document, due["n"], change)


def _resumed(document: Document, body: Body, envelope: Envelope) -> None:
    n = body["n"]
    pauses = list(document["pauses"])
    end = {"resumed_at": body["resumed_at"], "end": _said(item_of(body, envelope))}
    pauses[n - 1] = {**pauses[n - 1], **end}
    document["pauses"] = pauses
    for due in body["dues"]:
        _due(document, due)


def _moved(move: str) -> Fold:
    """Show a derivation that somebody's act replaced, with the act."""

    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        item = item_of(body, envelope)
        _due(document, body["due"], {"move": move, **_said(item, "reason", "paper_ids")})

    return fold


def _rederived(document: Document, body: Body, envelope: Envelope) -> None:
    item = item_of(body, envelope)
    for due in body["dues"]:
        _due(document, due, {"move": "rederived", **_said(item, "cause", "by_publication")})


def _cancelled(document: Document, body: Body, envelope: Envelope) -> None:
    end = _said(item_of(body, envelope), "reason")
    _change(document, body["n"], {"state": "cancelled", "cancellation": end})
    _over(document, envelope.at)


def _warned(document: Document, body: Body, envelope: Envelope) -> None:
    warnings = [
        {**warning, "warned_at": envelope.at} if warning["code"] == body["code"] else warning
        for warning in document["clocks"][body["n"] - 1]["warnings"]
    ]
    _change(document, body["n"], {"warnings": warnings})


def _foreseen(document: Document, body: Body, envelope: Envelope) -> None:
    foreseen = {**without(body, "n"), "at": envelope.at}
    _change(document, body["n"], {"foreseen": foreseen})


def _breached(document: Document, body: Body, _: Envelope) -> None:
    _change(document, body["n"], {"breached_at": body["due_at"]})


_FOLDS: Mapping[type[Any], Fold] = {
    m.ClocksStarted: _started,
    m.ClocksStopped: _stopped,
    m.ClocksPaused: _paused,
    m.ClocksResumed: _resumed,
    m.ClockReset: _moved("reset"),
    m.ClockCancelled: _cancelled,
    m.ClockExtended: _moved("extended"),
    m.ClockDueSet: _moved("set"),
    m.ClocksRederived: _rederived,
    m.DeadlineWarned: _warned,
    m.DeadlineForeseen: _foreseen,
    m.DeadlineBreached: _breached,
}
"""How a document follows each event, by the base that kinds of case subclass."""


def first_due(clocks: Iterable[Body]) -> str | None:
    """Return when the first of the company's running clocks is due, None where none runs."""
    return min(
        (
            clock["due_at"]
            for clock in clocks
            if clock["state"] == "running" and clock["binds"] == "company" and clock["due_at"]
        ),
        key=datetime.fromisoformat,
        default=None,
    )


def folds_of(events: Iterable[type[Any]]) -> dict[type[Any], Fold]:
    """Return the folds of those events of a kind of case that are about its clocks."""
    return {
        event: fold for event in events for base, fold in _FOLDS.items() if issubclass(event, base)
    }
