"""Observations as text: whole where they fit, cut by structure where not."""

import re

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.model import Observation
from toolbench.model.shown import CUT, observation_text, shortened, terms

SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=40)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=6),
    max_leaves=60,
)


def seen(body, status="ok", http=200):
    return Observation(call="c", status=status, http_status=http, body=body)


@given(VALUES)
def test_what_fits_is_left_as_it_is(value):
    assert orjson.loads(observation_text(seen({"x": value}), limit=100_000)) == {"x": value}


BODIES = st.recursive(
    SCALARS | st.text("ab \n", max_size=400),
    lambda inner: (
        st.lists(inner, max_size=30)
        | st.dictionaries(
            st.sampled_from(["id", "user_id", "name", "paid", "note", "status"]) | st.text(max_size=9), inner
        )
    ),
    max_leaves=120,
)
MORE = re.compile(rf"{CUT} \[(\d+) more (?:items|characters)\]$")


def is_cut_of(cut, whole) -> bool:
    """Whether a value is another one with parts left out, each of them counted where it was."""
    if cut == whole:
        return True
    if isinstance(whole, str) and isinstance(cut, str):
        note = MORE.search(cut)
        kept = cut[: note.start()] if note else ""
        ends_a_word = not kept or whole[len(kept)].isspace()
        return bool(note) and whole.startswith(kept) and ends_a_word and int(note[1]) == len(whole) - len(kept)
    if isinstance(whole, list) and isinstance(cut, list):
        note = MORE.fullmatch(cut[-1]) if cut and isinstance(cut[-1], str) and len(cut) <= len(whole) else None
        kept = cut[:-1] if note else cut
        rest = iter(whole)
        found = all(any(is_cut_of(one, other) for other in rest) for one in kept)
        return found and len(whole) - len(kept) == (int(note[1]) if note else 0)
    if isinstance(whole, dict) and isinstance(cut, dict):
        kept = [name for name in cut if name != CUT]
        left = f"[{len(whole) - len(kept)} more fields]"
        told = cut.get(CUT) == left if len(kept) < len(whole) else CUT not in cut
        in_order = kept == [name for name in whole if name in cut]
        return told and in_order and all(is_cut_of(cut[name], whole[name]) for name in kept)
    return False


@settings(max_examples=100)
@given(BODIES, st.integers(60, 1500))
def test_what_is_cut_is_within_the_limit_and_says_what_it_lacks(body, limit):
    text = observation_text(seen({"data": body}), limit=limit)
    cut = orjson.loads(text)
    assert len(text.encode()) <= limit
    size = len(orjson.dumps({"data": body}))
    assert cut == f"{CUT} [{size} bytes]" or is_cut_of(cut, {"data": body})


@settings(max_examples=50)
@given(st.lists(BODIES, min_size=3, max_size=20), st.integers(60, 900))
def test_keys_of_entities_are_whole_or_not_there(bodies, limit):
    keys = {f"{place}-{'k' * 100}" for place in range(len(bodies))}
    rows = [{"id": f"{place}-{'k' * 100}", "extra": body} for place, body in enumerate(bodies)]
    cut = shortened(rows, limit=limit)
    assert all(row["id"] in keys for row in cut if isinstance(row, dict) and isinstance(cut, list))


@settings(max_examples=50)
@given(BODIES, BODIES, st.lists(st.sampled_from(["list", "items", "deep"]), max_size=6), st.integers(600, 3000))
def test_what_is_wanted_is_kept_wherever_it_stands(before, after, way, limit):
    body = "Reference Needle-4711"
    for step in way:
        body = [before, after, body] if step == "list" else {"first": before, step: body, "last": after}
    text = observation_text(seen(body), terms("Find needle-4711."), limit)
    assert len(text.encode()) <= limit
    assert "Needle-4711" in text


def test_an_object_of_very_many_fields_is_cut_too():
    cut = shortened({f"ord_{place}": {"id": place, "note": "x " * 50} for place in range(5000)}, limit=4000)
    assert len(orjson.dumps(cut)) <= 4000
    assert cut["ord_0"]["id"] == 0
    assert cut[CUT] == f"[{5000 - len(cut) + 1} more fields]"
    assert shortened({"k" * 9000: 1}, limit=4000) == f"{CUT} [9006 bytes]"


def test_the_message_of_a_long_failure_stays():
    body = {"message": "The room is taken.", "trace": [{"frame": place, "text": "x " * 99} for place in range(999)]}
    assert "The room is taken." in observation_text(seen(body, "http_error", 409), limit=400)


@given(st.integers(30, 300))
def test_lists_keep_ids_and_say_how_many_items_were_cut(count):
    items = [{"id": f"order-{n}", "note": "a few words " * 20} for n in range(count)]
    cut = shortened({"data": items, "total": count}, limit=2000)
    kept = [item for item in cut["data"] if isinstance(item, dict)]
    assert cut["total"] == count
    assert [item["id"] for item in kept] == [f"order-{n}" for n in range(len(kept))]
    assert cut["data"][-1] == f"{CUT} [{count - len(kept)} more items]"
    assert len(orjson.dumps(cut)) <= 2000


@given(st.integers(0, 199))
def test_the_item_that_the_user_spoke_of_is_kept(place):
    items = [{"id": n, "title": f"Volume {n} of many", "text": "words " * 30} for n in range(200)]
    wanted = terms(f'What is the price of "Volume {place} of many"?')
    cut = shortened(items, wanted, limit=1500)
    assert place in [item["id"] for item in cut if isinstance(item, dict)]


def test_texts_end_at_a_word():
    cut = shortened({"text": "word " * 5000}, limit=300)
    assert cut["text"].split(CUT)[0].split(" ")[-1] == "word"
    assert "more characters" in cut["text"]


def test_deep_objects_keep_what_names_them():
    deep = {"id": 1, "owner": {"id": 7, "name": "Ada", "links": {"a": "x" * 90, "b": "y" * 90}}}
    cut = shortened([{"outer": deep}] * 40, limit=900)
    assert cut[0]["outer"]["id"] == 1
    assert "more fields" in orjson.dumps(cut).decode()


def test_a_failure_says_what_failed():
    assert orjson.loads(observation_text(seen({"message": "no"}, "http_error", 404))) == {
        "error": "http_error",
        "http_status": 404,
        "body": {"message": "no"},
    }
    assert observation_text(seen(None, http=204)) == '{"status":"ok"}'


def test_terms_are_quotations_and_words_with_digits():
    assert terms('The order 4711 of "Ada Lovelace" (ada@example.com), please.') == {
        "4711",
        "ada lovelace",
        "ada@example.com",
    }


def test_the_text_is_compact_and_keeps_the_order_of_keys():
    assert observation_text(seen({"b": 1, "a": [None, "é"]})) == '{"b":1,"a":[null,"é"]}'
    assert observation_text(seen(None, "timeout", None)) == '{"error":"timeout"}'
    assert observation_text(seen("x" * 20_000)) == f'"{CUT} [20000 more characters]"'
