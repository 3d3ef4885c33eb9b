"""Intake of special cases: letters, numbers, packs, milestones and papers."""

from dataclasses import replace
from datetime import date, timedelta

from domain import referral as r
from domain.declare import AlreadyExists, CaseNotFound, Claim
from domain.document_policy import DocumentTooLarge, MediaTypeNotAllowed, TooManyDocuments
from domain.procedure import StepNotYours
from domain.referral.deciding import claims
from tests.domain.complaint.desk import CUSTOMER, DEALER
from tests.domain.referral import desk as d
from tests.scenario import CASE


def test_a_letter_is_received_as_it_says() -> None:
    state = d.RECEIVED.state
    assert state.status is r.ReferralStatus.RECEIVED
    assert state.received is not None
    assert state.received.answer_by_on == d.ANSWER_BY
    d.RECEIVED.when(d.receive()).then_nothing()


def test_another_letter_is_another_case() -> None:
    d.RECEIVED.when(d.receive(letter_number="1")).refused(AlreadyExists)


def test_a_letter_is_taken_in_by_those_who_do_so() -> None:
    for nobody in (CUSTOMER, DEALER, d.SPECIALIST):
        d.FRESH.when(d.receive(), by=nobody).refused(StepNotYours)


def test_a_letter_is_not_dated_after_its_receipt_nor_answered_before_it() -> None:
    d.FRESH.when(d.receive(letter_on=date(2026, 3, 4))).refused(r.LetterAfterReceipt)
    tomorrow_in_the_east = d.receive(letter_on=date(2026, 3, 2))
    assert d.FRESH.decide(tomorrow_in_the_east, d.FRESH.state)
    d.FRESH.when(d.receive(answer_by_on=date(2026, 2, 1))).refused(r.AnswerBeforeLetter)
    d.FRESH.when(d.receive(received_at=d.NOW + timedelta(days=1))).refused(r.LiesAhead)


def test_the_secretariat_registers_under_a_number_of_its_own_and_pins_the_pack() -> None:
    state = d.REGISTERED.state
    assert state.registered is not None
    assert (state.registered.number, state.registered.pack.name) == ("S-1404-0017", "iran")
    assert state.registered.locale is r.ReplyLocale.FA
    d.REGISTERED.when(d.register()).then_nothing()
    d.REGISTERED.when(d.register("uk_disp")).refused(r.ReferralAlreadyRegistered)
    d.RECEIVED.when(d.register(), by=d.SPECIAL).refused(StepNotYours)
    d.FRESH.when(d.register()).refused(CaseNotFound)


def test_a_letter_and_a_number_belong_to_one_case() -> None:
    received, registered = d.RECEIVED.state.received, d.REGISTERED.state.registered
    assert received is not None and registered is not None
    letter = f"{received.authority}\n{received.letter_number}"
    assert claims(d.RECEIVED.state, received) == [Claim("authority_letter", letter)]
    assert claims(d.RECEIVED.state, registered) == [Claim("referral_number", "S-1404-0017")]


def test_the_order_that_was_in_force_on_the_letters_day_counts() -> None:
    april = d.NOW + timedelta(days=60)
    for letter_on, wrong, right in (
        (date(2026, 4, 14), "china_121", "china_20"),
        (date(2026, 4, 15), "china_20", "china_121"),
    ):
        letter = d.receive(letter_on=letter_on, answer_by_on=None, received_at=april)
        case = d.FRESH.at(april).after((d.SECRETARY, letter))
        case.when(d.register(wrong)).refused(r.PackNotInForce, pack=wrong)
        assert case.after((d.SECRETARY, d.register(right))).state.registered is not None


def test_who_complains_may_come_later() -> None:
    case = d.FRESH.after((d.SECRETARY, d.receive(customer_id=None)))
    known = r.IdentifyReferralComplainant(stream=CASE, customer_id=d.LEILA)
    case.when(known).then(r.ReferralComplainantIdentified(customer_id=d.LEILA))
    other = replace(known, customer_id=d.COMPLAINT)
    d.RECEIVED.when(other).refused(r.ReferralComplainantKnown)


RULING = r.RecordMilestone(
    stream=CASE,
    milestone_id=d.an_id(1),
    milestone="ruling_served",
    happened_on=date(2026, 2, 28),
)


def test_a_milestone_is_one_that_the_pack_counts_from() -> None:
    unknown = replace(RULING, milestone="moon_is_full")
    d.REGISTERED.when(unknown).refused(r.MilestoneNotInPack)
    case = d.REGISTERED.after((d.SECRETARY, RULING))
    case.when(RULING).then_nothing()
    again = replace(RULING, milestone_id=d.an_id(2), happened_on=date(2026, 2, 27))
    case.when(again).refused(r.MilestoneAlreadyRecorded, happened_on="2026-02-28")
    d.REGISTERED.when(replace(RULING, happened_on=date(2026, 4, 1))).refused(r.LiesAhead)
    d.REGISTERED.when(RULING, by=d.SPECIALIST).refused(StepNotYours)


PAPER = r.AddReferralDocument(
    stream=CASE,
    document_id=d.an_id(5),
    kind=r.ReferralPaper.AUTHORITY_LETTER,
    title="The letter",
    media_type="application/pdf",
    size_bytes=2_000,
    content_sha256="ab" * 32,
)


def test_papers_are_of_kinds_and_sizes_that_are_taken() -> None:
    case = d.RECEIVED.after((d.SECRETARY, PAPER))
    case.when(PAPER).then_nothing()
    case.when(replace(PAPER, title="Another")).refused(r.ReferralItemExists)
    odd = replace(PAPER, media_type="application/x-sh")
    d.RECEIVED.when(odd).refused(MediaTypeNotAllowed)
    d.RECEIVED.when(replace(PAPER, size_bytes=10**9)).refused(DocumentTooLarge)
    many = d.RECEIVED.given(
        *(d.RECEIVED.decide(replace(PAPER, document_id=d.an_id(n)), d.RECEIVED.state)[0]
          for n in range(1000, 1200))
    )  # fmt: skip
    many.when(PAPER).refused(TooManyDocuments)
    lost = replace(RULING, paper_ids=(d.an_id(77),))
    d.REGISTERED.when(lost).refused(r.ReferralPaperNotFound)
