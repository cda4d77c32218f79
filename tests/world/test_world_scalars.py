"""Scalars and patterns judged here as jsonschema-rs judges them; texts made for patterns."""

import os
import subprocess
import sys
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.world.patterns import matches, text_for
from toolbench.world.scalars import accepts, same

LITERALS = st.sampled_from(["a", "Z", "7", "_", "-", " ", ",", "/", r"\.", r"\/", r"\-", r"\$", r"\u0041", "é"])
SETS = st.sampled_from(
    ["[a-z]", "[^a-z]", r"[\w-]", r"[^\r\n\u0085]", "[A-Za-z0-9_.-]", r"\d", r"\W", r"\s", r"\S", ".", r"[^\]]", "[+=]"]
)
QUANTIFIERS = st.sampled_from(["", "*", "+", "?", "{2}", "{0,3}", "{1,}"])
PIECES = st.tuples(LITERALS | SETS, QUANTIFIERS).map("".join)
PLAIN = st.lists(PIECES, max_size=4).map("".join)
GROUPED = st.builds("({}|(?:{}){{1,2}})".format, PLAIN, PIECES)
PATTERNS = st.builds("{}{}{}".format, st.sampled_from(["", "^"]), PLAIN | GROUPED, st.sampled_from(["", "$"]))
TEXTS = st.text(alphabet="aZ7_-. ,/$]+=A\né\u0085", max_size=8)
NUMBERS = st.integers(-40, 40) | st.floats(-40, 40).map(lambda number: round(number, 2))
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
KINDS = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
VIEWS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "type": KINDS | st.lists(KINDS, min_size=1, max_size=3, unique=True),
        "enum": st.lists(SCALARS | st.lists(SCALARS, max_size=2), min_size=1, max_size=4),
        "const": SCALARS,
        "minLength": st.integers(0, 6),
        "maxLength": st.integers(0, 6),
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "exclusiveMinimum": NUMBERS,
        "exclusiveMaximum": NUMBERS,
        "multipleOf": st.sampled_from([1, 2, 0.5, 7]),
        "format": st.sampled_from(["date", "email", "uuid", "int32", "ipv4"]),
        "pattern": PATTERNS,
    },
)


def is_valid(value: Any, schema: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value)


@given(VIEWS, SCALARS)
def test_scalars_are_judged_as_by_json_schema(view: dict[str, Any], value: Any) -> None:
    assert accepts(value, view) == is_valid(value, view)


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner))


@given(VALUES, VALUES)
def test_values_are_the_same_where_json_schema_says_so(one: Any, other: Any) -> None:
    assert same(one, other) == is_valid(one, {"const": other})


@given(PATTERNS, TEXTS)
def test_patterns_mean_what_json_schema_means(pattern: str, text: str) -> None:
    assert matches(text, pattern) == is_valid(text, {"pattern": pattern})


@given(PATTERNS, st.integers(0, 1000))
def test_a_text_made_for_a_pattern_matches_it(pattern: str, seed: int) -> None:
    assert matches(text_for(pattern, Random(seed)), pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^arn:aws(-[^:]+)?:iam::[0-9]{12}:role/.+$",
        r"^(?=[a-z]{3})[a-z]{3}-\d$",
        r"^\p{Lu}\p{L}+$",
        r"^(?<year>\d{4})-(0[1-9]|1[0-2])$",
        r"^[^\u0000\r\n]{3,4096}$",
        r"^((a*)*)*$",
        r"^\x41\u0042[\]-]?$",
        r"^(foo|bar){2,3}\b$",
    ],
)
def test_usual_patterns_are_met_within_a_few_texts(pattern: str) -> None:
    assert any(is_valid(text_for(pattern, Random(seed)), {"pattern": pattern}) for seed in range(12))


@pytest.mark.parametrize("pattern", ["(", "[a", "a{3,1}", "*a", r"\k<x>", "(?i)a", ")", r"(a)\1", "[^\x00-\uffff]"])
def test_what_cannot_be_read_gives_no_text(pattern: str) -> None:
    assert text_for(pattern, Random(0)) == ""


def test_texts_are_the_same_in_every_process() -> None:
    code = "from random import Random; from toolbench.world.patterns import text_for as t;"
    code += r"print([t(p, Random(5)) for p in (r'^[^a-f]{9}$', r'\W\D\S{4}', '[x-]+')])"
    shown = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(shown) == 1
