"""What concerns many cases at once becomes commands, case by case, each with its cause.

A new version of a calendar lets every open clock that was derived by an older one be derived anew;
a regulator's pause of a class of cases stops the clocks of each, and its end starts them again; a
pack that somebody said to apply moves the clocks that ran then, and no others. The publication
reaches, in the fold, the cases that it concerns; from then on each has a timer of its own, in the
last lane: so the change is paced, goes on after a crash where it was, and is done once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain import complaint as c
from domain import referral as r
from domain.clocks.messages import PauseReason, Urgency
from domain.declare import Command
from domain.rulebook import Pin, RulesApplied, document_id
from sagas.declare import Do, Saga, Shared, Wake, made_by
from sagas.mass import affected
from sagas.mass.affected import Application, Case
from sagas.mass.changes import CLASS_PAUSE, NO_CHANGES, Changes, follow, tags_of
from sagas.mass.owed import Change, Owed, owed
from sagas.watch import topics
from store.log import Recorded

PUBLISHED, APPLIED = "rulebook.published", "rulebook.applied"


@dataclass(frozen=True, slots=True)
class Changing:
    """A case, and what is still to be done in it."""

    case: Case
    owed: tuple[Owed, ...] = ()


def key(recorded: Recorded) -> UUID | None:
    """Return the case; what is published or applied is of no single one."""
    return None if recorded.topic in (PUBLISHED, APPLIED) else recorded.stream


def reaches(recorded: Recorded) -> tuple[str, ...]:
    """Return the words of the cases that are concerned."""
    if isinstance(recorded.event, RulesApplied):
        return (f"{recorded.event.kind}:{recorded.event.name}",)
    return tags_of(recorded)


def tags(changing: Changing) -> tuple[str, ...]:
    """Return the words of a case: that it has clocks, and by what they were derived."""
    clocks = changing.case.clocks
    if not clocks:
        return ()
    return (
        "open",
        *(f"calendar:{clock.calendar.name}" for clock in clocks if clock.calendar is not None),
        *(f"{clock.pack_kind}:{clock.pack.name}" for clock in clocks if clock.pack is not None),
    )


def evolve(changing: Changing | None, recorded: Recorded, changes: Changes) -> Changing | None:
    """Return the case one event later, with what is to be done in it."""
    if key(recorded) is None:
        return None if changing is None else _changed(changing, recorded, changes)
    case = affected.begun(recorded) if changing is None else changing.case
    case = affected.followed(case, recorded)
    return Changing(case, owed(case, changes))


def _changed(changing: Changing, recorded: Recorded, changes: Changes) -> Changing:
    """The same object where the change asks nothing of this case, which is then not written."""
    case, event = changing.case, recorded.event
    if isinstance(event, RulesApplied):
        pack = Pin(name=event.name, version=event.version)
        applied = Application(event.kind, pack, recorded.recorded_at, recorded.event_id)
        case = replace(case, applications=(*case.applications, applied))
    found = owed(case, changes)
    return changing if found == changing.owed else Changing(case, found)


def wake(changing: Changing) -> Wake | None:
    """Wake when the first thing is to be done, after all that cannot wait."""
    if not changing.owed:
        return None
    return Wake(changing.owed[0].at, Urgency.REMINDER)


def todo(changing: Changing, now: datetime) -> Sequence[Do]:
    """Return a command for everything that is to be done by now."""
    case = changing.case
    due = [one for one in changing.owed if one.at <= now]
    done = []
    for change in (Change.CALENDAR, Change.PACK):
        newest = [one for one in due if one.change is change]
        if newest:  # the newest version in force is the one that counts
            done.append(Do((_rederive(case, newest[-1]),), newest[-1].cause))
    for one in due:
        if one.change is Change.PAUSE:
            done.append(Do((_pause(case, one),), one.cause))
        elif one.change is Change.RESUME:
            done.append(Do((_resume(case, one),), one.cause))
    return done


def _rederive(case: Case, one: Owed) -> Command:
    if case.category == "referral":
        return r.RederiveReferralClocks(
            stream=case.stream, cause=one.change.value, by_publication=one.cause
        )
    return c.RederiveClocks(
        stream=case.stream,
        cause=c.RederivedFor.PACK if one.change is Change.PACK else c.RederivedFor.CALENDAR,
        by_publication=one.cause,
    )


def _pause(case: Case, one: Owed) -> Command:
    """The id says which order stops the case for which time: repeating it changes nothing.

    An order may be given again for a case that it stopped before.
    """
    pause_id = made_by(document_id(CLASS_PAUSE, one.what), f"{case.stream}/{len(case.pauses)}")
    if case.category == "referral":
        return r.PauseReferralClocks(
            stream=case.stream,
            pause_id=pause_id,
            reason=PauseReason.REGULATOR,
            paused_at=one.at,
            ordered_by=one.cause,
        )
    return c.PauseClocks(
        stream=case.stream,
        pause_id=pause_id,
        reason=PauseReason.REGULATOR,
        clocks=one.clocks,
        paused_at=one.at,
        ordered_by=one.cause,
    )


def _resume(case: Case, one: Owed) -> Command:
    pause = next(pause for pause in case.pauses if pause.n == one.n)
    ended_at = max(one.at, pause.from_at)
    if case.category == "referral":
        return r.EndReferralPause(stream=case.stream, n=one.n, ended_at=ended_at)
    return c.EndPause(stream=case.stream, n=one.n, ended_at=ended_at)


SAGA: Saga[Changing] = Saga(
    name="mass_changes",
    revision=1,
    topics=(*affected.FACTS, *topics.CLOCKS, PUBLISHED, APPLIED),
    state_type=Changing,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=todo,
    shared=Shared(topics=(PUBLISHED,), state_type=Changes, initial=NO_CHANGES, evolve=follow),
    tags=tags,
    reaches=reaches,
)
