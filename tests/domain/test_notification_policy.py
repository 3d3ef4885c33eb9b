"""The policy on notices."""

import tomllib
from typing import Any

import pytest

from domain import DECIDERS
from domain.complaint import Priority
from domain.customer import ConsentPurpose
from domain.declare import stored_name
from domain.notification_policy import (
    ANY_CODE,
    CONSENTS,
    PRIORITIES,
    TOLD_WITHOUT_EVENT,
    NoticeRule,
    NotificationPolicy,
)
from domain.quiet_hours import QuietHours
from store.rulebook import SHIPPED

WARNED = NoticeRule(code="complaint.deadline_warned", back_off_s=(60, 300))
OTHERS = NoticeRule(code="*", digest=True)


def test_a_code_has_its_own_rule_or_that_of_all_others_or_the_plainest() -> None:
    policy = NotificationPolicy(rules=(OTHERS, WARNED))
    assert policy.rule("complaint.deadline_warned") is WARNED
    assert policy.rule("referral.received") is OTHERS
    assert NotificationPolicy(rules=(WARNED,)).rule("x") == NoticeRule(code="*")


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts_max": 0},
        {"attempts_max": 21},
        {"back_off_s": ()},
        {"back_off_s": (60, 0)},
        {"same_within_minutes": -1},
        {"overrides_quiet_hours_for": ("very_urgent",)},
        {"consent": "anything"},
        {"days_before": (7, -1)},
        {"days_before": (367,)},
        {"news_for_days": -1},
    ],
)
def test_a_rule_under_which_nothing_could_be_sent_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"x\.y: "):
        NoticeRule(code="x.y", **wrong)
    with pytest.raises(ValueError, match="x: "):
        NoticeRule(code="x")


def test_the_priorities_are_those_of_cases_and_the_shipped_codes_those_of_events() -> None:
    assert tuple(priority.value for priority in Priority) == PRIORITIES
    shipped = tomllib.loads((SHIPPED / "notification_policy" / "default.toml").read_text("utf-8"))
    codes = {rule["code"] for rule in shipped["content"]["rules"]} - {ANY_CODE}
    events = {stored_name(event) for decider in DECIDERS for event in decider.events}
    assert codes <= events | {*TOLD_WITHOUT_EVENT}
    assert events.isdisjoint(TOLD_WITHOUT_EVENT)


def test_the_consents_are_those_that_customers_give() -> None:
    assert tuple(purpose.value for purpose in ConsentPurpose) == CONSENTS


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": (WARNED, WARNED)},
        {"digest_local": "8 am"},
        {"zone": "Mars/Base"},
        {"customers_quiet": QuietHours(starts_local="22:00", ends_local="22:00", zone="UTC")},
        {"customers_quiet": QuietHours(starts_local="10 pm", ends_local="08:00", zone="UTC")},
        {"customers_quiet": QuietHours(starts_local="22:00", ends_local="8:00", zone="UTC")},
        {"customers_quiet": QuietHours(starts_local="22:00", ends_local="08:00", zone="Mars")},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        NotificationPolicy(**wrong)
