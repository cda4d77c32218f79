"""What a text claims and nothing known supports."""

import re
from collections.abc import Iterator

from evaluators._claims import Claims, Name
from evaluators._knowledge import Knowledge, holds_count, holds_name, holds_number
from toolbench.model.reading import plain
from toolbench.model.wording import mentions


def loose(said: Claims, known: Knowledge) -> Iterator[str]:
    """Yield what cannot be traced, in words."""
    for written, number in said.numbers:
        words = said.counted.get(number)
        held = (
            holds_number(known, number, percent=number in said.percentages)
            if words is None
            else holds_count(known, number, words)
        )
        if not held:
            yield f"number {written}"
    yield from _loose_moments(said, known)
    yield from (repr(string) for string in said.strings if not _stands(known, string))
    yield from (f"name {' '.join(name.words)}" for name in said.names if not _traced(name, known))


def _loose_moments(said: Claims, known: Knowledge) -> Iterator[str]:
    yield from (f"date {written}" for written, readings in said.dates if not readings & known.dates)
    yield from (f"date {written}" for written, day in said.days if day not in known.days)
    yield from (f"time {written}" for written, time in said.times if time not in known.times)


def _traced(name: Name, known: Knowledge) -> bool:
    return holds_name(known, name.words) or (name.starts_sentence and holds_name(known, name.words[1:]))


def _stands(known: Knowledge, string: str) -> bool:
    """Tell whether a string was seen or said, be it as a part of a longer one."""
    bare = re.escape(plain(string))
    return mentions(known.text, string) or bool(re.search(rf"(?<!\w){bare}(?!\w)", known.text))
