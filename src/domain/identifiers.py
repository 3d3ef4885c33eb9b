"""The identifiers by which a person or a vehicle is found, each in one normal form.

Every function is pure and idempotent: what a person types in Persian, Arabic, full-width or Latin
digits, with or without spaces and dashes, becomes the one text that claims and look-ups compare
(as keyed hashes, never in the clear). What cannot be such an identifier is refused.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.declare import Unacceptable


class IdentifierKind(StrEnum):
    """By what somebody can be looked up."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    CONTRACT_NUMBER = "contract_number"
    MEMBERSHIP_NUMBER = "membership_number"
    PLATE = "plate"
    VIN = "vin"


class NationalIdIsWrong(Unacceptable, code="identifier.national_id_is_wrong"):
    """This is no national id: its length, its characters or its check digit are wrong."""


class PhoneIsWrong(Unacceptable, code="identifier.phone_is_wrong"):
    """This is no phone number; write it with its area or country code."""


class ContractNumberIsWrong(Unacceptable, code="identifier.contract_number_is_wrong"):
    """This is no contract number; it has 2 to 40 letters, digits, dashes and slashes."""


class MembershipNumberIsWrong(Unacceptable, code="identifier.membership_number_is_wrong"):
    """This is no membership number; it has 2 to 40 letters, digits, dashes and slashes."""


class PlateIsWrong(Unacceptable, code="identifier.plate_is_wrong"):
    """This is no number plate; it has 2 to 16 letters and digits."""


class VinIsWrong(Unacceptable, code="identifier.vin_is_wrong"):
    """This is no full VIN; it has 17 letters and digits, none of them I, O or Q."""


class VinPartIsWrong(Unacceptable, code="identifier.vin_part_is_wrong"):
    """This is no part of a VIN; it has 3 to 16 letters and digits, none of them I, O or Q."""


class VinCheckDigitIsWrong(Unacceptable, code="identifier.vin_check_digit_is_wrong"):
    """The check digit does not fit this VIN; at least one character was mistyped."""


_DASHES = re.compile("[\u2010-\u2015\u2212\u00ad\ufe58\uff0d]")
_SEPARATORS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\-().,/\\·•・_]+")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_ARABIC_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا"})
_CHINESE_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_IRANIAN_PLATE = re.compile(r"([0-9]{2})([\u0600-\u06ff]{1,4})([0-9]{3})([0-9]{2})")
_IRANIAN_PLATE_REGION_FIRST = re.compile(r"([0-9]{2})([0-9]{3})([\u0600-\u06ff]{1,4})([0-9]{2})")
_REGISTERED_NUMBER = re.compile(r"[^\W_][\w./-]{0,38}[^\W_]")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_PART = re.compile(r"[A-HJ-NPR-Z0-9]{3,16}")

_CHINESE_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}


def ascii_digits(text: str) -> str:
    """Return the text with the decimal digits of every script written 0 to 9."""
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )


def _folded(text: str) -> str:
    """Compatibility forms, digits and letter variants in one form; capital letters."""
    for _ in range(2):  # capitals of compatibility forms can fold once more
        text = ascii_digits(unicodedata.normalize("NFKC", text)).translate(_ARABIC_LETTERS).upper()
    return _DASHES.sub("-", unicodedata.normalize("NFC", text))


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", _folded(text))


