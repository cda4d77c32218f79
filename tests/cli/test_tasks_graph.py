"""`toolbench tasks --graph`: the dependency graph as a file that others read."""

import json
from pathlib import Path

import networkx as nx
import pytest
from tasks.samples import landscape
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.tasks.probing import Prober
from toolbench.tasks.references import dependency_graph
from toolbench.world.world import World

ASKED = ["tasks", "run", "--apis", "library", "-n", "3"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOOLBENCH_HOME", raising=False)


def toolbench(*more):
    return CliRunner().invoke(app, [*ASKED, *more])


def test_the_file_holds_the_operations_and_the_edges_as_tried_out():
    result = toolbench("--graph", "deep/graph.graphml", "--json")
    assert result.exit_code == 0, result.output
    read = nx.read_graphml("deep/graph.graphml", force_multigraph=True)
    world = landscape("library")
    expected = dependency_graph(world)
    Prober(World(world, 0)).probe(expected, expected.number_of_edges())
    assert set(read.nodes) == set(world.operations)
    assert {name: data["role"] for name, data in read.nodes(data=True)} == {
        name: operation.role for name, operation in world.operations.items()
    }
    edges = [
        sorted((*pair, data["argument"], data["source"], data["probed"]) for *pair, data in graph.edges(data=True))
        for graph in (read, expected)
    ]
    assert edges[0] == edges[1]
    assert "works" in {edge[-1] for edge in edges[0]}
    told = json.loads(result.stdout)["coverage"]
    assert (told["of_operations"], told["of_edges"]) == (len(read), len(set(read.to_directed().edges())))


@pytest.mark.parametrize("path", ["file/graph.graphml", "/proc/none/graph.graphml", "."])
def test_a_path_that_cannot_be_written_is_one_line(path):
    Path("file").write_text("")
    result = toolbench("--graph", path)
    assert result.exit_code == 2
    (line,) = result.stderr.strip().splitlines()
    assert path in line
    assert "cannot write" in line
    assert toolbench().exit_code == 0
    assert not list(Path.cwd().glob(".*draft"))
