"""Letters: what people wrote is set as text, in three scripts, with the events it rests on."""

import hashlib
import re
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import referral as r
from domain.fields import Erased
from projections import letters
from projections.letters import Letter, LetterTooLong, letter_of, pictures, render
from projections.letters.writing import day_in_words
from tests.domain.referral import desk as d
from tests.projections.told import history
from tests.scenario import CASE, Scenario


def replied(locale: str, text: str, stage: Scenario = d.INFORMED) -> Scenario:
    names = d.ELEMENTS["iran"]["final"]
    reply = r.PrepareReply(
        stream=CASE,
        reply_id=d.an_id(30),
        reply=r.ReplyType.FINAL,
        elements=tuple(r.ElementGiven(element=name, text=text) for name in names),
        locale=r.ReplyLocale(locale),
    )
    return stage.after((d.SPECIAL, reply))


def letter(case: Scenario, n: int = 1) -> Letter:
    return letter_of(history(CASE, case.events), n)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("fa", "گیربکس هنگام سرد بودن موتور می‌لرزد؛ خانم کریمی."),
        ("zh", "变速箱在冷车状态下顿挫，已更换阀体。"),
        ("en", "The gearbox jerks when it is cold; the valve body is replaced."),
    ],
)
def test_a_letter_is_a_pdf_with_fonts_of_its_own(locale: str, text: str) -> None:
    made = letter(replied(locale, text).after((d.SECRETARY, d.send())))
    pdf = render(made)
    assert pdf.startswith(b"%PDF-")
    fonts = set(re.findall(rb"/FontName\s*/[A-Z]{6}\+([A-Za-z]+)", unpacked(pdf)))
    wanted = {"fa": b"Vazirmatn", "zh": b"NotoSansSC", "en": b"NotoSerif"}[locale]
    assert wanted in fonts, fonts
    assert render(made) == pdf


def unpacked(pdf: bytes) -> bytes:
    """Return a PDF with its compressed objects readable."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(found.group(1)))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_a_letter_says_both_numbers_and_the_days_of_its_readers_calendar() -> None:
    made = letter(d.REPLIED)
    said = {line.name: line.value for line in made.head}
    assert said["تاریخ"] == "۱۰ اسفند ۱۴۰۴"
    assert said["شمارهٔ نامه"] == "1404/R/0917"
    assert said["نامهٔ شما"] == "۱۴۰۴/۵۵۱۲/ح"
    assert said["شمارهٔ پرونده"] == "S-1404-0017"
    assert made.addressee.startswith("سازمان حمایت")
    assert [line.value for line in made.facts] == ["۱۰ اسفند ۱۴۰۴", "۱۰ اسفند ۱۴۰۴ (تلفنی)"]


def test_a_letter_cites_the_events_it_rests_on() -> None:
    sources = letter(d.REPLIED).sources
    assert [source.what for source in sources] == [
        "دریافت نامه", "ثبت پروندهٔ ویژه", "نتیجهٔ رسیدگی", "تأیید کنترل نهایی",
        "اطلاع‌رسانی به مشتری", "تهیهٔ پاسخ", "ارسال پاسخ",
    ]  # fmt: skip
    assert sources[0].position == "۱"
    assert all(source.position and source.version and source.day for source in sources)


def test_what_was_not_sent_is_a_draft() -> None:
    assert letter(d.WRITTEN).is_draft
    assert not letter(d.REPLIED).is_draft


def test_a_last_word_that_may_not_go_out_is_not_printed() -> None:
    back = d.WRITTEN.after((d.SAGA, r.ResumeHandling(stream=CASE, complaint_version=10)))
    with pytest.raises(r.ReplyBeforeFinalControl):
        letter(back)
    again = back.after(
        (d.SAGA, d.conclude(12)),
        (d.SPECIAL, d.control(5)),
        (d.SPECIAL, d.final_control(13)),
    )
    with pytest.raises(r.ReplyBeforeCustomerInformation):
        letter(again)
    with pytest.raises(r.ReplyIsOfEarlierRound):
        letter(again.after((d.SPECIALIST, d.inform(21))))
    with pytest.raises(r.ReplyNotFound):
        letter(d.WRITTEN, 7)


def test_an_acknowledgement_is_printed_at_any_time() -> None:
    case = d.REGISTERED.after((d.SECRETARY, d.prepare("acknowledgement")))
    made = letter(case)
    assert (made.title, made.facts) == ("اعلام وصول نامه", ())


def test_what_was_erased_is_said_to_be_and_nothing_else() -> None:
    events = [
        replace(event, matter=Erased(), complainant_name=Erased())
        if isinstance(event, r.ReferralReceived)
        else event
        for event in d.REPLIED.events
    ]
    made = letter_of(history(CASE, events), 1)
    assert all(line.name != "شاکی" for line in made.head)
    assert render(made).startswith(b"%PDF-")


def test_a_text_beyond_a_letter_is_refused() -> None:
    with pytest.raises(LetterTooLong):
        letter(replied("en", "x" * 31_000))
    with pytest.raises(LetterTooLong):
        letter(replied("en", "x\n" * 5_000))  # few letters, and pages without number


MARKUP = ("#import", "#panic()", "$x^2$", "*b*", "_i_", "`raw`", "= H", "- item", "@ref", "<l>")
"""What would mean something in typst's markup."""


@settings(max_examples=12)
@given(
    text=st.lists(
        st.one_of(
            st.sampled_from((*MARKUP, '"', "\\", "]", "[", "#", "//", "/*", "\\u{41}", "﷽", "می‌")),
            st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12),
        ),
        min_size=1,
        max_size=8,
    ).map(" ".join)
)
def test_whatever_people_write_is_text_and_never_markup(text: str) -> None:
    made = letter(replied("en", "."))
    parts = tuple(replace(part, paragraphs=(text,)) for part in made.parts)
    hostile = replace(made, parts=parts, addressee=text, title=text)
    assert render(hostile).startswith(b"%PDF-")


def test_markup_in_a_text_changes_the_page_as_any_text_does() -> None:
    plain = pictures(letter(replied("en", "panic read sys.inputs")))
    marked = pictures(letter(replied("en", '#panic() #read("letter.typ") #sys.inputs')))
    assert len(plain) == len(marked)
    assert hashlib.sha256(plain[0]).digest() != hashlib.sha256(marked[0]).digest()


@pytest.mark.parametrize(
    ("on", "locale", "said"),
    [
        (date(2026, 3, 20), "fa", "۲۹ اسفند ۱۴۰۴"),
        (date(2026, 3, 21), "fa", "۱ فروردین ۱۴۰۵"),
        (date(2025, 3, 20), "fa", "۳۰ اسفند ۱۴۰۳"),
        (date(2026, 11, 1), "zh", "2026年11月1日"),
        (date(2026, 11, 1), "en", "1 November 2026"),
    ],
)
def test_a_day_is_written_as_its_reader_writes_it(on: date, locale: str, said: str) -> None:
    assert day_in_words(on, locale) == said


def test_every_font_is_shipped_with_its_licence() -> None:
    folder = Path(letters.__file__).parent / "fonts"
    families = {path.stem.partition("-")[0] for path in folder.glob("*.ttf")}
    assert families == {"Vazirmatn", "NotoSansSC", "NotoSerif"}
    for family in families:
        licence = (folder / f"OFL-{family}.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
    assert sum(path.stat().st_size for path in folder.glob("*.ttf")) < 4_000_000
