"""Observations as text: whole where they fit, cut by structure where not."""

import orjson
from hypothesis import given
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


@given(VALUES, st.integers(20, 400))
def test_what_is_cut_is_json_still_and_never_longer(value, limit):
    text = observation_text(seen({"data": [value] * 5}), limit=limit)
    assert orjson.loads(text) is not None
    whole = orjson.dumps({"data": [value] * 5}).decode()
    assert len(text) <= limit or len(text) <= max(len(whole), 60) + 60


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
