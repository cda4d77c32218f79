"""Who may call what: the credentials that calls carry, held against those that operations ask for."""

from collections.abc import Iterable, Iterator

from toolbench.errors import ConfigError
from toolbench.model import Api, Tool
from toolbench.model.tool import HttpBinding
from toolbench.world.answers import ApiError

Granted = frozenset[str] | None
"""Names of security schemes and scopes that calls carry; None where they carry all that is asked for."""


def denial(tool: Tool, granted: Granted) -> ApiError | None:
    """Return why an operation is not for this caller, or None where it is.

    401 where the caller has no credentials that the operation knows, 403 where they do not reach as far (RFC 9110,
    15.5.2 and 15.5.4).
    """
    binding = tool.binding
    if granted is None or not isinstance(binding, HttpBinding) or not binding.security:
        return None
    needs = list(_needs(binding))
    if any(granted.issuperset((*schemes, *scopes)) for schemes, scopes in needs):
        return None
    known = [scopes for schemes, scopes in needs if granted.issuperset(schemes)]
    if not known:
        return ApiError(401, "Credentials are missing")
    missing = ", ".join(scope for scope in known[0] if scope not in granted)
    return ApiError(403, f"The credentials do not allow this; what lacks is {missing}")


def check_granted(apis: Iterable[Api], granted: Iterable[str]) -> None:
    """Hold names of security schemes and scopes against those that some APIs know.

    Raises:
        ConfigError: a name means nothing to any of them.
    """
    known: set[str] = set()
    for api in apis:
        known.update(api.security_schemes)
        bindings = (tool.binding for tool in api.tools)
        needs = (need for binding in bindings if isinstance(binding, HttpBinding) for need in _needs(binding))
        known.update(scope for _, scopes in needs for scope in scopes)
    for name in granted:
        if name not in known:
            hint = f"There are: {', '.join(sorted(known))}" if known else "They ask for no credentials."
            raise ConfigError(f"no API knows a security scheme or scope {name!r}", hint=hint)


def _needs(binding: HttpBinding) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the alternatives: the security schemes of each, and the scopes."""
    yield from zip(binding.security, binding.scopes or ((),) * len(binding.security), strict=True)
