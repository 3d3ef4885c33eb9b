"""Identifiers in one normal form."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.declare import Refusal
from domain.identifiers import (
    ContractNumberIsWrong,
    IdentifierKind,
    MembershipNumberIsWrong,
    NationalIdIsWrong,
    PhoneIsWrong,
    PlateIsWrong,
    VinCheckDigitIsWrong,
    VinIsWrong,
    VinPartIsWrong,
    ascii_digits,
    contract_number,
    last_8_of_vin,
    membership_number,
    national_id,
    normalized,
    phone_number,
    plate_number,
    vin,
    vin_check_digit_holds,
    vin_part,
    vin_with_check_digit,
)

VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ" + string.digits
VIN_VALUES = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)],
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("kind", "typed", "normal"),
    [
        (IdentifierKind.NATIONAL_ID, "۰۰۸۴۵۷۵۹۴۸", "0084575948"),
        (IdentifierKind.NATIONAL_ID, "008-457594-8", "0084575948"),
        (IdentifierKind.NATIONAL_ID, "11010519491231002x", "11010519491231002X"),
        (IdentifierKind.NATIONAL_ID, "p 1234567", "P1234567"),
        (IdentifierKind.PHONE, "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567"),
        (IdentifierKind.PHONE, "٠٩١٢١٢٣٤٥٦٧", "+989121234567"),
        (IdentifierKind.PHONE, "9121234567", "+989121234567"),
        (IdentifierKind.PHONE, "0098 912 123 4567", "+989121234567"),
        (IdentifierKind.PHONE, "+98 (0) 912-123-4567", "+989121234567"),
        (IdentifierKind.PHONE, "138 1234 5678", "+8613812345678"),
        (IdentifierKind.PHONE, "+1 (415) 555-0100", "+14155550100"),
        (IdentifierKind.PLATE, "ایران ۶۷ - ۳۴۵ ب ۱۲", "12ب34567"),
        (IdentifierKind.PLATE, "12 ب 345 ایران 67", "12ب34567"),
        (IdentifierKind.PLATE, "12ا34567", "12الف34567"),
        (IdentifierKind.PLATE, "12ي34567", "12ی34567"),
        (IdentifierKind.PLATE, "京A·12345", "京A12345"),
        (IdentifierKind.PLATE, "ab-12 cd", "AB12CD"),
        (IdentifierKind.CONTRACT_NUMBER, " k-۱۴۰۴/۱۷ ", "K-1404/17"),
        (IdentifierKind.MEMBERSHIP_NUMBER, "m–100", "M-100"),
        (IdentifierKind.VIN, "1m8gdm9a xkp042788", "1M8GDM9AXKP042788"),
    ],
)
def test_what_people_type_becomes_one_text(kind: IdentifierKind, typed: str, normal: str) -> None:
    assert normalized(kind, typed) == normal


@pytest.mark.parametrize(
    "wrong", ["0084575949", "1111111111", "11010519491331002X", "1234", "۱۲ ? ۳۴۵"]
)
def test_a_wrong_national_id_is_refused(wrong: str) -> None:
    with pytest.raises(NationalIdIsWrong):
        national_id(wrong)


@pytest.mark.parametrize("wrong", ["", "12", "0912-CALL-ME", "+0123456789", "1" * 20])
def test_a_wrong_phone_number_is_refused(wrong: str) -> None:
    with pytest.raises(PhoneIsWrong):
        phone_number(wrong)


def test_a_local_number_belongs_to_the_country_that_is_given() -> None:
    assert phone_number("010 6552 9988", default_country_code="86") == "+861065529988"


@pytest.mark.parametrize("wrong", ["", "A", "12?34", "A" * 17])
def test_a_wrong_plate_is_refused(wrong: str) -> None:
    with pytest.raises(PlateIsWrong):
        plate_number(wrong)


@pytest.mark.parametrize("wrong", ["", "-", "A", "-12-", "a" * 41, "12;34"])
def test_a_wrong_contract_or_membership_number_is_refused(wrong: str) -> None:
    with pytest.raises(ContractNumberIsWrong):
        contract_number(wrong)
    with pytest.raises(MembershipNumberIsWrong):
        membership_number(wrong)


def test_numbers_that_differ_in_a_dash_stay_two_numbers() -> None:
    assert contract_number("1-11") != contract_number("11-1")


@pytest.mark.parametrize(
    "wrong", ["", "1M8GDM9AXKP04278", "1M8GDM9AXKP0427888", "IM8GDM9AXKP042788"]
)
def test_a_wrong_vin_is_refused(wrong: str) -> None:
    with pytest.raises(VinIsWrong):
        vin(wrong)


def test_eleven_characters_are_a_part_of_a_vin_and_seventeen_are_not() -> None:
    assert vin_part("1m8gdm9axkp") == "1M8GDM9AXKP"
    for wrong in ("1M8GDM9AXKP042788", "AB", "OOO"):
        with pytest.raises(VinPartIsWrong):
            vin_part(wrong)


def test_the_last_eight_characters_are_what_people_read_out() -> None:
    assert last_8_of_vin("1M8GDM9AXKP042788") == "KP042788"


@pytest.mark.parametrize("number", ["1M8GDM9AXKP042788", "11111111111111111", "5YJ3E1EA7HF000337"])
def test_a_published_vin_has_its_check_digit(number: str) -> None:
    assert vin_with_check_digit(number) == number


def test_a_mistyped_vin_is_refused_where_the_market_has_check_digits() -> None:
    with pytest.raises(VinCheckDigitIsWrong):
        vin_with_check_digit("1M8GDM9AXKP042789")


@given(
    body=st.lists(st.sampled_from(VIN_LETTERS), min_size=17, max_size=17),
    place=st.integers(0, 16),
    other=st.sampled_from(VIN_LETTERS),
)
def test_a_check_digit_shows_any_one_character_of_another_value(
    body: list[str], place: int, other: str
) -> None:
    fitting = next(
        number
        for digit in "0123456789X"
        if vin_check_digit_holds(number := "".join([*body[:8], digit, *body[9:]]))
    )
    changed = fitting[:place] + other + fitting[place + 1 :]
    same = VIN_VALUES[other] == VIN_VALUES[fitting[place]] if place != 8 else other == fitting[8]
    assert vin_check_digit_holds(changed) == same


@given(kind=st.sampled_from(IdentifierKind), text=st.text(max_size=40))
def test_a_normal_form_is_its_own_normal_form(kind: IdentifierKind, text: str) -> None:
    try:
        once = normalized(kind, text)
    except Refusal:
        return
    assert normalized(kind, once) == once


@given(
    kind=st.sampled_from(IdentifierKind),
    text=st.text(
        alphabet="0123456789ABab+-/ ۰۱۲۳۴۵۶۷۸۹٠١٢ایرانبالفx京沪·", min_size=5, max_size=20
    ),
)
def test_a_plausible_normal_form_is_its_own_normal_form(kind: IdentifierKind, text: str) -> None:
    try:
        once = normalized(kind, text)
    except Refusal:
        return
    assert normalized(kind, once) == once


@given(st.text(alphabet=string.digits, min_size=9, max_size=9))
def test_every_iranian_national_id_has_exactly_one_check_digit(first: str) -> None:
    def accepted(digit: str) -> bool:
        try:
            return national_id(first + digit) == first + digit
        except NationalIdIsWrong:
            return False

    holding = [digit for digit in string.digits if accepted(digit)]
    assert len(holding) == 1 or len(set(first)) == 1


@given(st.integers(0, 10**12))
def test_digits_of_every_script_are_the_same_digits(number: int) -> None:
    for zero in "٠۰०０":
        written = "".join(chr(ord(zero) + int(digit)) for digit in str(number))
        assert ascii_digits(written) == str(number)
