"""Categories, the graph as a file, and what tasks use of it."""

from dataclasses import replace

import networkx as nx
import pytest
from tasks.samples import APIS, landscape, tasks

from toolbench.errors import RunError
from toolbench.model import Call, GoldCall, Task, Tool, Turn
from toolbench.tasks.categories import category_of
from toolbench.tasks.coverage import NOT_YET, coverage, unused, usage, write_graphml
from toolbench.tasks.possible import is_possible, obstacle
from toolbench.tasks.probing import Prober
from toolbench.tasks.references import dependency_graph
from toolbench.world.world import World


def tools():
    (first, *_) = landscape("library").apis["library"].tools
    homes = {"a": ("one", "Music"), "b": ("two", "Music"), "c": ("three", "Sport"), "d": ("four", "")}
    return {name: first.model_copy(update={"api": api, "category": kind}) for name, (api, kind) in homes.items()}


def task(*names):
    gold = tuple(GoldCall(call=Call(id=f"g{place}", tool=name, arguments={})) for place, name in enumerate(names))
    return Task(id="t0", kind="lookup", turns=(Turn(text="Hi"),), apis=("one",), gold=gold, world_seed=0)


@pytest.mark.parametrize(
    ("names", "category"), [("a", "I1"), ("aa", "I1"), ("ab", "I2"), ("abc", "I3"), ("ad", "I3"), ("dd", "I1")]
)
def test_the_category_goes_by_the_apis_and_their_categories(names, category):
    known: dict[str, Tool] = tools()
    assert category_of(task(*names), known) == category


def test_the_graph_survives_the_file(tmp_path):
    world = landscape("library")
    graph = dependency_graph(world)
    Prober(World(world, 1)).probe(graph, 20)
    write_graphml(graph, tmp_path / "deep" / "graph.graphml")
    back = nx.read_graphml(tmp_path / "deep" / "graph.graphml", force_multigraph=True)
    assert set(back.nodes) == set(graph.nodes)
    assert sorted(d["source"] for *_, d in back.edges(data=True)) == sorted(
        d["source"] for *_, d in graph.edges(data=True)
    )
    assert {d["probed"] for *_, d in back.edges(data=True)} == {d["probed"] for *_, d in graph.edges(data=True)}


def test_what_xml_cannot_write_is_replaced(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="x", argument="<x>\x00\x1b\ud800\uffff\n")
    write_graphml(graph, tmp_path / "graph.graphml")
    (data,) = (data for *_, data in nx.read_graphml(tmp_path / "graph.graphml").edges(data=True))
    assert data["argument"] == "<x>\ufffd\ufffd\ufffd\ufffd\n"


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"file/graph\.graphml: cannot write here"):
        write_graphml(dependency_graph(landscape("library")), tmp_path / "file" / "graph.graphml")


def test_what_tasks_use():
    graph, made = dependency_graph(landscape("library")), tasks("library", 30)
    none, some, more = (coverage(graph, usage(graph, made[:count])) for count in (0, 10, 30))
    assert (none["operations"], none["edges"]) == (0, 0)
    assert 0 < some["edges"] <= more["edges"] <= more["of_edges"]
    assert 0 < some["operations"] <= more["operations"] <= more["of_operations"] == graph.number_of_nodes()


def test_a_task_counts_once_for_what_it_uses():
    graph, made = dependency_graph(landscape("library")), tasks("library", 30)
    found = usage(graph, made)
    for name, count in found.operations.items():
        assert count == sum(any(gold.call.tool == name for gold in task.gold) for task in made)
    assert max(found.edges.values()) <= len(made)
    assert all(set(pair) <= set(found.operations) and graph.has_edge(*pair) for pair in found.edges)


@pytest.mark.parametrize("api", APIS)
def test_what_is_not_used_is_all_the_rest_and_says_why(api):
    world, made = landscape(api), tasks(api, 20)
    used = usage(dependency_graph(world), made).operations
    found = unused(world, used)
    assert sorted([*used, *(name for names in found.values() for name in names)]) == sorted(world.operations)
    for reason, names in found.items():
        for name in names:
            operation = world.operations[name]
            assert (reason == NOT_YET) == is_possible(world, operation)
            assert (reason == "deprecated") == operation.tool.deprecated
    assert [len(names) for names in found.values()] == sorted(map(len, found.values()), reverse=True)


def test_no_task_is_about_what_has_an_obstacle():
    world = landscape("library")
    hidden = {name for name, operation in world.operations.items() if obstacle(world, operation)}
    assert hidden
    assert not hidden & {task.gold[-1].call.tool for task in tasks("library", 40) if task.gold}


def test_obstacles_have_names():
    world = landscape("library")
    operation = world.operations["library_searchBooks"]
    tool = operation.tool
    assert obstacle(world, operation) is None
    assert obstacle(world, replace(operation, tool=tool.model_copy(update={"deprecated": True}))) == "deprecated"
    assert obstacle(world, replace(operation, role="unknown")) == "unknown"
    assert obstacle(world, replace(operation, confidence=0.1)) == "uncertain"
