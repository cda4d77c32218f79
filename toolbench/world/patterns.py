"""Texts for regular expressions: made from them, and held against them."""

import random
import re
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import jsonschema_rs

_MORE = 8
"""How often what may be repeated is repeated at most, beyond what it must be."""
_DEEPEST = 3
"""Inside this many repetitions there is no more than there must be."""

_ALNUM = string.ascii_letters + string.digits
_PRINTABLE = _ALNUM + string.punctuation + " "
_CLASSES = {
    "d": string.digits,
    "D": string.ascii_letters,
    "w": f"{_ALNUM}_",
    "W": "-. /",
    "s": " ",
    "S": _ALNUM,
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "f": "\f",
    "v": "\v",
}
_UNICODE = {
    "Lu": string.ascii_uppercase,
    "Ll": string.ascii_lowercase,
    "N": string.digits,
    "Nd": string.digits,
    "P": "-.,",
    "S": "+",
    "Z": " ",
}
"""Characters of Unicode's categories; every other is taken for a kind of letters."""
_BETWEEN = frozenset("bBAzZ")
"""Escapes that stand for a place, not for a character."""

_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(,?)(\d*)\})\??")
_GROUP = re.compile(r"\?(?::|P?<[A-Za-z_]\w*>)")
_AROUND = re.compile(r"\?<?[=!]")
_CODE = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")
_CATEGORY = re.compile(r"[pP](?:\{(?:\w+=)?(\w+)\}|(\w))")

_IN_A_SET = r"(?:\\[dDwWsSnrtfv]|\\u[0-9a-fA-F]{4}|\\[^A-Za-z0-9]|(?!--)[^\[\]\\&~|])"
_ONE = rf"(?:\[\^?{_IN_A_SET}+\]|\\[dDwWsSnrtfv]|\\[^A-Za-z0-9]|[^\[\]\\(){{}}^$*+?|])"
_PLAIN = re.compile(rf"\^?(?:{_ONE}(?:[*+?]|\{{\d+(?:,\d*)?\}})?)*\$?")
"""Patterns without groups and choices: they mean the same to Python and in JSON Schema, and are soon decided."""


# -- made --------------------------------------------------------------------------------------------------------------


class _Text(NamedTuple):
    text: str


class _Char(NamedTuple):
    options: str


class _Sequence(NamedTuple):
    parts: "list[_Node]"


class _Choice(NamedTuple):
    branches: "list[_Node]"


class _Repeat(NamedTuple):
    part: "_Node"
    low: int
    high: int


_Node = _Text | _Char | _Sequence | _Choice | _Repeat


class UnreadableError(Exception):
    """A pattern says something that no text is made for here."""


def text_for(pattern: str, r: random.Random) -> str:
    """Return a text that a pattern usually allows; empty where the pattern can't be read.

    What must or must not stand around a text is guessed, so the text must still be held against the pattern.
    """
    node = _read(pattern)
    return "" if node is None else _made(node, r, 0)


def _made(node: _Node, r: random.Random, depth: int) -> str:
    match node:
        case _Text(text):
            return text
        case _Char(options):
            return r.choice(options)
        case _Sequence(parts):
            return "".join([_made(part, r, depth) for part in parts])
        case _Choice(branches):
            return _made(r.choice(branches), r, depth)
        case _Repeat(part, low, high):
            times = r.randint(low, min(high, low + _MORE)) if depth < _DEEPEST else low
            if isinstance(part, _Char):
                return "".join(r.choices(part.options, k=times))
            return "".join([_made(part, r, depth + 1) for _ in range(times)])


@lru_cache(maxsize=4096)
def _read(pattern: str) -> _Node | None:
    try:
        return _Reader(pattern).whole()
    except UnreadableError:
        return None


