"""What an answer claims: the pieces of it that must come from somewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from toolbench.model.reading import Found, Reading, read


@dataclass(frozen=True, slots=True)
class Name:
    """Words in capitals, one after the other. The first word of a sentence may be no part of the name."""

    words: tuple[str, ...]
    starts_sentence: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """The pieces of an answer, each beside how it is written there."""

    numbers: tuple[tuple[str, Decimal], ...]
    percentages: frozenset[Decimal]
    """Those of the numbers that are followed by a percent sign."""
    counted: Mapping[Decimal, frozenset[str]]
    """Those of the numbers that say how many there are, with the words of the sentences that say so."""
    dates: tuple[tuple[str, frozenset[date]], ...]
    """Each with its readings: several where the order of day and month is unclear."""
    days: tuple[tuple[str, tuple[int, int]], ...]
    """Dates without a year: month and day."""
    times: tuple[tuple[str, tuple[int, int]], ...]
    """Hour and minute."""
    strings: tuple[str, ...]
    """Quotations, addresses and ids."""
    names: tuple[Name, ...]


_LIST_MARK = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•#]+)\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*|(?<!\w)__|__(?!\w)")
_QUOTE = re.compile(r'"([^"\n]+)"|“([^”\n]+)”|`([^`\n]+)`|(?<!\w)\'([^\'\n]+)\'(?!\w)')
_ADDRESS = re.compile(r"https?://[^\s<>()\"'`“”]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_COUNTED_BEFORE = re.compile(r"(?:there (?:are|were)|\bi (?:found|counted)|in total:?|a total of)(?: only| just)? ?\Z")
_COUNTED_AFTER = re.compile(r" (?:of them|in all|in total)\b")
_NAMED_AFTER = re.compile(r"\W{0,2}(?: \w{1,4}\W{0,2})? as\b")
_ID = re.compile(r"(?<![\w/-])(?=[\w.-]*\d)[^\W_](?:[\w.-]*[^\W_])?(?!\w)")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_CAPITAL = r"[^\W\d_a-z][\w'-]+"
_NAME = re.compile(rf"(?<![\w'-]){_CAPITAL}(?: (?:(?:of|de|der|van|von|and|&) )?{_CAPITAL})+")
_SENTENCE_END = re.compile(r"(?:^|[.!?:;\n(]\s*)\Z")
_END = re.compile(r"[.!?;\n](?=\s|\Z)")
_WORD = re.compile(r"[^\W\d_]+")
_TRAILING = " .,;:!?)"


def claims(answer: str) -> Claims:
    """Return what an answer claims. List marks and emphasis claim nothing."""
    text = _EMPHASIS.sub("", _LIST_MARK.sub("", answer)).replace("’", "'")  # noqa: RUF001
    quotes = [next(filter(None, match.groups())).strip(_TRAILING) for match in _QUOTE.finditer(text)]
    addresses = [match[0].rstrip(_TRAILING) for match in _ADDRESS.finditer(text)]
    reading = read(_ADDRESS.sub(" ", text))
    ids = [match[0] for match in _ID.finditer(reading.rest) if not _ORDINAL.fullmatch(match[0])]
    return Claims(
        numbers=tuple((_written(reading, found), found.value) for found in reading.numbers),
        percentages=frozenset(found.value for found in reading.numbers if reading.text.startswith("%", found.end)),
        counted=_counted(reading),
        dates=tuple(_dates(reading)),
        days=tuple((_written(reading, found), found.value) for found in reading.days),
        times=tuple(
            (_written(reading, found), (found.value.time.hour, found.value.time.minute)) for found in reading.times
        ),
        strings=tuple(dict.fromkeys((*(quote for quote in quotes if _says_more(quote)), *addresses, *ids))),
        names=tuple(_names(text)),
    )


def _counted(reading: Reading) -> dict[Decimal, frozenset[str]]:
    counted: dict[Decimal, frozenset[str]] = {}
    for found in (found for found in reading.numbers if _is_count(reading, found)):
        start = max((end.end() for end in _END.finditer(reading.text, 0, found.start)), default=0)
        after = _END.search(reading.text, found.end)
        words = frozenset(_WORD.findall(reading.text[start : after.start() if after else None]))
        counted[found.value] = counted.get(found.value, frozenset()) | words
    return counted


def _is_count(reading: Reading, found: Found[Decimal]) -> bool:
    """Tell whether a number says how many there are. `I found 12 as the limit` does not."""
    if _NAMED_AFTER.match(reading.text, found.end) or found.value != found.value.to_integral_value():
        return False
    return bool(_COUNTED_BEFORE.search(reading.text[: found.start]) or _COUNTED_AFTER.match(reading.text, found.end))


def _written(reading: Reading, found: Found[object]) -> str:
    return reading.text[found.start : found.end]


def _dates(reading: Reading) -> Iterator[tuple[str, frozenset[date]]]:
    places = dict.fromkeys((found.start, found.end) for found in reading.dates)
    for start, end in places:
        values = frozenset(found.value for found in reading.dates if found.start == start)
        yield reading.text[start:end], values


def _says_more(quote: str) -> bool:
    """Tell whether a quotation is more than numbers and dates, which are claims of their own."""
    return any(character.isalnum() for character in read(quote).rest)


def _names(text: str) -> Iterator[Name]:
    for match in _NAME.finditer(text):
        before = text[: match.start()]
        words = tuple(match[0].split())
        if words[0][0].isupper() and words[-1][0].isupper():
            yield Name(words, bool(_SENTENCE_END.search(before[-8:])))
