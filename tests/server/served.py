from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from drafts import load

from toolbench.model import Api
from toolbench.server.application import Application
from toolbench.server.security import Guard
from toolbench.serving import Server, in_thread
from toolbench.specs import open_catalogue

ANY = Guard()
CREDENTIALS = {"X-API-Key": "any", "Authorization": "Bearer any"}

Serve = Callable[..., httpx2.Client]
"""Serves APIs (ids of bundled ones, documents or `Api`s) and returns a client of the server."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def served(*apis: Any, guard: Guard = ANY, faults: str = "none", **more: Any) -> httpx2.Client:
            application = Application([_api(each, tmp_path) for each in apis], guard=guard, faults=faults)
            url = stack.enter_context(in_thread(Server(application)))
            return stack.enter_context(httpx2.Client(base_url=url, **({"headers": CREDENTIALS} | more)))

        yield served


def _api(given: Any, folder: Path) -> Api:
    if isinstance(given, Api):
        return given
    return bundled(given) if isinstance(given, str) else load(folder, given)


def bundled(name: str) -> Api:
    return open_catalogue().api(name)
