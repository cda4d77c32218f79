"""Calls held against accepted calls: each rule, each switch, and what no rule may change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.matching import BFCL, EXACT, LOOSE, NamedCall, check_calls, rules_of
from evaluators.matching._rules import SWITCHES
from toolbench.model import AcceptedCall

PRESETS = pytest.mark.parametrize("rules", [BFCL, EXACT, LOOSE], ids=["bfcl", "exact", "loose"])
PLAYED = {
    "name": "music.play",
    "parameters": {
        "type": "dict",
        "properties": {
            "artist": {"type": "string"},
            "minutes": {"type": "integer"},
            "volume": {"type": "float"},
            "shuffle": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "levels": {"type": "array", "items": {"type": "float"}},
            "device": {"type": "dict", "properties": {"room": {"type": "string"}, "floor": {"type": "integer"}}},
            "queue": {"type": "array", "items": {"type": "dict"}},
            "mode": {"type": "string", "enum": ["loud", "quiet"]},
        },
        "required": ["artist"],
    },
}
STOPPED = {"name": "music.stop", "parameters": {"type": "dict", "properties": {}, "required": []}}
FUNCTIONS = [PLAYED, STOPPED]


def accepted(**arguments):
    return AcceptedCall(name="music.play", arguments={"artist": ["Maroon 5"], **arguments})


def call(name="music.play", **arguments):
    return NamedCall(name, {"artist": "Maroon 5", **arguments} if name == "music.play" else arguments)


def kind(calls, gold, rules):
    calls = calls if isinstance(calls, list) else [calls]
    gold = gold if isinstance(gold, list) else [gold]
    return check_calls(FUNCTIONS, calls, gold, rules=rules).kind


@PRESETS
@pytest.mark.parametrize(
    ("calls", "gold", "found"),
    [
        (call(), accepted(), "right"),
        (call(minutes=20), accepted(minutes=[15, 20]), "right"),
        (call(minutes=20), accepted(minutes=[15]), "wrong_value"),
        (call(minutes="20"), accepted(minutes=[20]), "wrong_type"),
        (call(minutes=True), accepted(minutes=[20]), "wrong_type"),
        (call(minutes=20.0), accepted(minutes=[20]), "wrong_type"),
        (call(), accepted(minutes=[20]), "left_out"),
        (call(), accepted(minutes=["", 20]), "right"),
        (call(loops=1), accepted(), "unexpected_argument"),
        (call(minutes=1), accepted(), "unexpected_argument"),
        (NamedCall("music.play", {}), accepted(), "missing_argument"),
        (call("music.stop"), accepted(), "wrong_function"),
        ([], accepted(), "no_call"),
        ([call(), call()], accepted(), "wrong_count"),
        (call(tags=["a", "b"]), accepted(tags=[["a", "b"]]), "right"),
        (call(tags=["b", "a"]), accepted(tags=[["a", "b"]]), "wrong_value"),
        (call(device={"room": "hall"}), accepted(device=[{"room": ["hall", "den"], "floor": ["", 1]}]), "right"),
        (call(device={"room": "hall", "floor": 2}), accepted(device=[{"room": ["hall"], "floor": [1]}]), "wrong_value"),
        (call(device={}), accepted(device=[{"room": ["hall"]}]), "wrong_value"),
        (call(device={"room": "hall", "wing": 1}), accepted(device=[{"room": ["hall"]}]), "wrong_value"),
        (call(queue=[{"id": 1}]), accepted(queue=[[{"id": [1, 2]}]]), "right"),
        (call(queue=[{"id": 3}]), accepted(queue=[[{"id": [1, 2]}]]), "wrong_value"),
        (call(queue=[]), accepted(queue=[[{"id": [1]}]]), "wrong_value"),
    ],
)
def test_what_holds_by_all_presets(calls, gold, found, rules):
    assert kind(calls, gold, rules) == found


@pytest.mark.parametrize(
    ("calls", "gold", "switch"),
    [
        (call(volume=5), accepted(volume=[5.0]), "int_for_float"),
        (NamedCall("music.play", {"artist": "maroon-5"}), accepted(), "strings_loosely"),
        (call(tags=["A b"]), accepted(tags=[["a_b"]]), "strings_loosely"),
        (call(device={"room": "Living Room"}), accepted(device=[{"room": ["living room"]}]), "strings_loosely"),
        (call(), accepted(minutes=["", 5]), "optional_may_miss"),
    ],
)
def test_a_switch_decides(calls, gold, switch):
    for rules in (BFCL, LOOSE):
        assert kind(calls, gold, rules) == "right"
        assert kind(calls, gold, replace(rules, **{switch: False})) != "right"
    strict = replace(EXACT, optional_may_miss=False)
    assert kind(calls, gold, strict) != "right"
    assert kind(calls, gold, replace(strict, **{switch: True})) == "right"


def test_order_counts_only_where_it_is_asked_for():
    gold = [accepted(minutes=[1]), accepted(minutes=[2])]
    calls = [call(minutes=2), call(minutes=1)]
    assert kind(calls, gold, BFCL) == kind(calls, gold, LOOSE) == "right"
    assert kind(calls, gold, EXACT) == "wrong_value"
    assert kind(calls[::-1], gold, EXACT) == "right"


def test_names_with_underscores_are_a_switch():
    renamed = NamedCall("music_play", {"artist": "Maroon 5"})
    for rules in (BFCL, EXACT, LOOSE):
        assert kind(renamed, accepted(), rules) == "wrong_function"
        assert kind(renamed, accepted(), replace(rules, dots_as_underscores=True)) == "right"
        assert kind(call(), accepted(), replace(rules, dots_as_underscores=True)) == "wrong_function"


def test_as_published_the_first_that_fits_is_taken_and_else_the_best_assignment():
    gold = [accepted(minutes=[1, 2]), accepted(minutes=[1])]
    calls = [call(minutes=1), call(minutes=2)]
    assert kind(calls, gold, BFCL) == "wrong_value"
    assert kind(calls, gold, LOOSE) == "right"


@pytest.mark.parametrize(
    ("arguments", "gold", "published", "loose"),
    [
        ({"levels": [1.0, 2]}, {"levels": [[1.0, 2.0]]}, "wrong_type", "right"),
        ({"tags": []}, {"tags": [["a"], ""]}, "right", "wrong_value"),
        ({"minutes": "soon"}, {"minutes": ["soon"]}, "right", "gold_contradicts_document"),
        ({"device": {"room": ["A"]}}, {"device": [{"room": [["a"]]}]}, "wrong_value", "right"),
    ],
)
def test_the_oddities_of_the_checker_are_a_switch(arguments, gold, published, loose):
    assert kind(call(**arguments), accepted(**gold), BFCL) == published
    assert kind(call(**arguments), accepted(**gold), LOOSE) == loose


@pytest.mark.parametrize(
    ("gold", "why"),
    [
        (AcceptedCall(name="music.rewind", arguments={}), "is no function that is offered"),
        (AcceptedCall(name="music.play", arguments={}), "artist is required"),
        (accepted(loops=[1]), "loops is none of the function's"),
        (accepted(minutes=["soon"]), "minutes has no value of the declared type, integer"),
        (accepted(mode=["medium"]), "mode has no legal value"),
    ],
)
def test_gold_that_contradicts_its_document_is_not_held_against_the_model(gold, why):
    for rules in (EXACT, LOOSE):
        found = check_calls(FUNCTIONS, [call()], [gold], rules=rules)
        assert (found.kind, found.valid, found.scored) == ("gold_contradicts_document", False, False)
        assert why in found.gold_fault
    found = check_calls(FUNCTIONS, [call()], [gold], rules=BFCL)
    assert found.scored
    assert why in found.gold_fault


@PRESETS
def test_no_call_and_some_call(rules):
    assert check_calls(FUNCTIONS, [], (), rules=rules).kind == "right"
    assert check_calls(FUNCTIONS, [call()], (), rules=rules).kind == "needless_call"
    assert check_calls(FUNCTIONS, [call()], None, rules=rules).kind == "right"
    assert check_calls(FUNCTIONS, [], None, rules=rules).kind == "no_call"


def test_the_fault_that_comes_closest_is_told_with_its_place():
    gold = [accepted(minutes=[1]), accepted(minutes=[2])]
    found = check_calls(FUNCTIONS, [call("music.stop"), call(minutes=1)], gold, rules=LOOSE)
    assert (found.kind, found.place) == ("wrong_function", "/0/name")
    found = check_calls(FUNCTIONS, [call(minutes=1), call(minutes=3)], gold, rules=LOOSE)
    assert (found.kind, found.place) == ("wrong_value", "/1/arguments/minutes")
    assert "3 is none of [2]" in found.reason


def test_rules_are_named():
    assert rules_of("bfcl") == BFCL
    assert rules_of("exact, order_free,no_optional_may_miss") == replace(
        EXACT, order_free=True, optional_may_miss=False
    )
    with pytest.raises(ValueError, match="there are: bfcl, exact, loose"):
        rules_of("strict")
    with pytest.raises(ValueError, match="there are: int_for_float, "):
        rules_of("bfcl,order")
    assert "as_published" in SWITCHES


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(st.lists(st.dictionaries(st.sampled_from("abcde"), values, max_size=4), min_size=1, max_size=4), st.randoms())
def test_the_accepted_calls_themselves_are_right_in_any_order(arguments, random):
    schema = {"type": "object", "properties": {name: {} for name in "abcde"}}
    calls = [NamedCall("f", one) for one in arguments]
    gold = [
        AcceptedCall(name="f", arguments={name: [_wrapped(value)] for name, value in one.items()}) for one in arguments
    ]
    functions = [{"name": "f", "parameters": schema}]
    assert check_calls(functions, calls, gold, rules=EXACT).valid
    random.shuffle(calls)
    assert check_calls(functions, calls, gold, rules=LOOSE).valid


def _wrapped(value):
    """Return a value as gold has it: the values of an object are lists of accepted ones."""
    if isinstance(value, dict):
        return {key: [one] for key, one in value.items()}
    return [_wrapped(one) for one in value] if isinstance(value, list) else value


@given(values, values, st.sampled_from([BFCL, EXACT, LOOSE]), st.sampled_from(list(PLAYED["parameters"]["properties"])))
def test_any_values_give_a_verdict(value, gold, rules, name):
    found = check_calls(FUNCTIONS, [call(**{name: value})], [accepted(**{name: [gold]})], rules=rules)
    assert found.valid == (found.kind == "right")
    assert found.valid or found.reason
