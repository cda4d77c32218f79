"""A small, diverse selection, after LIMA: formats and domains balanced, in each the best that are least alike."""

import math
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import fmean
from typing import TypeAlias

from toolbench.model import Json, JsonObject
from toolbench.model.created import Created

Vector: TypeAlias = dict[str, float]

DOMAIN_FIELDS = ("domain", "topic", "category", "subject", "concept")
"""Fields of a record that say what it is about, the first that is there."""

MOST_DOMAINS = 20
"""Domains that are found out, where records do not name them."""

QUALITY = 0.5
"""Weight of the rating against unlikeness when the next one is chosen; both from 0 to 1."""

COMPARED = 2_000
"""Records whose likeness to all others is measured for the report, at most."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_LIST = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s+\S")
_TABLE = re.compile(r"(?m)^\s*\|.*\|\s*$")
_CODE = re.compile(r"```|(?m:^\s*(?:def |class |import |SELECT |#include |function ))")
_COMMON = frozenset(
    "the and for are was were has have had with that this these those from what which who whom whose when where why how"
    " can could should would will you your they them their its not but about into does did name give tell explain"
    " describe write list please".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be selected."""

    name: str
    """Name of its own."""
    content: Created
    """The record as a conversation."""
    rating: float
    """How good it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What was selected, and how it covers what there was."""

    names: tuple[str, ...]
    """The names of those selected, in the order of the candidates."""
    before: JsonObject
    """What there was: `records`, `domains`, `formats`, their `evenness`, `likeness` to the nearest, …"""
    after: JsonObject
    """The same of what was selected."""


def select(candidates: Sequence[Candidate], count: int) -> Selection:
    """Select records: as many of each domain as of the others, and of formats always the one that is rarest so far.

    Where a domain or a format has too few, the others fill up. Within both, the next one is the one whose rating and
    unlikeness to those selected there are highest together. The same candidates give the same selection.

    Args:
        candidates: what there is; near-duplicates should have been removed.
        count: how many are selected, at most.
    """
    vectors = _vectors([f"{one.content.question}\n{one.content.answer}" for one in candidates])
    domains = _domains(candidates, vectors)
    formats = [format_of(one.content) for one in candidates]
    cells: dict[str, dict[str, list[int]]] = {}
    for at, (domain, form) in enumerate(zip(domains, formats, strict=True)):
        cells.setdefault(domain, {}).setdefault(form, []).append(at)
    ranked = {
        domain: {form: _ranked(cell, candidates, vectors) for form, cell in forms.items()}
        for domain, forms in cells.items()
    }
    chosen = sorted(_in_turn(ranked, count))
    everything = range(len(candidates))
    told = _reporter(candidates, vectors, domains, formats)
    return Selection(tuple(candidates[at].name for at in chosen), told(everything), told(chosen))


def coverage(selection: Selection) -> str:
    """Return how a selection covers what there was, as Markdown."""
    before, after = selection.before, selection.after
    names = {
        "records": "Records",
        "evenness_of_domains": "Evenness of domains (1: all as frequent)",
        "evenness_of_formats": "Evenness of formats",
        "likeness_to_nearest": "Mean likeness to the nearest record (0: nothing in common)",
        "mean_rating": "Mean rating (0 to 1)",
        "median_words": "Median words of an answer",
    }
    rows = [(label, before[name], after[name]) for name, label in names.items()]
    lines = ["# Selection", "", *_table("Figure", rows)]
    for what in ("domains", "formats"):
        rows = [(name, count, after[what].get(name, 0)) for name, count in before[what].items()]
        lines += ["", f"## By {what.removesuffix('s')}", "", *_table(what.removesuffix("s").capitalize(), rows)]
    return "\n".join(lines) + "\n"


def _table(first: str, rows: Sequence[tuple[str, Json, Json]]) -> list[str]:
    head = [f"| {first} | Before | After |", "| --- | ---: | ---: |"]
    return head + [f"| {' '.join(name.split())} | {_told(one)} | {_told(other)} |" for name, one, other in rows]


def _told(figure: Json) -> str:
    return "-" if figure is None else str(figure)


def format_of(content: Created) -> str:
    """Return which form an answer has: code, table, list, dialogue, phrase, paragraph or essay."""
    answer = content.answer
    if sum(message.role == "user" for message in content.messages) > 1:
        return "dialogue"
    for name, pattern in (("code", _CODE), ("table", _TABLE)):
        if pattern.search(answer):
            return name
    if len(_LIST.findall(answer)) > 1:
        return "list"
    words = len(answer.split())
    return "phrase" if words <= 12 else "paragraph" if words <= 150 else "essay"


def _in_turn(cells: Mapping[str, Mapping[str, list[int]]], count: int) -> Iterator[int]:
    """Yield records, domain after domain, each time of the format that was yielded least so far.

    Args:
        cells: by domain and format, records in the order in which they are to be taken.
        count: how many, at most.
    """
    taken: Counter[str] = Counter()
    domains = [{form: deque(cell) for form, cell in forms.items()} for forms in cells.values()]
    while domains:
        for forms in domains:
            if taken.total() == count:
                return
            form = min(forms, key=lambda form: (taken[form], form))
            taken[form] += 1
            yield forms[form].popleft()
            if not forms[form]:
                del forms[form]
        domains = [forms for forms in domains if forms]


