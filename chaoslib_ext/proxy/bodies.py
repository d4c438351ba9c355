"""What clients send, checked and typed: proxies, toxics and their settings, from bodies and from the config file."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from typing import Any

from . import gojson
from .gojson import kind
from .goparse import BadJson, parse
from .placed import Placed
from .toxics import Toxic, registry

__all__ = ["ApiError", "ProxyBody", "new_proxy", "new_toxic", "populated", "proxy_changes", "toxic_changes"]

PROXY = {
    "name": "string",
    "listen": "string",
    "upstream": "string",
    "enabled": "bool",
    "toxics": "any",
    "Logger": "zerolog.Logger",
}
TOXIC = {
    "name": "string",
    "type": "string",
    "stream": "string",
    "toxicity": "float32",
    "seed": "int64",
    "attributes": "toxics.NoopToxic",
}
GO_TYPES = {float: "float64", bool: "bool", str: "string"}
CHANGES = 'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }'
ENTRY = 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }'


class ApiError(Exception):
    """An answer that is not a success: the text and the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass
class ProxyBody:
    """A proxy as it was asked for."""

    name: str
    upstream: str
    listen: str = ""
    enabled: bool = True
    toxics: list[Placed] = field(default_factory=list)


def new_proxy(body: bytes) -> ProxyBody:
    """The proxy of a POST /proxies."""
    found = _fields(_parsed(body), PROXY, "value of type toxiproxy.Proxy", "Proxy")
    _require(found)
    return _proxy(found, "")


def populated(body: bytes) -> list[ProxyBody]:
    """The proxies of a POST /populate or a config file; all are checked before any is made."""
    value = _parsed(body)
    if value is not None and not isinstance(value, list):
        raise _bad(f"json: cannot unmarshal {kind(value)} into Go value of type []{ENTRY}")
    entries = [
        _fields(item, PROXY, f"value of type {ENTRY}", ".Proxy", {"enabled": ".enabled"}) for item in value or []
    ]
    for number, found in enumerate(entries, 1):
        _require(found, f" at proxy {number}")
    return [_proxy(found, f" at proxy {number}") for number, found in enumerate(entries, 1)]


def proxy_changes(body: bytes) -> dict[str, Any]:
    """What a PATCH changes of `listen`, `upstream` and `enabled`; a name or toxics in it are ignored."""
    found = _fields(_parsed(body), PROXY, "value of type toxiproxy.Proxy", "Proxy")
    return {name: found[name] for name in ("listen", "upstream", "enabled") if name in found}


def new_toxic(body: bytes, taken: Collection[str]) -> Placed:
    """The toxic of a POST /proxies/P/toxics; `taken` are the names the proxy's toxics have."""
    return _toxic(_parsed(body), taken)


def toxic_changes(body: bytes, placed: Placed) -> tuple[Toxic, float]:
    """The new settings and toxicity of a toxic; the old ones are left as they are, whatever happens."""
    spec = {"attributes": f"toxics.{placed.toxic.go_name()}", "toxicity": "float32"}
    found = _fields(_parsed(body), spec, f"value of type {CHANGES}", "")
    return _settings(placed.toxic, found.get("attributes")), found.get("toxicity", placed.toxicity)


def settings(toxic: Toxic, body: bytes) -> Toxic:
    """A toxic with the settings of a JSON object over its own."""
    return _settings(toxic, _parsed(body))


def _toxic(value: Any, taken: Collection[str]) -> Placed:
    found = _fields(value, TOXIC, "value of type toxics.ToxicWrapper", "ToxicWrapper")
    stream, type_ = found.get("stream", "downstream"), found.get("type", "")
    if stream.lower() not in ("upstream", "downstream"):
        raise ApiError("stream was invalid, can be either upstream or downstream", 400)
    if type_ not in registry():
        raise ApiError("invalid toxic type", 400)
    name = found.get("name") or f"{type_}_{stream}"
    if name in taken:
        raise ApiError("toxic already exists", 409)
    return Placed(
        name=name,
        type=type_,
        stream=stream,
        toxic=_settings(registry()[type_](), found.get("attributes")),
        toxicity=found.get("toxicity", 1.0),
        seed=found.get("seed"),
    )


def _settings(toxic: Toxic, attributes: Any) -> Toxic:
    spec = {one.name: GO_TYPES.get(type(getattr(toxic, one.name)), toxic.go_int) for one in fields(toxic)}
    name = toxic.go_name()
    given = _fields(attributes, spec, name, f"{name}.attributes")
    changed = replace(toxic, **given)
    if problem := changed.problem(given):
        raise _bad(problem)
    return changed


def _proxy(found: dict[str, Any], where: str) -> ProxyBody:
    found.pop("Logger", None)
    listed = found.pop("toxics", [])
    if not isinstance(listed, list):
        raise _bad(f"toxics must be a list of toxics, not {kind(listed)}{where}")
    toxics: list[Placed] = []
    for number, item in enumerate(listed, 1):
        try:
            toxics.append(_toxic(item, [placed.name for placed in toxics]))
        except ApiError as error:
            raise ApiError(f"{error.message} (toxic {number}{where})", error.status) from None
    return ProxyBody(**found, toxics=toxics)


def _require(found: dict[str, Any], where: str = "") -> None:
    for name in ("name", "upstream"):
        if not found.get(name):
            raise ApiError(f"missing required field: {name}{where}", 400)


def _parsed(body: bytes) -> Any:
    try:
        return parse(body)
    except BadJson as error:
        raise _bad(str(error)) from None


def _fields(value: Any, *named: Any) -> dict[str, Any]:
    try:
        return gojson.fields(value, *named)
    except BadJson as error:
        raise _bad(str(error)) from None


def _bad(reason: str) -> ApiError:
    return ApiError(f"bad request body: {reason}", 400)
