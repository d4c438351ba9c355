"""The services of one or more compose files, `extends` and `include` followed; other kinds of files told apart."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import BadFile, did_you_mean

from .interpolation import interpolated
from .service import Service, merged, service_of
from .text import Text, loaded

__all__ = ["services_of"]


def services_of(paths: Sequence[Path], values: Mapping[str, str]) -> dict[str, Service]:
    """The services of the files, each later one laid over those before. Raises BadFile.

    `values` are the variables for names of files in `extends` and `include`.
    """
    found: dict[str, Service] = {}
    for path in paths:
        for name, service in _Reader(values).services(path).items():
            found[name] = merged(found[name], service) if name in found else service
    return found


class _Reader:
    """Reads files and what they lead to; `way` is what is being read right now, to find a circle."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._way: list[str] = []

    def services(self, path: Path) -> dict[str, Service]:
        """Those of the file and of what it includes."""
        root = _root(path)
        raw = root["services"] if root.get("services") is not None else {}
        if not isinstance(raw, Mapping):
            raise BadFile(f"{path}: services must hold names with keys below, not a list or a word")
        found: dict[str, Service] = {}
        with self._entered(str(path)):
            for one in self._included(path, root.get("include")):
                found.update(self.services(one))
            for name in raw:
                found[str(name)] = self._service(path, raw, name)
        if not found:
            raise BadFile(f"{path} has no service below services:; nothing there can be linked")
        return found

    def _service(self, path: Path, raw: Mapping[Any, Any], name: Text) -> Service:
        own = service_of(name, raw[name])
        extends = raw[name].get("extends")
        if extends is None:
            return own
        other, file = (extends.get("service"), extends.get("file")) if isinstance(extends, Mapping) else (extends, None)
        with self._entered(f"{path}: {name}"):
            there = self._beside(path, file) if file else path
            services = (_root(there).get("services") or {}) if file else raw
            key = next((one for one in services if one == other), None)
            if key is None:
                raise BadFile(f"{path}, line {name.line}: {name} extends {other}, which {there} has not")
            return merged(self._service(there, services, key), own)

    def _included(self, path: Path, include: Any) -> list[Path]:
        """`include:` in its forms: a path, paths, or maps with a path or paths."""
        wanted: list[Any] = []
        for one in include if isinstance(include, list) else [include] if include else []:
            told = one.get("path") if isinstance(one, Mapping) else one
            wanted += told if isinstance(told, list) else [told]
        return [self._beside(path, one) for one in wanted if one]

    def _beside(self, path: Path, name: str) -> Path:
        return path.parent / interpolated(str(name), self._values)

    @contextmanager
    def _entered(self, place: str) -> Iterator[None]:
        """One step further on the way, taken back at the end."""
        if place in self._way:
            raise BadFile(f"{' -> '.join([*self._way, place])}: a circle of extends or include; break it")
        self._way.append(place)
        yield
        self._way.pop()


def _root(path: Path) -> Mapping[Any, Any]:
    """The one document of a compose file; anything else is told what it is. Raises BadFile."""
    documents = loaded(path)
    for one in documents:
        if isinstance(one, Mapping) and {"apiVersion", "kind"} <= set(one):
            raise BadFile(
                f"{path} is a Kubernetes manifest ({one['kind']}), not a compose file; "
                "name what it calls by: chaos link add NAME --upstream host:port"
            )
    if not documents or documents == [None]:
        raise BadFile(f"{path} is empty; a compose file has services: with a service below")
    root = documents[0]
    if len(documents) > 1 or not isinstance(root, Mapping):
        raise BadFile(f"{path} is not a compose file: it must be one document with services: at its left edge")
    if "services" not in root and "include" not in root:
        raise BadFile(f"{path} {_other_kind(path, root)}")
    return root


def _other_kind(path: Path, root: Mapping[Any, Any]) -> str:
    values = list(root.values())
    if any(isinstance(one, Mapping) and isinstance(one.get("image") or one.get("build"), str) for one in values):
        return "has services at its left edge, the first form of compose files; put them all below services:"
    if path.name.startswith("Procfile") or all(isinstance(one, str) for one in values):
        return (
            "is no compose file (a Procfile?): it says what is started, not what is called; "
            "chaos link add --from-env VARIABLE takes it from the environment"
        )
    near = did_you_mean("services", [str(key) for key in root], most=5)
    return f"is not a compose file: it has no services:{near}"
