"""The report in a real browser."""

import chromium
import pytest
from evil_run import EVIL, evil_run
from tiny_world import TinyReplayer

import toolbench
from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.report.comparison import compare, page
from toolbench.report.html import write_html
from toolbench.report.statistics import measure

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    chromium.found()
    folder = tmp_path_factory.mktemp("pages")
    real = toolbench.generate(folder / "real", apis=["library", "orders"], count=40, searcher="mcts")
    toolbench.evaluate(real)
    toolbench.curate(real)
    evil = evil_run(folder / "evil")
    evaluate(evil, TinyReplayer())
    curate(evil, evaluators=["executed", "goal"])
    for run in (real, evil):
        write_html(run, measure(run), folder / f"{run.path.name}.html")
    both = page(compare([measure(real), measure(evil)], ["real", "evil"]))
    (folder / "both.html").write_text(both, "utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in ("real", "evil", "both")}


@pytest.fixture(scope="module")
def browser(pages):
    # After the pages: the driver's event loop stays in this thread, where a run would want one of its own.
    with chromium.browser() as opened:
        yield opened


@pytest.mark.parametrize("name", ["real", "evil", "both"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(browser, pages, name, scheme):
    with chromium.tab(browser, scheme=scheme) as tab:
        tab.goto(pages[name])
        tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert chromium.barriers(tab) == []


@pytest.mark.parametrize("name", ["real", "evil", "both"])
def test_a_phone_scrolls_down_only(browser, pages, name):
    with chromium.tab(browser, chromium.PHONE) as tab:
        tab.goto(pages[name])
        assert not chromium.is_wide(tab)
        tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert not chromium.is_wide(tab)


def test_a_failure_leads_to_its_trace(browser, pages):
    with chromium.tab(browser) as tab:
        tab.goto(pages["real"])
        link = tab.locator(".failure a").first
        trace = tab.locator(link.get_attribute("href"))
        assert not trace.locator(".chat").first.is_visible()
        link.click()
        assert trace.locator(".chat").first.is_visible()


def test_trees_unfold_and_fold(browser, pages):
    with chromium.tab(browser) as tab:
        tab.goto(pages["real"])
        trace = tab.locator(".trace:has(.branch)").first
        trace.evaluate("each => { each.querySelector('details').open = true }")
        trace.locator("summary", has_text="Step by step").click()
        branch = trace.locator(".branch").first
        assert branch.locator("summary").first.is_visible()
        assert not branch.locator(".step").first.is_visible()
        branch.locator("summary").first.click()
        assert branch.locator(".step").first.is_visible()
        trace.get_by_role("button", name="Fold all", exact=True).click()
        assert not branch.locator(".step").first.is_visible()
        trace.get_by_role("button", name="Unfold all").click()
        assert branch.locator(".step").first.is_visible()


def test_the_keyboard_reaches_what_the_mouse_does(browser, pages):
    with chromium.tab(browser) as tab:
        tab.goto(pages["real"])
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
        summary = tab.locator(".trace > details > summary").nth(1)
        summary.focus()
        tab.keyboard.press("Enter")
        assert summary.evaluate("each => each.parentElement.open")


def test_colours_turn_and_stay(browser, pages):
    paper = "getComputedStyle(document.body).backgroundColor"
    with chromium.tab(browser, scheme="light") as tab:
        tab.goto(pages["real"])
        light = tab.evaluate(paper)
        tab.get_by_role("button", name="Dark colours").click()
        dark = tab.evaluate(paper)
        assert dark != light
        tab.reload()
        assert tab.evaluate(paper) == dark
        tab.get_by_role("button", name="Light colours").click()
        assert tab.evaluate(paper) == light
    with chromium.tab(browser, scheme="dark") as tab:
        tab.goto(pages["real"])
        assert tab.evaluate(paper) == dark


def test_a_script_stays_text(browser, pages):
    with chromium.tab(browser) as tab:
        tab.goto(pages["evil"])
        assert tab.locator("script").count() == 1
        assert tab.locator("body").inner_text().count(EVIL) >= 3


def test_it_can_be_read_without_scripts(browser, pages):
    with chromium.tab(browser, java_script_enabled=False) as tab:
        tab.goto(pages["real"])
        assert not tab.locator("#theme").is_visible()
        summary = tab.locator(".trace > details > summary").nth(1)
        summary.click()
        assert tab.locator(".trace .chat").nth(1).is_visible()


def test_print_shows_what_is_folded_and_no_buttons(browser, pages):
    with chromium.tab(browser, scheme="dark") as tab:
        tab.goto(pages["real"])
        tab.emulate_media(media="print")
        assert not tab.locator("#theme").is_visible()
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert tab.evaluate("[...document.querySelectorAll('.trace > details')].every(each => each.open)")
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert not tab.evaluate("[...document.querySelectorAll('.trace > details')].every(each => each.open)")
