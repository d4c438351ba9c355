"""From a compose file to links: what can be one from here, what cannot and why, and which texts to change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chaoslib_ext.errors import BadInput, did_you_mean

from .calls import Call, Spot, calls_in
from .environment import Values, values_beside, variables_of
from .file import services_of
from .interpolation import interpolated
from .kinds import port_of, tag_of
from .ports import published
from .service import Service

__all__ = ["Plan", "Skipped", "Way", "plan"]


@dataclass(frozen=True)
class Way:
    """A way to `service` that can be a link: its `name`, `upstream` (host:port from here) and `tag`."""

    name: str
    service: str
    upstream: str
    tag: str
    port: int
    spots: tuple[tuple[str, Spot], ...] = ()
    """Each with its caller."""


@dataclass(frozen=True)
class Skipped:
    """A way that is no link, and `why`; what to do stands in it."""

    service: str
    callers: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Plan:
    """All of it. `notes`: what could not be read and may hide a call; `services`: all there are."""

    ways: tuple[Way, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass
class _Project:
    services: dict[str, Service]
    values: Values
    folder: Path
    notes: list[str] = field(default_factory=list)

    def calls(self) -> Iterator[Call]:
        absent: dict[str, list[str]] = {}
        for name, service in self.services.items():
            variables, missing = variables_of(service, self.folder, self.values)
            for one in missing:
                absent.setdefault(one, []).append(name)
            yield from calls_in(name, variables, self._known_to(service))
        for file, names in absent.items():
            self.notes.append(f"{file} is not there: what it tells {', '.join(names)} is not known here")

    def _known_to(self, caller: Service) -> dict[str, str]:
        """What is a host for this service, and which service that is."""
        known = dict(caller.links or {})
        for name, service in self.services.items():
            known.update({interpolated(one, self.values): name for one in (*service.names, name)})
        return {host: name for host, name in known.items() if name in self.services and name != caller.name and host}

    def containers(self, name: str) -> dict[int, str]:
        """The ports of a service -> where this machine has them, host:port or empty."""
        service = self.services[name]
        entries = [_filled(one, self.values) for one in service.ports]
        return {one.container: one.at for entry in entries for one in published(entry)}

    def image(self, name: str) -> str:
        """Its image; its own name where it is built, or where another file says the image."""
        return interpolated(self.services[name].image, self.values) or name

    def usual_port(self, name: str) -> int | None:
        """The port it surely listens on: by its image, else the only one it publishes or exposes."""
        service = self.services[name]
        if known := port_of(self.image(name)):
            return known
        exposed = {int(port) for one in service.expose if (port := one.partition("/")[0]).isdigit()}
        ports = set(self.containers(name)) | exposed
        return next(iter(ports)) if len(ports) == 1 else None

    def upstream(self, name: str, port: int) -> str:
        """Where this machine reaches it; empty when it does not."""
        return f"127.0.0.1:{port}" if self.services[name].is_on_host else self.containers(name).get(port, "")


def plan(paths: Sequence[Path], wanted: Sequence[str] = (), *, shell: Mapping[str, str] | None = None) -> Plan:
    """What the files tell; only of the services `wanted`, when any is named. Raises BadFile, BadInput."""
    values = values_beside(paths[0], shell)
    project = _Project(services_of(paths, values), values, paths[0].parent)
    for name in wanted:
        if name not in project.services:
            raise BadInput(f"{paths[0]} has no service {name!r}{did_you_mean(name, project.services)}")
    calls = [one for one in project.calls() if not wanted or one.service in wanted]
    ways, skipped = _sorted_out(project, calls)
    for name in wanted:
        if name not in {one.service for one in calls}:
            _uncalled(project, name, ways, skipped)
    if not wanted:
        skipped += _only_depended_on(project, calls)
        seen = {one.service for one in calls} | {one.service for one in skipped}
        skipped += _only_published(project, seen)
    return Plan(_named(ways), tuple(skipped), tuple(project.notes), tuple(project.services))


def _sorted_out(project: _Project, calls: Sequence[Call]) -> tuple[list[Way], list[Skipped]]:
    groups: dict[tuple[str, int | None], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.service, call.port or project.usual_port(call.service)), []).append(call)
    ways, skipped = [], []
    for (service, port), group in groups.items():
        upstream = project.upstream(service, port) if port else ""
        if port and upstream:
            spots = tuple(dict.fromkeys((call.caller, spot) for call in group for spot in call.spots))
            ways.append(Way(service, service, upstream, tag_of(project.image(service), port), port, spots))
        else:
            callers = tuple(dict.fromkeys(call.caller for call in group))
            skipped.append(Skipped(service, callers, _why(project, service, port)))
    return ways, skipped


def _why(project: _Project, service: str, port: int | None) -> str:
    if port is None:
        return f"neither a variable nor its image says its port; chaos link add {service} --upstream host:port"
    if port in project.containers(service):
        return f"Docker chooses the port of this machine for its {port} anew each time; fix one: {_open(port)}"
    return f"this machine does not reach its port {port}; publish it: {_open(port)}"


def _open(port: int) -> str:
    return f'ports: ["127.0.0.1:{port}:{port}"]'


def _uncalled(project: _Project, name: str, ways: list[Way], skipped: list[Skipped]) -> None:
    """A service that was asked for, and that no variable names: its usual port, else all that it publishes."""
    usual = project.usual_port(name)
    there = {port: at for port, at in project.containers(name).items() if at}
    ports = [usual] if usual in there else sorted(there)
    if not ports:
        skipped.append(Skipped(name, (), _why(project, name, usual)))
    ways += [Way(name, name, there[port], tag_of(project.image(name), port), port) for port in ports if port]


def _only_depended_on(project: _Project, calls: Sequence[Call]) -> Iterator[Skipped]:
    """What is waited for but never named: perhaps a call that stands in code or in a file not seen here."""
    called = {(one.caller, one.service) for one in calls}
    waiting: dict[str, list[str]] = {}
    for name, service in project.services.items():
        for other in dict.fromkeys((*service.depends_on, *(service.links or {}).values())):
            if (name, other) not in called and other in project.services:
                waiting.setdefault(other, []).append(name)
    for other, names in waiting.items():
        if other not in {service for _, service in called}:
            told = f"no variable of {', '.join(names)} names it; if it is called, link it: --service {other}"
            yield Skipped(other, tuple(names), told)


def _only_published(project: _Project, seen: set[str]) -> Iterator[Skipped]:
    """Databases, caches and the like that this machine reaches and no service of the file is known to call."""
    for name in project.services:
        port = port_of(project.image(name))
        at = project.upstream(name, port) if port and name not in seen else ""
        if at:
            yield Skipped(
                name, (), f"it is at {at}, and no service here calls it; if yours does, link it: --service {name}"
            )


def _named(ways: Sequence[Way]) -> tuple[Way, ...]:
    """A service with several ports has a link for each, named by its port."""
    many = {one.service for one in ways if sum(other.service == one.service for other in ways) > 1}
    return tuple(replace(one, name=f"{one.service}-{one.port}") if one.service in many else one for one in ways)


def _filled(entry: object, values: Mapping[str, str]) -> object:
    if isinstance(entry, Mapping):
        return {str(key): interpolated(str(value or ""), values) for key, value in entry.items()}
    return interpolated(str(entry or ""), values)
