"""Bodies whose shape changed under the name that they keep, and what gives them the present one.

A breaking change takes a new name and an upcast (`store.codec`). Of what stands here the name
stayed and old bodies stand in logs beside new ones, so a body is read as it is first and changed
only where it is refused: reading the present shape costs nothing more. What changes a body leaves
the present shape as it is, and no body of a past shape may pass for one of the present.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from domain.clocks.course import Stretch, written

Reshape = Callable[[Any], Any]
"""What turns a decrypted body of a past shape into the present one."""

_STRETCHES = TypeAdapter(tuple[Stretch, ...])


def with_courses(node: Any) -> Any:
    """Return a body whose derivations have a `course` where they had a list of `stretches`.

    Stretches followed each other without a gap, so where one began is where the last ended.
    """
    if isinstance(node, list):
        return [with_courses(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _with_course(inner) if name == "derivation" else with_courses(inner)
        for name, inner in node.items()
    }


def _with_course(derivation: Any) -> Any:
    if not isinstance(derivation, dict) or "stretches" not in derivation or "course" in derivation:
        return derivation
    kept = dict(derivation)
    stretches = _STRETCHES.validate_python(kept.pop("stretches"))
    return {"course": written(stretches), **kept}


_WITH_STRETCHES = (
    "clock_due_set", "clock_extended", "clock_reset", "clocks_rederived", "clocks_resumed",
    "clocks_started",
)  # fmt: skip

RESHAPES: Mapping[str, Reshape] = {
    f"{category}.{name}": with_courses
    for category in ("complaint", "referral")
    for name in _WITH_STRETCHES
}
"""Stored name → what turns a body of its past shapes into the present one."""
