"""A bounded vocabulary: which words belong to it, with their inflections."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from toolbench.errors import InputError

NOUNS, VERBS, ADJECTIVES, OTHERS, NAMES = "nouns", "verbs", "adjectives", "others", "names"

_SECTION = re.compile(r"\[(\w+)\]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")  # noqa: RUF001  (both apostrophes are used)
_CONTRACTED = ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m", "s'")
_SHORT = {"ca": "can", "wo": "will", "sha": "shall"}


def words_in(text: str) -> list[str]:
    """Return the words of a text, as they are spelled; hyphens and apostrophes within a word belong to it."""
    return _WORD.findall(text)


class Vocabulary:
    """Words, by kind, and what may be made of them.

    Args:
        kinds: words in their base form, by kind; of words of an unknown kind all inflections are made.
        irregular: base forms, each with its irregular forms.
    """

    def __init__(self, kinds: dict[str, list[str]], irregular: Iterable[list[str]] = ()) -> None:
        self.kinds = kinds
        """Words in their base form, by kind."""
        odd = {base: forms for base, *forms in irregular}
        self._bases: dict[str, set[str]] = {}
        for kind, words in kinds.items():
            for word in words:
                regular = _forms(word, kind, is_irregular=word in odd)
                for form in {word, *regular, *odd.get(word, ())}:
                    self._bases.setdefault(form.casefold(), set()).add(word.casefold())

    @property
    def size(self) -> int:
        """Words in their base form, names included."""
        return len({word.casefold() for words in self.kinds.values() for word in words})

    def holds(self, word: str) -> bool:
        """Tell whether a word, in any of its forms, belongs to the vocabulary."""
        return bool(self.bases(word))

    def bases(self, word: str) -> set[str]:
        """Return the words that a form may be of; none where it belongs to no word."""
        plain = word.casefold().replace("’", "'")  # noqa: RUF001
        if found := self._bases.get(plain):
            return found
        if "-" in plain:
            parts = [self.bases(part) for part in plain.split("-")]
            return set[str]().union(*parts) if all(parts) else set()
        for ending in _CONTRACTED:
            stem = plain.removesuffix(ending)
            if stem != plain:
                return self._bases.get(_SHORT.get(stem, stem) if ending == "n't" else stem, set())
        return set()

    def strangers(self, text: str) -> list[str]:
        """Return the words of a text that do not belong to the vocabulary, each once, in order."""
        return list(dict.fromkeys(word for word in words_in(text) if not self.holds(word)))

    def missing(self, text: str, wanted: Iterable[str]) -> list[str]:
        """Return which of some words a text has in no form."""
        there = {base for word in words_in(text) for base in self.bases(word)}
        return [word for word in wanted if word.casefold() not in there]


@cache
def simple() -> Vocabulary:
    """Return the vocabulary of a child of four: about 1,400 words."""
    return parsed((files("toolbench.create") / "words" / "simple.txt").read_text("utf-8"))


def read_vocabulary(path: Path) -> Vocabulary:
    """Return the vocabulary in a file: words apart by spaces, perhaps under `[nouns]`, `[verbs]`, ….

    Raises:
        InputError: it cannot be read, or holds no word.
    """
    try:
        vocabulary = parsed(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path), hint="Give a text of words.") from error
    if not vocabulary.size:
        raise InputError("there is no word in it", where=str(path), hint="Words stand apart by spaces.")
    return vocabulary


def parsed(text: str) -> Vocabulary:
    """Return the vocabulary that a text tells. Lines that begin with `#` are comments."""
    kinds: dict[str, list[str]] = {}
    irregular: list[list[str]] = []
    section = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if match := _SECTION.fullmatch(line.strip()):
            section = match[1]
        elif section == "irregular":
            irregular += [line.split()] if line.strip() else []
        else:
            kinds.setdefault(section, []).extend(line.split())
    return Vocabulary(kinds, irregular)


def _forms(word: str, kind: str, *, is_irregular: bool) -> Iterator[str]:
    """Yield the regular forms of a word; of an irregular one those that are regular all the same."""
    if kind in {OTHERS, NAMES}:
        return
    if kind in {VERBS, ""} or (kind == NOUNS and not is_irregular):
        yield _with_s(word)
    if kind in {VERBS, ""}:
        yield _joined(word, "ing")
        yield from () if is_irregular else (_joined(word, "ed"),)
    if kind in {ADJECTIVES, ""}:
        yield _with_ly(word)
        yield from () if is_irregular else (_joined(word, "er"), _joined(word, "est"))


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        return word + ("es" if not word.endswith(("oo", "io", "iano")) else "s")
    return word[:-1] + "ies" if _ends_in_consonant_y(word) else word + "s"


def _joined(word: str, ending: str) -> str:
    """Return a word with an ending that begins with a vowel."""
    if ending == "ing" and word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + ending
    if word.endswith(("ee", "oe", "ye")):
        return word + (ending if ending == "ing" else ending[1:])
    if _ends_in_consonant_y(word) and ending != "ing":
        return word[:-1] + "i" + ending
    return word + (word[-1] if _doubles(word) else "") + ending


def _with_ly(word: str) -> str:
    if _ends_in_consonant_y(word):
        return word[:-1] + "ily"
    if word.endswith("le") and len(word) > 4:
        return word[:-1] + "y"
    return word + ("y" if word.endswith("ll") else "ly")


def _doubles(word: str) -> bool:
    """Tell whether the last letter is doubled: one vowel before one consonant, in a short word."""
    return bool(re.fullmatch(r"(?:[^aeiou]*|qu|[^aeiou]*qu)[aeiou][^aeiouwxy]", word)) or word in {"begin", "forget"}


def _ends_in_consonant_y(word: str) -> bool:
    return bool(re.search(r"[^aeiou]y\Z", word))
