"""Categories, the graph as a file, and what tasks use of it."""

import networkx as nx
import pytest
from tasks.samples import landscape, tasks

from toolbench.model import Call, GoldCall, Task, Tool, Turn
from toolbench.tasks.categories import category_of
from toolbench.tasks.coverage import used, write_graphml
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


def test_what_tasks_use():
    graph = dependency_graph(landscape("library"))
    none, some, more = (used(graph, tasks("library", 30)[:count]) for count in (0, 10, 30))
    assert (none["operations"], none["edges"]) == (0, 0)
    assert 0 < some["edges"] <= more["edges"] <= more["of_edges"]
    assert 0 < some["operations"] <= more["operations"] <= more["of_operations"] == graph.number_of_nodes()
