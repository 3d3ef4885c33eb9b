"""Events to stored bytes and back: validated both ways, personal fields encrypted one by one.

A body is legible JSON. A personal field stands in it as `{"$personal": "<base64>"}`: nonce,
ciphertext and tag of AES-256-GCM under the subject's key, bound by its associated data to the
stream, the version, the stored name and the path, so that no sealed value can be moved elsewhere.
"""

import base64
import binascii
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from domain.declare import Decider, stored_name
from domain.fields import Erased, PersonalMark
from store.keys import seal, unseal
from store.past_shapes import RESHAPES, Reshape

_SEALED = "$personal"
_SEALED_BYTES = b'"$personal"'
_SEALED_OPENS, _SEALED_ENDS = '{"$personal":"', b'"}'
_SEALED_OPENS_BYTES = _SEALED_OPENS.encode()
_QUOTE = b'"'
_ERASED = {"erased": True}
_ERASED_JSON = b'{"erased":true}'
_SEALED_REASON = "sealed:"

Upcast = tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]

UPCASTS: Mapping[str, Upcast] = {}
"""Old stored name → (new stored name, what turns an old decrypted body into a new one)."""

Plan = Union[None, "Each", Mapping[str, "Plan"], type[PersonalMark]]


class CannotRead(Exception):  # noqa: N818
    """A stored event cannot be understood; the message names topic, stream and version only."""


class CannotWrite(Exception):  # noqa: N818
    """An event is not what its class says; the message names its topic only, never a value."""


@dataclass(frozen=True, slots=True)
class Each:
    """A list whose items follow one plan."""

    item: Plan


