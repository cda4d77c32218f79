"""The viewer as an ASGI application. It answers GET alone, knows runs by name alone, and opens no path it is told."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolbench.errors import ToolbenchError
from toolbench.model import Trace
from toolbench.report import comparison, html
from toolbench.report.pages import policy, render
from toolbench.report.trees import ENDINGS
from toolbench.store import Run
from toolbench.viewer.filters import CHOICES, ORDERS, PAGE, Query, options
from toolbench.viewer.index import Index, Indexes
from toolbench.viewer.runs import find_runs

SMALL = 20_000_000
"""Bytes of traces up to which a run is read before anybody opens it."""

HOSTS = ("127.0.0.1", "localhost")
"""Names under which the viewer answers: no other site can point one of its own here."""

HEADERS = {
    "content-security-policy": f"{policy()}; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""On every answer."""


def application(folder: Path) -> Starlette:
    """Return the viewer of a folder of runs; those that are small are read at once, in the background."""
    viewer = _Viewer(folder)
    pages: Mapping[str, Callable[[Request], Response]] = {
        "/": viewer.home,
        "/traces": viewer.traces,
        "/trace": viewer.trace,
        "/trace.json": viewer.record,
        "/report": viewer.report,
        "/compare": viewer.compare,
    }
    return Starlette(
        routes=[Route(path, page, methods=["GET"]) for path, page in pages.items()],
        middleware=[Middleware(_Headers), Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        exception_handlers={HTTPException: _refused, ToolbenchError: _failed},
    )


class _Headers:
    """Puts `HEADERS` on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, sent)


class _Viewer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._indexes = Indexes()
        self._runs = find_runs(folder)
        for path in self._runs.values():
            traces = path / "traces.jsonl"
            if traces.is_file() and traces.stat().st_size <= SMALL:
                self._indexes.begin(path)

    def home(self, request: Request) -> Response:
        """Show the runs."""
        del request
        self._runs = find_runs(self._folder)
        rows = [_Row(name, path, self._indexes.peek(path)) for name, path in self._runs.items()]
        return _page("runs", folder=str(self._folder.resolve()), rows=rows)

    def traces(self, request: Request) -> Response:
        """Show the traces of a run that are asked for."""
        name, index = self._index(request)
        query = Query.read(request.query_params)
        places = query.places(index)
        last = max(1, -(-len(places) // PAGE))
        page = min(query.page, last)
        return _page(
            "traces",
            run=name,
            query=query,
            statistics=index.statistics,
            read=len(index.states),
            found=len(places),
            states=[index.states[place] for place in places[(page - 1) * PAGE : page * PAGE]],
            first=(page - 1) * PAGE + 1,
            page=page,
            last=last,
            choices={key: title for key, (title, _) in CHOICES.items()},
            options=options(index),
            orders={key: title for key, (title, _) in ORDERS.items()},
        )

    def trace(self, request: Request) -> Response:
        """Show a trace."""
        name, index = self._index(request)
        if index.statistics is None:
            return _waiting(name, index)
        place = _place(request, index)
        trace = index.trace(index.states[place].id)
        leaf = _leaf(request.query_params.get("leaf", ""), trace.leaves())
        query = Query.read(request.query_params)
        places = query.places(index)
        here = places.index(place) if place in places else None
        return _page(
            "trace",
            run=name,
            query=query,
            shown=index.shower.show(trace, leaf),
            leaves=_ends(trace),
            endings=ENDINGS,
            before=index.states[places[here - 1]].id if here else "",
            after=index.states[places[here + 1]].id if here is not None and here + 1 < len(places) else "",
            where=(here + 1, len(places)) if here is not None else None,
        )

    def record(self, request: Request) -> Response:
        """Give a trace as it is kept."""
        _, index = self._index(request)
        trace = index.trace(index.states[_place(request, index)].id)
        return Response(trace.model_dump_json(), media_type="application/json")

    def report(self, request: Request) -> Response:
        """Show a run's report."""
        name, index = self._index(request)
        if index.statistics is None:
            return _waiting(name, index)
        at = urlencode({"run": name})
        return HTMLResponse(
            html.page(index.run, index.whole, home="/", traces_at=f"/traces?{at}", trace_at=f"/trace?{at}&id=")
        )

    def compare(self, request: Request) -> Response:
        """Show runs side by side."""
        names = list(dict.fromkeys(request.query_params.getlist("run")))
        if len(names) < 2:
            raise HTTPException(400, "Choose at least two runs to compare.")
        indexes = {name: self._indexes.get(self._path(name)) for name in names}
        for name, index in indexes.items():
            if index.statistics is None:
                return _waiting(name, index)
        measured = [index.statistics for index in indexes.values() if index.statistics]
        return HTMLResponse(comparison.page(comparison.compare(measured, names), home="/"))

    def _index(self, request: Request) -> tuple[str, Index]:
        name = request.query_params.get("run", "")
        return name, self._indexes.get(self._path(name))

    def _path(self, name: str) -> Path:
        if name not in self._runs:
            self._runs = find_runs(self._folder)
        if name not in self._runs:
            raise HTTPException(404, "There is no such run here.")
        return self._runs[name]


class _Row:
    """A run in the list."""

    def __init__(self, name: str, path: Path, index: Index | None) -> None:
        self.name = name
        self.statistics = index.statistics if index else None
        """None where it has not been read yet."""
        self.problem = ""
        try:
            self.config = Run(path).read_config() or {}
        except ToolbenchError as error:
            self.config, self.problem = {}, str(error)
        traces = path / "traces.jsonl"
        self.bytes = traces.stat().st_size if traces.is_file() else 0


def _place(request: Request, index: Index) -> int:
    place = index.place(request.query_params.get("id", ""))
    if place is None or place >= len(index.states):
        raise HTTPException(404, "There is no such trace in this run.")
    return place


def _ends(trace: Trace) -> list[tuple[int, str]]:
    """Return the leaves of a tree, each with how its path ends; the path handed out first."""
    ends = [(leaf, "best" if leaf == trace.best else trace.nodes[leaf].status) for leaf in trace.leaves()]
    return sorted(ends, key=lambda end: end[1] != "best")


def _leaf(written: str, leaves: tuple[int, ...]) -> int | None:
    """Return the leaf asked for; None where none is, or where it is no leaf."""
    return next((leaf for leaf in leaves if str(leaf) == written), None)


def _page(template: str, **values: object) -> Response:
    return HTMLResponse(render(template, **values))


def _waiting(name: str, index: Index) -> Response:
    return _page("waiting", run=name, read=len(index.states))


def _refused(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    return HTMLResponse(render("problem", title="Nothing is here", detail=detail), status)


def _failed(request: Request, error: Exception) -> Response:
    del request
    return HTMLResponse(render("problem", title="This run cannot be read", detail=str(error)), 500)
