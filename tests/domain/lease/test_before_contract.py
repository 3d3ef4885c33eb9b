"""From the application to the decision: terms, papers, credit, guarantees, and who may decide."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain import lease as l
from domain.declare import AlreadyExists
from domain.document_policy import MediaTypeNotAllowed
from domain.money import CurrenciesDiffer
from domain.procedure import SamePartyMayNot, StepNeedsEarlierStep, StepNotYours, taker
from tests.domain.lease import desk as d
from tests.domain.lease.desk import money
from tests.scenario import CASE, Outcome

EARLY = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)


def test_an_application_pins_its_product_and_its_procedure() -> None:
    made = d.FRESH.when(d.apply()).then(*d.APPLIED.events).state
    assert made.status is l.LeaseStatus.APPLIED
    assert made.product.name == "us_simple_interest"
    assert made.procedure.name == "lease_in_house"
    assert made.terms.financed == money(2_500_000)
    assert made.terms.annual_percent == "6.9"


def test_an_application_said_again_on_a_later_day_is_the_same() -> None:
    fresh = d.FRESH.at(EARLY).after((d.OFFICER, d.apply(applied_on=None)))
    fresh.when(d.apply(applied_on=None), at=d.NOW).then_nothing()
    fresh.when(d.apply(term_months=48)).refused(AlreadyExists)


def test_a_product_is_offered_by_its_terms_only() -> None:
    fresh = d.FRESH
    fresh.when(d.apply(term_months=13)).refused(l.TermNotOffered)
    fresh.when(d.apply(annual_percent="36.5")).refused(l.RateNotOffered, at_most="36")
    fresh.when(d.apply(price=money(-1))).refused(l.LeaseAmountNotPositive)
    fresh.when(d.apply(down_payment=money(-1))).refused(l.LeaseAmountNotPositive)
    fresh.when(d.apply(price=money(40_000_000))).refused(l.SumNotFinanced)
    fresh.when(d.apply("ir_in_house", down_payment=money(1, "ir_in_house"))).refused(
        l.DownPaymentTooSmall, at_least_percent="30"
    )
    fresh.when(d.apply(price=money(3_000_000, "ir_in_house"))).refused(CurrenciesDiffer)
    fresh.when(d.apply(down_payment=money(1, "ir_in_house"))).refused(CurrenciesDiffer)


def test_a_bank_is_named_where_a_bank_lends_and_nowhere_else() -> None:
    d.FRESH.when(d.apply(bank="melli")).refused(l.BankUnclear)
    d.FRESH.when(d.apply("ir_bank_flat", bank=None)).refused(l.BankUnclear)


def test_a_customer_applies_for_herself() -> None:
    assert d.FRESH.by(d.CUSTOMER).after((d.CUSTOMER, d.apply())).state.customer_id == d.SARA
    other = d.an_id(1)
    d.FRESH.when(d.apply(customer_id=other), by=d.CUSTOMER).refused(l.ApplicationNotYours)


def test_terms_are_changed_until_they_are_decided_on() -> None:
    change = l.ChangeLeaseTerms(
        stream=CASE, price=money(3_000_000), down_payment=money(1_000_000), term_months=48
    )
    changed = l.LeaseTermsChanged(
        price=money(3_000_000),
        down_payment=money(1_000_000),
        financed=money(2_000_000),
        term_months=48,
        annual_percent="6.9",
        by=taker(d.OFFICER),
    )
    d.APPLIED.when(change).then(changed)
    d.APPROVED.when(change).refused(l.TermsAreDecided)
    d.ACTIVE.when(change).refused(l.LeaseContractStands)


def test_papers_are_judged_once_and_a_verified_one_can_still_turn_out_wrong() -> None:
    with_paper = d.APPLIED.after((d.CUSTOMER, d.upload(1, l.LeasePaper.DRIVING_LICENCE)))
    with_paper.when(d.upload(1, l.LeasePaper.DRIVING_LICENCE), by=d.CUSTOMER).then_nothing()
    with_paper.when(d.upload(1, l.LeasePaper.PASSPORT), by=d.CUSTOMER).refused(l.LeaseItemExists)
    with_paper.when(d.verify(1), by=d.CUSTOMER).refused(StepNotYours)
    verified = with_paper.after((d.OFFICER, d.verify(1)))
    turned = verified.after((d.OFFICER, d.reject(1, "not_genuine")))
    turned.when(d.verify(1)).refused(l.PaperIsJudged)
    turned.when(d.reject(1, "not_genuine")).then_nothing()
    d.APPLIED.when(d.verify(9)).refused(l.LeasePaperNotFound)
    program = d.upload(2, l.LeasePaper.PASSPORT, media_type="application/x-msdownload")
    d.APPLIED.when(program).refused(MediaTypeNotAllowed)


def test_credit_is_checked_when_the_checklist_lets_it_be() -> None:
    income = d.APPLIED.after(
        (d.CUSTOMER, d.upload(2, l.LeasePaper.BANK_STATEMENT)), (d.OFFICER, d.verify(2))
    )
    income.when(d.check()).refused(l.LeasePapersMissing, missing=["identity"])
    both = income.after((d.CUSTOMER, d.upload(1, l.LeasePaper.PASSPORT)), (d.OFFICER, d.verify(1)))
    checked = both.after((d.OFFICER, d.check()))
    assert checked.state.status is l.LeaseStatus.CHECKED
    d.APPLIED.when(d.check()).refused(StepNeedsEarlierStep, missing=("verification",))
    rejected = both.after((d.OFFICER, d.reject(2)), (d.OFFICER, d.check()))
    rejected.when(d.approve(), by=d.COMMITTEE).refused(l.LeasePapersMissing, missing=["income"])


CHECKED = d.FRESH.at(EARLY).after(
    (d.OFFICER, d.apply()),
    (d.CUSTOMER, d.upload(1, l.LeasePaper.PASSPORT)),
    (d.CUSTOMER, d.upload(2, l.LeasePaper.BANK_STATEMENT)),
    (d.OTHER_OFFICER, d.verify(1)),
    (d.OTHER_OFFICER, d.verify(2)),
)


def test_nobody_decides_on_what_she_had_a_hand_in() -> None:
    ready = CHECKED.after((d.OFFICER, d.check()))
    ready.when(d.approve(), by=d.OFFICER).refused(StepNotYours)
    own = d.FRESH.at(EARLY).after(
        (d.COMMITTEE, d.apply()),
        (d.CUSTOMER, d.upload(1, l.LeasePaper.PASSPORT)),
        (d.CUSTOMER, d.upload(2, l.LeasePaper.BANK_STATEMENT)),
        (d.OFFICER, d.verify(1)),
        (d.OFFICER, d.verify(2)),
        (d.OFFICER, d.check()),
    )
    own.when(d.approve(), by=d.COMMITTEE).refused(SamePartyMayNot, other="application")
    approved = own.after((d.MANAGER, d.approve()))
    assert approved.state.status is l.LeaseStatus.APPROVED
    assert approved.state.decided.valid_until_on == date(2025, 2, 19)


def test_an_approval_rests_on_a_credit_check_that_is_good_and_new() -> None:
    def when(**facts: Any) -> Outcome:
        return CHECKED.after((d.OFFICER, d.check(**facts))).when(d.approve(), by=d.COMMITTEE)

    when(outcome=l.CreditOutcome.FAILED).refused(l.CreditNotGoodEnough)
    when(score=499).refused(l.CreditNotGoodEnough)
    when(checked_on=date(2024, 12, 20)).refused(l.CreditCheckTooOld)
    when(checked_on=date(2025, 1, 21)).refused(l.DecisionBeforeCheck)


def test_a_decision_says_what_it_has_to() -> None:
    ready = CHECKED.after((d.OFFICER, d.check()))
    by_bank = d.approve(decided_by=l.LeaseDecisionBy.BANK, reference="B-1")
    ready.when(by_bank, by=d.COMMITTEE).refused(l.DecidedBySomebodyElse, decided_by="committee")
    rejected = l.LeaseOutcome.REJECTED
    ready.when(d.approve(outcome=rejected), by=d.COMMITTEE).refused(l.RejectionUnclear)
    why = l.RejectionGround.INCOME
    ready.when(d.approve(ground=why), by=d.COMMITTEE).refused(l.RejectionUnclear)
    over = ready.after((d.COMMITTEE, d.approve(outcome=rejected, ground=why)))
    assert over.state.status is l.LeaseStatus.REJECTED
    over.when(d.approve(22), by=d.COMMITTEE).refused(l.LeaseIsOver)
    over.when(d.sign()).refused(l.LeaseIsOver)


def test_a_bank_decides_by_its_letter() -> None:
    ready = d.FRESH.at(EARLY).after(
        (d.OTHER_OFFICER, d.apply("ir_bank_flat")),
        (d.CUSTOMER, d.upload(1, l.LeasePaper.NATIONAL_ID)),
        (d.CUSTOMER, d.upload(2, l.LeasePaper.BANK_STATEMENT)),
        (d.OFFICER, d.verify(1)),
        (d.OFFICER, d.verify(2)),
        (d.OFFICER, d.check()),
    )
    letter = d.approve(product="ir_bank_flat")
    without = d.approve(product="ir_bank_flat", reference=None)
    ready.when(without, by=d.OFFICER).refused(l.BankReferenceMissing)
    ready.when(letter, by=d.OTHER_OFFICER).refused(SamePartyMayNot)
    approved = ready.after((d.OFFICER, letter))
    approved.when(d.sign()).refused(l.LeasePapersMissing, missing=["bank_decision"])


def test_an_approval_that_lapsed_is_decided_on_anew() -> None:
    d.APPROVED.when(d.approve(22), by=d.COMMITTEE, at=EARLY).refused(l.LeaseIsDecided)
    lapsed = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)
    secured = d.SECURED.at(lapsed)
    secured.when(d.sign(signed_on=date(2025, 3, 9))).refused(l.ApprovalExpired)
    again = secured.after(
        (d.OFFICER, d.check(23, checked_on=date(2025, 3, 8))),
        (d.COMMITTEE, d.approve(24, decided_on=date(2025, 3, 9))),
        (d.OFFICER, d.sign(signed_on=date(2025, 3, 9))),
    )
    assert again.state.status is l.LeaseStatus.CONTRACTED


@pytest.mark.parametrize(
    ("kind", "facts"),
    [("guarantor", {}), ("cheque", {}), ("cheque", {"guarantor_id": d.NASRIN})],
)
def test_a_guarantee_says_who_gives_it_or_how_much(kind: str, facts: dict[str, object]) -> None:
    named = d.APPLIED.after((d.OFFICER, d.guarantor()))
    named.when(d.guarantee(40, kind, **facts)).refused(l.GuarantorUnclear)


def test_a_guarantor_is_a_subject_of_her_own() -> None:
    named = d.APPLIED.after((d.OFFICER, d.guarantor()))
    event = named.events[-1]
    assert d.FRESH.decider.subject(CASE, named.state, event) == d.NASRIN
    hers = named.after(
        (d.OFFICER, d.upload(5, l.LeasePaper.NATIONAL_ID, guarantor_id=d.NASRIN)),
    )
    assert d.FRESH.decider.subject(CASE, hers.state, hers.events[-1]) == d.NASRIN
    paper = d.upload(6, l.LeasePaper.NATIONAL_ID, guarantor_id=d.an_id(99))
    named.when(paper).refused(l.GuarantorNotNamed)
    herself = l.NameGuarantor(stream=CASE, guarantor_id=d.SARA, name="Sara")
    d.APPLIED.when(herself).refused(l.GuarantorIsApplicant)


def test_a_contract_waits_for_the_guarantees_that_the_product_asks_for() -> None:
    product = "ir_in_house"
    approved = d.until(product, "approved").at(EARLY)
    approved.when(d.sign()).refused(
        l.GuaranteesMissing, missing=["cheque", "promissory_note", "guarantor"]
    )
    named = approved.after((d.OFFICER, d.guarantor()))
    named.when(d.sign()).refused(l.LeasePapersMissing, missing=["guarantor_identity"])
    short = approved.after(
        (d.OFFICER, d.guarantee(30, "cheque", amount=money(10_799_999_999, product)))
    )
    short.when(d.sign()).refused(l.GuaranteesMissing)


def test_a_guarantee_is_returned_or_called_once() -> None:
    active = d.until("ir_in_house", "active")
    give_back = l.ReturnGuarantee(stream=CASE, guarantee_id=d.an_id(30))
    active.when(give_back).refused(l.GuaranteeStillNeeded)
    more = active.after(
        (d.OFFICER, d.guarantee(32, "promissory_note", amount=money(11_000_000_000, "ir_in_house")))
    )
    returned = more.after((d.OFFICER, give_back))
    returned.when(give_back).then_nothing()
    call = l.CallGuarantee(
        stream=CASE, guarantee_id=d.an_id(32), amount=money(12_000_000_000, "ir_in_house")
    )
    returned.when(call, by=d.OFFICER).refused(StepNotYours)
    returned.when(call, by=d.MANAGER).refused(l.GuaranteeExceeded)
    gone = l.CallGuarantee(stream=CASE, guarantee_id=d.an_id(30))
    returned.when(gone, by=d.MANAGER).refused(l.GuaranteeHasGone)
    partly = l.CallGuarantee(
        stream=CASE, guarantee_id=d.an_id(32), amount=money(5_000, "ir_in_house")
    )
    called = returned.after((d.MANAGER, partly))
    called.when(partly, by=d.MANAGER).then_nothing()
    missing = l.ReturnGuarantee(stream=CASE, guarantee_id=d.an_id(77))
    called.when(missing).refused(l.LeaseItemNotFound)
