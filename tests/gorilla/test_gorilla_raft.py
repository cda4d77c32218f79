"""RAFT: quotes are verbatim, answers without the right document do without it."""

import json

import gorilla_rows as checker
import pytest

from toolbench.errors import ConfigError, WorkError
from toolbench.gorilla.raft import RaftRow, is_sound, oracle_shown
from toolbench.gorilla.raft_documents import Asked, Questioner, Unasked, defining_questions, problems
from toolbench.model import ChatAnswer, ChatRequest, Chunk
from toolbench.pipeline.create_raft import RaftWishes, create_raft

PAGES = {
    "dams.md": "# Dams\n\nA weir is a low dam that lets water over its crest. Fish pass it with care.\n\n"
    "## Gates\n\nSluice gates are raised by a motor of two kilowatts. This is checked in spring.\n",
    "birds.md": "# Birds\n\nThe kingfisher is a small bird that dives for fish. It nests in banks.\n",
    "boats.md": "# Boats\n\nA punt is a flat boat that is pushed with a pole. Nobody rows it.\n\nOars are of ash.\n",
    "rules.md": "# Rules\n\nAnchoring means that a boat is held by its chain. Fishing is forbidden below the weir.\n",
}


@pytest.fixture
def pages(tmp_path):
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tuple(str(tmp_path / name) for name in PAGES)


def test_rows_of_documents_quote_what_is_shown(pages, tmp_path) -> None:
    summary = create_raft(RaftWishes(pages, count=6, k=2, share=0.5, chunk_size=200), tmp_path / "out")
    rows = [json.loads(line) for line in (tmp_path / "out" / "raft.jsonl").read_text("utf-8").splitlines()]
    assert summary.rows == len(rows) == 6
    assert [list(checker.raft_faults(row)) for row in rows] == [[]] * 6
    shown = [row["oracle_context"] in row["context"]["sentences"][0] for row in rows]
    assert sum(shown) == summary.with_oracle == 3
    for row, shows in zip(rows, shown, strict=True):
        assert len(row["context"]["sentences"][0]) == 3
        assert len(row["context"]["title"][0]) == 3
        assert ("The documents do not say." in row["cot_answer"]) == (not shows)
        assert set(row) == {"id", "type", "question", "context", "oracle_context", "cot_answer", "instruction"}


def test_questions_are_asked_of_what_is_said_to_be_something() -> None:
    found = {one.question: one.answer for text in PAGES.values() for one in defining_questions(text)}
    assert found == {
        "What is a weir?": "a low dam that lets water over its crest.",
        "What do the documents say about Sluice gates?": "Sluice gates are raised by a motor of two kilowatts.",
        "What is the kingfisher?": "a small bird that dives for fish.",
        "What is a punt?": "a flat boat that is pushed with a pole.",
        "What does Anchoring mean?": "that a boat is held by its chain.",
        "What do the documents say about Fishing?": "Fishing is forbidden below the weir.",
    }


def test_too_few_questions_are_told(pages, tmp_path) -> None:
    summary = create_raft(RaftWishes(pages, count=50, k=1), tmp_path / "out")
    assert 0 < summary.rows < 50


def test_documents_without_anything_to_ask_about_say_so(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("Hello.", "utf-8")
    with pytest.raises(WorkError, match="says what something is"):
        create_raft(RaftWishes((str(tmp_path / "a.txt"),)), tmp_path / "out")


@pytest.mark.parametrize(("p", "k"), [(-0.1, 3), (1.1, 3), (0.5, 0)])
def test_shares_that_mean_nothing_are_refused(p: float, k: int, pages, tmp_path) -> None:
    with pytest.raises(ConfigError):
        create_raft(RaftWishes(pages, share=p, k=k), tmp_path)


@pytest.mark.parametrize(("p", "count", "some"), [(0.8, 50, 40), (0, 7, 0), (1, 7, 7), (0.5, 3, 2)])
def test_the_share_of_right_documents_is_met(p: float, count: int, some: int) -> None:
    assert sum(oracle_shown(p, count, 0)) == some


def made_row(cot: str, *, shows: bool) -> RaftRow:
    passages = ({"title": "a", "text": "One says that fish swim up the river in May."},)
    return RaftRow(
        id="1", type="document", question="When?", passages=passages, oracle="…", shows_oracle=shows, answer="May",
        cot_answer=cot,
    )  # fmt: skip


def test_a_row_is_sound_if_its_quotes_are_shown() -> None:
    assert is_sound(made_row("##begin_quote##fish swim up##end_quote##", shows=True), None)
    assert not is_sound(made_row("##begin_quote##fish swam up##end_quote##", shows=True), None)
    assert not is_sound(made_row("without a quote", shows=True), None)


TEXT = "A weir is a low dam that lets water over its crest."
GOOD = {
    "question": "What is a weir?",
    "quote": "a low dam that lets water over",
    "reason": "It says so.",
    "answer": "A low dam.",
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quote": "a low dam that let water over"}, "word for word"),
        ({"quote": "dam"}, "characters"),
        ({"question": "Name a weir"}, "without the passage"),
        ({"question": "What does the passage say?"}, "without the passage"),
        ({"answer": " "}, "there must be one"),
        ({"reason": "##begin_quote##x##end_quote##"}, "must not quote"),
    ],
)
def test_what_is_wrong_with_a_question_is_told(change: dict, told: str) -> None:
    assert not problems(Asked(**GOOD), TEXT)
    assert told in problems(Asked(**{**GOOD, **change}), TEXT)[0]


async def test_a_model_is_asked_again_and_then_given_up() -> None:
    class Wrong:
        name = "wrong"
        asked = 0

        async def chat(self, request: ChatRequest) -> ChatAnswer:
            self.asked += 1
            return ChatAnswer(content=json.dumps({**GOOD, "quote": "made up by somebody"}))

    model = Wrong()
    found = await Questioner(model, 0).ask(Chunk(document="d", ordinal=0, text=TEXT, start=0, end=len(TEXT)), 0)
    assert isinstance(found, Unasked)
    assert "word for word" in found.reason
    assert model.asked == 3
