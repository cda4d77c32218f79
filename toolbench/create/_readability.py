"""How hard a text is to read: the grade of Flesch and Kincaid, and a difficulty of our own made of it."""

import re
from dataclasses import dataclass

from toolbench.create._vocabulary import words_in
from toolbench.documents.chunking import sentences

_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Readability:
    """Measures of a text."""

    words: int
    """Words in it."""
    per_sentence: float
    """Words in a sentence, on average."""
    per_word: float
    """Syllables in a word, on average."""

    @property
    def grade(self) -> float:
        """The Flesch-Kincaid grade: years at a school in the USA that it takes; below 0 for the simplest texts."""
        return 0.39 * self.per_sentence + 11.8 * self.per_word - 15.59

    @property
    def difficulty(self) -> float:
        """How difficult it is, 1 to 5: the grade, from -1 up to 7, and the length, up to 400 words, weigh 3 to 1."""
        grade = min(max((self.grade + 1) / 8, 0.0), 1.0)
        length = min(self.words / 400, 1.0)
        return 1 + 4 * (0.75 * grade + 0.25 * length)


def measure(text: str) -> Readability:
    """Return the measures of a text; of none all are 0."""
    words = words_in(text)
    if not words:
        return Readability(0, 0.0, 0.0)
    count = max(len(sentences(text)), 1)
    return Readability(len(words), len(words) / count, sum(map(syllables, words)) / len(words))


def syllables(word: str) -> int:
    """Return how many syllables an English word has, by its letters: groups of vowels, silent ones left out."""
    plain = re.sub(r"[^a-z]", "", word.casefold())
    count = len(_VOWELS.findall(plain))
    if re.search(r"[^aeiouyl]e\Z|[^aeioudty]ed\Z|[^aeiouysxzlcg]es\Z|[aeiouy]le\Z", plain):
        count -= 1
    return max(count, 1)
