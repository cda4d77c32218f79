"""The picture of a dependency graph: nothing overlaps, nothing is hidden without a word, and it stays small."""

from collections import Counter
from functools import cache
from itertools import pairwise

import networkx as nx
import pytest
from tasks.samples import APIS, landscape, tasks

from toolbench.report import dependencies
from toolbench.report.asked import Dependencies
from toolbench.report.dependencies import BOX, picture
from toolbench.tasks.coverage import Usage, coverage, unused, usage
from toolbench.tasks.references import dependency_graph


@cache
def known(*apis, count=20):
    world = landscape(*apis)
    graph = dependency_graph(world)
    found = usage(graph, [task for api in apis for task in tasks(api, count)])
    return Dependencies(world, graph, found, coverage(graph, found), unused(world, found.operations))


def ends(arrow):
    """Return the two operations of an arrow, as its title says."""
    producer, _, rest = arrow.title.partition(" → ")
    return producer, rest.partition(":")[0]


@pytest.mark.parametrize("api", APIS)
def test_boxes_lie_apart_and_inside(api):
    made = picture(known(api))
    assert len({(box.x, box.y) for box in made.boxes}) == len(made.boxes)
    by_column = Counter(box.x for box in made.boxes)
    for column in by_column:
        heights = sorted(box.y for box in made.boxes if box.x == column)
        assert all(below - above >= 20 for above, below in pairwise(heights))
    (group,) = made.groups
    assert all(box.x > 0 and box.x + BOX < made.width for box in made.boxes)
    assert all(group.y < box.y - 10 and box.y + 10 < group.y + group.height < made.height for box in made.boxes)


@pytest.mark.parametrize("api", APIS)
def test_all_that_tasks_use_is_drawn_and_flows_to_the_right(api):
    found = known(api)
    made = picture(found)
    places = {box.name: box.x for box in made.boxes}
    assert {box.name: box.tasks for box in made.boxes if box.tasks} == found.usage.operations
    used = {ends(arrow) for arrow in made.arrows if arrow.look == "used"}
    assert used == set(found.usage.edges)
    loops = {frozenset(part) for part in nx.strongly_connected_components(nx.DiGraph(used)) if len(part) > 1}
    for producer, consumer in used:
        assert places[producer] < places[consumer] or any({producer, consumer} <= loop for loop in loops)
    heavy, light = (
        [arrow.weight for arrow in made.arrows if (arrow.look == "used") == is_used] for is_used in (True, False)
    )
    assert min(heavy) > max(light, default=0)


@pytest.mark.parametrize(("used", "near", "links"), [(100, 16, 80), (4, 2, 3), (1, 0, 0)])
def test_what_is_left_out_is_counted(monkeypatch, used, near, links):
    for name, most in (("MOST_USED", used), ("MOST_NEAR", near), ("MOST_LINKS", links)):
        monkeypatch.setattr(dependencies, name, most)
    found = known("library", "orders")
    made = picture(found)
    left = made.left_out
    assert min(left.values()) >= 0
    assert len(made.boxes) + left["used"] + left["other"] == len(found.graph)
    edges = left["used_edges"] + left["other_edges"] + left["failed"]
    assert len(made.arrows) + edges == len(set(found.graph.edges()))
    assert sum(box.tasks > 0 for box in made.boxes) <= used
    assert sum(box.tasks == 0 for box in made.boxes) <= near
    assert sum(arrow.look != "used" for arrow in made.arrows) <= links


def test_each_api_is_a_group_of_its_own():
    found = known("library", "orders")
    made = picture(found)
    assert [group.api for group in made.groups] == ["library", "orders"]
    first, second = made.groups
    assert first.y + first.height < second.y
    for box in made.boxes:
        group = next(group for group in made.groups if group.y < box.y < group.y + group.height)
        assert found.landscape.operations[box.name].tool.api == group.api


def test_an_edge_that_fails_is_not_drawn():
    found = known("library")
    graph = found.graph.copy()
    graph.add_edge("library_listBranches", "library_getBook", source="/branches/*/id", argument="bookId")
    made = picture(Dependencies(found.landscape, graph, found.usage, coverage(graph, found.usage), found.unused))
    assert made.left_out["failed"] == 1
    assert ("library_listBranches", "library_getBook") not in map(ends, made.arrows)


def test_a_run_that_uses_nothing_has_an_empty_picture():
    found = known("library")
    made = picture(Dependencies(found.landscape, found.graph, Usage(), coverage(found.graph, Usage()), found.unused))
    assert (made.groups, made.boxes, made.arrows) == ((), (), ())
    assert made.left_out["other"] == len(found.graph)


def test_long_names_keep_both_ends(monkeypatch):
    monkeypatch.setattr(dependencies, "LONGEST_LABEL", 10)
    labels = {box.name: box.label for box in picture(known("library")).boxes}
    assert labels["library_getBook"] == "getBook"
    assert labels["library_checkOutCopy"] == "chec…tCopy"
