"""The page: whole, alone, and safe from what traces hold."""

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

import pytest
from evil_run import EVIL, evil_run
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

import toolbench
from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.report.html import write_html
from toolbench.report.statistics import measure
from toolbench.report.trees import draw, outline

VOID = {"meta", "path", "circle", "br"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that tags are balanced."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)


def page_of(run, path):
    write_html(run, measure(run), path)
    return path.read_text("utf-8")


@pytest.fixture
def page(tmp_path):
    run = evil_run(tmp_path / "run")
    evaluate(run, TinyReplayer())
    curate(run, evaluators=["executed", "goal"])
    return page_of(run, tmp_path / "report.html")


def test_a_script_stays_text(page):
    found = Page(page)
    assert found.tags.count("script") == 1
    assert page.count("</script>") == 1
    assert sum(EVIL in word for word in found.words) >= 10
    assert not any(name.startswith("on") for name, _ in found.attributes)


def test_the_page_is_alone(page):
    found = Page(page)
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(found.tags)
    assert not {"src", "srcset", "xlink:href", "action", "style"} & {name for name, _ in found.attributes}
    targets = {value.removeprefix("#") for name, value in found.attributes if name == "href"}
    assert targets <= {value for name, value in found.attributes if name == "id"}
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "light-dark(" in style
    assert "@media print" in style


def test_only_its_own_style_and_script_are_let_in(page):
    policy = dict(part.split(" ", 1) for part in re.search(r'Policy" content="([^"]*)"', page)[1].split("; "))
    assert html.unescape(policy["default-src"]) == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        inside = page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert html.unescape(policy[rule]) == f"'sha256-{digest}'"


@pytest.fixture(scope="module")
def real_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    return page_of(toolbench.generate(folder / "run", apis=["library", "orders"], count=12), folder / "report.html")


def test_the_graph_is_drawn_in_the_page(real_page):
    found = Page(real_page)
    assert not {"image", "use", "foreignobject"} & set(found.tags)
    assert "What feeds what" in real_page
    picture = real_page.partition('<svg class="graph"')[2].partition("</svg>")[0]
    drawn = Page(f"<svg {picture}</svg>")
    words = {word.strip() for word in drawn.words}
    assert {"library", "orders"} <= words
    assert any(" → " in word and word.endswith(" task") for word in words)
    assert drawn.attributes.count(("class", "used")) > 12


def test_the_page_tells_what_is_asked(real_page):
    words = " ".join(Page(real_page).words)
    for said in (
        "Kinds",
        "Decisions",
        "Categories",
        "Calls in the solution",
        "distinct 1-, 2- and 3-grams",
        "Not drawn:",
    ):
        assert said in words


def test_a_run_without_its_apis_has_no_graph(page):
    assert "What is asked" in page
    assert "What feeds what" not in page


def test_again_gives_the_same_bytes(tmp_path):
    run = evil_run(tmp_path / "run")
    evaluate(run, TinyReplayer())
    assert page_of(run, tmp_path / "a.html") == page_of(run, tmp_path / "b.html")


def test_a_run_that_is_not_judged_has_a_page(tmp_path):
    page = page_of(evil_run(tmp_path / "run"), tmp_path / "report.html")
    assert "not judged yet" in page
    assert "Where it passes" not in page
    assert "Not judged yet" in page
    assert "Search tree of" in page


def test_masked_messages_say_so(tmp_path):
    task = make_task(1)
    tree = Tree(task)
    end = solve(task, tree, tree.call(0, ("kv_put", {"amount": 1})))[1]
    run = make_run(tmp_path / "run", [tree.trace(end)], [task])
    evaluate(run, TinyReplayer())
    page = page_of(run, tmp_path / "report.html")
    assert "not trained on: invalid arguments" in page


def test_failures_are_explained_and_lead_to_their_traces(page):
    found = Page(page)
    words = " ".join(found.words)
    assert "Gave up" in words
    assert "The search ended without an answer" in words
    link = next(value for name, value in found.attributes if name == "href" and value.startswith("#trace-"))
    assert ("id", link.removeprefix("#")) in found.attributes


def test_dead_branches_are_drawn():
    task = make_task(1)
    tree = Tree(task)
    tree.say(tree.call(0, ("kv_get", {"key": "zzz"})), "No.", kind="give_up")
    end = solve(task, tree)[1]
    trace = tree.trace(end)
    drawing = draw(trace, ["kv"])
    assert [dot.look for dot in drawing.dots] == ["root", "open", "gave_up", *["best"] * 5]
    assert [dot.label for dot in drawing.dots[:4]] == ["start", "get", "give up", "get"]
    assert [dot.failed_call for dot in drawing.dots[:4]] == [False, True, False, False]
    assert [link.best for link in drawing.links] == [False, False, *[True] * 5]
    places = {(dot.x, dot.y) for dot in drawing.dots}
    assert len(places) == len(trace.nodes)
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in places)
    lines = list(outline(trace))
    assert [(line.kind, line.look) for line in lines] == [
        ("branch", "gave_up"),
        ("step", "open"),
        ("step", "gave_up"),
        ("end", "open"),
        *[("step", "best")] * 5,
    ]
    assert (lines[0].label, lines[0].steps) == ("gave up", 2)


def test_a_deep_tree_is_drawn():
    task = make_task(1)
    tree, at = Tree(task), 0
    for _ in range(300):
        at = tree.call(at, ("kv_list", {}))
    trace = tree.trace(None, "exhausted")
    assert len(draw(trace, []).dots) == 301
    assert [line.kind for line in outline(trace)] == ["step"] * 300


@given(st.lists(st.integers(min_value=0), max_size=40), st.integers(min_value=0))
def test_an_outline_holds_every_node_once_and_is_balanced(parents, chosen):
    tree = Tree(make_task(1))
    for place, parent in enumerate(parents):
        tree.say(parent % (place + 1), "No.", kind="user")
    best = chosen % (len(parents) + 1)
    trace = tree.trace(best)
    lines, depth, on_path = list(outline(trace)), 0, []
    for line in lines:
        depth += {"branch": 1, "end": -1, "step": 0}[line.kind]
        assert depth >= 0
        if line.kind == "step" and depth == 0:
            on_path.append(line.node.id)
    assert depth == 0
    assert sorted(line.node.id for line in lines if line.kind == "step") == list(range(1, len(parents) + 1))
    handed_out = [node.id for node in trace.path(best)][1:]
    assert on_path[: len(handed_out)] == handed_out
    assert sum(line.steps for line in lines if line.kind == "branch") >= len(parents) - len(on_path)
