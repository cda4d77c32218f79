"""Whether a request carries the credentials that an operation asks for. Any value will do, unless one is agreed on."""

from collections.abc import Iterable, Mapping

from toolbench.model import SecurityScheme
from toolbench.server.messages import Request


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
