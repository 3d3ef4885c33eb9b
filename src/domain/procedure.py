"""The procedure engine: which steps a case takes, who may take them, and what each needs first.

A procedure is rules data. It serves the complaint procedures, the strict order of a referral, the
stages of an order and the checklist of a lease; nothing here knows any of them. Steps are listed
in their usual order, and that order matters in one place only: a step that sends the case back
(`back_to`) undoes the named step and every one listed after it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.declare import Actor, ActorId, NotPermitted, Refusal, Role, Unacceptable, value

# --- the rules ------------------------------------------------------------------------------------


class Separation(StrEnum):
    """In what two takers must differ. Whatever it is, one person is never two parties."""

    PERSON = "person"
    UNIT = "unit"
    DEALER = "dealer"


@value
class Apart:
    """The step is taken by somebody who took none of `steps`, nor belongs to those who did."""

    steps: tuple[str, ...]
    by: tuple[Separation, ...] = (Separation.PERSON,)


@value
class Variant:
    """One way of taking a step, with what only this way needs, proves and sends back to."""

    name: str
    needs: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    back_to: str | None = None


@value
class ProcedureStep:
    """One step: who may take it (nobody named: anyone), after what, and with which evidence.

    `until` names steps after which it is too late for this one. A `repeatable` step may be taken
    again. Where `variants` are listed, the step is taken in exactly one of these ways.
    """

    name: str
    roles: tuple[Role, ...] = ()
    needs: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    apart: tuple[Apart, ...] = ()
    variants: tuple[Variant, ...] = ()
    optional: bool = False
    repeatable: bool = False
    back_to: str | None = None


@value
class Procedure:
    """The steps of one kind of case, in their usual order.

    `serves` says for what it is the default, by codes of the case's own (`complaint.sales`).
    """

    steps: tuple[ProcedureStep, ...]
    serves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a document that names a step which is not there, with `ValueError`."""
        names = [step.name for step in self.steps]
        if len(set(names)) != len(names):
            raise ValueError("a procedure lists a step twice")
        for step in self.steps:
            for name in _names_in(step):
                if name not in names:
                    raise ValueError(f"step {step.name} names {name}, which is not a step")

    def step(self, name: str) -> ProcedureStep | None:
        """Return a step by its name, None where the procedure does not have it."""
        for step in self.steps:
            if step.name == name:
                return step
        return None


def _names_in(step: ProcedureStep) -> list[str]:
    names = [*step.needs, *step.until]
    for apart in step.apart:
        names.extend(apart.steps)
    for variant in step.variants:
        names.extend(variant.needs)
    back_to = [step.back_to, *(variant.back_to for variant in step.variants)]
    names.extend(name for name in back_to if name is not None)
    return names


# --- refusals -------------------------------------------------------------------------------------


class StepNotInProcedure(Refusal, code="procedure.step_not_in_procedure"):
    """The procedure of this case has no such step."""


class VariantNotInProcedure(Refusal, code="procedure.variant_not_in_procedure"):
    """The procedure of this case does not take the step in this way."""


class StepNeedsEarlierStep(Refusal, code="procedure.step_needs_earlier_step"):
    """Another step has to be taken first."""


class StepIsPast(Refusal, code="procedure.step_is_past"):
    """A later step was taken already, and it is too late for this one."""


class StepAlreadyTaken(Refusal, code="procedure.step_already_taken"):
    """The step was taken already and is taken once."""


class StepNotYours(NotPermitted, code="procedure.step_not_yours"):
    """Your roles do not take this step."""


class SamePartyMayNot(NotPermitted, code="procedure.same_party_may_not"):
    """Whoever took the one step, or belongs to those who did, may not take the other."""


class StepNeedsEvidence(Unacceptable, code="procedure.step_needs_evidence"):
    """The step is taken with evidence, and some of it is missing."""


# --- what was taken -------------------------------------------------------------------------------


@value
class Taker:
    """Who took a step, and for which body; it stands in events because later rules ask."""

    id: ActorId
    unit: str | None = None
    dealer_id: str | None = None


def taker(actor: Actor) -> Taker:
    """Return the actor as events record her."""
    return Taker(id=actor.id, unit=actor.unit, dealer_id=actor.dealer_id)


@dataclass(frozen=True, slots=True)
class Taken:
    """The steps that stand as taken, and who ever took a step, also in an earlier round.

    Takers of a round that was sent back stay: whoever had a hand in the work does not confirm it.
    """

    done: frozenset[str] = frozenset()
    takers: Mapping[str, frozenset[Taker]] = field(default_factory=dict)

    def take(self, step: str, by: Taker) -> "Taken":
        """Return what is taken after this step; the same object where nothing changes."""
        known = self.takers.get(step, frozenset())
        if by in known:
            return self if step in self.done else Taken(self.done | {step}, self.takers)
        return Taken(self.done | {step}, {**self.takers, step: known | {by}})

    def undo(self, steps: Collection[str]) -> "Taken":
        """Return what is left when these steps are to be taken anew."""
        return Taken(self.done.difference(steps), self.takers)


