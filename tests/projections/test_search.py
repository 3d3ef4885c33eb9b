"""Search: what was written is found by what is typed, in every script and with every keyboard."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from domain import complaint as c
from projections import VIEWS, complaint_list
from projections.complaint_list import ComplaintFilter
from projections.search_terms import TERMS_MAX, folded, query_of, terms_of
from store.views import catch_up
from tests.domain.complaint import desk
from tests.projections.asking import EVERYTHING, ask
from tests.projections.world import world

ZWNJ = "\u200c"


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        (f"می{ZWNJ}خواهم پولم برگردد", "میخواهم"),
        (f"می{ZWNJ}خواهم پولم برگردد", "می خواهم"),
        (f"می{ZWNJ}خواهم پولم برگردد", f"می{ZWNJ}خواهم"),
        ("میخواهم پولم برگردد", f"می{ZWNJ}خواهم"),
        ("میخواهم پولم برگردد", "می خواهم"),
        ("می خواهم پولم برگردد", "میخواهم"),
        ("می خواهم پولم برگردد", f"می{ZWNJ}خواهم"),
        (f"خودرو{ZWNJ}های معیوب", "خودروهای"),
        ("خودروهای معیوب", f"خودرو{ZWNJ}های"),
        ("كيفيت بد رنگ", "کیفیت"),
        ("کیفیت بد رنگ", "كيفيت"),
        ("مسؤول فروش", "مسوول"),
        ("آقای رضائی", "اقای رضایی"),
        ("تماس با ۰۹۱۲۱۲۳", "0912123"),
        ("تماس با ٠٩١٢١٢٣", "۰۹۱۲۱۲۳"),
        ("مُعَلِّم", "معلم"),
        ("ســـلام", "سلام"),
        ("刹车失灵,方向盘抖动", "刹车"),
        ("刹车失灵,方向盘抖动", "车失灵"),
        ("刹车失灵,方向盘抖动", "方向盘抖"),
        ("刹车失灵,方向盘抖动", "盘"),
        ("刹车失灵,方向盘抖动", "动"),
        ("ブレーキが効かない", "ブレーキ"),
        ("The BRAKE pedal went soft", "brake ped"),
        ("The BRAKE pedal went soft", "Brake Pedal "),
        ("Straße nach Köln", "strasse koln"),
        ("ＶＩＮ ＬＶＧＢ", "vin lvgb"),
        ("naïve café", "cafe"),
        ("العربة معطلة", "العربه"),
    ],
)
def test_what_was_written_is_found_by_what_is_typed(written: str, typed: str) -> None:
    assert matches(written, typed)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("刹车失灵", "车刹"),
        ("刹车失灵", "失灵车"),
        ("The brake pedal", "brake pedals"),
        ("The brake pedal", "rake"),
        ("The brake pedal", "brak "),
        ("خودرو معیوب", "رو"),
    ],
)
def test_what_was_not_written_is_not_found(written: str, typed: str) -> None:
    assert not matches(written, typed)


def matches(written: str, typed: str) -> bool:
    """Evaluate the query on the terms, as the database does."""
    terms = terms_of(written)

    def holds(query: str) -> bool:
        query = query.strip()
        for glue, combine in ((" | ", any), (" & ", all)):
            parts = _split(query, glue)
            if len(parts) > 1:
                return combine(holds(part) for part in parts)
        if query.startswith("("):
            return holds(query[1:-1])
        if query.endswith(":*"):
            return any(term.startswith(query[1:-3]) for term in terms)
        return query[1:-1] in terms

    query = query_of(typed)
    return bool(query) and holds(query)


def _split(query: str, glue: str) -> list[str]:
    """Split at a glue outside of parentheses."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(query):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and query.startswith(glue, place):
            parts.append(query[start:place])
            start = place + len(glue)
    return [*parts, query[start:]]


@given(st.text(max_size=80))
def test_folding_is_idempotent_and_terms_are_bounded_words(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    for term in terms_of(text):
        assert 0 < len(term) <= 60
        assert not {"'", "\\", "&", "|", "(", ")", ":", "!", "<", "\x00"} & set(term)


@given(st.text(max_size=60))
def test_every_word_of_a_text_finds_the_text(text: str) -> None:
    query = query_of(text + " ")
    if query:
        assert matches(text, text + " ")


def test_terms_of_a_long_text_are_bounded() -> None:
    assert len(terms_of(" ".join(str(number) for number in range(20_000)))) == TERMS_MAX


# --- in the database ------------------------------------------------------------------------------


def test_complaints_are_found_by_subject_and_narrative(database_url: str) -> None:
    stories = {
        "english": "The brake pedal went to the floor.",
        "persian": f"ترمز خودرو کار نمی{ZWNJ}کند و كسي جواب نمی‌دهد",
        "chinese": "刹车失灵,经销商不理",
    }
    with world(database_url) as told:
        cases = {name: uuid4() for name in stories}
        for name, story in stories.items():
            told.happened(
                cases[name],
                desk.registered(narrative=story, number=f"C-{name}"),
                desk.classified("sales", c.Kind.SALES, "refund" if name == "english" else "brakes"),
            )
        catch_up(database_url, told.log, VIEWS)
        assert found(database_url, "brake pedal") == {cases["english"]}
        assert found(database_url, "refu") == {cases["english"]}
        assert found(database_url, "brakes") == {cases["persian"], cases["chinese"]}
        assert found(database_url, "نمی کند") == {cases["persian"]}
        assert found(database_url, "کسی جواب") == {cases["persian"]}
        assert found(database_url, "刹车") == {cases["chinese"]}
        assert found(database_url, "经销商") == {cases["chinese"]}
        assert found(database_url, "C-chinese") == {cases["chinese"]}
        assert found(database_url, "nothing of the kind") == set()
        assert found(database_url, "'; DROP TABLE views.search; --") == set()
        assert found(database_url, "… ؟ !") == set()
        told.happened(
            cases["english"],
            c.ComplaintCorrected(
                correction_id=uuid4(), corrects_version=1, reason="misheard",
                narrative="The clutch slips.",
            ),
        )  # fmt: skip
        catch_up(database_url, told.log, VIEWS)
        assert found(database_url, "pedal") == set()
        assert found(database_url, "clutch refund") == {cases["english"]}


def found(url: str, text: str) -> set[UUID]:
    page = ask(url, lambda c: complaint_list.page(c, ComplaintFilter(text=text), EVERYTHING))
    return {UUID(from_json(item)["id"]) for item in page.items}
