import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mocked import ask

from toolbench.errors import EndpointError, RunError
from toolbench.llm.journal import Journal, JournaledModel, entry_key
from toolbench.model import ChatAnswer, ChatRequest, RawCall

WRITER = """
import sys
from pathlib import Path
from toolbench.llm.journal import Journal
journal = Journal(Path(sys.argv[1]))
for n in range(1_000_000):
    journal.put(f"key {n}", b"answer %d" % n * 100)
    print(n, flush=True)
"""


class Counting:
    """A model that answers each time differently."""

    name = "counting"

    def __init__(self, failures: int = 0) -> None:
        self.asked = 0
        self._failures = failures

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        self.asked += 1
        turn = self.asked
        await asyncio.sleep(0)
        if turn <= self._failures:
            raise EndpointError("down")
        call = RawCall(id="", name="f", arguments={"b": 1, "a": [1.5, "é"]})
        return ChatAnswer(content=f"answer {turn}", calls=(call,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_keeps_answers_across_openings(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.get("k") is None
        journal.put("k", b"\x00first")
        journal.put("k", b"second")
    with Journal(path) as journal:
        assert journal.get("k") == b"\x00first"


def test_what_was_put_outlives_a_kill(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        lines = [writer.stdout.readline() for _ in range(200)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    with Journal(path) as journal:
        for n in range(int(lines[-1]) + 1):
            assert journal.get(f"key {n}") == b"answer %d" % n * 100


def test_two_processes_may_use_it_at_once(path: Path) -> None:
    with Journal(path) as one, Journal(path) as other:
        one.put("k", b"answer")
        assert other.get("k") == b"answer"
        other.put("l", b"more")
        assert one.get("l") == b"more"


def test_keys_tell_questions_apart_and_nothing_else() -> None:
    base = entry_key("chat", {"a": 1, "b": 2}, "m", 0)
    assert base == entry_key("chat", {"b": 2, "a": 1}, "m", 0)
    others = [
        entry_key("live", {"a": 1, "b": 2}, "m", 0),
        entry_key("chat", {"a": 1}, "m", 0),
        entry_key("chat", {"a": 1, "b": 2}, "n", 0),
        entry_key("chat", {"a": 1, "b": 2}, "m", 1),
    ]
    assert len({base, *others}) == 5


def test_a_key_does_not_change_with_the_version() -> None:
    assert entry_key("chat", {"messages": []}, "m", 0) == "e07137764b65ad334473f606a72b31c0"


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 99])
def test_a_file_that_is_no_journal_is_named(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(RunError, match="not a database") as caught:
        Journal(path)
    assert str(path) in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="unable to open"):
        Journal(tmp_path / "no" / "journal.db")


async def test_answers_again_without_asking(path: Path) -> None:
    inner = Counting()
    with Journal(path) as journal:
        first = await JournaledModel(inner, journal).chat(ask())
    with Journal(path) as journal:
        again = await JournaledModel(Counting(failures=9), journal).chat(ask())
    assert first.model_dump_json() == again.model_dump_json()
    assert inner.asked == 1


async def test_the_sample_and_every_part_of_the_request_matter(path: Path) -> None:
    requests = [
        ask(),
        ask("other"),
        ask(sample=1),
        ask(seed=1),
        ask(temperature=0.0),
        ask(max_tokens=1),
        ask(tools=({"type": "function"},)),
        ask(response_format={"type": "json_object"}),
    ]
    inner = Counting()
    with Journal(path) as journal:
        model = JournaledModel(inner, journal)
        contents = [(await model.chat(request)).content for request in requests + requests]
    assert inner.asked == len(requests)
    assert contents[: len(requests)] == contents[len(requests) :]


async def test_equal_requests_at_once_are_asked_once(path: Path) -> None:
    inner = Counting()
    with Journal(path) as journal:
        model = JournaledModel(inner, journal)
        answers = await asyncio.gather(*(model.chat(ask()) for _ in range(5)), model.chat(ask(sample=1)))
    assert inner.asked == 2
    assert [answer.content for answer in answers] == ["answer 1"] * 5 + ["answer 2"]


async def test_a_failure_reaches_all_who_wait_and_is_not_kept(path: Path) -> None:
    inner = Counting(failures=1)
    with Journal(path) as journal:
        model = JournaledModel(inner, journal)
        results = await asyncio.gather(model.chat(ask()), model.chat(ask()), return_exceptions=True)
        assert all(isinstance(result, EndpointError) for result in results)
        assert (await model.chat(ask())).content == "answer 2"


async def test_one_who_stops_waiting_does_not_stop_the_others(path: Path) -> None:
    inner = Counting()
    with Journal(path) as journal:
        model = JournaledModel(inner, journal)
        impatient = asyncio.create_task(model.chat(ask()))
        patient = asyncio.create_task(model.chat(ask()))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await patient).content == "answer 1"
        assert impatient.cancelled() or impatient.cancelling()
    assert inner.asked == 1


async def test_a_failure_nobody_waits_for_is_silent(path: Path) -> None:
    with Journal(path) as journal:
        model = JournaledModel(Counting(failures=1), journal)
        waiting = asyncio.create_task(model.chat(ask()))
        await asyncio.sleep(0)
        waiting.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
    assert waiting.cancelled()


def test_carries_the_name_on(path: Path) -> None:
    with Journal(path) as journal:
        assert JournaledModel(Counting(), journal).name == "counting"


async def test_what_is_recorded_at_once_is_on_record_before_anyone_goes_on(path: Path) -> None:
    with Journal(path) as journal, Journal(path) as other:

        async def keep(n: int) -> None:
            await journal.record(f"key {n}", b"answer %d" % n)
            assert other.get(f"key {n}") == b"answer %d" % n

        await asyncio.gather(*map(keep, range(50)))
        await journal.record("key 0", b"another")
        assert journal.get("key 0") == b"answer 0"


async def test_who_stops_waiting_takes_nothing_off_the_record(path: Path) -> None:
    with Journal(path) as journal:
        impatient = asyncio.create_task(journal.record("k", b"answer"))
        patient = asyncio.create_task(journal.record("l", b"more"))
        await asyncio.sleep(0)
        impatient.cancel()
        await patient
        assert (journal.get("k"), journal.get("l")) == (b"answer", b"more")


async def test_all_who_wait_hear_of_a_failure(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    outcomes = await asyncio.gather(*(journal.record(str(n), b"") for n in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RunError] * 3
