"""Plugins: every built-in loads, and unknown names are helped along."""

import sys

import pytest

from toolbench import plugins
from toolbench.errors import PluginError

BUILT_IN = [(kind, name) for kind in plugins.PACKAGES for name in plugins.names(kind)]


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_every_built_in_loads_and_has_a_summary(kind: str, name: str):
    assert isinstance(plugins.load(kind, name), type)
    assert plugins.names(kind)[name]


def test_there_are_the_ones_the_readme_speaks_of():
    assert {("searchers", "dfsdt"), ("searchers", "react"), ("exporters", "trl"), ("exporters", "openai")} <= set(
        BUILT_IN
    )
    assert {("evaluators", name) for name in ("schema", "executed", "goal", "grounded")} <= set(BUILT_IN)
    assert ("specs", "openapi") in BUILT_IN


def test_listing_does_not_import():
    sys.modules.pop("searchers.react", None)
    plugins.names("searchers")
    assert "searchers.react" not in sys.modules


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(
        PluginError, match=r"did you mean 'dfsdt'\? There are: beam, best_first, bfs, dfs, dfsdt, mcts, react, react_n"
    ):
        plugins.load("searchers", "dfstd")


def test_a_class_can_be_named_by_module():
    assert plugins.load("searchers", "searchers.react:React").__name__ == "React"
    with pytest.raises(PluginError, match="cannot be loaded"):
        plugins.load("searchers", "no.such.module:React")
