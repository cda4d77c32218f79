"""A source on its way to exactly the rows asked for."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from toolbench.create._filling import Filling
from toolbench.create.base import Asker, Creator, Job, Options, Settings, Source
from toolbench.llm.asking import Silence
from toolbench.model import JsonObject


class Parrot(Creator[Options]):
    reads = "records"
    suffix = key = "rows"

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:
        return [{"value": job.record["at"]}]

    def fault(self, row: JsonObject, job: Job) -> str:
        return "negative" if row["value"] < 0 else ""

    def identity(self, row: JsonObject) -> str:
        return str(row["value"])


class OneEach(Parrot):
    counted = False


def filling(jobs: int, count: int | None, kind: type[Parrot] = Parrot) -> Filling:
    source = Source("s", records=tuple({"at": at} for at in range(jobs)))
    return Filling(kind(Settings(), Options()), source, count)


ANSWERS = st.lists(st.lists(st.integers(-3, 60), max_size=6), max_size=80)


@given(st.integers(1, 6), st.integers(1, 30), ANSWERS)
def test_never_more_rows_than_wanted_none_twice_and_all_accounted_for(jobs: int, count: int, answers: list[list[int]]):
    one, left = filling(jobs, count), list(answers)
    said: list[int] = []
    for _ in range(10):
        asked = list(one.wishes())
        assert sum(wish.wanted for wish in asked) == one.missing
        for wish in asked:
            values = left.pop() if left else []
            said += values
            one.take(wish, [{"value": value} for value in values], [] if values else [Silence("unparseable", "no")])
        one.settle()
        if not one.missing:
            break
    kept = [row["value"] for row in one.rows]
    assert len(kept) == len(set(kept)) <= count
    assert all(value >= 0 for value in kept)
    losses = one.losses()
    assert losses["negative"] == sum(value < 0 for value in said)
    assert losses["duplicate"] == sum(value >= 0 for value in said) - len({value for value in said if value >= 0})
    if len({value for value in said if value >= 0}) < count:
        assert one.missing > 0


def test_rows_in_reserve_come_before_another_question():
    one = filling(2, 4)
    first, second = one.wishes()
    one.take(first, [{"value": value} for value in range(5)], [])
    one.take(second, [], [Silence("unparseable", "no")])
    one.settle()
    assert one.missing == 0
    assert [row["value"] for row in one.rows] == [0, 1, 2, 3]


def test_a_job_that_is_asked_again_is_told_what_it_gave_and_asked_for_another_sample():
    one = filling(1, 3)
    (first,) = one.wishes()
    one.take(first, [{"value": 1}], [])
    (second,) = one.wishes()
    assert (second.sample, second.wanted, second.known) == (1, 2, ({"value": 1},))


def test_kinds_that_are_not_counted_make_one_row_of_each_job_and_a_number_bounds_the_jobs():
    one = filling(5, 2, OneEach)
    first, second = one.wishes()
    one.take(first, [{"value": 1}], [])
    one.take(second, [], [Silence("no_answer", "no")])
    one.settle()
    assert [(wish.place, wish.wanted) for wish in one.wishes()] == [(1, 1)]
    assert (one.wanted, one.missing) == (2, 1)
