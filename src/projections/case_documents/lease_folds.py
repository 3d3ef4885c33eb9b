"""The folds of a lease's document but for its account: papers, decisions, contract and ends."""

from collections.abc import Mapping
from typing import Any

from domain import lease as l
from domain.lease import LeaseStatus
from projections.case_documents import lease_account_folds
from projections.case_documents.folding import (
    Body,
    Envelope,
    Fold,
    added,
    changed,
    item_of,
    only,
    without,
)
from projections.case_documents.lease_account_folds import begin_schedule, stands, take
from store.views import Document

_LISTS = (
    "documents", "credit_checks", "decisions", "guarantors", "guarantees", "schedules", "payments",
    "replays", "fees", "refunds", "pauses", "quotes", "arrears_changes",
)  # fmt: skip
_PAID = ("principal_minor", "interest_minor", "fee_minor", "penalty_minor", "surplus_minor")
_TERMS = ("price", "down_payment", "financed", "term_months", "annual_percent")


def _begin(document: Document) -> None:
    for name in _LISTS:
        document[name] = []
    document.update(
        done=[],
        contract=None,
        activated_on=None,
        number=None,
        carried_over=None,
        schedule_n=None,
        arrears_terms=None,
        bucket=None,
        paid=dict.fromkeys(_PAID, 0),
        outstanding_minor=None,
        capitalised_minor=0,
        refunded_minor=0,
        completed_on=None,
        settlement=None,
        default=None,
        withdrawal=None,
    )


def _applied(document: Document, body: Body, envelope: Envelope) -> None:
    _begin(document)
    document.update(without(body, "by"), currency=body["price"]["currency"])
    document["application"] = {**only(body, "by", *_TERMS), "at": envelope.at}
    stands(document, LeaseStatus.APPLIED)
    take(document, l.LeaseStep.APPLICATION)


def _terms_changed(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, *_TERMS))
    take(document, l.LeaseStep.TERMS)


# --- before the contract --------------------------------------------------------------------------


def _listed(key: str, step: l.LeaseStep | None = None, **more: Any) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        item = {**item_of(body, envelope), **more}
        if envelope.subject_id is not None:
            item["subject_id"] = envelope.subject_id
        added(document, key, item)
        if step is not None:
            take(document, step)

    return fold


def _judged(state: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        change = {"state": state, "ground": body.get("ground"), "judged_at": envelope.at}
        change["judged_by"] = body["by"]
        changed(document, "documents", "document_id", body["document_id"], change)
        take(document, l.LeaseStep.VERIFICATION)

    return fold


def _checked(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "credit_checks", item_of(body, envelope))
    stands(document, LeaseStatus.CHECKED)
    take(document, l.LeaseStep.CREDIT_CHECK)


def _decided(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "decisions", item_of(body, envelope))
    approved = body["outcome"] == l.LeaseOutcome.APPROVED
    stands(document, LeaseStatus.APPROVED if approved else LeaseStatus.REJECTED)
    take(document, l.LeaseStep.DECISION)


def _guarantee(state: l.GuaranteeStatus) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        change = {
            "state": state.value,
            state.value: without(item_of(body, envelope), "guarantee_id"),
        }
        changed(document, "guarantees", "guarantee_id", body["guarantee_id"], change)

    return fold


# --- the contract, and the ends -------------------------------------------------------------------


def _signed(document: Document, body: Body, envelope: Envelope) -> None:
    document["number"] = body["contract_number"]
    document["outstanding_minor"] = body["financed"]["minor"]
    document["arrears_terms"] = body["arrears"]
    document["contract"] = without(item_of(body, envelope), "instalments")
    begin_schedule(document, body, l.ScheduleCause.CONTRACT.value, body["signed_on"])
    stands(document, LeaseStatus.CONTRACTED)
    take(document, l.LeaseStep.CONTRACT)


def _activated(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, "activated_on", "order_id"))
    stands(document, LeaseStatus.ACTIVE)
    take(document, l.LeaseStep.ACTIVATION)


def _carried_over(document: Document, body: Body, envelope: Envelope) -> None:
    _begin(document)
    document.update(only(body, "customer_id", "product", "procedure", "bank", "order_id"))
    document.update(only(body, "dealer_id", "region", "term_months", "annual_percent"))
    paid = body["original"]["minor"] - body["outstanding"]["minor"]
    document.update(
        provider=None,
        price=None,
        down_payment=None,
        financed=body["original"],
        currency=body["original"]["currency"],
        applied_on=body["originated_on"],
        application=None,
        number=body["contract_number"],
        arrears_terms=body["arrears"],
        paid={**document["paid"], "principal_minor": paid},
        outstanding_minor=body["outstanding"]["minor"],
        carried_over=without(item_of(body, envelope), "instalments", "columns"),
        source_columns=body["columns"],
        opened_at=f"{body['as_of_on']}T00:00:00Z",
    )
    begin_schedule(document, body, l.ScheduleCause.CARRIED_OVER.value, body["as_of_on"])
    stands(document, LeaseStatus.ACTIVE)
    for step in (l.LeaseStep.CARRY_OVER, l.LeaseStep.CONTRACT):
        take(document, step)


def _resumed(document: Document, body: Body, _: Envelope) -> None:
    changed(document, "pauses", "pause_id", body["pause_id"], only(body, "to_on"))


def _bucket(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "arrears_changes", item_of(body, envelope))
    document["bucket"] = body["bucket"]


def _ended(key: str, status: LeaseStatus) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document[key] = item_of(body, envelope)
        stands(document, status)

    return fold


def _reinstated(document: Document, body: Body, envelope: Envelope) -> None:
    reinstated = {**only(body, "reinstated_on"), "at": envelope.at}
    document["default"] = {**document["default"], **reinstated}
    stands(document, LeaseStatus.ACTIVE)


FOLDS: Mapping[type[Any], Fold] = {
    l.LeaseApplied: _applied,
    l.LeaseTermsChanged: _terms_changed,
    l.LeaseDocumentUploaded: _listed(
        "documents", l.LeaseStep.PAPERS, state="uploaded", ground=None
    ),
    l.LeaseDocumentVerified: _judged("verified"),
    l.LeaseDocumentRejected: _judged("rejected"),
    l.CreditChecked: _checked,
    l.LeaseDecided: _decided,
    l.GuarantorNamed: _listed("guarantors", l.LeaseStep.GUARANTOR),
    l.GuaranteeReceived: _listed("guarantees", l.LeaseStep.GUARANTEE, state="received"),
    l.GuaranteeReturned: _guarantee(l.GuaranteeStatus.RETURNED),
    l.GuaranteeCalled: _guarantee(l.GuaranteeStatus.CALLED),
    l.LeaseContractSigned: _signed,
    l.LeaseActivated: _activated,
    l.LeaseFeeCharged: _listed("fees", l.LeaseStep.FEE),
    l.ArrearsPaused: _listed("pauses"),
    l.ArrearsResumed: _resumed,
    l.ArrearsBucketChanged: _bucket,
    l.SettlementQuoted: _listed("quotes", l.LeaseStep.SETTLEMENT_QUOTE),
    l.LeaseWithdrawn: _ended("withdrawal", LeaseStatus.WITHDRAWN),
    l.LeaseDefaulted: _ended("default", LeaseStatus.DEFAULTED),
    l.LeaseReinstated: _reinstated,
    l.LeaseCarriedOver: _carried_over,
    **lease_account_folds.FOLDS,
}
