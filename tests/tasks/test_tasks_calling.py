"""Calls that show how an operation is called: the world answers them as it begins, and they are the same each time."""

from itertools import islice

import pytest

from toolbench.model import Call
from toolbench.specs import open_catalogue
from toolbench.tasks.calling import answered_calls
from toolbench.tasks.draft import WRITES
from toolbench.world.replay import observe
from toolbench.world.world import Landscape, World

MOST = 3
"""Calls tried of each operation."""


@pytest.fixture(scope="module", params=["clinic", "orders"])
def landscape(request: pytest.FixtureRequest) -> Landscape:
    return Landscape([open_catalogue().api(request.param)])


def test_every_operation_is_answered_from_the_first_state(landscape: Landscape) -> None:
    world, fresh = World(landscape, 1), World(landscape, 1)
    for name, operation in landscape.operations.items():
        calls = list(islice(answered_calls(world, operation), MOST))
        assert calls, name
        assert calls == list(islice(answered_calls(fresh, operation), MOST))
        assert all(one not in calls[:place] for place, one in enumerate(calls))
        for arguments in calls:
            assert not landscape.checks.problems(landscape.tool(name), arguments)
            seen, _ = observe(fresh, Call(id="c", tool=name, arguments=arguments), fresh.initial)
            assert seen.status == "ok", (name, arguments, seen.body)


def test_lists_are_narrowed_to_what_is_there(landscape: Landscape) -> None:
    world = World(landscape, 1)
    for name, operation in landscape.operations.items():
        if operation.role == "list" and operation.tool.arguments:
            assert any(answered_calls(world, operation)), name


def test_what_writes_changes_something_and_nothing_else_does(landscape: Landscape) -> None:
    world = World(landscape, 1)
    for name, operation in landscape.operations.items():
        arguments = next(answered_calls(world, operation))
        _, after = observe(world, Call(id="c", tool=name, arguments=arguments), world.initial)
        assert bool(world.changes(after)) is (operation.role in WRITES), (name, arguments)
