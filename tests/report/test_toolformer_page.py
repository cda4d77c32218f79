"""The page on an annotated corpus: whole, alone, and safe from what texts hold."""

import re
from html.parser import HTMLParser
from pathlib import Path

from toolbench.report.pages import policy
from toolbench.report.toolformer import bars, write_report
from toolbench.toolformer.base import Annotation, Candidate, Losses, Settings
from toolbench.toolformer.figures import HIGH, LOW, CorpusFigures

EVIL = "<script>alert(1)</script>"
SETTINGS = {
    "model": f"m{EVIL}",
    "weights": "w",
    "markers": {"open": " [", "close": "]", "tokens": [933]},
    "seed": 0,
    "tools": {},
}


class Page(HTMLParser):
    """Collects attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes, self.words = list[tuple[str, str | None]](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def figures(*gains: float | None) -> CorpusFigures:
    made = CorpusFigures({f"calc{EVIL}": Settings(tau_f=0.5), "idle": Settings()})
    candidates = tuple(
        Candidate(
            tool=f"calc{EVIL}",
            position=n,
            offset=n,
            chance=0.1,
            call=f"C({EVIL})",
            argument=EVIL,
            result=None if gain is None else EVIL,
            failure=EVIL if gain is None else "",
            losses=None if gain is None else Losses(plain=2, call=2, result=2 - gain),
            in_place=None if gain is None else Losses(plain=1, call=1, result=1),
            gain=gain,
            kept=gain is not None and gain >= 0.5,
        )
        for n, gain in enumerate(gains)
    )
    given = {"concerned": {}, "discarded": {}, "positions": {}}
    made.add(Annotation(id="a", name="a", source="s", text=EVIL * 3, candidates=candidates, failure=EVIL, **given))
    return made


def page(tmp_path: Path, *gains: float | None) -> str:
    path = tmp_path / "report.html"
    write_report(path, f"corpus{EVIL}", figures(*gains), SETTINGS, 1, 2)
    return path.read_text("utf-8")


def test_what_texts_hold_is_escaped_and_nothing_is_let_in(tmp_path: Path) -> None:
    text = page(tmp_path, 1.0, -1.0, 0.4, None)
    parsed = Page(text)
    assert "alert(1)" in " ".join(parsed.words)
    assert EVIL not in text
    assert not [name for name, _ in parsed.attributes if name == "style" or name.startswith("on")]
    assert policy() in text.replace("&#39;", "'")
    assert not re.findall(r"(?:src|href)=\"(?!#)", text)


def test_kept_and_just_rejected_are_shown(tmp_path: Path) -> None:
    text = page(tmp_path, 1.0, 0.4)
    kept, rejected = text.index("+1.00"), text.index("+0.40")
    assert text.index("Kept, the most useful") < kept < text.index("Just rejected") < rejected
    assert "No call had a result" in text  # of the idle tool


def test_bars_fill_the_drawing_and_say_what_they_count() -> None:
    found = figures(1.0, 1.1, -9.0, 9.0, 0.5, 0.49).tools[f"calc{EVIL}"]
    drawn = bars(found)
    held = {n: bar for n, bar in enumerate(drawn) if bar.height}
    assert max(bar.height for bar in drawn) == 60.0
    assert drawn[0].height
    assert drawn[-1].height
    assert sum(int(bar.title.split()[0]) for bar in held.values()) == 6
    assert {bar.is_kept for n, bar in held.items() if LOW + n * 0.25 < 0.5} == {False}
    assert {bar.is_kept for n, bar in held.items() if LOW + n * 0.25 >= 0.5} == {True}
    assert max(bar.x + bar.width for bar in drawn) <= 100
    assert LOW < HIGH
