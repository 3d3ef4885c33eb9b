"""Who may answer for an escalation: whoever its notice may have reached, and nobody else.

Where nobody has the role of a rung at its place, those are told who have it for the whole company
or for a unit above, and then those who have the next role above. So they may answer for it, too.
"""

from collections.abc import Iterable

from domain.declare import Actor, Context, Role
from domain.organisation import Organisation
from domain.rulebook import RulesNotPublished

WHOLE_COMPANY = "*"
"""The region of whoever serves the whole company."""

ORGANISATION = "default"
UPWARDS = (Role.SUPERVISOR, Role.UNIT_HEAD, Role.MANAGER)
"""Whom a case is brought before, the highest last."""
BENEATH = frozenset({Role.DEALER, Role.SPECIALIST, Role.EXPERT})
"""Who stands beneath all of them."""


def higher_than(role: Role) -> tuple[Role, ...]:
    """Return the roles above one, whom a case is brought before; a manager is above them all."""
    if role in UPWARDS:
        return UPWARDS[UPWARDS.index(role) + 1 :]
    return UPWARDS if role in BENEATH else (Role.MANAGER,)


def may_answer(
    context: Context,
    role: Role,
    told: tuple[str | None, str | None],
    case: tuple[str | None, str | None],
) -> bool:
    """Tell whether the actor may answer for what was put before a role at a place.

    `told` is the unit and region of the rung, `case` those that have the case. A rung without a
    place is anybody's who has its role.
    """
    actor = context.actor
    if actor.has(Role.MANAGER) and Role.MANAGER in (role, *higher_than(role)):
        return True
    if actor.has(role) and (told == (None, None) or _covers(actor, told, context)):
        return True
    return actor.has(*higher_than(role)) and (
        _covers(actor, told, context) or _covers(actor, case, context)
    )


def _covers(actor: Actor, place: tuple[str | None, str | None], context: Context) -> bool:
    """Tell whether she works at a unit or region, above it, or for the whole company."""
    unit, region = place
    if actor.region is not None and actor.region in (region, WHOLE_COMPANY):
        return True
    if actor.unit is None:
        return False
    return actor.unit == unit or actor.unit in _above((unit, region), context)


def _above(bodies: Iterable[str | None], context: Context) -> frozenset[str]:
    try:
        known = context.rules.in_force(Organisation, ORGANISATION, context.now).content
    except RulesNotPublished:
        return frozenset()
    return frozenset(above for body in bodies if body for above in known.chain_above(body))
