"""Tasks for real APIs: nothing in them is true in the simulation only."""

from itertools import islice, repeat

import pytest

from toolbench.errors import WorkError
from toolbench.specs import open_catalogue
from toolbench.tasks.anywhere import PATIENCE, anywhere
from toolbench.tasks.sampling import Sampled, TaskSampler
from toolbench.world.world import Landscape

APIS = ("crm", "library")


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    return Landscape(map(open_catalogue().api, APIS))


@pytest.fixture(scope="module")
def stream(landscape) -> list[Sampled]:
    return list(islice(TaskSampler(landscape, 3, APIS).stream(), 90))


def test_what_is_taken_is_told_by_words_alone(stream, landscape):
    """An independent reading: they count, and name no date, number, quotation or capitalised name."""
    taken = [each.task for each in anywhere(iter(stream), landscape)]
    assert len(taken) >= 5
    for task in taken:
        text = task.turns[0].text
        assert any(word in text.lower() for word in ("how many", "number of", "count"))
        assert not any(mark in text for mark in '"0123456789@')
        assert (task.goal.facts, task.goal.changes, task.answer, task.replay_digest) == ((), (), "", "")
        assert {landscape.tool(gold.call.tool).safety for gold in task.gold} == {"read"}


def test_it_is_given_up_when_nothing_comes(stream, landscape):
    unfit = next(each for each in stream if each.task.goal.changes)
    with pytest.raises(WorkError, match="only 0 questions can be made"):
        next(anywhere(repeat(unfit), landscape))
    assert list(anywhere(iter([unfit] * (PATIENCE - 1)), landscape)) == []
