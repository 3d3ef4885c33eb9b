"""Leases: from the application to the last instalment, with the account as of any day."""

from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import Response

from api import access
from api.commands import command_route
from api.conventions import answer, content_tag, uuid_in_path
from api.operations import Answer, Call, Operation, Query
from api.queries import (
    day_in_query,
    flag_in_query,
    limit_of,
    listed_in_query,
    uuid_in_query,
    word_in_query,
)
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    READ_FAILS,
    READ_HEADERS,
    UNCHANGED,
    case_body,
    case_route,
    list_page,
    list_route,
)
from api.shapes import DAY, ID, text, words
from domain import lease as l
from domain.declare import CaseNotFound
from projections import lease_list
from projections.lease_list import LeaseFilter
from projections.reading import Page
from store.readers import ReadConnection

TAG = "leases"
ROOT = "/v1/leases"
CASE = f"{ROOT}/{{id}}"


def _on_case(part: str, command: type, *made: str, **path_fields: str) -> Operation:
    """Make the route of a command on one lease."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, path_fields=path_fields)


# --- reads ----------------------------------------------------------------------------------------


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    wanted = LeaseFilter(
        status=listed_in_query(request, "status", l.LeaseStatus),
        product=word_in_query(request, "product", 64),
        provider=listed_in_query(request, "provider", l.LeaseProvider),
        bank=word_in_query(request, "bank", 64),
        number=word_in_query(request, "number", 64),
        bucket=word_in_query(request, "bucket", 64),
        dealer=word_in_query(request, "dealer", 64),
        region=word_in_query(request, "region", 64),
        customer=uuid_in_query(request, "customer"),
        order=uuid_in_query(request, "order"),
        is_open=flag_in_query(request, "open"),
        next_due_before_on=day_in_query(request, "next_due_before"),
    )
    outside = access.is_outsider(call.actor)

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await lease_list.page(
            connection, wanted, call.scope, outside=outside, cursor=place, limit=limit
        )

    return await list_page(call, CASES, turn)


async def _schedule(call: Call) -> Response:
    """Answer every schedule that the lease had, as its reader may see the lease."""
    position, case = await case_body(call, "lease")
    assert case.body is not None
    document = from_json(case.body)
    names = ("id", "version", "currency", "outstanding_minor", "schedule_n", "schedules")
    body = to_json({name: document.get(name) for name in names})
    return answer(call.request, body, etag=content_tag(body), position=position)


async def _account(call: Call) -> Response:
    """Reckon how the lease stands as of a day; one case is folded, whatever else the log holds."""
    position, _ = await case_body(call, "lease")  # within sight, or 404
    as_of_on = day_in_query(call.request, "as_of") or call.desk.casebook.clock().date()
    known = await call.desk.writers.run(call.desk.casebook.state, uuid_in_path(call.path("id")))
    lease = known.state
    if not isinstance(lease, l.Lease) or lease.account.n == 0:
        raise CaseNotFound
    found = l.standing(lease, as_of_on)
    paid = lease.account.paid
    body = to_json(
        {
            "id": call.path("id"),
            "version": known.version,
            "currency": lease.currency.value,
            **found._asdict(),
            "schedule_n": lease.account.n,
            "paid": {
                "principal_minor": paid.principal,
                "interest_minor": paid.interest,
                "fee_minor": paid.fee,
                "penalty_minor": paid.penalty,
            },
        }
    )
    return answer(
        call.request, body, etag=content_tag(body), position=max(position, known.position)
    )


# --- the table ------------------------------------------------------------------------------------


_MAYBE_DAY = {"type": ["string", "null"], "format": "date"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MINOR = {"type": "integer"}
_MAYBE_MINOR = {"type": ["integer", "null"]}

COMPONENTS: dict[str, Any] = {
    "LeaseSummary": {
        "type": "object",
        "description": "What a list shows of a lease; figures are as of the newest event's day.",
        "required": ["id", "version", "status", "product", "currency"],
        "properties": {
            "id": ID,
            "category": {"const": "lease"},
            "version": _MINOR,
            "status": words(l.LeaseStatus),
            "number": {**_MAYBE_TEXT, "description": "The contract's number."},
            "product": {"type": "object"},
            "currency": {"type": "string"},
            "outstanding_minor": {**_MAYBE_MINOR, "description": "Principal still to be paid."},
            "paid_minor": _MINOR,
            "as_of_on": DAY,
            "oldest_unpaid_due_on": {
                **_MAYBE_DAY,
                "description": "The due date of the first instalment that is not paid in full.",
            },
            "next_due_on": _MAYBE_DAY,
            "next_due_minor": _MINOR,
            "arrears_minor": _MINOR,
        },
    },
    "LeaseSchedules": {
        "type": "object",
        "description": "Every schedule the lease had, oldest first; one of them is in force.",
        "required": ["id", "version", "schedules"],
        "properties": {
            "id": ID,
            "version": _MINOR,
            "currency": {"type": ["string", "null"]},
            "outstanding_minor": _MAYBE_MINOR,
            "schedule_n": _MAYBE_MINOR,
            "schedules": {
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "required": ["n", "cause", "in_force", "from_on", "instalments"],
                    "properties": {
                        "n": _MINOR,
                        "cause": words(l.ScheduleCause),
                        "in_force": {"type": "boolean"},
                        "withdrawn": {"type": "boolean"},
                        "from_on": DAY,
                        "annual_percent": {"type": "string"},
                        "instalments": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["n", "due_on", "principal_minor", "interest_minor"],
                                "properties": {
                                    "n": _MINOR,
                                    "nominal_on": DAY,
                                    "due_on": DAY,
                                    "principal_minor": _MINOR,
                                    "interest_minor": _MINOR,
                                    "principal_paid_minor": _MINOR,
                                    "interest_paid_minor": _MINOR,
                                    "penalty_paid_minor": _MINOR,
                                },
                            },
                        },
                    },
                },
            },
        },
    },
    "LeaseStanding": {
        "type": "object",
        "description": "How a lease stands as of a day, in minor units and days.",
        "required": ["id", "as_of_on", "currency", "outstanding_minor", "arrears_minor"],
        "properties": {
            "id": ID,
            "version": _MINOR,
            "as_of_on": DAY,
            "currency": {"type": "string"},
            "schedule_n": _MINOR,
            "arrears_minor": _MINOR,
            "oldest_unpaid_due_on": _MAYBE_DAY,
            "days_past_due": _MINOR,
            "bucket": _MAYBE_TEXT,
            "penalty_minor": _MINOR,
            "fee_minor": _MINOR,
            "next_due_on": _MAYBE_DAY,
            "next_due_minor": _MINOR,
            "outstanding_minor": _MINOR,
            "surplus_minor": _MINOR,
            "paid": {"type": "object"},
        },
    },
}

_LIST = list_route(
    ROOT,
    name="list_leases",
    tag=TAG,
    summary="List leases within the caller's sight, newest activity first.",
    handler=_list,
    queries=(
        Query(name="status", schema=words(l.LeaseStatus), about="Where they stand."),
        Query(name="product", schema=text(), about="Of which product they are."),
        Query(name="provider", schema=words(l.LeaseProvider), about="Who lends."),
        Query(name="bank", schema=text(), about="Which bank finances them."),
        Query(name="number", schema=text(), about="The contract's number."),
        Query(name="bucket", schema=text(), about="Into which class of arrears they fell."),
        Query(name="dealer", schema=text(), about="Whose dealer's they are."),
        Query(name="region", schema=text(), about="To which region they belong."),
        Query(name="customer", schema=ID, about="Whose they are."),
        Query(name="order", schema=ID, about="For which order they pay."),
        Query(name="open", schema={"type": "boolean"}, about="Still going on, or ended."),
        Query(
            name="next_due_before",
            schema=DAY,
            about="With an unpaid instalment that is due before this day.",
        ),
    ),
    items="leases",
    schema="LeaseSummary",
)

_SCHEDULE = Operation(
    method="GET",
    path=f"{CASE}/schedule",
    name="read_lease_schedule",
    tag=TAG,
    summary="Read every schedule of a lease, with what is paid of each instalment.",
    handler=_schedule,
    answers={
        200: Answer(
            about="The schedules.",
            schema={"$ref": "#/components/schemas/LeaseSchedules"},
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=READ_FAILS,
)

_ACCOUNT = Operation(
    method="GET",
    path=f"{CASE}/account",
    name="read_lease_account",
    tag=TAG,
    summary="Read how a lease stands as of a day: arrears, penalties, what is due next.",
    handler=_account,
    queries=(Query(name="as_of", schema=DAY, about="As of which day; today where left out."),),
    answers={
        200: Answer(
            about="How the lease stands.",
            schema={"$ref": "#/components/schemas/LeaseStanding"},
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=READ_FAILS,
)

OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, l.ApplyForLease, tag=TAG, opens=True),
    _LIST,
    case_route(
        CASE,
        name="read_lease",
        tag=TAG,
        summary="Read a lease: papers, decision, every schedule, and where each payment goes.",
        category="lease",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    _SCHEDULE,
    _ACCOUNT,
    # before the contract; papers come in by `documents`
    _on_case("terms", l.ChangeLeaseTerms),
    _on_case("documents/{item_id}/verification", l.VerifyLeaseDocument, item_id="document_id"),
    _on_case("documents/{item_id}/rejection", l.RejectLeaseDocument, item_id="document_id"),
    _on_case("credit-check", l.CheckCredit, "check_id"),
    _on_case("decision", l.DecideOnLease, "decision_id"),
    _on_case("guarantors", l.NameGuarantor, "guarantor_id"),
    _on_case("guarantees", l.ReceiveGuarantee, "guarantee_id"),
    _on_case("guarantees/{item_id}/return", l.ReturnGuarantee, item_id="guarantee_id"),
    _on_case("guarantees/{item_id}/call", l.CallGuarantee, item_id="guarantee_id"),
    # the contract and its account
    _on_case("contract", l.SignLeaseContract),
    _on_case("activation", l.ActivateLease),
    _on_case("payments", l.ReceiveLeasePayment, "payment_id"),
    _on_case("reversals", l.ReverseLeasePayment, "reversal_id"),
    _on_case("fees", l.ChargeLeaseFee, "charge_id"),
    _on_case("refunds", l.RefundLeaseSurplus, "refund_id"),
    _on_case("prepayments", l.PrepayLease, "payment_id"),
    _on_case("settlement-quote", l.QuoteSettlement, "quote_id"),
    _on_case("settlement", l.SettleLease, "payment_id"),
    _on_case("restructuring", l.RestructureLease, "restructuring_id"),
    _on_case("schedules/{n}/withdrawal", l.WithdrawSchedule, "withdrawal_id", n="schedule_n"),
    # arrears and ends
    _on_case("arrears-pause", l.PauseArrears, "pause_id"),
    _on_case("arrears-pause/{item_id}/end", l.ResumeArrears, item_id="pause_id"),
    _on_case("arrears", l.AssessArrears),
    _on_case("default", l.DefaultLease),
    _on_case("reinstatement", l.ReinstateLease),
    _on_case("withdrawal", l.WithdrawLease),
)
