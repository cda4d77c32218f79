"""What a client would rather be answered, as users of Prism say it: `Prefer: code=404, example=name, dynamic=true`."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from toolbench.server.messages import Request
from toolbench.world.answers import ApiError

_NAMES = ("code", "example", "dynamic")
_CODE = re.compile(r"[1-5]\d\d", re.ASCII)
_PREFERENCE = re.compile(r'([\w-]+)(?:\s*=\s*("[^"]*"|[^\s,;"]+))?')


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a client would rather be answered than what the world says."""

    code: int | None = None
    """Status of a documented response."""
    example: str = ""
    """Name of a documented example."""
    dynamic: bool = False
    """Whether a body made up on the spot is wanted."""

    @property
    def any(self) -> bool:
        """Whether anything is preferred at all."""
        return self.dynamic or self.code is not None or bool(self.example)


_NONE = Preferences()


def preferences(request: Request) -> Preferences:
    """Return the preferences in the header `Prefer`, or without one in `__code`, `__example` and `__dynamic`.

    Raises:
        ApiError: 422, one of them makes no sense.
    """
    header = request.headers.get("prefer")
    if header is None:
        said = {name[2:]: unquote(raw) for name, raw in request.query if name.startswith("__")}
    else:
        found = _PREFERENCE.findall(header)
        said = {
            name.lower(): value.strip('"') or ("true" if name.lower() == "dynamic" else "") for name, value in found
        }
    said = {name: value for name, value in said.items() if name in _NAMES}
    return _checked(said) if said else _NONE


def _checked(said: dict[str, str]) -> Preferences:
    code, dynamic = said.get("code"), said.get("dynamic", "false")
    if code is not None and not _CODE.fullmatch(code):
        raise _refused("code", "must be a status of three digits")
    if dynamic not in ("true", "false"):
        raise _refused("dynamic", "must be true or false")
    return Preferences(int(code) if code else None, said.get("example", ""), dynamic == "true")


def _refused(name: str, message: str) -> ApiError:
    return ApiError(422, f"The preference {name} {message}", ({"pointer": f"/{name}", "message": message},))