def personal_plan(annotation: Any) -> Plan:
    """Return where the personal values of a type are, or None where it has none."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        if any(isinstance(mark, PersonalMark) for mark in marks):
            return PersonalMark
        return personal_plan(inner)
    if origin in (Union, types.UnionType):
        return _merged([personal_plan(arg) for arg in get_args(annotation)])
    if origin in (tuple, list, typing.Sequence, Sequence):
        item = personal_plan(get_args(annotation)[0])
        return Each(item) if item is not None else None
    if isinstance(annotation, type) and is_dataclass(annotation) and annotation is not Erased:
        hints = get_type_hints(annotation, include_extras=True)
        parts = {field.name: personal_plan(hints[field.name]) for field in fields(annotation)}
        return {name: part for name, part in parts.items() if part is not None} or None
    return None


def _merged(plans: list[Plan]) -> Plan:
    found = [plan for plan in plans if plan is not None]
    if not found:
        return None
    if all(isinstance(plan, Mapping) for plan in found):
        merged: dict[str, Plan] = {}
        for plan in found:
            assert isinstance(plan, Mapping)
            merged.update(plan)
        return merged
    return found[0]


def _walk(node: Any, plan: Plan, path: str, change: Callable[[Any, str], Any]) -> Any:
    if plan is None or node is None:
        return node
    if plan is PersonalMark:
        return change(node, path)
    if isinstance(plan, Each):
        if isinstance(node, list):
            return [_walk(item, plan.item, f"{path}/{i}", change) for i, item in enumerate(node)]
        return node
    assert isinstance(plan, Mapping)
    if isinstance(node, dict):
        for name, part in plan.items():
            if name in node:
                node[name] = _walk(node[name], part, f"{path}/{name}", change)
    return node


class Place(NamedTuple):
    """Where an event stands; the associated data of everything sealed in it."""

    stream: UUID | str
    """The stream, or its text where that is at hand."""
    version: int
    topic: str

    def at(self, path: str) -> bytes:
        """Return the associated data of the value at a path."""
        return f"{self.stream}/{self.version}/{self.topic}{path}".encode()


class _Entry:
    """What is known of one stored name."""

    __slots__ = (
        "adapter", "decider", "from_json", "from_python", "personal", "plan", "sealed_fields",
        "to_json", "to_python",
    )  # fmt: skip

    def __init__(self, cls: type[Any], decider: Decider[Any, Any, Any]) -> None:
        self.adapter: TypeAdapter[Any] = TypeAdapter(cls)
        self.decider = decider
        self.plan = personal_plan(cls)
        self.from_json = self.adapter.validator.validate_json
        self.from_python = self.adapter.validator.validate_python
        self.to_json = self.adapter.serializer.to_json
        self.to_python = self.adapter.serializer.to_python
        parts = self.plan if isinstance(self.plan, Mapping) else {}
        self.sealed_fields = tuple(
            (f'"{n}":{_SEALED_OPENS}'.encode(), len(n) + 3, f"/{n}")
            for n, part in parts.items()
            if part is PersonalMark
        )
        """Of each personal field how it stands in a body, where its value does, and its path."""
        self.personal = tuple(
            (n, f'"{n}":'.encode(), f"/{n}") for n, part in parts.items() if part is PersonalMark
        )
        """Of each personal field its name, how it stands in a body that is open, and its path."""
        if len(self.personal) < len(parts):
            self.personal = ()


class Codec:
    """Every event class that the deciders declare, by its stored name.

    Raises `ValueError` at construction for a stored name declared twice and for upcasts that go
    round in a circle or lead to no known event.
    """

    def __init__(
        self,
        deciders: Iterable[Decider[Any, Any, Any]],
        upcasts: Mapping[str, Upcast] = UPCASTS,
        reshapes: Mapping[str, Reshape] = RESHAPES,
    ) -> None:
        self._entries: dict[str, _Entry] = {}
        self._topics: dict[type[Any], str] = {}
        for decider in deciders:
            for cls in decider.events:
                topic = stored_name(cls)
                if topic in self._entries:
                    raise ValueError(f"two event classes are stored as {topic}")
                self._entries[topic] = _Entry(cls, decider)
                self._topics[cls] = topic
        self._reshapes = reshapes
        self._upcasts = upcasts
        for old in upcasts:
            self._check_upcast(old)

    def _check_upcast(self, old: str) -> None:
        seen = [old]
        if old in self._entries:
            raise ValueError(f"{old} is upcast although an event class is stored under it")
        while seen[-1] in self._upcasts:
            newer = self._upcasts[seen[-1]][0]
            if newer in seen:
                raise ValueError(f"upcasts go round in a circle: {' → '.join([*seen, newer])}")
            seen.append(newer)
        if seen[-1] not in self._entries:
            raise ValueError(
                f"the upcast of {old} leads to {seen[-1]}, which no event is stored as"
            )

    def topics(self) -> list[str]:
        """Return every stored name that can be read."""
        return [*self._entries, *self._upcasts]

    def topic(self, event: object) -> str:
        """Return the stored name of an event."""
        return self._topics[type(event)]

    def decider(self, topic: str) -> Decider[Any, Any, Any]:
        """Return whose event this is; raises `CannotRead` for an unknown stored name."""
        try:
            return self._entries[self._newest(topic)].decider
        except KeyError:
            raise CannotRead(f"no event is stored as {topic}") from None

    def is_personal(self, topic: str) -> bool:
        """Tell whether events of this name have personal fields."""
        return self._entries[topic].plan is not None

    def _newest(self, topic: str) -> str:
        while topic in self._upcasts:
            topic = self._upcasts[topic][0]
        return topic

    def encode(self, event: object, place: Place, cipher: AESGCM | None) -> bytes:
        """Return the stored body.

        Raises `TypeError` for a personal event without a cipher, and `CannotWrite`.
        """
        try:
            return self._encoded(event, place, cipher)
        except ValueError as error:  # its message shows the value
            raise CannotWrite(f"{place.topic}: {type(error).__name__}") from None

    def _encoded(self, event: object, place: Place, cipher: AESGCM | None) -> bytes:
        entry = self._entries[place.topic]
        if entry.plan is None:
            return entry.to_json(event, warnings="error")
        if cipher is None:
            raise TypeError(f"{place.topic} has personal fields, but no subject")
        key = cipher
        if entry.personal:
            spliced = _hidden(entry.to_json(event, warnings="error"), event, entry, place, key)
            if spliced is not None:
                return spliced

        def hide(value: Any, path: str) -> Any:
            if value == _ERASED:
                return value
            sealed = seal(key, to_json(value), place.at(path))
            return {_SEALED: base64.b64encode(sealed).decode()}

        body = entry.to_python(event, mode="json", warnings="error")
        return to_json(_walk(body, entry.plan, "", hide))

    def decode(self, state: bytes, place: Place, cipher: AESGCM | None) -> Any:
        """Return the event; without a cipher its personal fields read as `Erased`."""
        try:
            entry = self._entries.get(place.topic)
            if entry is None:
                return self._upcast(_revealed(from_json(state), "", place, cipher), place.topic)
            sealed_values = state.count(_SEALED_BYTES)
            if sealed_values == 0:
                return entry.from_json(state)
            spliced = _spliced(state, sealed_values, entry, place, cipher)
            if spliced is not None:
                return entry.from_json(spliced)
            return entry.from_python(_revealed(from_json(state), "", place, cipher))
        except (ValueError, KeyError, InvalidTag) as error:
            if place.topic in self._reshapes:
                return self._reshaped(state, place, cipher)
            raise _cannot_read(place, error) from None

    def _reshaped(self, state: bytes, place: Place, cipher: AESGCM | None) -> Any:
        """Return the event of a body that was refused as it stands."""
        try:
            return self._upcast(_revealed(from_json(state), "", place, cipher), place.topic)
        except (ValueError, KeyError, InvalidTag) as error:
            raise _cannot_read(place, error) from None

    def _upcast(self, body: Any, topic: str) -> Any:
        while topic in self._upcasts:
            topic, change = self._upcasts[topic]
            body = change(body)
        reshape = self._reshapes.get(topic)
        return self._entries[topic].from_python(body if reshape is None else reshape(body))


def _cannot_read(place: Place, error: Exception) -> CannotRead:
    return CannotRead(
        f"{place.topic}, version {place.version} of {place.stream}: {type(error).__name__}"
    )


def _hidden(
    state: bytes, event: object, entry: _Entry, place: Place, cipher: AESGCM
) -> bytes | None:
    """Return a body with its personal texts sealed where they stand, None where that is not plain.

    A text is JSON by the same serializer wherever it stands, so it is found behind its name, which
    has to occur once: no string within the body holds a quotation mark that is not escaped.
    """
    for name, mark, path in entry.personal:
        value = getattr(event, name)
        if value is None:
            continue
        if type(value) is not str or state.count(mark) != 1:
            return None
        plain = to_json(value)
        begin = state.index(mark) + len(mark)
        end = begin + len(plain)
        if state[begin:end] != plain:
            return None
        sealed = base64.b64encode(seal(cipher, plain, place.at(path)))
        state = b"".join((state[:begin], _SEALED_OPENS_BYTES, sealed, _SEALED_ENDS, state[end:]))
    return state


def _spliced(
    state: bytes, sealed_values: int, entry: _Entry, place: Place, cipher: AESGCM | None
) -> bytes | None:
    """Return a body with its sealed values opened where they stand, None where not all were found.

    What is sealed is JSON, so the body need not be taken apart for it. No string within it holds a
    quotation mark that is not escaped; and what was sealed at another path does not open here.
    """
    for mark, value_at, path in entry.sealed_fields:
        found = state.find(mark)
        if found < 0:
            continue
        sealed_at = found + len(mark)
        end = state.find(_QUOTE, sealed_at)
        if not state.startswith(_SEALED_ENDS, end):
            return None  # it is written otherwise than by us
        try:
            opened = _opened(state[sealed_at:end], path, place, cipher)
        except (ValueError, InvalidTag):
            return None
        state = state[: found + value_at] + opened + state[end + len(_SEALED_ENDS) :]
        sealed_values -= 1
    return None if sealed_values else state


def _opened(sealed: str | bytes, path: str, place: Place, cipher: AESGCM | None) -> bytes:
    """Return a sealed value as JSON."""
    if cipher is None:
        return _ERASED_JSON
    stream, version, topic = place
    associated = f"{stream}/{version}/{topic}{path}".encode()
    return unseal(cipher, binascii.a2b_base64(sealed), associated)


def _revealed(node: Any, path: str, place: Place, cipher: AESGCM | None) -> Any:
    """Open every sealed value of a body, wherever it stands: old shapes have no plan any more."""
    if isinstance(node, dict):
        sealed = node.get(_SEALED)
        if isinstance(sealed, str) and len(node) == 1:
            return from_json(_opened(sealed, path, place, cipher))
        for name, inner in node.items():
            if isinstance(inner, dict | list):
                node[name] = _revealed(inner, f"{path}/{name}", place, cipher)
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            if isinstance(inner, dict | list):
                node[index] = _revealed(inner, f"{path}/{index}", place, cipher)
    return node


def seal_reason(reason: str, place: Place, cipher: AESGCM) -> str:
    """Return a reason as it is stored for a person's event: free text may name her."""
    sealed = seal(cipher, reason.encode(), place.at("#reason"))
    return _SEALED_REASON + base64.b64encode(sealed).decode()


def open_reason(stored: str | None, place: Place, cipher: AESGCM | None) -> str | Erased | None:
    """Return a stored reason readable, or `Erased`."""
    if stored is None or not stored.startswith(_SEALED_REASON):
        return stored
    if cipher is None:
        return Erased()
    sealed = base64.b64decode(stored[len(_SEALED_REASON) :])
    return unseal(cipher, sealed, place.at("#reason")).decode()
