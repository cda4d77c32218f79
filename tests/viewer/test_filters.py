"""Filters list exactly the traces that are like what is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from toolbench.pipeline.evaluate import evaluate
from toolbench.viewer.filters import CHOICES, ORDERS, Query, options
from toolbench.viewer.index import Index


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    tasks = [make_task(seed).model_copy(update={"difficulty": level}) for seed, level in enumerate(("easy", "hard"))]
    traces = []
    for task in tasks:
        traces.append(solve(task)[0].trace(5))
        lost = Tree(task)
        lost.say(lost.call(0, ("kv_get", {"key": "zzz"})), "No such key as ÄPFEL.", kind="give_up")
        traces.append(lost.trace(None, "gave_up", sample=1))
        recovered = Tree(task)
        end = solve(task, recovered, recovered.call(0, ("kv_get", {"key": "zzz"})))[1]
        traces.append(recovered.trace(end, sample=2))
    run = make_run(tmp_path_factory.mktemp("run") / "run", traces, tasks)
    evaluate(run, TinyReplayer())
    return Index(run).read()


def test_a_search_looks_through_what_is_said_and_called(index):
    assert Query.read({"q": "äpfel"}).places(index) == [1, 4]
    assert Query.read({"q": "kv_put"}).places(index) == [0, 2, 3, 5]
    assert Query.read({"q": "KV_PUT zzz"}).places(index) == [2, 5]
    assert Query.read({"q": "nothing like it"}).places(index) == []


def test_choices_count_what_they_list(index):
    for name, counts in options(index).items():
        for value, count in counts.items():
            assert len(Query.read({name: value}).places(index)) == count, (name, value)
    assert options(index)["state"] == {"verified": 4, "recovered from an error": 2}


@given(st.dictionaries(st.sampled_from([*CHOICES, "q", "order", "page", "run"]), st.text(max_size=5)))
def test_parameters_ask_for_the_same_again(parameters):
    from urllib.parse import parse_qsl

    query = Query.read(parameters)
    again = Query.read(dict(parse_qsl(query.parameters("r", page=query.page), keep_blank_values=True)))
    assert again == query


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_keeps_all(index, order):
    found = Query.read({"order": order}).places(index)
    assert sorted(found) == list(range(6))
    values = [ORDERS[order][1](index.states[place]) for place in found]
    assert values == sorted(values)