def _ranked(cell: Sequence[int], candidates: Sequence[Candidate], vectors: Sequence[Vector]) -> list[int]:
    """Return the records of a cell, the next always the best and least like those before."""
    left = dict.fromkeys(cell, 0.0)
    """Likeness to the most similar one that comes before."""
    order: list[int] = []
    while left:
        best = max(left, key=lambda at: (_worth(candidates[at].rating, left[at]), -at))
        order.append(best)
        del left[best]
        for at in left:
            left[at] = max(left[at], _cosine(vectors[at], vectors[best]))
    return order


def _worth(rating: float, likeness: float) -> float:
    return QUALITY * rating + (1 - QUALITY) * (1 - likeness)


def _domains(candidates: Sequence[Candidate], vectors: Sequence[Vector]) -> list[str]:
    """Return of each record its domain: as it says itself, or else the cluster of words that it lies in."""
    said = [_said_domain(one.content.meta) for one in candidates]
    silent = [at for at, domain in enumerate(said) if not domain]
    found = dict(zip(silent, _clusters([vectors[at] for at in silent]), strict=True))
    return [domain or found[at] for at, domain in enumerate(said)]


def _said_domain(meta: JsonObject) -> str:
    for name in DOMAIN_FIELDS:
        value: Json = meta.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip().casefold()
    return ""


def _clusters(vectors: Sequence[Vector]) -> list[str]:
    """Return names of clusters: seeds as far apart as can be, each record with the seed that it is most like."""
    if not vectors:
        return []
    wanted = min(MOST_DOMAINS, max(1, round(math.sqrt(len(vectors) / 2))))
    seeds = [0]
    nearest = [_cosine(vector, vectors[0]) for vector in vectors]
    owners = [0] * len(vectors)
    while len(seeds) < wanted:
        far = min(range(len(vectors)), key=nearest.__getitem__)
        if nearest[far] > 1 - 1e-9:
            break
        seeds.append(far)
        for at, vector in enumerate(vectors):
            likeness = _cosine(vector, vectors[far])
            if likeness > nearest[at] or at == far:
                nearest[at], owners[at] = likeness, len(seeds) - 1
    return [f"{owner + 1}: {_title(owner, owners, vectors)}" for owner in owners]


def _title(owner: int, owners: Sequence[int], vectors: Sequence[Vector]) -> str:
    weights: dict[str, float] = defaultdict(float)
    for at, vector in enumerate(vectors):
        if owners[at] == owner:
            for word, weight in vector.items():
                weights[word] += weight
    return " ".join(word for word, _ in sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:3])


def _vectors(texts: Sequence[str]) -> list[Vector]:
    """Return the words of each text, weighted by their rarity, as vectors of length 1."""
    counts = [Counter(_terms(text)) for text in texts]
    held = Counter(chain.from_iterable(counts))
    total = len(texts)
    return [
        _unit({word: (1 + math.log(n)) * math.log(1 + total / held[word]) for word, n in one.items()}) for one in counts
    ]


def _terms(text: str) -> Iterator[str]:
    return (word for word in _WORD.findall(text.casefold()) if word not in _COMMON)


def _unit(vector: Vector) -> Vector:
    size = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {word: weight / size for word, weight in vector.items()} if size else {}


def _cosine(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * large.get(word, 0.0) for word, weight in small.items())


def _reporter(
    candidates: Sequence[Candidate], vectors: Sequence[Vector], domains: Sequence[str], formats: Sequence[str]
) -> Callable[[Sequence[int]], JsonObject]:
    def report(chosen: Sequence[int]) -> JsonObject:
        by_domain, by_format = (Counter(names[at] for at in chosen) for names in (domains, formats))
        ratings = [candidates[at].rating for at in chosen]
        words = sorted(len(candidates[at].content.answer.split()) for at in chosen)
        return {
            "records": len(chosen),
            "domains": dict(by_domain.most_common()),
            "formats": dict(by_format.most_common()),
            "evenness_of_domains": _evenness(by_domain),
            "evenness_of_formats": _evenness(by_format),
            "likeness_to_nearest": _likeness([vectors[at] for at in chosen]),
            "mean_rating": round(fmean(ratings), 4) if ratings else None,
            "median_words": words[len(words) // 2] if words else None,
        }

    return report


def _evenness(counts: Counter[str]) -> float | None:
    """Return Pielou's evenness, entropy over the highest there can be: 1 where all are as frequent; None for one."""
    total = counts.total()
    if len(counts) < 2:
        return None
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    return round(entropy / math.log(len(counts)), 4)


def _likeness(vectors: Sequence[Vector]) -> float | None:
    """Return the mean cosine of a record and the one that it is most like, over at most `COMPARED` of them."""
    step = max(1, math.ceil(len(vectors) / COMPARED))
    some = vectors[::step]
    if len(some) < 2:
        return None
    best = [max(_cosine(one, other) for k, other in enumerate(some) if k != at) for at, one in enumerate(some)]
    return round(fmean(best), 4)
