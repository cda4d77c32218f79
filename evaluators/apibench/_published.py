"""The verdict as Gorilla's evaluation scripts come to it, so that figures can be held against published ones.

Theirs is a containment of texts: of the first API of the database each argument must stand somewhere in the text of the
call. `AutoModel.from_pretrained('bert-base')` is thus found in a call for `bert-base-uncased`.
"""

import ast
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from evaluators.apibench._rows import ApiRow
from evaluators.apibench._texts import api_call_part, calls_in
from evaluators.matching._syntax import UnreadableError, expression

_TORCH = "torch.hub.load"
_TENSORFLOW = "hub."


def published(text: str, database: Sequence[ApiRow | None], domain: str) -> Literal["right", "wrong", "hallucinated"]:
    """Return `right`, `wrong` or `hallucinated`. A response without a call is hallucinated, too, but on TorchHub wrong
    where it has no field `api_call`.

    Args:
        text: the response.
        database: the APIs, in order.
        domain: the domain asked for.
    """
    rows = [row for row in database if row]
    part = api_call_part(text)
    if part is None and any(row.call.name == _TORCH for row in rows):
        return "wrong"
    written = text if part is None else part[: part.rfind(")") + 1]
    first: dict[str, str] = {}
    for call in reversed(calls_in(written)):
        first.setdefault(call.name, call.text)
    row = next((row for row in rows if row.call.name in first and _contains(first[row.call.name], row)), None)
    if row is None:
        return "hallucinated"
    return "right" if row.domain == domain else "wrong"


def _contains(text: str, row: ApiRow) -> bool:
    parts = _parts(row.call.name, row.call.text)
    return bool(parts) and all(part.strip("'") in text for part in parts)


@lru_cache(maxsize=10_000)
def _parts(name: str, text: str) -> tuple[str, ...]:
    """Return the texts of the arguments of a call that count: on TorchHub two of them, on TensorFlow Hub what is named
    with its name, elsewhere the values of all."""
    try:
        tree = expression(text)
    except UnreadableError:
        return ()
    if not isinstance(tree, ast.Call):
        return ()
    placed = [] if name == _TORCH else tree.args
    named = [word for word in tree.keywords if name != _TORCH or word.arg in {"repo_or_dir", "model"}]
    whole = name.startswith(_TENSORFLOW)
    nodes = (*placed, *(word if whole and word.arg != "model" else word.value for word in named))
    return tuple(ast.get_source_segment(text, node) or "" for node in nodes)
