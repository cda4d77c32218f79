"""Trying edges out: what is so stays, what is not falls, and it costs no more than allowed."""

import pytest
from tasks.samples import APIS, landscape

from toolbench.tasks.probing import Prober, working
from toolbench.tasks.references import dependency_graph
from toolbench.world.world import World


def probed(api, most=10_000, seed=1):
    graph = dependency_graph(landscape(api))
    Prober(World(landscape(api), seed)).probe(graph, most)
    return graph


def verdicts(graph):
    return {edge: graph.edges[edge]["probed"] for edge in graph.edges(keys=True)}


@pytest.mark.parametrize("api", APIS)
def test_the_edges_of_bundled_apis_work(api):
    found = list(verdicts(probed(api)).values())
    assert found.count("fails") <= 0.05 * len(found)
    assert found.count("works") >= 0.75 * len(found)


@pytest.mark.parametrize(
    ("producer", "source", "consumer", "argument"),
    [
        ("library_listBranches", "/branches/*/id", "library_getBook", "bookId"),
        ("library_listMembers", "/members/*/name", "library_updateCopy", "copyId"),
        ("library_listBranches", "/branches/*/id", "library_getMemberByCard", "cardNumber"),
    ],
)
def test_planted_edges_fail(producer, source, consumer, argument):
    prober = Prober(World(landscape("library"), 1))
    assert prober.verdict(producer, consumer, {"source": source, "argument": argument}) == "fails"


def test_what_shows_nothing_is_untried():
    prober = Prober(World(landscape("library"), 1))
    edge = {"source": "/branches/*/none", "argument": "bookId"}
    assert prober.verdict("library_listBranches", "library_getBook", edge) == "untried"


def test_the_budget_holds_and_goes_round():
    graph = probed("library", most=12)
    tried = [edge for edge, verdict in verdicts(graph).items() if verdict != "untried"]
    assert 0 < len(tried) <= 12
    arguments = {(consumer, argument) for _, consumer, argument in tried}
    assert len(arguments) == len(tried)


def test_the_same_world_gives_the_same_verdicts():
    assert verdicts(probed("clinic")) == verdicts(probed("clinic"))


def test_working_drops_what_failed():
    graph = probed("library")
    producer, consumer, argument = next(iter(graph.edges(keys=True)))
    graph.edges[producer, consumer, argument]["probed"] = "fails"
    kept = working(graph)
    assert set(graph.edges(keys=True)) - set(kept.edges(keys=True)) == {(producer, consumer, argument)}
    assert set(kept.nodes) == set(graph.nodes)
