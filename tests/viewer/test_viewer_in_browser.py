"""The viewer in a real browser, over many traces: `benchmarks/view_speed.py` takes 10,000."""

import chromium
import pytest
from evil_run import EVIL, evil_run
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from toolbench.pipeline.evaluate import evaluate
from toolbench.serving import Server, in_thread
from toolbench.viewer.application import application

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANY = 2_000


@pytest.fixture(scope="module")
def browser():
    with chromium.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(tmp_path_factory, browser):
    folder = tmp_path_factory.mktemp("runs")
    evaluate(evil_run(folder / "evil"), TinyReplayer())
    tasks = [make_task(seed) for seed in range(2)]
    lost = Tree(tasks[1])
    lost.say(lost.call(0, ("kv_get", {"key": "zzz"})), "I give up.", kind="give_up")
    kinds = [solve(tasks[0])[0].trace(5), lost.trace(None, "gave_up")]
    traces = (kinds[place % 10 == 7].model_copy(update={"id": f"r{place:016x}"}) for place in range(MANY))
    evaluate(make_run(folder / "many", traces, tasks), TinyReplayer())
    with in_thread(Server(application(folder))) as address:
        yield address


def opened(tab, url):
    """Open the list of the many, and wait until all are read."""
    tab.goto(f"{url}/traces?run=many")
    tab.get_by_text(f"{MANY:,} of {MANY:,} traces").wait_for()


def test_the_many_are_listed_filtered_and_searched(browser, url):
    with chromium.tab(browser) as tab:
        opened(tab, url)
        assert tab.locator(".hits > li").count() == 50
        tab.get_by_label("Outcome").select_option("lost")
        tab.get_by_text("200 of 2,000 traces").wait_for()
        assert "fate=lost" in tab.url
        tab.get_by_label("Search in what is said and called").fill("zzz give up")
        tab.get_by_role("button", name="Search").click()
        tab.get_by_text("200 of 2,000 traces").wait_for()
        tab.get_by_role("link", name="Later →").click()
        tab.get_by_text("Page 2 of 4").wait_for()
        assert "q=zzz" in tab.url
        tab.locator(".hits a").first.click()
        tab.get_by_text("51 of 200").wait_for()
        tab.get_by_role("link", name="Next →").click()
        tab.get_by_text("52 of 200").wait_for()
        tab.get_by_label("Where you are").get_by_role("link", name="many").click()
        tab.get_by_text("200 of 2,000 traces").wait_for()
        tab.get_by_role("link", name="Clear").click()
        tab.get_by_text(f"{MANY:,} of {MANY:,} traces").wait_for()


def test_an_empty_answer_says_so(browser, url):
    with chromium.tab(browser) as tab:
        opened(tab, url)
        tab.get_by_label("Search in what is said and called").fill("no such words anywhere")
        tab.keyboard.press("Enter")
        tab.get_by_text("No trace is like that.").wait_for()


def test_a_trace_with_a_script_stays_text(browser, url):
    with chromium.tab(browser) as tab:
        tab.goto(f"{url}/traces?run=evil")
        tab.locator(".hits a").first.click()
        tab.locator(".chat").wait_for()
        assert tab.locator("script").count() == 1
        assert EVIL in tab.locator(".chat").inner_text()


def test_runs_are_compared(browser, url):
    with chromium.tab(browser) as tab:
        opened(tab, url)
        tab.get_by_role("link", name="Runs").click()
        for name in ("evil", "many"):
            tab.get_by_label(f"Choose {name} for a comparison").check()
        tab.get_by_role("button", name="Compare those chosen").click()
        tab.get_by_text("Where they part").first.wait_for()


@pytest.mark.parametrize("at", ["/", "/traces?run=many", "/traces?run=evil&q=none", "/report?run=evil"])
@pytest.mark.parametrize(("size", "scheme"), [(chromium.DESKTOP, "dark"), (chromium.PHONE, "light")])
def test_nothing_bars_the_way(browser, url, at, size, scheme):
    with chromium.tab(browser, size, scheme) as tab:
        if "many" in at:
            opened(tab, url)
        assert tab.goto(url + at).ok
        assert not chromium.is_wide(tab)
        assert chromium.barriers(tab) == []
