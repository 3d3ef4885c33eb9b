"""Words to look for, and words to be found by: one normal form for every script.

What a person types and what stands in a narrative meet in these forms: compatibility forms
unified, case folded, Arabic and Persian letters of one sound written one way, marks and tatweel
dropped, digits of every script written 0 to 9. A word with a zero-width non-joiner is found
joined, apart, and by each part. Chinese and Japanese, which do not part words, go in pairs of
characters. The functions are pure; nothing here relies on the database's collation.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

TERMS_MAX = 4_000
"""How many terms one case is found by."""

QUERY_TERMS_MAX = 32
_TERM_CHARACTERS_MAX = 60

_LETTERS = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ئ": "ی", "ې": "ی", "ے": "ی",
        "ك": "ک", "ڪ": "ک",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
        "ؤ": "و", "ة": "ه", "ۀ": "ه", "ە": "ه", "ۂ": "ه", "ہ": "ه",
        "ء": None, "ـ": None,
        "ß": "ss", "ı": "i",
    }
)  # fmt: skip
_JOINERS = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NON_JOINER = "\u200c"

_VOICING = frozenset("\u3099\u309a")
_ARABIC = "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff"
_PREFIX = re.compile(rf"(?<![{_ARABIC}])(ن?می) +(?=[{_ARABIC}])")
_SUFFIX = re.compile(
    rf"(?<=[{_ARABIC}]) +(?=(?:ها|های|هایی|هایم|هایش|ام|ای|اند|تر|ترین)(?![{_ARABIC}]))"
)

_CJK = (
    "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:{_NON_JOINER}+[^\W_{_CJK}]+)*")
_IS_CJK = re.compile(rf"[{_CJK}]")


def folded(text: str) -> str:
    """Return the text in the one form; zero-width non-joiners stay, for they part words.

    The Persian affixes that are written joined, apart or with a non-joiner get a non-joiner.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    text = "".join(
        letter if not letter.isdecimal() else str(unicodedata.decimal(letter))
        for letter in text
        if letter in _VOICING or not unicodedata.combining(letter)
    )
    text = unicodedata.normalize("NFC", text)
    text = _SUFFIX.sub(_NON_JOINER, _PREFIX.sub(rf"\1{_NON_JOINER}", text))
    return _JOINERS.sub(lambda found: _NON_JOINER if found[0] == _NON_JOINER else "", text)


def _words(text: str) -> Iterable[str]:
    for found in _TOKEN.finditer(folded(text)):
        yield found[0]


def _pairs(run: str) -> Iterable[str]:
    """Pairs of neighbours, then the last character alone; any character is a pair's prefix."""
    for first, second in pairwise(run):
        yield first + second
    yield run[-1]


def _cut(term: str) -> str:
    return term[:_TERM_CHARACTERS_MAX]


def terms_of(text: str, terms_max: int = TERMS_MAX) -> list[str]:
    """Return the terms that a text is found by, each once, at most `terms_max`."""
    found: dict[str, None] = {}
    for word in _words(text):
        if _IS_CJK.match(word):
            found.update(dict.fromkeys(_pairs(word)))
        elif _NON_JOINER in word:
            parts = [part for part in word.split(_NON_JOINER) if part]
            found[_cut("".join(parts))] = None
            found.update((_cut(part), None) for part in parts)
        else:
            found[_cut(word)] = None
        if len(found) >= terms_max:
            break
    return list(found)[:terms_max]


def query_of(text: str) -> str:
    """Return what was typed as a `tsquery` in text form; empty where nothing can be looked for.

    Every word must occur. The last one may be unfinished, unless white space follows it. A word
    typed joined, with a non-joiner or with a space finds the others: joined, it is looked for as a
    whole; apart, by its parts, each of which stands in the index.
    """
    wanted: list[str] = []
    words = list(_words(text))
    unfinished = bool(text) and not text[-1].isspace()
    for place, word in enumerate(words[:QUERY_TERMS_MAX]):
        last = unfinished and place == len(words) - 1
        if _IS_CJK.match(word):
            pairs = list(_pairs(word))
            wanted.extend(map(_quoted, pairs[:-1]) if len(pairs) > 1 else [_quoted(word) + ":*"])
        elif _NON_JOINER in word:
            parts = [_cut(part) for part in word.split(_NON_JOINER) if part]
            joined = _quoted(_cut("".join(parts))) + (":*" if last else "")
            apart = " & ".join(_quoted(part) for part in parts[:-1])
            end = _quoted(parts[-1]) + (":*" if last else "")
            wanted.append(f"({joined} | ({apart} & {end}))")
        else:
            wanted.append(_quoted(_cut(word)) + (":*" if last else ""))
    return " & ".join(dict.fromkeys(wanted[:QUERY_TERMS_MAX]))


def _quoted(term: str) -> str:
    """Quote a term for `tsquery`; terms are letters and digits, so nothing needs escaping."""
    return f"'{term}'"


def lexemes(texts: Sequence[str]) -> list[str]:
    """Return the terms of several texts together, each once and bounded."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(terms_of(text, TERMS_MAX)))
        if len(found) >= TERMS_MAX:
            break
    return list(found)[:TERMS_MAX]