@dataclass
class _Reader:
    """Reads a pattern from left to right."""

    text: str
    at: int = 0

    def whole(self) -> _Node:
        node = self._choice()
        if self.at < len(self.text):
            raise UnreadableError
        return node

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        if self.at >= len(self.text):
            raise UnreadableError
        self.at += 1
        return self.text[self.at - 1]

    def _match(self, wanted: re.Pattern[str]) -> re.Match[str] | None:
        found = wanted.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def _choice(self) -> _Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _Choice(branches)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in ("", "|", ")"):
            part = self._one()
            if found := self._match(_QUANTIFIER):
                part = _Repeat(part, *_times(found))
            parts.append(part)
        return parts[0] if len(parts) == 1 else _Sequence(parts)

    def _one(self) -> _Node:
        match char := self._take():
            case "(":
                return self._group()
            case "[":
                return self._set()
            case "\\":
                return self._escaped()
            case ".":
                return _Char(_ALNUM)
            case "^" | "$":
                return _Text("")
            case "*" | "+" | "?":
                raise UnreadableError
            case _:
                return _Text(char)

    def _group(self) -> _Node:
        around = self._match(_AROUND)
        if around is None and not self._match(_GROUP) and self._peek() == "?":
            raise UnreadableError
        inside = self._choice()
        if self._take() != ")":
            raise UnreadableError
        if around is None:
            return inside
        # What must come ahead is often the beginning of what comes.
        return _Choice([_Text(""), inside]) if around[0] == "?=" else _Text("")

    def _escaped(self) -> _Node:
        if self._peek() in _BETWEEN:
            self.at += 1
            return _Text("")
        options = self._class()
        return _Text(options) if len(options) == 1 else _Char(options)

    def _class(self) -> str:
        """Return the characters that an escape stands for."""
        if code := self._match(_CODE):
            return chr(int(code[1] or code[2], 16))
        if category := self._match(_CATEGORY):
            return _UNICODE.get(category[1] or category[2], string.ascii_letters)
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.isalnum():
            raise UnreadableError
        return char

    def _set(self) -> _Node:
        negated = self._peek() == "^"
        self.at += negated
        found: list[str] = []
        while self._peek() != "]":
            found.append(self._members())
        self.at += 1
        held = dict.fromkeys("".join(found))
        options = [char for char in _PRINTABLE if char not in held] if negated else held
        # Letters and digits are what people would write.
        spoken = "".join(char for char in options if char in _ALNUM) if negated else ""
        if not options:
            raise UnreadableError
        return _Char(spoken or "".join(options))

    def _members(self) -> str:
        first = self._member()
        if self._peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", "") or len(first) > 1:
            return first
        self.at += 1
        last = self._member()
        if len(last) > 1:
            return f"{first}-{last}"
        return _range(ord(first), ord(last))

    def _member(self) -> str:
        char = self._take()
        if char == "\\":
            if self._peek() == "b":
                self.at += 1
                return "\b"
            return self._class()
        return char


def _range(first: int, last: int) -> str:
    """Return the characters of a range, the printable ones of ASCII where it has any."""
    shown = "".join(char for char in _PRINTABLE if first <= ord(char) <= last)
    return shown or "".join(map(chr, range(first, min(last, first + 25) + 1)))


def _times(found: re.Match[str]) -> tuple[int, int]:
    low, high = {"*": (0, _MORE), "+": (1, 1 + _MORE), "?": (0, 1)}.get(found[1] or "", (0, 0))
    if found[2]:
        low = int(found[2])
        high = int(found[4]) if found[4] else low + (_MORE if found[3] else 0)
    if high < low:
        raise UnreadableError
    return low, high


# -- judged ------------------------------------------------------------------------------------------------------------


def matches(text: str, pattern: str) -> bool:
    """Tell whether a pattern is found in a text, as JSON Schema means it."""
    plain = _plain(pattern) if text.isascii() and text.isprintable() else None
    return plain.search(text) is not None if plain else judge("pattern", pattern).is_valid(text)


@lru_cache(maxsize=4096)
def _plain(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern as Python reads it, where that is the same; `[^,]{0,4096}` takes others a second to read."""
    try:
        return re.compile(pattern, re.ASCII) if _PLAIN.fullmatch(pattern) else None
    except re.error:
        return None


@lru_cache(maxsize=4096)
def judge(keyword: str, value: str | float) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of one keyword, formats included."""
    return jsonschema_rs.Draft202012Validator({keyword: value}, validate_formats=True)
