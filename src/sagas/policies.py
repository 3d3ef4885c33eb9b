"""The notification policy as the log tells it: shared by sagas whose wake-ups follow from it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from domain.notification_policy import NoticeRule, NotificationPolicy
from domain.rulebook import RulesPublished
from sagas.declare import Shared
from store.log import Recorded

_POLICY = TypeAdapter(NotificationPolicy)
NO_POLICY = NotificationPolicy()


@dataclass(frozen=True)
class PolicyInForce:
    """One version of the notification policy and from when on it holds."""

    effective_from_at: datetime
    policy: NotificationPolicy


@dataclass(frozen=True)
class Policies:
    """Every version of the notification policy, in the order in which they were published."""

    versions: tuple[PolicyInForce, ...] = ()

    def at(self, at: datetime) -> NotificationPolicy:
        """Return the policy in force at an instant, the plainest there is where none was."""
        for version in reversed(self.versions):
            if version.effective_from_at <= at:
                return version.policy
        return NO_POLICY

    def rule(self, code: str, at: datetime) -> NoticeRule:
        """Return what the policy in force at an instant says of notices of a code."""
        return self.at(at).rule(code)


def morning_of(on: date, at_local: str, zone: str, days_before: int = 0) -> datetime:
    """Return when somebody is told of a day: on that day, or so many days before."""
    day = on - timedelta(days=days_before)
    return datetime.combine(day, time.fromisoformat(at_local), ZoneInfo(zone)).astimezone(UTC)


def evolve(policies: Policies, recorded: Recorded) -> Policies:
    """Return the policies after one more publication."""
    event: Any = recorded.event
    if not isinstance(event, RulesPublished):
        return policies
    if (event.kind, event.name) != ("notification_policy", "default"):
        return policies
    version = PolicyInForce(event.effective_from_at, _POLICY.validate_json(event.content))
    return replace(policies, versions=(*policies.versions, version))


POLICIES: Shared[Policies] = Shared(
    topics=("rulebook.published",),
    state_type=Policies,
    initial=Policies(),
    evolve=evolve,
)
