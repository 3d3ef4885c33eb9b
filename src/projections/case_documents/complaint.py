"""The document of a complaint: whose it is, what can be done next, and its row in the lists."""

from domain import complaint
from domain.declare import Parties, Role
from domain.procedure import Procedure, Taken
from domain.rulebook import NO_RULES, Pin, Rules
from projections.case_documents.clock_folds import first_due
from projections.case_documents.complaint_audiences import (
    due_for_customer,
    due_for_dealer,
    for_customer,
    for_dealer,
    outline,
)
from projections.case_documents.complaint_folds import FOLDS, dealer_of
from projections.case_documents.folding import Body, Category, Listing, only, uuid_of
from store.views import Document

_ENDED = frozenset(status.value for status in complaint.ENDED)
_RANKS = {priority.value: priority.rank for priority in complaint.Priority}

# --- what is derived ------------------------------------------------------------------------------


def _parties(document: Document) -> Parties:
    handling = document["handling"]
    units = set(document["asked_units"])
    if handling["unit"] is not None:
        units.add(handling["unit"])
    return Parties(
        customer_id=uuid_of(document["customer_id"]),
        dealer_id=dealer_of(document),
        region=handling["region"] or document["region"],
        units=frozenset(units),
    )


class _Next:
    """Next steps by procedure, status and steps taken; cases differ in these less than in all else.

    Lists are shared between documents, which never change what stands in them.
    """

    def __init__(self) -> None:
        self._rules = NO_RULES
        self._known: dict[tuple[str, int, str, frozenset[str]], list[Body]] = {}

    def steps(self, rules: Rules, document: Document) -> list[Body]:
        """Return the steps that can be taken next, in the procedure's order."""
        name, version = document["procedure"]["name"], document["procedure"]["version"]
        status: str = document["status"]
        known = self._known
        if rules is not self._rules or len(known) > _NEXT_KNOWN_MAX:
            self._rules, self._known = rules, {}
            known = self._known
        key = (name, version, status, frozenset(document["done"]))
        found = known.get(key)
        if found is None:
            procedure = rules.pinned(Procedure, Pin(name=name, version=version))
            found = known[key] = [
                {"step": s.name, "roles": [r.value for r in s.roles], "optional": s.optional}
                for s in complaint.next_steps(procedure, Taken(key[3]), complaint.Status(status))
            ]
        return found


_NEXT_KNOWN_MAX = 10_000
_NEXT = _Next()


def _finish(document: Document, rules: Rules) -> None:
    """Say which steps of the pinned procedure can be taken next; none where the case has ended."""
    ended = document["status"] in _ENDED
    document["next_steps"] = [] if ended else _NEXT.steps(rules, document)


def _owed(document: Document) -> list[Body]:
    """Return the answers and reports that are owed besides the next step, and by whom."""
    if document["status"] in _ENDED:
        return []
    answer, report = complaint.Step.INQUIRY_ANSWER.value, complaint.Step.VRT_REPORT.value
    return [
        *(
            {"step": answer, "n": inquiry["n"], "unit": inquiry["unit"]}
            for inquiry in document["inquiries"]
            if inquiry["answer"] is None
        ),
        *(
            {"step": report, "n": team["n"], "lead": team["lead"]}
            for team in document["vrts"]
            if "report" not in team
        ),
    ]


_OWING = {
    complaint.Step.INQUIRY_ANSWER.value: (Role.UNIT.value, Role.UNIT_HEAD.value),
    complaint.Step.VRT_REPORT.value: (Role.TECHNICAL.value,),
}
"""Whose worklist shows a case for what they owe it, whoever takes its next step."""


def _rank(document: Document) -> int:
    """Return the place in the order of work, also of a case that nobody has graded yet.

    What may have hurt somebody is looked at first, anything else as if it were of the usual kind.
    """
    if document["priority"] is not None:
        return _RANKS[document["priority"]]
    hurt = document["injured_count"] or document["deaths_count"]
    dangerous = hurt or document["fire"] or document["crash"]
    return (complaint.Priority.URGENT if dangerous else complaint.Priority.NORMAL).rank


def _listing(document: Document) -> Listing:
    parties = _parties(document)
    first = next((step for step in document["next_steps"] if not step["optional"]), None)
    handling = document["handling"]
    owed = _owed(document)
    roles = dict.fromkeys(first["roles"] if first else ())
    if roles:  # a case that asks for no step is everybody's as it is
        roles.update(dict.fromkeys(role for item in owed for role in _OWING[item["step"]]))
    due_at = first_due(document["clocks"])
    shown = outline(document, parties)
    summary = {
        **shown,
        **only(document, "priority", "origin", "channel", "customer_id", "waiting_for"),
        "region": parties.region,
        "unit": handling["unit"],
        "handler": handling["handler"],
        "next_step": first["step"] if first else None,
        "next_roles": first["roles"] if first else [],
        "owed": owed,
        "due_at": due_at,
    }
    return Listing(
        summary=summary,
        outline=shown,
        is_open=document["status"] not in _ENDED,
        status=document["status"],
        kind=document["kind"],
        number=document["number"],
        priority=document["priority"],
        priority_rank=_rank(document),
        handler=handling["handler"],
        vehicle_id=uuid_of(document["vehicle_id"]),
        due_at=due_at,
        customer_due_at=due_for_customer(document),
        dealer_due_at=due_for_dealer(document),
        next_step=first["step"] if first else None,
        next_roles=tuple(roles),
    )


COMPLAINT = Category(
    name="complaint",
    folds=FOLDS,
    parties=_parties,
    listing=_listing,
    finish=_finish,
    customer=for_customer,
    dealer=for_dealer,
)
