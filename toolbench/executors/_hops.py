"""Requests on their way: the first one of a call, and those that redirects ask for (RFC 9110, section 15.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import httpx2

from toolbench._version import __version__
from toolbench.addresses import endpoint
from toolbench.executors._cassette import Sent
from toolbench.executors._credentials import Placed
from toolbench.executors._errors import RefusedError
from toolbench.executors._redaction import REDACTED, Redactor
from toolbench.executors._request import Draft
from toolbench.executors._styles import Pair
from toolbench.executors._wire import Reply

_REDIRECTS = (301, 302, 303, 307, 308)
_READING = ("GET", "HEAD")
_OF_THE_BODY = ("content-type",)
_KEPT_ABROAD = ("accept", "accept-encoding", "user-agent")


@dataclass(frozen=True, slots=True)
class Hop:
    """One request."""

    method: str
    """HTTP method."""
    url: httpx2.URL
    """The whole address, without credentials."""
    headers: tuple[Pair, ...]
    """Headers, without credentials."""
    body: bytes
    """The body."""
    credentials: Placed
    """What authenticates it."""

    def request(self) -> httpx2.Request:
        """Return the request with its credentials, which come before arguments of the same name."""
        secret = {name.lower() for name, _ in self.credentials.headers}
        headers = [pair for pair in self.headers if pair[0].lower() not in (*secret, "cookie")]
        cookies = [text for name, text in self.headers if name.lower() == "cookie"]
        cookies += [f"{name}={value}" for name, value in self.credentials.cookies]
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))
        return httpx2.Request(
            self.method,
            _with_query(self.url, self.credentials.query),
            headers=[(name.encode(), text.encode()) for name, text in (*headers, *self.credentials.headers)],
            content=self.body or None,
        )

    def next(self, reply: Reply, redactor: Redactor) -> "Hop | None":
        """Return the request that the answer redirects to, or None when it is no redirect.

        To another origin (RFC 6454) goes neither a credential nor any header or body of the call.

        Raises:
            RefusedError: it leads to something that is no address, would send a write to another origin, or would
                hand a credential to it.
        """
        location = reply.headers.get("location")
        if reply.status not in _REDIRECTS or not location:
            return None
        url = self._target(location)
        reads = reply.status == 303 or (reply.status in (301, 302) and self.method == "POST")
        method = "GET" if reads and self.method != "HEAD" else self.method
        keeps_body = method == self.method
        headers = tuple(pair for pair in self.headers if keeps_body or pair[0].lower() not in _OF_THE_BODY)
        body = self.body if keeps_body else b""
        if _origin(url) == _origin(self.url):
            return Hop(method, url, headers, body, self.credentials)
        if method not in _READING:
            raise RefusedError("the server redirects a call that may change something to another server")
        if redactor.holds_secret(str(url)):
            raise RefusedError("the server redirects to another server, with a credential in the address")
        return Hop(method, url, tuple(pair for pair in headers if pair[0].lower() in _KEPT_ABROAD), b"", Placed())

    def sent(self, redactor: Redactor) -> Sent:
        """Return what goes on record of it."""
        return Sent(
            method=self.method,
            url=redactor.text(str(self.url)),
            headers=redacted(self.headers, redactor),
            body=redactor.text(self.body.decode(errors="replace")),
        )

    def _target(self, location: str) -> httpx2.URL:
        try:
            return self.url.join(location).copy_with(fragment=None)
        except (httpx2.InvalidURL, ValueError) as error:
            raise RefusedError("the server redirects to what is no address") from error


def first(draft: Draft, base: httpx2.URL, credentials: Placed) -> Hop:
    """Return the request of a call.

    Args:
        draft: what the call carries.
        base: the server's base URL.
        credentials: what authenticates the call.

    Raises:
        RefusedError: together they are no URL.
    """
    headers: list[Pair] = [("User-Agent", f"toolbench/{__version__}"), ("Accept-Encoding", "gzip, deflate")]
    headers += draft.headers
    if draft.cookies:
        headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in draft.cookies)))
    try:
        url = httpx2.URL(str(base.copy_with(query=None, fragment=None)).rstrip("/") + draft.target)
    except httpx2.InvalidURL as error:
        raise RefusedError(f"no address can be made of the arguments: {error}") from error
    return Hop(draft.method, url, tuple(headers), draft.body.content, credentials)


def redacted(headers: Iterable[Pair], redactor: Redactor) -> tuple[Pair, ...]:
    """Return headers without secrets; the cookies that a server sets are such, too."""
    return tuple(
        (redactor.text(name), REDACTED if name.lower() == "set-cookie" else redactor.text(text))
        for name, text in headers
    )


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return (url.scheme, *endpoint(url))


def _with_query(url: httpx2.URL, query: Sequence[Pair]) -> httpx2.URL:
    if not query:
        return url
    names = {name for name, _ in query}
    written = [pair for pair in url.query.decode("ascii").split("&") if pair and pair.partition("=")[0] not in names]
    return url.copy_with(query="&".join([*written, *(f"{name}={value}" for name, value in query)]).encode())
