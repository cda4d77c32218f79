"""How soon a page of the viewer is painted, over 10,000 traces, in headless Chromium.

A run of 200 tasks over the bundled APIs, explored by `mcts` and judged, is written again and again until it has 10,000
traces (about 150 MB). `cold` opens its list on a viewer that has just been started, while it is still being read;
the rest are asked once it was. Seconds from the request to the browser's first contentful paint; the median and the
worst of several.

    python benchmarks/view_speed.py [RUN]
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from large_run import enlarge
from playwright.sync_api import Browser, sync_playwright

import toolbench

TRACES, TIMES = 10_000, 5

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"

PAGES = {
    "runs": "/",
    "list": "/traces?run=large",
    "last page": "/traces?run=large&page=200",
    "filter": "/traces?run=large&fate=failed&kind=change",
    "search": "/traces?run=large&q=hotel+book",
    "search of nothing": "/traces?run=large&q=no+such+words",
    "order": "/traces?run=large&order=nodes",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else made(folder / "small")
        large = enlarge(source, folder / "runs" / "large", TRACES)
        size = large.traces.path.stat().st_size / 1e6
        print(f"{TRACES:,} traces, {size:.0f} MB")
        with chromium() as browser:
            cold = [first_paint(browser, folder / "runs") for _ in range(TIMES)]
            tell("cold: list", cold)
            with viewer(folder / "runs") as url:
                print(f"{'all are read after':<20} {read(browser, url):6.2f} s")
                for page, at in PAGES.items():
                    tell(page, [paint(browser, url + at) for _ in range(TIMES)])
                tell("a trace", [paint(browser, url + trace(browser, url)) for _ in range(TIMES)])


def made(folder: Path) -> Path:
    run = toolbench.generate(folder, count=200, searcher="mcts")
    toolbench.evaluate(run)
    return folder


@contextmanager
def chromium() -> Iterator[Browser]:
    path = which("chromium") or which("chromium-browser") or which("google-chrome")
    if path is None:
        sys.exit("no browser: install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def first_paint(browser: Browser, folder: Path) -> float:
    with viewer(folder) as url:
        return paint(browser, f"{url}/traces?run=large")


@contextmanager
def viewer(folder: Path) -> Iterator[str]:
    """Serve a folder in a process of its own, as `toolbench view` does; gives the URL."""
    command = [sys.executable, "-m", "toolbench.cli", "view", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.terminate()


def paint(browser: Browser, url: str) -> float:
    page = browser.new_page()
    page.goto(url)
    found: float | None = None
    # Asked from here: the pages' policy forbids what the driver would evaluate in them again and again.
    while found is None:
        page.wait_for_timeout(20)
        found = page.evaluate(PAINT)
    page.close()
    return found / 1000


def read(browser: Browser, url: str) -> float:
    """Return how long it takes until the whole run was read."""
    started, page = time.perf_counter(), browser.new_page()
    page.goto(f"{url}/traces?run=large")
    page.get_by_text(f"{TRACES:,} of {TRACES:,} traces").wait_for(timeout=120_000)
    page.close()
    return time.perf_counter() - started


def trace(browser: Browser, url: str) -> str:
    page = browser.new_page()
    page.goto(f"{url}/traces?run=large&order=nodes")
    found = page.locator(".hits a").first.get_attribute("href")
    page.close()
    return found or ""


def tell(what: str, seconds: list[float]) -> None:
    print(f"{what:<20} {statistics.median(seconds):6.2f} s, at worst {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
