"""The policy on notices."""

import tomllib
from typing import Any

import pytest

from domain import DECIDERS
from domain.complaint import Priority
from domain.declare import stored_name
from domain.notification_policy import ANY_CODE, PRIORITIES, NoticeRule, NotificationPolicy
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
    assert codes <= {stored_name(event) for decider in DECIDERS for event in decider.events}


@pytest.mark.parametrize(
    "wrong",
    [{"rules": (WARNED, WARNED)}, {"digest_local": "8 am"}, {"zone": "Mars/Base"}],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        NotificationPolicy(**wrong)
