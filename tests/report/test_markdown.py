"""The summary for pull requests: whole, and no markup of what was said."""

import html as parser

from evil_run import EVIL, evil_run
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tiny_world import TinyReplayer

from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.report.markdown import as_markdown, escaped
from toolbench.report.statistics import measure

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def test_a_summary_is_whole(tmp_path):
    run = evil_run(tmp_path / "run")
    evaluate(run, TinyReplayer())
    curate(run, evaluators=["executed", "goal"])
    written = as_markdown(measure(run))
    shown = READER.render(written)
    for said in ("of 2 traces pass", "Answered", "Where it passes", "1 times gave up"):
        assert said in shown
    assert "<script" not in shown
    assert EVIL.partition("://")[0] in parser.unescape(shown)
    assert written.endswith("\n")
    assert "\n\n\n" not in written


@given(st.text(alphabet=st.sampled_from("ab *_`[]()<>#|~!\\-+&@:/.\n1w"), max_size=30))
def test_escaped_text_is_shown_as_it_is(text):
    shown = READER.render(f"x {escaped(text)} y")
    assert parser.unescape(shown.removeprefix("<p>").removesuffix("</p>\n")).replace("\u200b", "").split() == [
        "x",
        *text.split(),
        "y",
    ]
    assert "<" not in shown.removeprefix("<p>").removesuffix("</p>\n")


def test_nobody_is_mentioned_and_nothing_is_linked():
    assert "@somebody" not in escaped("ask @somebody")
    assert "https://" not in escaped("see https://evil.example")
