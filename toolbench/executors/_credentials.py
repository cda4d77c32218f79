"""Credentials: from the environment, by the security schemes of an API.

The scheme `bearerAuth` of the API `crm` is read from `TOOLBENCH_CRM_BEARERAUTH`: both names in upper case, with
underscores for all but letters and digits. It holds a token (`http` bearer, `oauth2`, `openIdConnect`), `user:password`
(`http` basic), or the key as it is sent (`apiKey`).
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from toolbench.errors import ConfigError
from toolbench.executors._errors import RefusedError
from toolbench.executors._styles import Pair, percent
from toolbench.model import Api, SecurityScheme
from toolbench.model.tool import credential_variable

SHORTEST = 6
"""Characters that a secret must have: a shorter one could not be told from what stands in any text."""

_AS_TOKEN = ("oauth2", "openIdConnect")


@dataclass(frozen=True, slots=True)
class Placed:
    """Credentials where they go in a request."""

    headers: tuple[Pair, ...] = ()
    """Headers."""
    query: tuple[Pair, ...] = ()
    """Parameters of the query, percent-encoded."""
    cookies: tuple[Pair, ...] = ()
    """Cookies, percent-encoded."""

    def __add__(self, other: "Placed") -> "Placed":
        """Return the credentials of both."""
        return Placed(self.headers + other.headers, self.query + other.query, self.cookies + other.cookies)


class Keyring:
    """The credentials that the environment holds for some APIs.

    Args:
        apis: the APIs.
        environ: the environment.

    Raises:
        ConfigError: a credential that cannot be sent, or is too short to be recognised in what comes back.
    """

    def __init__(self, apis: Iterable[Api], environ: Mapping[str, str]) -> None:
        self._placed: dict[tuple[str, str], Placed] = {}
        self.secrets: set[str] = set()
        """All that must not be seen by anybody else."""
        for api in apis:
            for name, scheme in api.security_schemes.items():
                value = environ.get(credential_variable(api.id, name))
                if value and (placed := place(scheme, value)):
                    self._placed[api.id, name] = placed
                    self.secrets |= _checked(credential_variable(api.id, name), scheme, value)

    def choose(self, api: Api, security: Sequence[Sequence[str]]) -> Placed:
        """Return what authenticates a call: the first of its alternatives that the environment has.

        Args:
            api: the API.
            security: as `HttpBinding.security`.

        Raises:
            RefusedError: it has none, and the operation is not open to all.
        """
        for alternative in security:
            held = [self._placed.get((api.id, name)) for name in alternative]
            if alternative and None not in held:
                return sum((placed for placed in held if placed), Placed())
        if not security or () in security:
            return Placed()
        raise RefusedError(_way_in(api, security))


def place(scheme: SecurityScheme, value: str) -> Placed | None:
    """Return a credential where its scheme puts it; None for a scheme that is not spoken (digest, mutual TLS)."""
    if scheme.type in _AS_TOKEN or (scheme.type, scheme.scheme) == ("http", "bearer"):
        return Placed(headers=(("Authorization", f"Bearer {value}"),))
    if (scheme.type, scheme.scheme) == ("http", "basic"):
        return Placed(headers=(("Authorization", f"Basic {base64.b64encode(value.encode()).decode()}"),))
    if scheme.type != "apiKey":
        return None
    encoded = ((percent(scheme.name), percent(value)),)
    match scheme.location:
        case "header":
            return Placed(headers=((scheme.name, value),))
        case "query":
            return Placed(query=encoded)
        case "cookie":
            return Placed(cookies=encoded)
        case _:
            return None


def _way_in(api: Api, security: Sequence[Sequence[str]]) -> str:
    spoken = {name for name, scheme in api.security_schemes.items() if place(scheme, "a secret")}
    ways = [
        " and ".join(credential_variable(api.id, name) for name in names)
        for names in security
        if spoken.issuperset(names)
    ]
    if not ways:
        return "the operation authenticates its users in a way that is not supported"
    return f"credentials are missing; set {' or '.join(dict.fromkeys(ways))} in the environment"


def _checked(name: str, scheme: SecurityScheme, value: str) -> set[str]:
    """Return the secrets in a credential: itself, and the part of it that is no user name or prefix."""
    is_basic = scheme.scheme == "basic"
    core = value.partition(":")[2] if is_basic else value.split()[-1] if value.split() else ""
    if not value.isprintable() or value != value.strip():
        raise ConfigError("the credential holds white space around it or control characters", where=name)
    if len(core) < SHORTEST:
        hint = "It holds `user:password`." if is_basic else "Use a longer one."
        raise ConfigError(f"a secret of fewer than {SHORTEST} characters could not be redacted", where=name, hint=hint)
    return {value, core}
