"""Whether a request carries the credentials that an operation asks for. Any value of them will do."""

from collections.abc import Iterable, Mapping

from toolbench.model import SecurityScheme
from toolbench.server.messages import Request


def is_authorised(
    request: Request, alternatives: Iterable[tuple[str, ...]], schemes: Mapping[str, SecurityScheme]
) -> bool:
    """Tell whether a request carries credentials of all schemes of one alternative; without alternatives it need not.

    Args:
        request: the request.
        alternatives: as `HttpBinding.security`.
        schemes: as `Api.security_schemes`.
    """
    asked = list(alternatives)
    return not asked or any(all(_carries(request, schemes[name]) for name in each) for each in asked)


def challenge(alternatives: Iterable[tuple[str, ...]], schemes: Mapping[str, SecurityScheme]) -> str:
    """Return the value of `WWW-Authenticate`; empty where no scheme is one of HTTP."""
    names = (_scheme(schemes[name]) for each in alternatives for name in each)
    return ", ".join(dict.fromkeys(name.capitalize() for name in names if name))


def credential(scheme: SecurityScheme) -> tuple[str, str] | None:
    """Return a header with a credential of a scheme, or None where it goes elsewhere."""
    if name := _scheme(scheme):
        return "Authorization", f"{name.capitalize()} any"
    return (scheme.name, "any") if scheme.type == "apiKey" and scheme.location == "header" else None


def _scheme(scheme: SecurityScheme) -> str:
    """Return the HTTP authentication scheme, empty where it is none."""
    if scheme.type == "http":
        return scheme.scheme or "bearer"
    return "bearer" if scheme.type in ("oauth2", "openIdConnect") else ""


def _carries(request: Request, scheme: SecurityScheme) -> bool:
    if scheme.type == "mutualTLS":
        return True
    if scheme.type == "apiKey":
        return _carries_key(request, scheme)
    given, _, rest = request.headers.get("authorization", "").partition(" ")
    # Under OAuth some APIs have a word of their own before the token.
    return bool(rest.strip()) and (scheme.type != "http" or given.lower() == _scheme(scheme))


def _carries_key(request: Request, scheme: SecurityScheme) -> bool:
    if scheme.location == "header":
        return bool(request.headers.get(scheme.name.lower()))
    pairs = request.query if scheme.location == "query" else request.cookies()
    return any(name == scheme.name and value for name, value in pairs)
