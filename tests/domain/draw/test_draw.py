"""The life of a draw: what comes after what, and what nobody may do once it could steer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import draw as d
from domain.declare import Actor, ActorId, AlreadyExists, CaseNotFound, Refusal, Role
from domain.draw.ranking import commitment_of
from tests.scenario import CASE, SYSTEM, Scenario, case

OPENS_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
CLOSES_AT = OPENS_AT + timedelta(days=3)
VALUE_AT = OPENS_AT + timedelta(days=4)
OPERATOR = Actor(id=ActorId("u-operator"), roles=frozenset({Role.MANAGER}))
EXPERT = Actor(id=ActorId("u-expert"), roles=frozenset({Role.EXPERT}))
SEED = bytes(range(32))
ORDER, OTHER, THIRD = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0xA3)
INELIGIBLE, COURT = d.ExclusionReason.INELIGIBLE, d.ExclusionReason.COURT_ORDER

ANNOUNCE = d.AnnounceDraw(
    stream=CASE,
    name="spring",
    quotas=(d.AskedQuota(model="206", winners=2, reserves=1),),
    source="Tehran Stock Exchange, TEDPIX at closing",
    value_expected_at=VALUE_AT,
    opens_at=OPENS_AT,
    closes_at=CLOSES_AT,
)
ANNOUNCED = d.DrawAnnounced(
    name="spring",
    rule=d.EntryRule.ONE_PER_PERSON,
    quotas=(d.Quota(model="206", winners=2, reserves=1),),
    source="Tehran Stock Exchange, TEDPIX at closing",
    source_reference=None,
    value_expected_at=VALUE_AT,
    opens_at=OPENS_AT,
    closes_at=CLOSES_AT,
)
COMMIT = d.CommitSeed(stream=CASE, seed_sha256=commitment_of(SEED))
COMMITTED = d.SeedCommitted(seed_sha256=commitment_of(SEED))
OPEN = d.OpenDraw(stream=CASE)
ADMIT = d.AdmitEntry(stream=CASE, model="206")
EXCLUDE = d.ExcludeEntry(stream=CASE, order_id=ORDER, reason=INELIGIBLE)
EXCLUDED = d.EntryExcluded(order_id=ORDER, reason=INELIGIBLE)
RESTORE = d.RestoreEntry(stream=CASE, order_id=ORDER)
CLOSE = d.CloseDraw(stream=CASE)
CLOSED = d.DrawClosed(closed_at=CLOSES_AT)
COUNTED = (d.ModelCount(model="206", entries=5),)
SEAL = d.SealEntries(stream=CASE, closed_position=99, count=5, root="ab" * 32, counted=COUNTED)
SEALED = d.EntriesSealed(closed_position=99, count=5, root="ab" * 32, counted=COUNTED)
REVEAL = d.RevealDraw(stream=CASE, seed=SEED.hex(), public_value="2,043,129.85")
REVEALED = d.DrawRevealed(seed=SEED.hex(), public_value="2,043,129.85", value_published_at=VALUE_AT)
OUTCOMES = (d.ModelOutcome(model="206", entries=5, excluded=1, winners=2, reserves=1, not_drawn=1),)
RANK = d.RecordRanking(
    stream=CASE, ranking_sha256="cd" * 32, proof_sha256="ef" * 32, proof_bytes=900,
    outcomes=OUTCOMES,
)  # fmt: skip
RANKED = d.DrawRanked(
    ranking_sha256="cd" * 32, proof_sha256="ef" * 32, proof_bytes=900, outcomes=OUTCOMES
)
FINISH = d.FinishHandingOut(stream=CASE, places=4)
HANDED_OUT = d.OutcomesHandedOut(places=4)
PASS_ON = d.PassPlaceOn(stream=CASE, from_order=ORDER, to_order=OTHER, model="206")
PASSED_ON = d.PlacePassedOn(from_order=ORDER, to_order=OTHER, model="206")


def draw(*events: Any) -> Scenario:
    return case(d.DECIDER, stream=CASE, actor=OPERATOR, now=OPENS_AT).given(*events)


OPENED = draw(ANNOUNCED, COMMITTED, d.DrawOpened())
SHUT = OPENED.given(CLOSED).at(CLOSES_AT)
KNOWN = SHUT.given(SEALED).at(VALUE_AT)
DRAWN = KNOWN.given(REVEALED, RANKED).by(SYSTEM)
TOLD = DRAWN.given(HANDED_OUT)


def test_a_draw_is_announced_committed_opened_closed_sealed_revealed_and_ranked() -> None:
    draw().when(ANNOUNCE).then(ANNOUNCED)
    draw(ANNOUNCED).when(COMMIT).then(COMMITTED)
    draw(ANNOUNCED, COMMITTED).when(OPEN).then(d.DrawOpened())
    OPENED.when(CLOSE, by=SYSTEM, at=CLOSES_AT).then(CLOSED)
    SHUT.when(SEAL, by=SYSTEM).then(SEALED)
    KNOWN.when(REVEAL).then(REVEALED)
    KNOWN.given(REVEALED).when(RANK, by=SYSTEM).then(RANKED)
    DRAWN.when(FINISH).then(HANDED_OUT)
    TOLD.when(PASS_ON).then(PASSED_ON)


def test_where_a_draw_stands_follows_from_what_happened() -> None:
    events = [ANNOUNCED, COMMITTED, d.DrawOpened(), CLOSED, SEALED, REVEALED, RANKED, HANDED_OUT]
    standing = [draw(*events[:n]).state.status for n in range(len(events) + 1)]
    assert standing == list(d.DrawStatus)


@pytest.mark.parametrize("command", [ANNOUNCE, COMMIT, OPEN, CLOSE, REVEAL, EXCLUDE, RESTORE])
def test_only_the_operator_holds_a_draw(command: Any) -> None:
    given = draw() if command is ANNOUNCE else OPENED
    given.when(command, by=EXPERT).refused(d.OperatorOnly)


@pytest.mark.parametrize("command", [SEAL, RANK, FINISH, PASS_ON])
def test_nobody_says_what_follows_from_the_log(command: Any) -> None:
    OPENED.when(command, by=OPERATOR).refused(d.SystemOnly)


def test_the_rules_of_a_draw_do_not_change_once_announced() -> None:
    more = (d.AskedQuota(model="206", winners=3, reserves=1),)
    draw(ANNOUNCED).when(ANNOUNCE).then_nothing()
    draw(ANNOUNCED).when(replace(ANNOUNCE, quotas=more)).refused(AlreadyExists)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"closes_at": OPENS_AT}, d.DatesOutOfOrder),
        ({"value_expected_at": CLOSES_AT}, d.DatesOutOfOrder),
        ({"value_expected_at": OPENS_AT + timedelta(hours=1)}, d.DatesOutOfOrder),
        (
            {
                "opens_at": OPENS_AT - timedelta(days=2),
                "closes_at": OPENS_AT - timedelta(days=1),
            },
            d.ClosingLiesBehind,
        ),
        ({"quotas": (*ANNOUNCE.quotas, *ANNOUNCE.quotas)}, d.ModelTwice),
    ],
)
def test_a_draw_whose_value_could_be_known_too_early_is_not_announced(
    said: dict[str, Any], refusal: type[Refusal]
) -> None:
    draw().when(replace(ANNOUNCE, **said)).refused(refusal)


def test_nothing_is_done_in_a_draw_that_was_not_announced() -> None:
    for command in (COMMIT, OPEN, ADMIT, CLOSE, REVEAL, EXCLUDE):
        draw().when(command).refused(CaseNotFound)


# --- before and while entries are taken -----------------------------------------------------------


def test_entries_open_only_when_the_operator_has_committed_and_at_the_announced_time() -> None:
    draw(ANNOUNCED).when(OPEN).refused(d.SeedNotCommitted)
    early = OPENS_AT - timedelta(seconds=1)
    draw(ANNOUNCED, COMMITTED).when(OPEN, at=early).refused(d.NotYet)
    draw(ANNOUNCED, COMMITTED).when(OPEN, at=CLOSES_AT).refused(d.TooLateToOpen)
    OPENED.when(OPEN).then_nothing()


def test_a_commitment_is_not_exchanged() -> None:
    other = replace(COMMIT, seed_sha256=commitment_of(b"another"))
    draw(ANNOUNCED, COMMITTED).when(COMMIT).then_nothing()
    draw(ANNOUNCED, COMMITTED).when(other).refused(d.SeedIsCommitted)


def test_an_entry_is_admitted_while_the_draw_is_open_and_for_its_models_only() -> None:
    OPENED.when(ADMIT, by=EXPERT).then_nothing()
    draw(ANNOUNCED, COMMITTED).when(ADMIT).refused(d.DrawNotOpen)
    OPENED.when(ADMIT, at=CLOSES_AT).refused(d.DrawNotOpen)
    OPENED.when(ADMIT, at=OPENS_AT - timedelta(seconds=1)).refused(d.DrawNotOpen)
    SHUT.when(ADMIT, at=OPENS_AT).refused(d.DrawNotOpen)
    OPENED.when(replace(ADMIT, model="Dena")).refused(d.ModelNotInDraw, model="Dena")


def test_nobody_closes_a_draw_before_its_hour() -> None:
    OPENED.when(CLOSE, at=CLOSES_AT - timedelta(seconds=1)).refused(d.NotYet)
    draw(ANNOUNCED, COMMITTED).when(CLOSE, at=CLOSES_AT).refused(d.DrawNotOpen)
    SHUT.when(CLOSE).then_nothing()


# --- who is left out ------------------------------------------------------------------------------


def test_an_entry_is_left_out_for_one_reason_and_taken_in_again() -> None:
    left_out = OPENED.when(EXCLUDE).then(EXCLUDED)
    left_out.when(replace(EXCLUDE, reason=COURT)).refused(
        d.EntryIsExcluded, reason=INELIGIBLE.value
    )
    again = left_out.when(RESTORE).then(d.EntryRestored(order_id=ORDER, reason=INELIGIBLE))
    again.when(replace(EXCLUDE, reason=COURT)).then(d.EntryExcluded(order_id=ORDER, reason=COURT))
    OPENED.when(RESTORE).then_nothing()
    draw(ANNOUNCED, COMMITTED).when(EXCLUDE).refused(d.DrawNotOpen)


def test_nobody_is_left_out_or_taken_in_once_the_value_may_be_known() -> None:
    """The operator knows her seed: from then on she could know whom it would bring in."""
    for standing in (SHUT, SHUT.given(SEALED)):
        standing.when(EXCLUDE).then(EXCLUDED)
        standing.when(EXCLUDE, at=VALUE_AT).refused(d.ExclusionsAreOver)
        standing.given(EXCLUDED).when(RESTORE, at=VALUE_AT).refused(d.ExclusionsAreOver)
    DRAWN.by(OPERATOR).when(EXCLUDE).refused(d.ExclusionsAreOver)


# --- revelation -----------------------------------------------------------------------------------


def test_a_seed_that_does_not_match_its_commitment_is_refused() -> None:
    for at in range(32):
        changed = SEED[:at] + bytes([SEED[at] ^ 1]) + SEED[at + 1 :]
        KNOWN.when(replace(REVEAL, seed=changed.hex())).refused(d.SeedDoesNotMatch)
    KNOWN.when(replace(REVEAL, seed=SEED.hex() + "00")).refused(d.SeedDoesNotMatch)


def test_the_seed_is_revealed_only_when_the_value_can_be_known_and_the_entries_are_sealed() -> None:
    early = VALUE_AT - timedelta(seconds=1)
    KNOWN.when(REVEAL, at=early).refused(d.NotYet)
    OPENED.when(REVEAL, at=VALUE_AT).refused(d.DrawNotClosed)
    SHUT.when(REVEAL, at=VALUE_AT).refused(d.EntriesNotSealed)
    KNOWN.when(replace(REVEAL, value_published_at=early)).refused(d.ValueTooEarly)
    late = VALUE_AT + timedelta(hours=1)
    KNOWN.when(replace(REVEAL, value_published_at=late)).refused(d.NotYet)


def test_a_draw_that_was_closed_late_is_held_with_a_value_of_after_its_closing() -> None:
    """Whoever let entries in while the value was known gains nothing by it."""
    late, next_day = VALUE_AT + timedelta(hours=1), VALUE_AT + timedelta(days=1)
    shut = OPENED.given(d.DrawClosed(closed_at=late), SEALED).at(next_day)
    shut.when(REVEAL).refused(d.ValueTooEarly, expected_at=late.isoformat())
    shut.when(replace(REVEAL, value_published_at=next_day)).then(
        replace(REVEALED, value_published_at=next_day)
    )


def test_what_was_revealed_stands() -> None:
    revealed = KNOWN.given(REVEALED)
    revealed.when(REVEAL).then_nothing()
    revealed.when(replace(REVEAL, public_value="2,043,129.86")).refused(d.RevealedOtherwise)


def test_entries_and_ranking_are_recorded_once() -> None:
    SHUT.given(SEALED).when(SEAL, by=SYSTEM).then_nothing()
    SHUT.given(SEALED).when(replace(SEAL, count=6), by=SYSTEM).refused(d.SealedOtherwise)
    OPENED.when(SEAL, by=SYSTEM).refused(d.DrawNotClosed)
    KNOWN.when(RANK, by=SYSTEM).refused(d.NotRevealed)
    DRAWN.when(replace(RANK, proof_bytes=901)).refused(d.RankedOtherwise)


# --- afterwards -----------------------------------------------------------------------------------


def test_a_place_is_passed_on_once_and_a_reserve_gets_one() -> None:
    DRAWN.when(PASS_ON).refused(d.NotHandedOut)
    passed = TOLD.given(PASSED_ON)
    passed.when(PASS_ON).then_nothing()
    passed.when(replace(PASS_ON, to_order=THIRD)).refused(d.PlaceIsPassedOn)
    passed.when(replace(PASS_ON, from_order=THIRD)).refused(d.PlaceIsPassedOn)
    on = d.PlacePassedOn(from_order=OTHER, to_order=THIRD, model="206")
    passed.when(replace(PASS_ON, from_order=OTHER, to_order=THIRD)).then(on)


def test_a_place_that_no_reserve_can_get_is_recorded_as_such() -> None:
    nobody = d.PlacePassedOn(from_order=ORDER, to_order=None, model="206")
    TOLD.when(replace(PASS_ON, to_order=None)).then(nobody)


def test_an_order_that_left_does_not_take_its_outcome() -> None:
    skip = d.SkipOutcome(
        stream=CASE, order_id=ORDER, model="206", rank=1, outcome=d.DrawOutcome.WINNER
    )
    DRAWN.when(skip).then(
        d.OutcomeNotTaken(order_id=ORDER, model="206", rank=1, outcome=d.DrawOutcome.WINNER)
    )
    KNOWN.when(skip, by=SYSTEM).refused(d.NotRanked)


WISHES: list[Callable[[], Any]] = [
    lambda: (OPERATOR, COMMIT), lambda: (OPERATOR, OPEN), lambda: (EXPERT, ADMIT),
    lambda: (OPERATOR, EXCLUDE), lambda: (OPERATOR, RESTORE), lambda: (SYSTEM, CLOSE),
    lambda: (SYSTEM, SEAL), lambda: (OPERATOR, REVEAL), lambda: (SYSTEM, RANK),
    lambda: (SYSTEM, FINISH), lambda: (SYSTEM, PASS_ON),
]  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(range(len(WISHES))), st.integers(0, 36)), max_size=24).map(
        lambda wishes: sorted(wishes, key=lambda wish: wish[1])
    )
)
@settings(max_examples=60)
def test_whatever_is_wished_twice_equals_once_and_nothing_steers(
    wishes: list[tuple[int, int]],
) -> None:
    """At any hours, in any order: what is granted is harmless again, and the laws hold."""
    scenario = draw(ANNOUNCED)
    for wish, hours in wishes:
        actor, command = WISHES[wish]()
        at = OPENS_AT + timedelta(hours=4 * hours - 8)
        scenario = scenario.by(actor).at(at)
        try:
            made = scenario.decide(command, scenario.state)
        except Refusal:
            continue
        scenario = scenario.given(*made)
        assert list(scenario.decide(command, scenario.state)) == []
        for event in made:
            if isinstance(event, d.EntryExcluded | d.EntryRestored):
                assert at < VALUE_AT
            if isinstance(event, d.DrawRevealed):
                assert at >= VALUE_AT
                assert scenario.state.sealed is not None
        if command is ADMIT:
            assert scenario.state.seed_sha256 is not None
            assert scenario.state.closed is None
            assert at < CLOSES_AT
