"""The rulebook: rules are published documents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.declare import Role, value
from domain.rulebook import (
    DECIDER,
    NO_RULES,
    ApplyRules,
    EffectiveDateGoesBack,
    Pin,
    Provenance,
    Published,
    PublisherNotEntitled,
    PublishRules,
    Rules,
    RulesApplied,
    RulesNotApplicable,
    RulesNotInForce,
    RulesNotNewest,
    RulesNotPublished,
    RulesPublished,
    WrongDocumentStream,
    content_hash,
    document_id,
)
from tests.domain.steps import NOW, acting, fresh

ADMIN = acting(Role.ADMIN)
LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
SOURCE = Provenance(source="By-law of 1389, article 15", confirmed="text read")
PUBLISH = PublishRules(
    stream=document_id("procedure", "sales"),
    kind="procedure",
    name="sales",
    effective_from_at=LAST_YEAR,
    content='{"steps":[]}',
    source=SOURCE.source,
    confirmed=SOURCE.confirmed,
)
PUBLISHED = RulesPublished(
    kind="procedure",
    name="sales",
    version=1,
    effective_from_at=LAST_YEAR,
    content='{"steps":[]}',
    sha256=content_hash('{"steps":[]}'),
    provenance=SOURCE,
)
EMPTY = fresh(DECIDER)


def test_a_document_is_published_with_its_full_content_and_hash() -> None:
    EMPTY.when(PUBLISH, by=ADMIN).then(PUBLISHED)


def test_publishing_the_same_again_changes_nothing() -> None:
    EMPTY.given(PUBLISHED).when(PUBLISH, by=ADMIN).then()


def test_another_content_is_the_next_version() -> None:
    changed = replace(PUBLISH, content="{}", effective_from_at=NOW)
    EMPTY.given(PUBLISHED).when(changed, by=ADMIN).then(
        replace(
            PUBLISHED, version=2, content="{}", sha256=content_hash("{}"), effective_from_at=NOW
        )
    )


def test_a_better_confirmed_source_is_a_version_of_its_own() -> None:
    better = Provenance(source=SOURCE.source, confirmed="confirmed by counsel")
    EMPTY.given(PUBLISHED).when(replace(PUBLISH, confirmed=better.confirmed), by=ADMIN).then(
        replace(PUBLISHED, version=2, provenance=better)
    )


def test_no_version_takes_effect_before_the_one_it_follows() -> None:
    earlier = replace(PUBLISH, content="{}", effective_from_at=LAST_YEAR - timedelta(days=1))
    EMPTY.given(PUBLISHED).when(earlier, by=ADMIN).refused(
        EffectiveDateGoesBack, not_before=LAST_YEAR.isoformat()
    )


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SYSTEM])
def test_a_manager_and_a_first_start_may_publish(role: Role) -> None:
    EMPTY.when(PUBLISH, by=acting(role)).then(PUBLISHED)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN, Role.MANAGER, Role.SYSTEM}))
def test_nobody_else_may_publish(role: Role) -> None:
    EMPTY.when(PUBLISH, by=acting(role)).refused(PublisherNotEntitled)


def test_a_document_stands_in_the_stream_of_its_name() -> None:
    EMPTY.when(replace(PUBLISH, name="after_sales"), by=ADMIN).refused(WrongDocumentStream)


@value
class Fee:
    """A rule for a test."""

    minor: int


def test_the_version_in_force_at_an_instant_is_the_newest_effective_one() -> None:
    first = Published(name="fee", version=1, effective_from_at=LAST_YEAR, content=Fee(minor=1))
    second = Published(name="fee", version=2, effective_from_at=NOW, content=Fee(minor=2))
    rules = Rules({(Fee, "fee"): (first, second)})
    assert rules.in_force(Fee, "fee", NOW - timedelta(microseconds=1)) is first
    assert rules.in_force(Fee, "fee", NOW) is second
    assert rules.pinned(Fee, first.pin) == Fee(minor=1)
    with pytest.raises(RulesNotPublished):
        rules.in_force(Fee, "fee", LAST_YEAR - timedelta(days=1))
    with pytest.raises(RulesNotPublished):
        rules.pinned(Fee, Pin(name="fee", version=3))


def test_where_nothing_is_published_nothing_is_in_force() -> None:
    with pytest.raises(RulesNotPublished) as refused:
        NO_RULES.in_force(Fee, "fee", NOW)
    assert refused.value.params == {"kind": "fee", "name": "fee"}


PACK = replace(
    PUBLISH, stream=document_id("sla_pack", "complaint"), kind="sla_pack", name="complaint"
)
PACK_PUBLISHED = replace(PUBLISHED, kind="sla_pack", name="complaint")
APPLY = ApplyRules(stream=PACK.stream, kind="sla_pack", name="complaint", version=1)
APPLIED = RulesApplied(kind="sla_pack", name="complaint", version=1)


def test_a_pack_is_applied_to_what_runs_only_when_somebody_says_so() -> None:
    document = EMPTY.given(PACK_PUBLISHED)
    document.when(APPLY, by=ADMIN).then(APPLIED)
    document.when(APPLY, by=acting(Role.MANAGER)).then(APPLIED)
    document.given(APPLIED).when(APPLY, by=ADMIN).then()


def test_a_newer_version_is_applied_after_the_older_one() -> None:
    second = replace(PACK_PUBLISHED, version=2)
    document = EMPTY.given(PACK_PUBLISHED, APPLIED, second)
    document.when(replace(APPLY, version=2), by=ADMIN).then(replace(APPLIED, version=2))
    document.when(APPLY, by=ADMIN).refused(RulesNotNewest, newest=2)


def test_what_cannot_be_applied_is_refused() -> None:
    published = EMPTY.given(PACK_PUBLISHED)
    published.when(APPLY, by=acting(Role.EXPERT)).refused(PublisherNotEntitled)
    published.when(replace(APPLY, name="other"), by=ADMIN).refused(WrongDocumentStream)
    published.when(replace(APPLY, version=2), by=ADMIN).refused(
        RulesNotPublished, kind="sla_pack", name="complaint"
    )
    EMPTY.when(APPLY, by=ADMIN).refused(RulesNotPublished, kind="sla_pack", name="complaint")
    later = replace(PACK_PUBLISHED, effective_from_at=NOW + timedelta(days=1))
    EMPTY.given(later).when(APPLY, by=ADMIN).refused(
        RulesNotInForce, effective_from_at=later.effective_from_at.isoformat()
    )
    procedure = replace(APPLY, stream=PUBLISH.stream, kind="procedure", name="sales")
    EMPTY.given(PUBLISHED).when(procedure, by=ADMIN).refused(
        RulesNotApplicable, kind="procedure", kinds=("sla_pack", "statutory_pack")
    )
