"""Static embeddings: the embedded model's own table of token vectors, read from its weights; no server, no network.

A text is the sum of its words' vectors, rare words weighing more. What all texts share, their mean and the main
directions in which they all lie (Arora et al. 2017; Mu & Viswanath 2018), is taken out, else all texts would be alike.
"""

import math
import mmap
import re
import struct
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from toolbench.errors import InputError

Vector: TypeAlias = list[float]

TABLE = "token_embd.weight"
_Q8_0 = 8
_BLOCK = 32
"""Values that share a scale in Q8_0: a half-precision number, and a signed byte each."""

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_SPACE = "Ġ"
"""How GPT-2's vocabulary writes the space before a word."""

_WORD = re.compile(r"[A-Za-z]{2,}")
UNSEEN = 0.3
"""What a word weighs that no text of the collection has, as a share of what one weighs that a single text has. One that
is no whole token weighs nothing: it is a name, or made up."""

MAIN_DIRECTIONS = 1
"""Directions that are taken out of all texts."""

_ROUNDS = 20

LONGEST_TEXT = 2**24
"""Bytes of a text in a file's head."""


class TokenTable:
    """The token vectors in a file of weights (GGUF, Q8_0), and how words fall into tokens.

    Args:
        path: the file.

    Raises:
        InputError: it is no such file.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                facts, tensors = _header(file)
                start = -file.tell() % int(facts.get("general.alignment", 32)) + file.tell()
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, struct.error, ValueError, KeyError) as error:
            raise InputError(f"no file of weights (GGUF): {error}", where=str(path)) from error
        size, kind, offset = tensors.get(TABLE, ((0, 0), -1, 0))
        if kind != _Q8_0:
            raise InputError(f"`{TABLE}` is not quantised as Q8_0", where=str(path), hint="Give other weights.")
        self.width = size[0]
        """Numbers in a vector."""
        self._at = start + offset
        self._ids = {token: place for place, token in enumerate(facts["tokenizer.ggml.tokens"])}
        self._ranks = {tuple(merge.split(" ")): place for place, merge in enumerate(facts["tokenizer.ggml.merges"])}

    def tokens(self, word: str) -> list[int]:
        """Return the tokens of a word of ASCII letters, as it stands behind a space."""
        pieces = [_SPACE, *word]
        while len(pieces) > 1:
            pairs = [(self._ranks.get((one, other), math.inf), at) for at, (one, other) in enumerate(pairwise(pieces))]
            rank, at = min(pairs)
            if rank == math.inf:
                break
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
        return [self._ids[piece] for piece in pieces if piece in self._ids]

    def vector(self, token: int) -> Vector:
        """Return the vector of a token."""
        blocks = self.width // _BLOCK
        row = self._at + token * blocks * (_BLOCK + 2)
        found: Vector = []
        for block in range(blocks):
            scale, *values = struct.unpack_from(f"<e{_BLOCK}b", self._bytes, row + block * (_BLOCK + 2))
            found += [scale * value for value in values]
        return found


class StaticEmbedder:
    """Embeds texts by the vectors of their words, as seen against a collection of texts.

    Args:
        table: the vectors.
        texts: the collection, which says how rare words are, and what all texts have in common.
    """

    def __init__(self, table: TokenTable, texts: Sequence[str]) -> None:
        self._table = table
        self._word = lru_cache(maxsize=50_000)(self._looked_up)
        bags = [set(_words(text)) for text in texts]
        self._found_in = Counter(word for bag in bags for word in bag)
        self._size = len(texts)
        raw = [self._sum(text) for text in texts]
        self._mean = [sum(column) / max(1, len(raw)) for column in zip(*raw, strict=True)] or [0.0] * table.width
        centred = [[value - mean for value, mean in zip(one, self._mean, strict=True)] for one in raw]
        self._directions = _main_directions(centred, MAIN_DIRECTIONS)
        self.vectors = [self._turned(one) for one in centred]
        """The collection's own, each of length 1."""

    def embed(self, text: str) -> Vector:
        """Return a text's vector, of length 1 unless it says nothing."""
        return self._turned([value - mean for value, mean in zip(self._sum(text), self._mean, strict=True)])

    def _sum(self, text: str) -> Vector:
        """Return the weighted mean of the words' vectors."""
        total, weight = [0.0] * self._table.width, 0.0
        for word in _words(text):
            rarity = self._rarity(word)
            weight += rarity
            total = [held + rarity * value for held, value in zip(total, self._word(word), strict=True)]
        return [value / weight for value in total] if weight else total

    def _rarity(self, word: str) -> float:
        if word in self._found_in:
            return math.log(1 + self._size / self._found_in[word])
        return UNSEEN * math.log(1 + self._size) if len(self._table.tokens(word)) == 1 else 0.0

    def _looked_up(self, word: str) -> Vector:
        vectors = [self._table.vector(token) for token in self._table.tokens(word)]
        if not vectors:
            return [0.0] * self._table.width
        return unit([sum(column) for column in zip(*vectors, strict=True)])

    def _turned(self, vector: Vector) -> Vector:
        for direction in self._directions:
            along = dot(vector, direction)
            vector = [value - along * part for value, part in zip(vector, direction, strict=True)]
        return unit(vector)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the inner product of two vectors."""
    return sum(map(mul, one, other))


def unit(vector: Vector) -> Vector:
    """Return a vector made of length 1; what is zero stays so."""
    length = math.sqrt(dot(vector, vector))
    return [value / length for value in vector] if length else vector


def _main_directions(vectors: Sequence[Vector], count: int) -> list[Vector]:
    """Return the directions along which vectors spread most, by power iteration."""
    found: list[Vector] = []
    left = list(vectors)
    for _ in range(min(count, max(0, len(vectors) - 1))):
        direction = unit([value + (place % 7) * 1e-4 for place, value in enumerate(left[0])])
        for _ in range(_ROUNDS):
            pulls = [dot(one, direction) for one in left]
            direction = unit([dot(pulls, column) for column in zip(*left, strict=True)])
        found.append(direction)
        left = [
            [value - dot_ * part for value, part in zip(one, direction, strict=True)]
            for one, dot_ in ((one, dot(one, direction)) for one in left)
        ]
    return found


def _header(file: BinaryIO) -> tuple[dict[str, Any], dict[str, tuple[tuple[int, ...], int, int]]]:
    """Return what a GGUF file says of itself, and size, kind and place of each of its tensors."""
    if file.read(4) != b"GGUF":
        raise ValueError("it does not begin with `GGUF`")
    _, tensors, facts = _numbers(file, "IQQ")
    said = {_text(file): _value(file, *_numbers(file, "I")) for _ in range(facts)}
    found: dict[str, tuple[tuple[int, ...], int, int]] = {}
    for _ in range(tensors):
        name = _text(file)
        (dimensions,) = _numbers(file, "I")
        size = _numbers(file, f"{dimensions}Q")
        kind, offset = _numbers(file, "IQ")
        found[name] = (size, kind, offset)
    return said, found


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        inner, count = _numbers(file, "IQ")
        return [_value(file, inner) for _ in range(count)]
    return _numbers(file, _SCALARS[kind])[0]


def _text(file: BinaryIO) -> str:
    (size,) = _numbers(file, "Q")
    if size > LONGEST_TEXT:
        raise ValueError(f"a text of {size} bytes")
    return file.read(size).decode("utf-8", "replace")


def _numbers(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))