def iranian_national_id_holds(digits: str) -> bool:
    """Tell whether ten digits carry the check digit of an Iranian national id (kod-e melli).

    The sum of the first nine digits, weighted 10 down to 2, modulo 11: below 2 it is the check
    digit itself, else 11 minus it. Ten equal digits fit the sum but are never issued.
    """
    if len(set(digits)) == 1:
        return False
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def chinese_resident_id_holds(text: str) -> bool:
    """Tell whether 18 characters are a resident id by GB 11643: a real date and check character."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * w for d, w in zip(text[:17], _CHINESE_ID_WEIGHTS, strict=True))
    return text[17] == "10X98765432"[total % 11]


def national_id(text: str) -> str:
    """Return a national id: ten digits as Iran's, eighteen characters as China's, else opaque.

    Opaque ones (a passport, an organisation's registration) have 5 to 32 letters and digits.
    """
    compact = _compact(text)
    if re.fullmatch(r"[0-9]{10}", compact):
        holds = iranian_national_id_holds(compact)
    elif re.fullmatch(r"[0-9]{17}[0-9X]", compact):
        holds = chinese_resident_id_holds(compact)
    else:
        holds = 5 <= len(compact) <= 32 and compact.isalnum()
    if not holds:
        raise NationalIdIsWrong
    return compact


def phone_number(text: str, default_country_code: str = "98") -> str:
    """Return a phone number as `+` and 8 to 15 digits (E.164).

    A number with neither `+` nor `00` is a Chinese mobile number when it has eleven digits and
    begins with 13 to 19, else one of the default country, with or without its trunk zero.
    """
    compact = _compact(text)
    if compact.startswith("+"):
        digits = compact[1:]
    elif compact.startswith("00"):
        digits = compact[2:]
    elif _CHINESE_MOBILE.fullmatch(compact):
        digits = "86" + compact
    else:
        digits = default_country_code + compact.removeprefix("0")
    if digits.startswith("980"):  # +98 (0) 912 …: the trunk zero is not dialled from abroad
        digits = "98" + digits[3:].lstrip("0")
    if not re.fullmatch(r"[1-9][0-9]{7,14}", digits):
        raise PhoneIsWrong
    return "+" + digits


def plate_number(text: str) -> str:
    """Return a number plate without spaces, dashes and dots.

    An Iranian plate reads `12ب34567` (the last two digits are the region), also when it was
    written from the region's side or with the word Iran.
    """
    compact = _compact(text).replace("ایران", "").replace("IRAN", "")
    if found := _IRANIAN_PLATE.fullmatch(compact):
        first, letter, serial, region = found.groups()
    elif found := _IRANIAN_PLATE_REGION_FIRST.fullmatch(compact):
        region, serial, letter, first = found.groups()
    else:
        if not (2 <= len(compact) <= 16 and compact.isalnum()):
            raise PlateIsWrong
        return compact
    return first + ("الف" if letter == "ا" else letter) + serial + region


def _registered_number(text: str) -> str | None:
    compact = _INVISIBLE.sub("", _folded(text))
    return compact if _REGISTERED_NUMBER.fullmatch(compact) else None


def contract_number(text: str) -> str:
    """Return a contract number; dashes and slashes stay, for they can tell two numbers apart."""
    number = _registered_number(text)
    if number is None:
        raise ContractNumberIsWrong
    return number


def membership_number(text: str) -> str:
    """Return a membership number; dashes and slashes stay, for they can tell two numbers apart."""
    number = _registered_number(text)
    if number is None:
        raise MembershipNumberIsWrong
    return number


def vin(text: str) -> str:
    """Return a full VIN (ISO 3779): 17 capital letters and digits without I, O and Q."""
    compact = _compact(text)
    if not _VIN.fullmatch(compact):
        raise VinIsWrong
    return compact


def vin_part(text: str) -> str:
    """Return a part of a VIN, such as the 11 characters that public complaint files give."""
    compact = _compact(text)
    if not _VIN_PART.fullmatch(compact):
        raise VinPartIsWrong
    return compact


def vin_with_check_digit(text: str) -> str:
    """Return a full VIN whose check digit fits, for the markets that use one."""
    number = vin(text)
    if not vin_check_digit_holds(number):
        raise VinCheckDigitIsWrong
    return number


def vin_check_digit_holds(number: str) -> bool:
    """Tell whether the ninth character of a full VIN is its check digit (49 CFR 565.15(c))."""
    total = sum(_VIN_VALUES[c] * w for c, w in zip(number, _VIN_WEIGHTS, strict=True))
    return number[8] == "0123456789X"[total % 11]


def last_8_of_vin(number: str) -> str:
    """Return the part of a VIN that people read out: its last eight characters."""
    return number[-8:]


def normalized(kind: IdentifierKind, text: str) -> str:
    """Return the one form of an identifier that claims and look-ups compare, or refuse it."""
    match kind:
        case IdentifierKind.NATIONAL_ID:
            return national_id(text)
        case IdentifierKind.PHONE:
            return phone_number(text)
        case IdentifierKind.CONTRACT_NUMBER:
            return contract_number(text)
        case IdentifierKind.MEMBERSHIP_NUMBER:
            return membership_number(text)
        case IdentifierKind.PLATE:
            return plate_number(text)
        case IdentifierKind.VIN:
            return vin(text)
    assert_never(kind)
