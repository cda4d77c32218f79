"""Where on the server the APIs are: prefixes, paths and methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from toolbench.model import Api, HttpBinding
from toolbench.server.coercion import Coercion
from toolbench.server.endpoint import Endpoint
from toolbench.server.messages import Request
from toolbench.server.paths import Found, Paths
from toolbench.server.simulation import Simulation

_MOST_PLACES = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """What stands under a path: the endpoints of one template."""

    prefix: str
    """What stands before the path of the API."""
    values: tuple[str, ...]
    """What stands in the path for its parameters, as sent."""
    endpoints: list[Endpoint]
    """At least one."""

    def methods(self) -> list[str]:
        """Return the methods that can be used here."""
        own = {endpoint.binding.method for endpoint in self.endpoints}
        return sorted(own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set()))

    def endpoint(self, request: Request) -> Endpoint | None:
        """Return what answers a request; `GET` stands in for `HEAD`. None where the method cannot be used here."""
        for method in (request.method, "GET") if request.method == "HEAD" else (request.method,):
            options = [endpoint for endpoint in self.endpoints if endpoint.binding.method == method]
            if options:
                # Where templates differ in their query only, the one that asks for most of what was sent.
                return max(options, key=lambda each: -1 if (fit := each.fits(request.query)) is None else fit)
        return None


class Mounted:
    """One API on the server.

    Args:
        api: the API.
        simulation: the world that answers.
    """

    def __init__(self, api: Api, simulation: Simulation) -> None:
        self.api = api
        self.bases = list(dict.fromkeys(base for url in api.servers if (base := urlsplit(url).path.rstrip("/"))))
        """Base paths of its servers, but for the empty one."""
        self.paths: Paths[Endpoint] = Paths()
        coercion = Coercion(api.definitions)
        self.endpoints = [
            Endpoint(tool, tool.binding, api.security_schemes, coercion, simulation)
            for tool in api.tools
            if isinstance(tool.binding, HttpBinding)
        ]
        """Its operations, in the order of the description."""
        for endpoint in self.endpoints:
            self.paths.put(endpoint.template, endpoint)

    def model(self, status: int) -> Endpoint | None:
        """Return an endpoint that documents a failure, to say it where there is no endpoint in the API's own form."""
        for key in (str(status), f"{str(status)[0]}XX", "default"):
            for endpoint in self.endpoints:
                if key in endpoint.tool.errors:
                    return endpoint
        return next(iter(self.endpoints), None)


class Site:
    """All APIs on the server: each under its id, a single one at the root too, with the base path or without.

    Args:
        simulation: the world that answers.
    """

    def __init__(self, simulation: Simulation) -> None:
        self.apis = {name: Mounted(api, simulation) for name, api in simulation.landscape.apis.items()}
        self._single = next(iter(self.apis.values())) if len(self.apis) == 1 else None
        self._found = lru_cache(maxsize=_MOST_PLACES)(self._find)

    def find(self, path: str) -> Place | None:
        """Return what stands under a path, or None. Where a path can be read in several ways, the more literal counts.

        Args:
            path: the path as sent, percent-encoded.
        """
        return self._found(path)

    def _find(self, path: str) -> Place | None:
        best: tuple[str, Found[Endpoint]] | None = None
        for prefix, mounted, rest in self._readings(path):
            found = mounted.paths.find(rest)
            if found and (best is None or len(found.values) < len(best[1].values)):
                best = prefix, found
        return Place(best[0], best[1].values, best[1].things) if best else None

    def api_of(self, path: str) -> Mounted | None:
        """Return the API that a path belongs to, whether there is something under it or not."""
        return next((mounted for _, mounted, _ in self._readings(path)), None)

    def _readings(self, path: str) -> Iterator[tuple[str, Mounted, str]]:
        """Yield the ways to read a path: what stands before the API's own, the API, and its own path."""
        if self._single:
            yield from _below(self._single, "", path)
        name = path[1:].partition("/")[0]
        if name in self.apis:
            yield from _below(self.apis[name], f"/{name}", path[len(name) + 1 :])


def _below(mounted: Mounted, prefix: str, path: str) -> Iterator[tuple[str, Mounted, str]]:
    yield prefix, mounted, path
    for base in mounted.bases:
        if path == base or path.startswith(f"{base}/"):
            yield prefix + base, mounted, path[len(base) :]
