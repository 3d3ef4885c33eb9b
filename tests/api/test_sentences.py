"""Every code has its sentence in every language."""

import enum
import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import domain
import projections
import store
from api.problems import KINDS, MESSAGES, sentence
from api.texts import LOCALES, Texts
from domain.declare import Refusal, stored_name
from domain.notification_policy import TOLD_WITHOUT_EVENT
from projections.worklist import OrderOfWork

TEXTS = Texts.load()

CHINESE_KEEPS = {"Telegram", "Microsoft Teams"}
"""Names that Chinese readers know in Latin letters only."""


def subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    for sub in cls.__subclasses__():
        if sub.__module__.partition(".")[0] in ("domain", "store", "projections", "api"):
            yield sub
            yield from subclasses(sub)


for package in (domain, store, projections):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(found.name)

ALL_REFUSALS: list[type[Refusal]] = [Refusal, *subclasses(Refusal)]
REFUSALS = {cls.code: cls for cls in ALL_REFUSALS if "code" in vars(cls)}
WORDS = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower(): cls
    for cls in set(subclasses(enum.StrEnum))
    if cls.__module__.startswith("domain.")
}


def leaves(node: Any) -> Iterator[str]:
    for value in node.values():
        if isinstance(value, str):
            yield value
        else:
            yield from leaves(value)


def shape(node: Any) -> Any:
    return {key: None if isinstance(value, str) else shape(value) for key, value in node.items()}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_topic_has_its_sentence(locale: str) -> None:
    topics = {stored_name(event) for decider in domain.DECIDERS for event in decider.events}
    assert set(TEXTS.locales[locale].tables["topics"]) == topics
    assert set(TEXTS.locales[locale].tables["notices"]) == set(TOLD_WITHOUT_EVENT)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_refusal_has_its_sentence(locale: str) -> None:
    assert set(TEXTS.locales[locale].tables["refusals"]) == set(REFUSALS)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_problem_and_every_wrong_field_has_its_sentence(locale: str) -> None:
    tables = TEXTS.locales[locale].tables
    assert set(tables["problems"]) == set(KINDS)
    assert set(tables["validation"]) == set(MESSAGES)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_value_that_people_see_has_its_word(locale: str) -> None:
    words = TEXTS.locales[locale].tables["words"]
    for name, cls in WORDS.items():
        assert set(words[name]) == {member.value for member in cls}, name
    assert set(words["category"]) == {decider.category for decider in domain.DECIDERS}
    assert set(words["document_type"]) == set(domain.DOCUMENT_TYPES)
    assert set(words["order_of_work"]) == set(OrderOfWork)


def test_no_two_enumerations_share_a_table_of_words() -> None:
    named = [cls for cls in set(subclasses(enum.StrEnum)) if cls.__module__.startswith("domain.")]
    assert len(named) == len(WORDS)


def test_english_says_of_a_refusal_what_its_class_says() -> None:
    english = TEXTS.locales["en"].tables
    assert english["refusals"] == {code: sentence(cls) for code, cls in REFUSALS.items()}
    assert english["problems"] == {code: text for code, (_, text) in KINDS.items()}
    assert english["validation"] == MESSAGES


def test_the_languages_have_the_same_tables() -> None:
    english = shape(TEXTS.locales["en"].tables)
    for locale in LOCALES:
        assert shape(TEXTS.locales[locale].tables) == english


@pytest.mark.parametrize(
    ("locale", "script"), [("fa", r"[\u0621-\u06cc]"), ("zh", r"[\u4e00-\u9fff]")]
)
def test_a_translation_is_a_translation(locale: str, script: str) -> None:
    untranslated = [
        text
        for text in leaves(TEXTS.locales[locale].tables)
        if not re.search(script, text) and text not in CHINESE_KEEPS
    ]
    assert untranslated == []


def test_persian_has_persian_letters_and_joins_its_prefixes_without_a_space() -> None:
    for text in leaves(TEXTS.locales["fa"].tables):
        assert not re.search("[يكىة]", text), text
        assert not re.search(r"(^|\s)ن?می\s|\sها(ی)?(\s|$|[.؛،])", text), text


def test_a_sentence_names_only_plain_parameters() -> None:
    for locale in LOCALES:
        for text in leaves(TEXTS.locales[locale].tables):
            for _, name, spec, conversion in string.Formatter().parse(text):
                assert name is None or (name.isidentifier() and not spec and not conversion), text


def test_the_files_are_where_clients_get_them_from() -> None:
    folder = Path(domain.__file__).parent.parent / "api" / "texts"
    assert {path.stem for path in folder.glob("*.toml")} == set(LOCALES)
