"""The policy on notices."""

from typing import Any

import pytest

from domain.notification_policy import NoticeRule, NotificationPolicy

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
    ],
)
def test_a_rule_under_which_nothing_could_be_sent_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="x: "):
        NoticeRule(code="x", **wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"rules": (WARNED, WARNED)}, {"digest_local": "8 am"}, {"zone": "Mars/Base"}],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        NotificationPolicy(**wrong)
