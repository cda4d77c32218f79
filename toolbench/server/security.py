"""Whether a request carries the credentials that an operation asks for, and whether they reach as far as it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from toolbench.model import HttpBinding, SecurityScheme, Tool
from toolbench.server.messages import Request
from toolbench.world.access import Granted, denial
from toolbench.world.answers import ApiError


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests through."""

    asks: bool = True
    """Whether credentials are asked for at all."""
    token: str = ""
    """The only credential that will do; empty where any will."""
    granted: Granted = None
    """Security schemes and scopes that credentials stand for; None for all."""

    def check(self, request: Request, tool: Tool, binding: HttpBinding, schemes: Mapping[str, SecurityScheme]) -> None:
        """Turn down a request without the credentials that an operation asks for, or whose credentials fall short.

        Raises:
            ApiError: 401 or 403.
        """
        if not self.asks:
            return
        if not is_authorised(request, binding.security, schemes, self.token):
            raise ApiError(HTTPStatus.UNAUTHORIZED, "No credentials were given, or not those that are asked for")
        if denied := denial(tool, self.granted):
            raise denied


def is_authorised(
    request: Request, alternatives: Iterable[tuple[str, ...]], schemes: Mapping[str, SecurityScheme], token: str = ""
) -> bool:
    """Tell whether a request carries credentials of all schemes of one alternative; without alternatives it need not.

    Args:
        request: the request.
        alternatives: as `HttpBinding.security`.
        schemes: as `Api.security_schemes`.
        token: the only value that will do; empty where any will.
    """
    asked = list(alternatives)
    return not asked or any(all(_carries(request, schemes[name], token) for name in each) for each in asked)


def challenge(alternatives: Iterable[tuple[str, ...]], schemes: Mapping[str, SecurityScheme]) -> str:
    """Return the value of `WWW-Authenticate`; empty where no scheme is one of HTTP."""
    names = (_scheme(schemes[name]) for each in alternatives for name in each)
    return ", ".join(dict.fromkeys(name.capitalize() for name in names if name))


def credential(scheme: SecurityScheme, token: str) -> tuple[str, str] | None:
    """Return a header with a credential of a scheme, or None where it goes elsewhere."""
    if name := _scheme(scheme):
        return "Authorization", f"{name.capitalize()} {token or 'any'}"
    return (scheme.name, token or "any") if scheme.type == "apiKey" and scheme.location == "header" else None


def _scheme(scheme: SecurityScheme) -> str:
    """Return the HTTP authentication scheme, empty where it is none."""
    if scheme.type == "http":
        return scheme.scheme or "bearer"
    return "bearer" if scheme.type in ("oauth2", "openIdConnect") else ""


def _carries(request: Request, scheme: SecurityScheme, token: str) -> bool:
    if scheme.type == "mutualTLS":
        return True
    if scheme.type == "apiKey":
        return any(_will_do(value, token) for value in _keys(request, scheme))
    given, _, rest = request.headers.get("authorization", "").partition(" ")
    # Under OAuth some APIs have a word of their own before the token.
    return _will_do(rest.strip(), token) and (scheme.type != "http" or given.lower() == _scheme(scheme))


def _will_do(value: str, token: str) -> bool:
    return value == token if token else bool(value)


def _keys(request: Request, scheme: SecurityScheme) -> list[str]:
    if scheme.location == "header":
        return [request.headers.get(scheme.name.lower(), "")]
    pairs = request.query if scheme.location == "query" else request.cookies()
    return [value for name, value in pairs if name == scheme.name]
