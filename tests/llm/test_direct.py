"""The embedded model's own probabilities: from any history the same, and those of llama.cpp's server."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from toolbench.errors import EndpointError, InputError, WorkError
from toolbench.llm import embedded
from toolbench.llm.direct import DirectModel, DirectScorer, reading

T = TypeVar("T")


def with_model(work: Callable[[DirectModel], Awaitable[T]], *, context: int = 1024) -> T:
    async def opened() -> T:
        async with reading(threads=1, context=context) as model:
            return await work(model)

    return asyncio.run(opened())


def test_where_it_is_missing_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "installed", lambda: None)
    with pytest.raises(InputError, match="make embedded"):
        with_model(DirectModel.open)


@pytest.mark.embedded
def test_weights_that_cannot_be_read_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_text("these are no weights")
    monkeypatch.setattr(embedded, "installed", lambda: path)
    with pytest.raises(WorkError, match=r"broken\.gguf cannot be read"):
        with_model(DirectModel.open)


class TestReal:
    pytestmark = pytest.mark.embedded

    @pytest.mark.slow
    def test_answers_do_not_depend_on_what_was_asked_before(self) -> None:
        async def work(model: DirectModel) -> None:
            head = (await model.split("A long beginning that comes again with every text. " * 13)).ids
            assert len(head) > 128
            text = (await model.split("So 27 rows, naïve 日.")).ids
            mark, long_mark = [(await model.split(marker)).ids for marker in (" [", " <API>")]
            assert (len(mark), len(long_mark) > 1) == (1, True)
            ask = (head, text[:2])
            alone = await model.logprobs(ask, text, range(len(text)))
            places = await model.chances(ask, text, mark)
            many = await model.chances(ask, text, long_mark)
            written = await model.sample((*ask, mark), 3, 4, "]", 1)
            await model.logprobs([text, text[:1]], text, [1])
            # Now the head is taken up from what was kept of it.
            assert await model.logprobs(ask, text, range(len(text))) == alone
            assert await model.chances(ask, text, long_mark) == many
            assert await model.chances(ask, text, mark) == places
            assert await model.sample((*ask, mark), 3, 4, "]", 1) == written
            some = await model.logprobs(ask, text, [2, 5])
            assert some == [alone[2], alone[5]]
            # A place's chance is that of the token after all before it.
            after = await model.logprobs((*ask, text[:3]), mark, [0])
            assert after == pytest.approx([places[3]], abs=0.3)
            first = await model.logprobs((*ask, text[:3]), long_mark, range(len(long_mark)))
            assert sum(first) == pytest.approx(many[3], abs=0.6)
            with pytest.raises(EndpointError, match="do not fit the context of 1024"):
                await model.logprobs([head * 9], text, [0])
            assert await model.logprobs(ask, text, range(len(text))) == alone

        with_model(work)

    def test_as_a_scorer_it_says_the_same_of_the_same_tokens(self) -> None:
        async def work(model: DirectModel) -> None:
            scorer = DirectScorer(model)
            before, text = "Two and two", " make 4, naïve 日."
            first, empty, again = await scorer.score([(before, text), (before, ""), (before, text)])
            assert first == again
            assert b"".join(first.tokens) == text.encode()
            assert empty.tokens == empty.logprobs == ()
            whole = await model.split(before)
            tokens = await model.split(text)
            for place in range(len(tokens.ids)):
                (alone,) = await model.logprobs([(*whole.ids, *tokens.ids[:place])], tokens.ids[place:], [0])
                assert alone == pytest.approx(first.logprobs[place], abs=0.02)
            with pytest.raises(EndpointError, match="one of those is empty"):
                await scorer.score([("", text)])

        with_model(work, context=512)

    def test_its_process_ends_with_its_owner(self) -> None:
        script = (
            "import asyncio, os\n"
            "from toolbench.llm.direct import reading\n"
            "async def main():\n"
            "    async with reading(threads=1, context=512) as model:\n"
            "        print(model._process.pid, flush=True)\n"
            "        os._exit(9)\n"
            "asyncio.run(main())\n"
        )
        told = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=False, text=True)
        assert told.returncode == 9
        pid = int(told.stdout)
        while _lives(pid):
            time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]
    except (OSError, IndexError):
        return False
