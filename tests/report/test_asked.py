"""What a run asks for, counted."""

from typing import get_args

import orjson
import pytest
from tasks.samples import landscape, tasks
from tiny_world import make_run, make_task

from toolbench.model import Call, GoldCall, Origin
from toolbench.report.asked import REASONS, chain, look_at
from toolbench.tasks.coverage import NOT_YET
from toolbench.tasks.possible import Obstacle


@pytest.fixture
def run(tmp_path):
    """Return a run over the library, without traces."""
    made = make_run(tmp_path / "run", [], tasks("library", 20))
    with made.apis.writer() as writer:
        writer.add(landscape("library").apis["library"])
    with made.tools.writer() as writer:
        for name in landscape("library").operations:
            writer.add(landscape("library").tool(name))
    return made


def test_every_division_counts_every_task(run):
    made = list(run.tasks)
    found = look_at(run, made)
    for held in found.sorts().values():
        assert sum(held.values()) == len(made)
    assert found.sorts()["category"] == {"I1": 20}
    assert found.sorts()["calls"] == {
        str(count): sum(len(task.gold) == count for task in made) for count in sorted({len(task.gold) for task in made})
    }


def test_what_is_used_and_what_is_not_is_all_there_is(run):
    found = orjson.loads(orjson.dumps(look_at(run, list(run.tasks)).as_json()))["dependencies"]
    names = [*found["used_operations"], *(name for held in found["unused"].values() for name in held)]
    assert sorted(names) == sorted(landscape("library").operations)
    assert (found["operations"], found["of_operations"]) == (len(found["used_operations"]), len(names))
    assert found["edges"] == len(found["used_edges"]) > 0
    counts = [edge["tasks"] for edge in found["used_edges"]]
    assert counts == sorted(counts, reverse=True)
    assert "library_getMemberByCard" in found["unused"]["deprecated"]


def test_every_reason_is_put_into_words():
    assert set(REASONS) == {NOT_YET, *get_args(Obstacle)}


def test_a_run_without_its_apis_has_no_dependencies(tmp_path):
    made = [make_task(1)]
    found = look_at(make_run(tmp_path / "run", [], made), made)
    assert found.dependencies is None
    assert found.as_json()["dependencies"] is None
    assert found.sorts()["calls"] == {"4": 1}


def feeding(*sources):
    """Return a task whose calls take values from the calls named, by place."""
    gold = tuple(
        GoldCall(
            call=Call(id=f"g{place}", tool="kv_get", arguments={}),
            origins=tuple(Origin(pointer=f"/{at}", kind="observed", call=f"g{at}") for at in held),
        )
        for place, held in enumerate(sources)
    )
    return make_task(1).model_copy(update={"gold": gold})


@pytest.mark.parametrize(
    ("sources", "longest"),
    [((), 0), (((),), 1), (((), (), ()), 1), (((), (0,), (1,)), 3), (((), (), (0, 1), (0,)), 2)],
)
def test_the_longest_chain(sources, longest):
    assert chain(feeding(*sources)) == longest
