"""The two clocks of a special case, and those that the law gives the authority itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain import referral as r
from domain.clocks import moves
from domain.clocks.book import Clock
from domain.clocks.calendar import Calendar, Holiday
from domain.clocks.messages import Binds, PauseReason, RuleKind, Urgency
from domain.clocks.rules import SlaPack, StatutoryPack
from domain.declare import Role
from domain.rulebook import Published, Rules
from tests.domain.complaint.desk import CLOCK_RULES
from tests.domain.referral import desk as d
from tests.scenario import CASE, Scenario


def clock(case: Scenario, code: str) -> Clock:
    """Return the newest clock of this code."""
    found: Clock = [each for each in case.state.clocks.clocks if each.code == code][-1]
    return found


def letter(pack: str, *, answer_by_on: date | None = None, **facts: object) -> Scenario:
    given = d.receive(answer_by_on=answer_by_on, **facts)
    return d.FRESH.after((d.SECRETARY, given), (d.SECRETARY, d.register(pack)))


def milestone(name: str, on: date, number: int = 60) -> r.RecordMilestone:
    return r.RecordMilestone(
        stream=CASE, milestone_id=d.an_id(number), milestone=name, happened_on=on
    )


# --- the authority's ------------------------------------------------------------------------------


def test_the_day_that_the_letter_names_counts_and_the_packs_silence_is_cited() -> None:
    found = clock(d.REGISTERED, r.AUTHORITY_REPLY)
    rule = found.due.derivation.rule
    assert found.due.due_at == datetime(2026, 3, 18, 20, 30, tzinfo=UTC)  # midnight in Tehran
    assert (rule.kind, rule.rule, rule.confirmed) == (
        RuleKind.LETTER, "IR-5", "seen; no number of days found",
    )  # fmt: skip
    assert found.started.urgency is Urgency.STATUTORY
    assert found.due.derivation.span is None


def test_without_a_day_and_without_a_number_there_is_no_deadline_of_the_authoritys() -> None:
    codes = {each.code for each in letter("iran").state.clocks.clocks}
    assert r.AUTHORITY_REPLY not in codes
    assert r.OWN_REPLY in codes


def test_without_a_day_the_packs_rule_counts_and_is_cited() -> None:
    found = clock(letter("uk_disp"), r.AUTHORITY_REPLY)
    assert found.due.derivation.rule.rule == "UK-3"
    assert found.due.derivation.rule.citation == "FCA DISP 1.6.2"
    assert found.due.due_at == datetime(2026, 4, 26, 23, 0, tzinfo=UTC)  # eight weeks, in London


def test_the_day_that_the_letter_names_goes_before_the_packs_rule() -> None:
    found = clock(letter("uk_disp", answer_by_on=date(2026, 3, 20)), r.AUTHORITY_REPLY)
    assert found.due.due_at == datetime(2026, 3, 21, tzinfo=UTC)


def test_what_binds_the_authority_runs_as_its_own_clock_and_is_nobodys_breach() -> None:
    case = letter("iran").after((d.SPECIAL, milestone("board_registered", date(2026, 3, 1))))
    board = clock(case, "IR-7")
    assert board.started.binds is Binds.AUTHORITY
    assert board.started.ladder is None
    assert board.due.due_at == datetime(2026, 3, 21, 20, 30, tzinfo=UTC)
    late = datetime(2026, 4, 1, tzinfo=UTC)
    breach = r.RecordReferralBreach(stream=CASE, n=board.n)
    case.when(breach, by=d.SAGA, at=late).refused(moves.NotYetDue)


def test_a_ruling_that_was_served_gives_the_company_ten_days() -> None:
    case = letter("iran").after((d.SPECIAL, milestone("ruling_served", date(2026, 3, 1))))
    ruling = clock(case, "IR-8")
    assert ruling.started.binds is Binds.COMPANY
    assert ruling.due.due_at == datetime(2026, 3, 11, 20, 30, tzinfo=UTC)
    done = r.StopReferralClock(stream=CASE, n=ruling.n)
    assert clock(case.after((d.SPECIAL, done)), "IR-8").met is True


def test_an_order_holds_for_what_happens_while_it_is_in_force() -> None:
    april = datetime(2026, 4, 13, 8, 0, tzinfo=UTC)
    case = d.FRESH.at(april).after(
        (d.SECRETARY, d.receive(letter_on=date(2026, 4, 12), answer_by_on=None)),
        (d.SECRETARY, d.register("china_20")),
    )
    before = case.after((d.SPECIAL, milestone("authority_accepted", date(2026, 4, 14))))
    assert clock(before, "CN-7").started.binds is Binds.AUTHORITY
    after = case.at(april + timedelta(days=2)).after(
        (d.SPECIAL, milestone("authority_accepted", date(2026, 4, 15)))
    )
    assert "CN-7" not in {each.code for each in after.state.clocks.clocks}


def test_a_repair_is_counted_in_started_days_and_an_exchange_in_working_days() -> None:
    case = letter("china_43").after(
        (d.SPECIAL, milestone("repair_agreed", date(2026, 3, 1), 61)),
        (d.SPECIAL, milestone("exchange_requested", date(2026, 3, 1), 62)),
    )
    assert clock(case, "CN-1").due.due_at == datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    assert clock(case, r.AUTHORITY_REPLY).due.derivation.rule.rule == "CN-3"
    assert clock(case, "CN-4").due.due_at == datetime(2026, 3, 27, 10, 0, tzinfo=UTC)


# --- the company's own ----------------------------------------------------------------------------


def test_the_companys_own_clock_ends_before_the_authoritys() -> None:
    own, theirs = clock(d.REGISTERED, r.OWN_REPLY), clock(d.REGISTERED, r.AUTHORITY_REPLY)
    assert own.due.due_at is not None and theirs.due.due_at is not None
    assert own.due.due_at < theirs.due.due_at
    assert own.due.derivation.rule.rule == "reply.before_authority"
    far = letter("iran", answer_by_on=date(2026, 6, 1))
    counted = clock(far, r.OWN_REPLY)
    assert counted.due.derivation.rule.rule == "reply"
    assert counted.due.derivation.span is not None and counted.due.derivation.span.amount == 12


def test_each_phase_has_a_clock_that_stops_with_it() -> None:
    states = {each.code: (each.state.value, each.met) for each in d.CLOSED.state.clocks.clocks}
    codes = ("registration", "distribution", "handling", "final_control", "reply")
    assert states == dict.fromkeys((*codes, r.AUTHORITY_REPLY), ("stopped", True))


def test_a_case_that_was_sent_back_is_handled_against_a_new_clock() -> None:
    back = d.final_control(11, "sent_back", remark="Papers are missing.")
    case = d.HANDLED.after((d.SPECIAL, back))
    handling = [each for each in case.state.clocks.clocks if each.code == "handling"]
    assert [each.is_on for each in handling] == [False, True]


def test_without_a_service_level_there_are_the_laws_clocks_alone() -> None:
    rules = {key: value for key, value in CLOCK_RULES.documents.items() if key[0] is not SlaPack}
    case = replace(d.FRESH, rules=Rules(rules)).after(
        (d.SECRETARY, d.receive()), (d.SECRETARY, d.register())
    )
    assert [each.code for each in case.state.clocks.clocks] == [r.AUTHORITY_REPLY]


# --- holding replies ------------------------------------------------------------------------------


def held(case: Scenario, pack_elements: tuple[str, ...]) -> Scenario:
    holding = d.prepare("holding", elements=pack_elements, expected_on=date(2026, 4, 30))
    return case.after((d.SECRETARY, holding), (d.SECRETARY, d.send()))


def test_a_holding_response_gives_35_business_days_in_all() -> None:
    case = letter("uk_disp_payments")
    before = clock(case, r.AUTHORITY_REPLY)
    after = clock(held(case, ("reason_for_delay", "expected_date")), r.AUTHORITY_REPLY)
    assert before.due.derivation.span is not None and before.due.derivation.span.amount == 15
    assert after.due.derivation.span is not None and after.due.derivation.span.amount == 35
    assert after.due.derivation.started_at == before.due.derivation.started_at
    assert after.is_on


def test_a_response_in_progress_brings_in_the_sixty_days_and_cites_them() -> None:
    case = letter("us_cfpb")
    after = held(case, ("steps_taken", "expected_date"))
    theirs = clock(after, r.AUTHORITY_REPLY)
    assert theirs.due.derivation.rule.rule == "US-2"
    assert theirs.due.due_at == datetime(2026, 5, 1, 4, 0, tzinfo=UTC)


def test_a_holding_letter_meets_the_eight_weeks_and_what_it_promises_is_the_next_clock() -> None:
    case = held(letter("uk_disp"), ("reason_for_delay", "expected_date", "ombudsman_right"))
    theirs = [each for each in case.state.clocks.clocks if each.code == r.AUTHORITY_REPLY]
    assert [(each.is_on, each.met) for each in theirs] == [(False, True), (True, None)]
    assert theirs[1].due.derivation.rule.kind is RuleKind.SET
    assert theirs[1].due.due_at == datetime(2026, 4, 30, 23, 0, tzinfo=UTC)


def test_a_holding_reply_does_not_move_the_day_that_a_letter_names() -> None:
    case = held(d.REGISTERED, ("reason_for_delay", "expected_date"))
    assert clock(case, r.AUTHORITY_REPLY).due == clock(d.REGISTERED, r.AUTHORITY_REPLY).due


# --- pauses and moves -----------------------------------------------------------------------------


PAUSE = r.PauseReferralClocks(
    stream=CASE,
    pause_id=d.an_id(70),
    reason=PauseReason.PARTS,
    note="The part is on its way.",
)


def test_a_pause_moves_the_companys_own_clock_and_not_the_authoritys() -> None:
    case = letter("iran", answer_by_on=date(2026, 6, 1)).after((d.SPECIAL, PAUSE))
    assert clock(case, r.OWN_REPLY).due_at is None
    assert clock(case, r.AUTHORITY_REPLY).due_at is not None
    case.when(PAUSE, by=d.SPECIAL).then_nothing()
    later = case.at(d.NOW + timedelta(days=14)).after(
        (d.SPECIAL, r.EndReferralPause(stream=CASE, n=1))
    )
    moved = clock(later, r.OWN_REPLY).due_at
    stood = clock(letter("iran", answer_by_on=date(2026, 6, 1)), r.OWN_REPLY).due_at
    assert moved is not None and stood is not None and moved > stood
    later.when(r.EndReferralPause(stream=CASE, n=1), by=d.SPECIAL).then_nothing()


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(PAUSE, note=None), moves.PauseNotProven),
        (replace(PAUSE, clocks=(2,)), moves.ClockNotPausable),
        (replace(PAUSE, clocks=(99,)), moves.ClockNotFound),
        (replace(PAUSE, ordered_by=UUID(int=9)), r.ReferralClocksNotYours),
        (replace(PAUSE, paper_ids=(UUID(int=9),)), r.ReferralPaperNotFound),
        (r.EndReferralPause(stream=CASE, n=1), moves.PauseNotFound),
        (
            r.SetReferralDeadline(stream=CASE, n=2, due_at=d.NOW + timedelta(1), reason="x"),
            r.DeadlineIsTheAuthoritys,
        ),
        (
            r.SetReferralDeadline(stream=CASE, n=3, due_at=d.NOW - timedelta(1), reason="x"),
            moves.DueInPast,
        ),
        (r.ResetReferralClock(stream=CASE, n=2, from_at=d.NOW, reason="x"), moves.ClockIsNamed),
    ],
)
def test_what_may_not_be_done_with_a_clock(command: object, refusal: type) -> None:
    d.REGISTERED.when(command, by=d.SPECIAL).refused(refusal)


def test_clocks_are_moved_by_those_who_answer_for_them() -> None:
    d.REGISTERED.when(PAUSE, by=d.SECRETARY).refused(r.ReferralClocksNotYours)


def test_a_pause_does_not_end_before_it_began() -> None:
    case = d.DISTRIBUTED.after((d.SPECIAL, PAUSE))
    early = r.EndReferralPause(stream=CASE, n=1, ended_at=d.NOW - timedelta(days=1))
    case.when(early, by=d.SPECIAL).refused(moves.PauseEndsBeforeStart)


def test_a_regulators_pause_of_a_class_stops_whatever_counts_against_the_company() -> None:
    order = replace(
        PAUSE, reason=PauseReason.REGULATOR, note=None, ordered_by=UUID(int=0xAB), clocks=()
    )
    case = letter("uk_disp").after((d.SAGA, order))
    paused = {each.code for each in case.state.clocks.on() if each.due_at is None}
    assert paused == {r.AUTHORITY_REPLY, r.OWN_REPLY, "distribution"}
    ended = case.at(d.NOW + timedelta(weeks=2)).after(
        (d.SAGA, r.EndReferralPause(stream=CASE, n=1))
    )
    # 13 days that would have counted; the day of the receipt would not
    assert clock(ended, r.AUTHORITY_REPLY).due_at == datetime(2026, 5, 9, 23, 0, tzinfo=UTC)


def test_time_that_the_authority_gave_moves_both_clocks() -> None:
    paper = r.AddReferralDocument(
        stream=CASE,
        document_id=d.an_id(80),
        kind=r.ReferralPaper.AUTHORITY_LETTER,
        title="Two weeks more",
        media_type="application/pdf",
        size_bytes=100,
        content_sha256="cd" * 32,
    )
    n = clock(d.REGISTERED, r.AUTHORITY_REPLY).n
    later = datetime(2026, 4, 1, 20, 30, tzinfo=UTC)
    more = r.ExtendReferralClock(
        stream=CASE, n=n, due_at=later, reason="They wrote.", paper_ids=(d.an_id(80),)
    )
    d.REGISTERED.when(more, by=d.SPECIAL).refused(r.ReferralPaperNotFound)
    case = d.REGISTERED.after((d.SECRETARY, paper), (d.SPECIAL, more))
    assert clock(case, r.AUTHORITY_REPLY).due_at == later
    own = clock(case, r.OWN_REPLY)
    assert own.due.derivation.rule.rule == "reply"
    case.when(more, by=d.SPECIAL).then_nothing()


def test_the_companys_own_clock_comes_before_one_of_the_authoritys_that_starts_later() -> None:
    case = letter("china_43")
    stood = clock(case, r.OWN_REPLY)
    asked = case.after((d.SPECIAL, milestone("exchange_requested", d.NOW.date())))
    own, theirs = clock(asked, r.OWN_REPLY), clock(asked, r.AUTHORITY_REPLY)
    assert own.due_at is not None and theirs.due_at is not None and stood.due_at is not None
    assert theirs.due_at < stood.due_at
    assert own.due_at < theirs.due_at
    assert own.due.derivation.rule.rule == "reply.before_authority"
    assert own.due.derivation.started_at == stood.due.derivation.started_at


def test_a_law_that_asks_for_no_answer_leaves_the_companys_own_clock_where_it_is() -> None:
    case = letter("iran")
    served = case.after((d.SPECIAL, milestone("ruling_served", d.NOW.date())))
    assert clock(served, r.OWN_REPLY) == clock(case, r.OWN_REPLY)


# --- rules that change ----------------------------------------------------------------------------


def with_newer(kind: type, name: str, content: object) -> Rules:
    stood = CLOCK_RULES.documents[kind, name]
    newer = Published(name, 2, d.NOW - timedelta(days=1), content)
    return Rules({**CLOCK_RULES.documents, (kind, name): [*stood, newer]})


def test_running_clocks_move_with_a_newer_pack_only_by_a_recorded_command() -> None:
    pack = CLOCK_RULES.documents[StatutoryPack, "uk_disp"][0].content
    longer = tuple(
        replace(rule, span=replace(rule.span, amount=10)) if rule.code == "UK-3" else rule
        for rule in pack.rules
    )
    case = letter("uk_disp")
    newer = replace(case, rules=with_newer(StatutoryPack, "uk_disp", replace(pack, rules=longer)))
    stood = clock(newer, r.AUTHORITY_REPLY).due
    by_calendar = r.RederiveReferralClocks(stream=CASE, cause="calendar")
    newer.when(by_calendar, by=d.SAGA).then_nothing()  # the pack it is pinned to stays
    rederive = r.RederiveReferralClocks(stream=CASE, cause="pack", by_publication=UUID(int=0xAB))
    after = newer.after((d.SAGA, rederive))
    moved = clock(after, r.AUTHORITY_REPLY).due
    assert moved.derivation.rule.pack is not None and moved.derivation.rule.pack.version == 2
    assert moved.derivation.started_at == stood.derivation.started_at
    assert (moved.due_at or d.NOW) - (stood.due_at or d.NOW) == timedelta(weeks=2)
    after.when(rederive, by=d.SAGA).then_nothing()


def test_a_holiday_that_was_announced_moves_what_counts_working_days() -> None:
    calendar = CLOCK_RULES.documents[Calendar, "iran"][0].content
    day = Holiday(on=date(2026, 3, 9), name="announced")
    more = replace(calendar, holidays=(*calendar.holidays, day))
    case = d.DISTRIBUTED
    newer = replace(case, rules=with_newer(Calendar, "iran", more))
    after = newer.after((d.SAGA, r.RederiveReferralClocks(stream=CASE, cause="calendar")))
    moved, stood = clock(after, "handling").due_at, clock(case, "handling").due_at
    assert moved is not None and stood is not None and moved > stood
    assert clock(after, r.AUTHORITY_REPLY).due == clock(case, r.AUTHORITY_REPLY).due


# --- deadlines and escalation ---------------------------------------------------------------------

LATE = datetime(2026, 3, 19, 6, 0, tzinfo=UTC)


def missed() -> Scenario:
    n = clock(d.DISTRIBUTED, r.AUTHORITY_REPLY).n
    return d.DISTRIBUTED.at(LATE).after((d.SAGA, r.RecordReferralBreach(stream=CASE, n=n)))


def test_a_deadline_is_warned_of_and_missed_in_its_time() -> None:
    theirs = clock(d.DISTRIBUTED, r.AUTHORITY_REPLY)
    warning, due_at = theirs.due.warnings[-1], theirs.due.due_at
    assert due_at is not None
    warn = r.WarnOfReferralDeadline(stream=CASE, n=theirs.n, code=warning.code)
    d.DISTRIBUTED.when(warn, by=d.SAGA).refused(moves.NotYetDue)
    d.DISTRIBUTED.when(warn, by=d.SAGA, at=warning.at).then(
        r.ReferralDeadlineWarned(n=theirs.n, code=warning.code, due_at=due_at)
    )
    breach = r.RecordReferralBreach(stream=CASE, n=theirs.n)
    d.DISTRIBUTED.when(breach, by=d.SAGA).refused(moves.NotYetDue)
    missed().when(breach, by=d.SAGA).then_nothing()


def escalate(case: Scenario) -> r.EscalateReferral:
    n = clock(case, r.AUTHORITY_REPLY).n
    return r.EscalateReferral(stream=CASE, escalation_id=d.an_id(85), cause="breach", clock=n)


def test_a_missed_deadline_is_brought_before_somebody_above_and_climbs() -> None:
    case = missed()
    d.DISTRIBUTED.when(escalate(case), by=d.SAGA).refused(r.ReferralNotEscalatedYet)
    told = case.after((d.SAGA, escalate(case)))
    first = told.state.escalations[0]
    assert first.climbs_at is not None and first.climbs_at > LATE
    climb = r.ClimbReferralEscalation(stream=CASE, n=1, rung=1)
    told.when(climb, by=d.SAGA).refused(r.ReferralRungNotNext)
    higher = told.at(first.climbs_at).after((d.SAGA, climb))
    assert higher.state.escalations[0].rung == 1
    higher.when(climb, by=d.SAGA).then_nothing()


def test_only_somebody_who_was_told_answers_for_it_and_says_by_when() -> None:
    case = missed()
    told = case.after((d.SAGA, escalate(case)))
    answer = r.AcknowledgeReferralEscalation(
        stream=CASE, n=1, will_do="I call them.", done_by_at=LATE + timedelta(days=1)
    )
    told.when(answer, by=d.SPECIAL).refused(r.ReferralNotTold)
    role = told.state.escalations[0].raised.role
    head = replace(d.UNIT_HEAD, roles=frozenset({role}))
    past = replace(answer, done_by_at=LATE - timedelta(days=1))
    told.when(past, by=head).refused(r.ReferralDoneByInPast)
    done = told.after((head, answer))
    done.when(answer, by=head).then_nothing()
    other = replace(answer, will_do="Something else.")
    done.when(other, by=head).refused(r.ReferralEscalationIsOver)
    told.when(replace(answer, n=7), by=head).refused(r.ReferralEscalationNotFound)


def test_who_is_told_where_the_rung_has_nobody_answers_for_a_special_case() -> None:
    case = missed()
    told = case.after((d.SAGA, escalate(case)))
    first = told.state.escalations[0].raised
    assert (first.role, first.unit, first.region) == (Role.SUPERVISOR, "after_sales", None)
    answer = r.AcknowledgeReferralEscalation(
        stream=CASE, n=1, will_do="I call them.", done_by_at=LATE + timedelta(days=1)
    )
    here = replace(d.SUPERVISOR, unit="after_sales")
    for_all = replace(d.SUPERVISOR, region="*")
    above = replace(d.SUPERVISOR, unit="customer_care")
    for instead in (here, for_all, above, d.UNIT_HEAD, replace(d.UNIT_HEAD, region="*"), d.MANAGER):
        assert told.after((instead, answer)).state.escalations[0].acknowledged is not None
    head_of_sales = replace(d.UNIT_HEAD, unit="sales")
    for stranger in (d.SUPERVISOR, head_of_sales, d.SPECIAL, d.SPECIALIST, d.SECRETARY):
        told.when(answer, by=stranger).refused(r.ReferralNotTold)


def test_an_escalation_by_hand_says_why_and_one_because_of_a_clock_names_it() -> None:
    by_hand = r.EscalateReferral(stream=CASE, escalation_id=d.an_id(86))
    d.DISTRIBUTED.when(by_hand, by=d.SUPERVISOR).refused(r.ReferralEscalationUnclear)
    named = replace(by_hand, reason="The complainant stands here.")
    case = d.DISTRIBUTED.after((d.SUPERVISOR, named))
    assert case.state.escalations[0].raised.cause == "counter"
    unnamed = replace(by_hand, cause="breach")
    d.DISTRIBUTED.when(unnamed, by=d.SAGA).refused(r.ReferralEscalationUnclear)


def test_an_escalation_ends_with_the_clock_that_it_was_about() -> None:
    case = missed()
    told = case.after((d.SAGA, escalate(case)))
    n = clock(told, r.AUTHORITY_REPLY).n
    cancel = r.CancelReferralClock(stream=CASE, n=n, reason="The authority withdrew its demand.")
    after = told.after((d.SPECIAL, cancel))
    assert after.state.escalations[0].ended == "clock_cancelled"
