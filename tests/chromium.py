"""A real browser for tests of pages: Chromium, headless, where the machine has one."""

import os
import shutil
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE = {"width": 375, "height": 740}
DESKTOP = {"width": 1280, "height": 900}


def found():
    """Return where Chromium is, or skip the test; where `TOOLBENCH_BROWSER=required`, fail instead."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        message = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("TOOLBENCH_BROWSER") == "required":
            pytest.fail(message)
        pytest.skip(message)
    return path


@contextmanager
def browser():
    """Give a browser."""
    path = found()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def tab(opened, size=DESKTOP, scheme="light", **options):
    """Give a page that fails the test for any error on its console, any dialog, and any request to another machine."""
    context = opened.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", **options)
    page, troubles = context.new_page(), []
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if _is_near(request.url) else troubles.append(f"asked for {request.url}"))
    try:
        yield page
        assert troubles == []
    finally:
        context.close()


def _is_near(url):
    return url.startswith(("file:", "http://127.0.0.1:"))


def is_wide(page):
    """Tell whether a page has to be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def barriers(page):
    """Return what axe-core finds against WCAG 2 A and AA, contrast included, in words."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]} {node['any'][:1]}" for rule in found for node in rule["nodes"][:3]]
