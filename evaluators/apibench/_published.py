"""The verdict as Gorilla's evaluation scripts come to it, so that figures can be held against published ones.

Theirs is a containment of texts: of the first API of the database each argument must stand somewhere in the text of the
call. `AutoModel.from_pretrained('bert-base')` is thus found in a call for `bert-base-uncased`. They parse what is torn
with a parser of their own; here it is read as far as the brackets tell.
"""

import ast
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from evaluators.apibench._rows import ApiRow
from evaluators.apibench._texts import calls_in, closing
from evaluators.matching._syntax import UnreadableError, expression

_TORCH = "torch.hub.load"
_TENSORFLOW = "hub."
_FIELD = "api_call"
_NEXT_FIELD = "api_provider"
_QUOTED = re.compile(r"\s*(\"[^\"\n]*\"|'[^'\n]*')")


def published(text: str, database: Sequence[ApiRow | None], domain: str) -> Literal["right", "wrong", "hallucinated"]:
    """Return `right`, `wrong` or `hallucinated`. A response without a call is hallucinated, too, but on TorchHub wrong
    where it has no field `api_call`.

    Args:
        text: the response.
        database: the APIs, in order.
        domain: the domain asked for.
    """
    rows = [row for row in database if row]
    if _FIELD not in text and any(row.call.name == _TORCH for row in rows):
        return "wrong"
    written = _written(text)
    first: dict[str, str] = {}
    for call in reversed(calls_in(written)):
        first.setdefault(call.name, call.text)
    row = next((row for row in rows if _is_called(row, first, written)), None)
    if row is None:
        return "hallucinated"
    return "right" if row.domain == domain else "wrong"


def _written(text: str) -> str:
    """Return the program in a response: from the second character behind the colon of its field to the last bracket.

    A quotation in front is no program: of a call in quotation marks that holds such itself only a piece is left.
    """
    if _FIELD not in text:
        return text
    part = text.split(_FIELD)[1].split(_NEXT_FIELD)[0]
    start = max(part.find(":"), 0) + 2
    part = part[start : part.rfind(")") + 1] if ")" in part else part[start:-1]
    return _QUOTED.sub("", part, count=1) if _QUOTED.match(part) else part


def _is_called(row: ApiRow, first: dict[str, str], written: str) -> bool:
    name, parts = _signature(row.written)
    if not parts:
        return False
    text = first.get(name) or _chained(name, written)
    return bool(text) and all(part.strip("'") in text for part in parts)


def _chained(name: str, written: str) -> str:
    """Return the call of what is no plain name (`f('x').to`), as it stands in a text; empty where it does not."""
    start = written.find(f"{name}(") if ")" in name else -1
    return written[start : closing(written, start + len(name))] if start >= 0 else ""


@lru_cache(maxsize=10_000)
def _signature(text: str) -> tuple[str, tuple[str, ...]]:
    """Return what an API's call calls, as text, and the texts of the arguments that count.

    On TorchHub two of them count, on TensorFlow Hub what is named counts with its name, elsewhere the values of all.
    What is no call alone has none.
    """
    try:
        tree = expression(text.strip())
    except UnreadableError:
        return "", ()
    if not isinstance(tree, ast.Call):
        return "", ()

    def source(node: ast.AST) -> str:
        return ast.get_source_segment(text.strip(), node) or ""

    name = source(tree.func)
    placed = [] if name == _TORCH else tree.args
    named = [word for word in tree.keywords if name != _TORCH or word.arg in {"repo_or_dir", "model"}]
    whole = name.startswith(_TENSORFLOW)
    nodes = (*placed, *(word if whole and word.arg != "model" else word.value for word in named))
    return name, tuple(map(source, nodes))
