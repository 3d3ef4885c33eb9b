"""Typed replies: what each must say by its pack, and when it may go out."""

from datetime import date, timedelta

import pytest

from domain import referral as r
from domain.procedure import StepIsPast, StepNotYours
from tests.domain.referral import desk as d
from tests.scenario import Scenario


def uk(pack: str = "uk_disp", stage: Scenario | None = None) -> Scenario:
    """Return a case under a British pack, its letter without a day to answer by."""
    case = stage or d.FRESH.after((d.SECRETARY, d.receive(answer_by_on=None)))
    return case.after((d.SECRETARY, d.register(pack)))


def informed(case: Scenario) -> Scenario:
    return case.after(
        (d.SECRETARY, d.distribute()),
        (d.SAGA, d.LINK),
        (d.SAGA, d.conclude()),
        (d.SPECIAL, d.control()),
        (d.SPECIAL, d.final_control()),
        (d.SPECIALIST, d.inform()),
    )


@pytest.mark.parametrize("reply", ["acknowledgement", "interim", "holding"])
def test_what_is_no_last_word_goes_out_before_the_final_control(reply: str) -> None:
    day = date(2026, 4, 1) if reply == "holding" else None
    case = d.REGISTERED.after(
        (d.SECRETARY, d.prepare(reply, expected_on=day)), (d.SECRETARY, d.send())
    )
    assert case.state.status is r.ReferralStatus.REGISTERED
    case.when(d.send()).then_nothing()


def test_a_reply_without_an_element_that_the_pack_asks_for_is_refused_naming_it() -> None:
    short = d.prepare(elements=("findings", "conclusion"))
    d.INFORMED.when(short, by=d.SPECIAL).refused(
        r.ReplyElementsMissing, missing=["actions_taken", "customer_informed"]
    )
    twice = d.prepare(elements=("findings", "findings"))
    d.INFORMED.when(twice, by=d.SPECIAL).refused(r.ReplyElementTwice)


def test_a_british_final_response_names_the_ombudsman_in_every_way_asked_for() -> None:
    case = informed(uk())
    case.when(d.prepare(elements=("decision", "reasons")), by=d.SPECIAL).refused(
        r.ReplyElementsMissing,
        missing=["fos_leaflet", "fos_url", "six_month_notice", "time_limit_waiver"],
    )


def test_a_type_of_reply_that_the_pack_does_not_know_is_refused() -> None:
    summary = d.prepare("summary_resolution", elements=("acceptance", "resolution"))
    d.INFORMED.when(summary, by=d.SPECIAL).refused(r.ReplyTypeNotInPack)


SUMMARY = d.prepare("summary_resolution", elements=("acceptance", "resolution", "ombudsman_right"))


def test_a_summary_resolution_is_one_until_the_close_of_the_third_business_day() -> None:
    case = informed(uk())  # received on Sunday, 1 March: it counts as Monday's
    third_day = d.NOW.replace(day=5, hour=16)
    case.at(third_day).after((d.SPECIAL, SUMMARY), (d.SECRETARY, d.send()))
    late = d.NOW.replace(day=6)
    case.when(SUMMARY, by=d.SPECIAL, at=late).refused(r.SummaryResolutionTooLate, rule="UK-2")
    written = case.after((d.SPECIAL, SUMMARY))
    written.when(d.send(), by=d.SECRETARY, at=late).refused(r.SummaryResolutionTooLate)


def test_a_summary_resolution_waits_for_the_control_too() -> None:
    uk().when(SUMMARY, by=d.SPECIAL).refused(r.ReplyBeforeFinalControl)


def test_a_holding_reply_promises_a_day_to_come_and_a_last_word_none() -> None:
    d.REGISTERED.when(d.prepare("holding")).refused(r.ExpectedDayMissing)
    past = d.prepare("holding", expected_on=date(2026, 1, 1))
    d.REGISTERED.when(past).refused(r.ExpectedDayMissing)
    promise = d.prepare(expected_on=date(2026, 5, 1))
    d.INFORMED.when(promise, by=d.SPECIAL).refused(r.ExpectedDayMissing)


def test_a_reply_is_sent_once_and_as_it_was_said() -> None:
    d.REPLIED.when(d.send()).then_nothing()
    d.REPLIED.when(d.send(letter_number="1404/R/2")).refused(r.ReplyAlreadySent)
    d.WRITTEN.when(d.send(7)).refused(r.ReplyNotFound)
    early = d.send(sent_at=d.NOW - timedelta(hours=1))
    d.WRITTEN.when(early).refused(r.ReplyBeforeCustomerInformation)
    d.WRITTEN.when(d.send(sent_at=d.NOW + timedelta(days=1))).refused(r.LiesAhead)
    d.WRITTEN.when(d.send(), by=d.SPECIALIST).refused(StepNotYours)
    d.WRITTEN.when(d.send(paper_ids=(d.an_id(8),))).refused(r.ReferralPaperNotFound)


def test_after_the_last_word_there_is_no_other() -> None:
    d.REPLIED.when(d.prepare(number=31), by=d.SPECIAL).refused(StepIsPast)
    d.REPLIED.when(d.prepare("interim", number=32)).refused(StepIsPast)


def test_a_reply_is_written_once_under_its_id() -> None:
    d.WRITTEN.when(d.prepare(), by=d.SPECIAL).then_nothing()
    other = d.prepare(subject="Another one")
    d.WRITTEN.when(other, by=d.SPECIAL).refused(r.ReferralItemExists)
