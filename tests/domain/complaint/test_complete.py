"""Nothing of the complaint goes untried."""

from pathlib import Path

import pytest

import domain.complaint as complaint
from domain.declare import NotFound, NotPermitted, Refusal, Unacceptable

SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(__file__).parent.glob("*.py")
    if path.name != Path(__file__).name
)
FAMILIES = (Refusal, NotFound, NotPermitted, Unacceptable)
REFUSALS = [
    cls
    for cls in vars(complaint).values()
    if isinstance(cls, type) and issubclass(cls, Refusal) and cls not in FAMILIES
]
ALL = [*complaint.DECIDER.commands, *complaint.DECIDER.events, *REFUSALS]


@pytest.mark.parametrize("declared", ALL, ids=lambda cls: cls.__name__)
def test_every_command_event_and_refusal_stands_in_a_test(declared: type) -> None:
    assert f"c.{declared.__name__}" in SOURCES


def test_every_event_is_followed_and_every_refusal_has_its_own_code() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("complaint.") for code in codes)
