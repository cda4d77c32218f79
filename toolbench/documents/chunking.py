"""Cutting a document into chunks: at headings before blocks, blocks before sentences, sentences before words."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from toolbench.errors import ConfigError
from toolbench.model import Chunk, Document

SENTENCE, BLOCK, HEADING = 2, 3, 4
"""How good a place to cut is, beside those between two words (1) and right after a heading (0). A heading of level n is
as good as `HEADING + 6 - n`, the highest best."""

_SPACE = re.compile(r"\s+|(?<=[。！？])(?=\S)")  # noqa: RUF001  (full-width marks end sentences without a space)
_ENDED = re.compile(r"[.!?。！？…][\"'”’)\]]*\Z")  # noqa: RUF001
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:[Mm]rs?|[Mm]s|Dr|Prof|St|Jr|Sr|vs|etc|cf|al|e\.g|i\.e|[Nn]o|[Ff]igs?|Eq|[Vv]ol|pp?|ca|approx))\.\Z"
)


class _Edge(NamedTuple):
    """A place to cut: the text before ends at `stop`, the text after begins at `resume`, only space between."""

    stop: int
    resume: int
    worth: int


def chunks(document: Document, *, size: int, overlap: int) -> list[Chunk]:
    """Cut a document into chunks.

    Cuts are made where its structure is, in the second half of the room there is, or else as late as possible; a word
    is cut only where it is longer than a chunk. Neighbours overlap: a chunk begins with the end of the one before,
    from the first sentence (or else word) that begins within `overlap`. Every character that is no space is in a chunk.

    Args:
        document: the document.
        size: characters in a chunk, at most.
        overlap: characters that two neighbours share, at most.

    Returns:
        The chunks in order. Their `headings` are those over what is new in them; `page` is the one they begin on.

    Raises:
        ConfigError: the size is not positive, or the overlap is negative or not smaller than the size.
    """
    if size < 1 or not 0 <= overlap < size:
        raise ConfigError(
            f"chunks of {size} characters cannot overlap by {overlap}",
            hint="The size must be positive, the overlap not negative and smaller than the size",
        )
    paths = _heading_paths(document)
    made: list[Chunk] = []
    for start, new, end in _spans(document, size, overlap):
        first, own = (bisect_right(document.starts, place) - 1 for place in (start, new))
        made.append(
            Chunk(
                document=document.id,
                ordinal=len(made),
                text=document.text[start:end],
                start=start,
                end=end,
                headings=paths[own],
                page=document.blocks[first].page,
            )
        )
    return made


def _spans(document: Document, size: int, overlap: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each chunk begins, where what is new in it begins, and where it ends."""
    edges = _edges(document)
    stops, resumes = [edge.stop for edge in edges], [edge.resume for edge in edges]
    length = len(document.text.rstrip())
    start = new = len(document.text) - len(document.text.lstrip())
    while new < length:
        if length - start <= size:
            yield start, new, length
            return
        inside = edges[bisect_right(stops, new) : bisect_right(stops, start + size)]
        cut = _best(inside, start + size // 2) or _Edge(start + size, start + size, 0)
        yield start, new, cut.stop
        following = edges[bisect_right(stops, cut.resume)].stop if stops and stops[-1] > cut.resume else length
        # What is shared must leave room for the word that follows, and begin later than this chunk does.
        earliest = max(cut.stop - overlap, following - size, start + 1)
        shared = edges[bisect_left(resumes, earliest) : bisect_left(resumes, cut.stop)]
        start, new = _overlap_start(shared, cut.resume), cut.resume


def _best(edges: list[_Edge], middle: int) -> _Edge | None:
    late = [edge for edge in edges if edge.stop >= middle]
    if late:
        return max(late, key=lambda edge: (edge.worth, edge.stop))
    return max(edges, key=lambda edge: (edge.worth > 0, edge.stop), default=None)


def _overlap_start(edges: list[_Edge], otherwise: int) -> int:
    """Return where the first sentence begins, or else the first word, or else `otherwise`."""
    sentences = (edge.resume for edge in edges if edge.worth >= SENTENCE)
    return next(sentences, edges[0].resume if edges else otherwise)


def _edges(document: Document) -> list[_Edge]:
    """Return all places between two words, in order."""
    return [
        _Edge(space.start(), space.end(), _worth(document, space))
        for space in _SPACE.finditer(document.text)
        if space.start() > 0 and space.end() < len(document.text)
    ]


def _worth(document: Document, space: re.Match[str]) -> int:
    before = bisect_right(document.starts, space.start() - 1) - 1
    after = bisect_right(document.starts, space.end()) - 1
    if before != after:
        if document.blocks[before].kind == "heading":
            return 0
        block = document.blocks[after]
        return HEADING + max(6 - block.level, 0) if block.kind == "heading" else BLOCK
    kind = document.blocks[before].kind
    if kind != "paragraph":
        return SENTENCE if "\n" in space.group() else 1
    return SENTENCE if _ends_sentence(document.text, space) else 1


def _ends_sentence(text: str, space: re.Match[str]) -> bool:
    before = text[max(space.start() - 12, 0) : space.start()]
    if not _ENDED.search(before) or _ABBREVIATED.search(before):
        return False
    return not text[space.end()].islower()


def _heading_paths(document: Document) -> list[tuple[str, ...]]:
    """Return for each block the headings it stands under, itself included where it is one."""
    path: list[tuple[int, str]] = []
    found: list[tuple[str, ...]] = []
    for block in document.blocks:
        if block.kind == "heading":
            path = [over for over in path if over[0] < block.level]
            path.append((block.level, " ".join(block.text.split())))
        found.append(tuple(text for _, text in path))
    return found


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, spaces around them left out."""
    spaces = [space for space in _SPACE.finditer(text) if space.start() > 0 and space.end() < len(text)]
    ends = [space.end() for space in spaces if _ends_sentence(text, space)]
    return [sentence for a, b in pairwise([0, *ends, len(text)]) if (sentence := text[a:b].strip())]
