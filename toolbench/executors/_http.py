"""Carries HTTP operations to the servers that the user allows."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import httpx2

from toolbench.addresses import PORTS
from toolbench.errors import ConfigError
from toolbench.executors._access import Access, Limits
from toolbench.executors._carriers import Errand
from toolbench.executors._courier import Courier
from toolbench.executors._credentials import Keyring
from toolbench.executors._errors import RefusedError
from toolbench.executors._hops import first
from toolbench.executors._hosts import Hosts
from toolbench.executors._redaction import Redactor
from toolbench.executors._request import build
from toolbench.llm.retry import Sleep
from toolbench.model import Api, HttpBinding, JsonObject, Tool


class HttpCarrier:
    """Carries HTTP operations.

    Args:
        access: what the user allows.
        keyring: the credentials.
        redactor: takes out secrets.
        limits: how much of a server is used.
        clock: seconds since some moment, for the rate limit.
        sleep: how to wait.

    Raises:
        ConfigError: an allowed host or a base URL cannot be used.
    """

    def __init__(
        self,
        access: Access,
        keyring: Keyring,
        redactor: Redactor,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bases = {api: _checked_base(url) for api, url in access.base_urls.items()}
        self._hosts = Hosts(access.hosts)
        self._keyring, self._redactor = keyring, redactor
        self._courier = Courier(self._hosts, redactor, limits, clock, sleep)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._courier.aclose()

    def prepare(self, api: Api, tool: Tool, arguments: JsonObject) -> Errand:
        """Return the request of a call, ready to go. See `Carrier.prepare`."""
        if not isinstance(tool.binding, HttpBinding):
            raise TypeError(f"{tool.name} is no HTTP operation")
        base, credentials = self._base(api), self._keyring.choose(api, tool.binding.security)
        hop = first(build(tool, tool.binding, arguments), base, credentials)
        return Errand(hop.sent(self._redactor), partial(self._courier.bring, hop, is_read=tool.safety == "read"))

    def _base(self, api: Api) -> httpx2.URL:
        """Return the base URL given for an API, else the first of its servers that is allowed, over TLS if possible."""
        if api.id in self._bases:
            servers = [self._bases[api.id]]
        else:
            servers = sorted(filter(None, map(_absolute, api.servers)), key=lambda url: url.scheme != "https")
        if not servers:
            raise RefusedError(f"the description of {api.id} names no server; give its base URL")
        base = next(filter(self._hosts.permits, servers), servers[0])
        self._hosts.check(base)
        return base


def _checked_base(url: str) -> httpx2.URL:
    base = _absolute(url)
    if base is None:
        raise ConfigError(f"{url!r} is not a base URL", hint="It looks like https://api.example.com/v1.")
    return base


def _absolute(url: str) -> httpx2.URL | None:
    """Return a URL that leads to a server, or None."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return None
    return parsed if parsed.scheme in PORTS and parsed.host else None