NOTHING_TAKEN = Taken()

# --- questions ------------------------------------------------------------------------------------


def may_take(
    procedure: Procedure,
    taken: Taken,
    name: str,
    actor: Actor,
    *,
    variant: str | None = None,
    evidence: Collection[str] = (),
) -> ProcedureStep:
    """Return the step if this actor may take it now, or raise the first reason why not.

    Reasons are tried from the most to the least lasting one: the step does not exist, is not the
    actor's, was taken, is past, needs another one, belongs to another party, lacks evidence.
    """
    step = procedure.step(name)
    if step is None:
        raise StepNotInProcedure(step=name)
    way = _way(step, variant)
    if step.roles and not actor.has(*step.roles):
        raise StepNotYours(step=name, roles=[role.value for role in step.roles])
    if name in taken.done and not step.repeatable:
        raise StepAlreadyTaken(step=name)
    past = [later for later in step.until if later in taken.done]
    if past:
        raise StepIsPast(step=name, taken=past)
    missing = missing_steps(procedure, taken, name, variant)
    if missing:
        raise StepNeedsEarlierStep(step=name, missing=missing)
    for apart in step.apart:
        _refuse_same_party(taken, step, apart, taker(actor))
    lacking = [*step.evidence, *(way.evidence if way else ())]
    lacking = [kind for kind in lacking if kind not in evidence]
    if lacking:
        raise StepNeedsEvidence(step=name, missing=lacking)
    return step


def _way(step: ProcedureStep, variant: str | None) -> Variant | None:
    if not step.variants:
        return None
    for way in step.variants:
        if way.name == variant:
            return way
    raise VariantNotInProcedure(step=step.name, variants=[way.name for way in step.variants])


def _refuse_same_party(taken: Taken, step: ProcedureStep, apart: Apart, actor: Taker) -> None:
    for name in apart.steps:
        for other in taken.takers.get(name, ()):
            if _same_party(actor, other, apart.by):
                raise SamePartyMayNot(step=step.name, other=name)


def _same_party(one: Taker, other: Taker, by: Collection[Separation]) -> bool:
    if one.id == other.id:
        return True
    if Separation.UNIT in by and one.unit is not None and one.unit == other.unit:
        return True
    return (
        Separation.DEALER in by and one.dealer_id is not None and one.dealer_id == other.dealer_id
    )


def missing_steps(
    procedure: Procedure, taken: Taken, name: str, variant: str | None = None
) -> tuple[str, ...]:
    """Return the steps that have to be taken before this one can be, in the procedure's order."""
    step = procedure.step(name)
    if step is None:
        return ()
    needs = set(step.needs)
    for way in step.variants:
        if way.name == variant:
            needs.update(way.needs)
    needs -= taken.done
    return tuple(other.name for other in procedure.steps if other.name in needs)


def undone_by(
    procedure: Procedure, taken: Taken, name: str, variant: str | None = None
) -> tuple[str, ...]:
    """Return the taken steps that stand no longer when this step sends the case back.

    A step without `back_to` undoes nothing; a variant's own goes before its step's. The answer
    goes into the event: what a rule produced then is not worked out again when the history is read.
    """
    step = procedure.step(name)
    if step is None:
        return ()
    ways = [way.back_to for way in step.variants if way.name == variant]
    back_to = next((place for place in ways if place is not None), step.back_to)
    if back_to is None:
        return ()
    order = [other.name for other in procedure.steps]
    return tuple(other for other in order[order.index(back_to) :] if other in taken.done)


@dataclass(frozen=True, slots=True)
class Next:
    """A step that could be taken now, by whom, and whether the case can do without it."""

    name: str
    roles: tuple[Role, ...]
    optional: bool


def next_steps(procedure: Procedure, taken: Taken) -> Sequence[Next]:
    """Return the steps that can be taken now and were not, in the procedure's order.

    A step with variants can be taken when one of them can. The worklist shows the first that is
    not optional; the others are offered.
    """
    return [
        Next(step.name, step.roles, step.optional)
        for step in procedure.steps
        if step.name not in taken.done and _can_be_taken(step, taken)
    ]


def _can_be_taken(step: ProcedureStep, taken: Taken) -> bool:
    if not taken.done.issuperset(step.needs) or not taken.done.isdisjoint(step.until):
        return False
    return not step.variants or any(taken.done.issuperset(way.needs) for way in step.variants)
