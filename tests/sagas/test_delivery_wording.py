"""What notices say: every sentence in every language, and facts as their readers write them."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain import DECIDERS
from domain.clocks.messages import (
    ClocksPaused,
    DeadlineBreached,
    DeadlineForeseen,
    DeadlineWarned,
    Urgency,
)
from domain.complaint.escalation import ComplaintEscalated, EscalationClimbed
from domain.complaint.guidance import ReminderSent
from domain.declare import stored_name
from domain.notification import NotificationPlanned, Param
from sagas.channels.webhooks import body_of
from sagas.wording import (
    LOCALES,
    NOTICES_OF_A_DIGEST_MAX,
    Said,
    facts_of,
    instant,
    message_of,
    shown,
    texts,
    title_of,
)

AT = datetime(2026, 3, 20, 20, 45, tzinfo=UTC)
TOLD_OF = (
    ClocksPaused, ComplaintEscalated, DeadlineBreached, DeadlineForeseen, DeadlineWarned,
    EscalationClimbed, ReminderSent,
)  # fmt: skip
CODES = sorted(
    stored_name(event)
    for decider in DECIDERS
    for event in decider.events
    if issubclass(event, TOLD_OF)
)
CODES += [
    "order.cancelled", "order.delivery_late", "order.delivery_scheduled", "order.drawn",
    "order.moved_up", "order.promise_moved", "order.released", "order.vehicle_allocated",
    "lease.instalment_due", "lease.in_arrears", "lease.bucket_changed",
    "order.invited", "order.financing_failed", "order.financed_cancelled",
    "loyalty.points_expiring", "loyalty.downgrade_announced",
]  # fmt: skip
API_TEXTS = Path(__file__).parents[2] / "src" / "api" / "texts"
API_NAMES = {"cause": "escalation_cause", "reason": "pause_reason"}
PLANNED = NotificationPlanned(
    recipient="sara",
    staff_id=UUID(int=1),
    locale="fa",
    zone="Asia/Tehran",
    code="complaint.deadline_breached",
    case_id=UUID(int=0xCA5E),
    case_category="complaint",
    params=(
        Param(name="clock_n", value="3"),
        Param(name="clock", value="resolution"),
        Param(name="due_at", value="2026-03-20T20:45:00Z"),
        Param(name="priority", value="urgent"),
        Param(name="unit", value="North care"),
    ),
    urgency=Urgency.ESCALATION,
    must_acknowledge=True,
    cause=UUID(int=2),
    send_after_at=AT,
    channels=(),
    quiet_hours=None,
    digest=None,
    attempts_max=4,
    back_off_s=(60,),
    policy=None,
)
SAID = Said(UUID(int=7), AT, PLANNED)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", CODES)
def test_whatever_is_told_of_has_a_heading_and_a_sentence_in_every_language(
    code: str, locale: str
) -> None:
    text = texts(locale)["notices"][code]
    assert text["title"] and text["text"]
    if locale != "en":
        assert text != texts("en")["notices"][code]


def test_every_language_has_the_same_texts() -> None:
    assert len({str(shape(texts(locale))) for locale in LOCALES}) == 1


def shape(node: Any) -> Any:
    return {name: shape(part) for name, part in sorted(node.items())} if type(node) is dict else ""


@pytest.mark.parametrize("locale", LOCALES)
def test_codes_are_called_as_the_api_calls_them(locale: str) -> None:
    api = tomllib.loads((API_TEXTS / f"{locale}.toml").read_text("utf-8"))["words"]
    for name, words in texts(locale)["words"].items():
        assert words == api[API_NAMES.get(name, name)], name


@pytest.mark.parametrize(
    ("locale", "title", "facts"),
    [
        (
            "fa",
            "موعد گذشت: حل‌وفصل",
            [
                "موعد: حل‌وفصل",
                "سررسید: شنبه ۱ فروردین ۱۴۰۵، ۰۰:۱۵ (Asia/Tehran)",
                "واحد: North care",
                "اولویت: فوری",
            ],
        ),
        (
            "en",
            "Deadline missed: Resolution",
            [
                "Deadline: Resolution",
                "Due: 2026-03-21 00:15 (Asia/Tehran)",
                "Unit: North care",
                "Priority: Urgent",
            ],
        ),
        (
            "zh",
            "已超期: 办结",
            [
                "期限: 办结",
                "到期时间: 2026年3月21日 00:15 (Asia/Tehran)",
                "部门: North care",
                "优先级: 紧急",
            ],
        ),
    ],
)
def test_facts_are_said_in_the_readers_language_calendar_and_digits(
    locale: str, title: str, facts: list[str]
) -> None:
    planned = replace(PLANNED, locale=locale)
    assert title_of(planned) == title
    assert facts_of(planned, with_case=False) == facts


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Tehran", "2026-03-21 00:15"), ("UTC", "2026-03-20 20:45")],
)
def test_instants_are_said_in_the_readers_zone(zone: str, expected: str) -> None:
    assert instant(AT, "en", zone) == expected


@pytest.mark.parametrize(
    ("locale", "day", "amount"),
    [
        ("fa", "شنبه ۱ فروردین ۱۴۰۵", "۱٬۲۳۴٬۵۶۷٫۸۹ EUR"),
        ("en", "2026-03-21", "1,234,567.89 EUR"),
        ("zh", "2026年3月21日", "1,234,567.89 EUR"),
    ],
)
def test_days_and_amounts_are_said_as_their_reader_writes_them(
    locale: str, day: str, amount: str
) -> None:
    assert shown(Param(name="due_on", value="2026-03-21"), locale, "UTC") == day
    assert shown(Param(name="amount", value="123456789 EUR"), locale, "UTC") == amount
    assert shown(Param(name="model", value="405 GLX"), locale, "UTC") == "405 GLX"


def test_a_case_is_named_by_its_link_or_else_by_its_id() -> None:
    linked = message_of([SAID], UUID(int=9), as_digest=False, url="https://care.example.com/")
    assert linked.link == f"https://care.example.com/complaints/{UUID(int=0xCA5E)}"
    assert str(UUID(int=0xCA5E)) not in " ".join(linked.paragraphs)
    plain = message_of([SAID], UUID(int=9), as_digest=False, url=None)
    assert plain.link is None and str(UUID(int=0xCA5E)) in plain.paragraphs[-1]


def test_an_unknown_code_or_language_is_said_plainly() -> None:
    odd = replace(PLANNED, code="lease.overdue", locale="de", params=())
    message = message_of([Said(UUID(int=7), AT, odd)], UUID(int=9), as_digest=False, url=None)
    assert (message.title, message.paragraphs[0]) == ("Notice", "lease.overdue")


def test_programs_get_codes_and_ids_and_the_same_bytes_at_every_attempt() -> None:
    first = message_of([SAID], UUID(int=9), as_digest=False, url=None)
    again = message_of([SAID], UUID(int=9), as_digest=False, url="https://elsewhere.example.com")
    assert body_of(first) == body_of(again)
    assert first.payload["type"] == "complaint.deadline_breached"
    assert first.payload["timestamp"] == "2026-03-20T20:45:00Z"
    assert sorted(first.payload["data"]) == [
        "case_category", "case_id", "must_acknowledge", "notification_id", "params",
    ]  # fmt: skip
    for personal in ("sara", str(PLANNED.staff_id)):
        assert personal not in body_of(first).decode()


def test_a_digest_shows_a_bounded_number_and_counts_the_rest() -> None:
    many = [Said(UUID(int=n), AT, PLANNED) for n in range(NOTICES_OF_A_DIGEST_MAX + 4)]
    message = message_of(many, UUID(int=9), as_digest=True, url=None)
    assert message.title == "گزارش روزانهٔ شما: ۵۴ اعلان"
    assert len(message.paragraphs) == NOTICES_OF_A_DIGEST_MAX + 1
    assert message.paragraphs[-1] == "و ۴ اعلان دیگر در صندوق شما."
    assert len(message.payload["data"]["notifications"]) == len(many)
