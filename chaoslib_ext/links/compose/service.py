"""One service of a compose file, as far as it matters to a link; and what another file or `extends` lays over it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chaoslib_ext.errors import BadFile

from .text import Text

__all__ = ["Service", "merged", "service_of"]


@dataclass(frozen=True)
class Service:
    """What a compose file says of one service; texts as written, variables not yet put in.

    `environment` has None for a variable that comes from the shell. `env_files` are (path, must it be there).
    `names` is what else others may call it by; `links` what it alone calls others by.
    """

    name: Text
    image: str = ""
    environment: Mapping[str, Text | None] | None = None
    env_files: tuple[tuple[Text, bool], ...] = ()
    ports: tuple[Any, ...] = ()
    expose: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    links: Mapping[str, str] | None = None
    depends_on: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    is_on_host: bool = False


def service_of(name: Text, data: Any) -> Service:
    """A service out of what stands below its name. Raises BadFile with the line of its name."""
    if not isinstance(data, Mapping):
        raise BadFile(f"{name.file}, line {name.line}: the service {name} must hold keys, such as image: ...")
    try:
        return Service(
            name,
            image=str(data.get("image") or ""),
            environment=_environment(data.get("environment")),
            env_files=tuple(_env_files(data.get("env_file"))),
            ports=tuple(_list(data.get("ports"))),
            expose=tuple(str(one) for one in _list(data.get("expose"))),
            names=tuple(_names(data)),
            links=dict(_alias(str(one)) for one in _list(data.get("links"))),
            depends_on=tuple(str(one) for one in data.get("depends_on") or ()),
            profiles=tuple(str(one) for one in _list(data.get("profiles"))),
            is_on_host=data.get("network_mode") == "host",
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadFile(
            f"{name.file}, line {name.line}: the service {name} is not as a compose file has it: {error}"
        ) from error


def merged(below: Service, above: Service) -> Service:
    """`above` laid over `below`: maps key by key, lists one after the other, single values replaced where given."""
    return replace(
        above,
        image=above.image or below.image,
        environment={**(below.environment or {}), **(above.environment or {})},
        env_files=(*below.env_files, *above.env_files),
        ports=(*below.ports, *above.ports),
        expose=(*below.expose, *above.expose),
        names=(*below.names, *above.names),
        links={**(below.links or {}), **(above.links or {})},
        depends_on=(*below.depends_on, *above.depends_on),
        profiles=above.profiles or below.profiles,
        is_on_host=above.is_on_host or below.is_on_host,
    )


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise ValueError(f"a list was expected, not {str(value)[:40]}")
    return value


def _environment(value: Any) -> dict[str, Text | None]:
    if isinstance(value, Mapping):
        return {str(key): one if isinstance(one, Text) else None for key, one in value.items()}
    found: dict[str, Text | None] = {}
    for one in _list(value):
        if isinstance(one, Text):
            key, sign, rest = one.partition("=")
            found[key.strip()] = one.as_of_here(rest) if sign else None
    return found


def _env_files(value: Any) -> Iterable[tuple[Text, bool]]:
    for one in _list([value] if isinstance(value, Mapping) else value):
        if isinstance(one, Mapping):
            yield one["path"], str(one.get("required", "true")).lower() != "false"
        elif isinstance(one, Text):
            yield one, True


def _names(data: Mapping[Any, Any]) -> Iterable[str]:
    yield from (str(data[key]) for key in ("container_name", "hostname") if data.get(key))
    networks = data.get("networks")
    for one in networks.values() if isinstance(networks, Mapping) else ():
        yield from (str(name) for name in ((one or {}).get("aliases") or ()))


def _alias(link: str) -> tuple[str, str]:
    """`db:database` as (database, db)."""
    name, _, alias = link.partition(":")
    return alias or name, name
