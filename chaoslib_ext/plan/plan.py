"""The plan of one experiment: all that can be known before anything is touched. Only reads; asks servers by GET."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chaoslib_ext.clean_text import clean
from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadFile, ExtError
from chaoslib_ext.faults import permission
from chaoslib_ext.faults.faces import is_ours
from chaoslib_ext.faults.frozen import of_sources
from chaoslib_ext.faults.holding import Foreign, foreign
from chaoslib_ext.faults.identity import asked, faults_sha256
from chaoslib_ext.faults.live import Live, live
from chaoslib_ext.faults.on_link import Ahead
from chaoslib_ext.faults.preflight import FACES, too_many_links
from chaoslib_ext.folders import here
from chaoslib_ext.links.known import known_links
from chaoslib_ext.proxy import freeze as server_freeze
from chaoslib_ext.proxy.servers import connect_and_list
from chaoslib_ext.proxy.state import ProxyState
from chaoslib_ext.safety import freeze, guard
from chaoslib_ext.safety.policy_file import PolicyFile, as_json
from chaoslib_ext.safety.policy_place import folders_of
from chaoslib_ext.safety.unknown_words import unknown
from chaoslib_ext.server_name import same_server

from .answers import Answer, answer, fill_in
from .controls import absent
from .experiment import Loaded
from .faults import Planned, planned
from .guests import Back, back_of
from .length import Length, length
from .other_actions import besides_faults, changing, not_looked_at, only_reads
from .steps import Step, steps

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """What a run would do, and what speaks against it: `problems` is empty when it would run."""

    title: str
    source: str
    experiment_sha256: str
    faults_sha256: str
    has_control: bool
    offline: bool
    faults: tuple[Planned, ...]
    guests: tuple[tuple[Step, Back], ...]
    proxies: int | None
    server: str | None
    policy: dict[str, Any] | None
    frozen: str | None
    crash_risk: str | None
    answers: tuple[Answer, ...]
    lasts: Length
    on_now: tuple[Live, ...]
    conflicts: tuple[Live, ...]
    held: tuple[Foreign, ...]
    not_looked_at: tuple[str, ...]
    policy_notes: tuple[str, ...]
    unresolved: dict[str, str]
    problems: tuple[str, ...]

    @property
    def would_run(self) -> bool:
        """Does nothing that could be seen speak against it?"""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """For `--json`; version 1."""
        told = {name: getattr(self, name) for name in ("title", "source", "experiment_sha256", "faults_sha256")}
        told |= {name: getattr(self, name) for name in ("has_control", "offline", "proxies", "server", "policy")}
        return {
            "schema_version": 1,
            "would_run": self.would_run,
            "problems": list(self.problems),
            **told,
            "frozen": self.frozen,
            "crash_risk": self.crash_risk,
            "faults": [one.as_json() for one in self.faults],
            "other_actions": [
                {"activity": step.name, "calls": step.calls, **asdict(back)} for step, back in self.guests
            ],
            "probes": [one.as_json() for one in self.answers],
            "lasts": {"known_s": self.lasts.known_s, "unbounded": list(self.lasts.unbounded)},
            "on_now": [one.as_json() for one in self.on_now],
            "conflicts": [one.as_json() for one in self.conflicts],
            "held": [asdict(one) for one in self.held],
            "not_looked_at": list(self.not_looked_at),
            "policy_notes": list(self.policy_notes),
            "unresolved": self.unresolved,
        }


def plan(
    loaded: Loaded,
    *,
    offline: bool = False,
    probes: bool = False,
    has_control: bool = False,
    refused: Sequence[str] = (),
    code: Mapping[str, str] | None = None,
    clock: Clock = SYSTEM,
) -> Plan:
    """Look at everything, touch nothing. `offline`: ask nobody. `probes`: ask also probes that may change something.
    `has_control`: would our control be there? `refused`: what the host's own check would say. `code`: see `asked`.
    """
    if not offline:
        fill_in(loaded, probes=probes)
    every = list(steps(loaded.experiment))
    identity = asked(loaded.experiment, loaded.configuration, loaded.secrets, code or {})
    run = permission.Declared(identity, has_control, folders=(here(), *folders_of(loaded.path, here())))
    faults = _faults(every, loaded, run, offline=offline, clock=clock)
    policies, closed, too_many = _policies(run, loaded, offline=offline)
    answers = [] if offline else _answers(every, loaded, probes=probes)
    on_now = () if offline else tuple(live()[0])
    server, proxies = (None, {}) if offline or not faults else _server()
    frozen = _frozen(server, proxies, offline=offline, clock=clock)
    against = [*refused, *filter(None, (frozen, closed)), *_of_guests(policies, loaded), *_of_faults(faults, closed)]
    against += [] if offline else _of_this_place(loaded, answers, too_many, has_control=has_control)
    return Plan(
        title=loaded.title,
        source=str(loaded.path),
        experiment_sha256=identity.experiment_sha256,
        faults_sha256=faults_sha256(loaded.experiment, loaded.configuration),
        has_control=has_control,
        offline=offline,
        faults=tuple(faults),
        guests=tuple(_guests(every, loaded)),
        proxies=len(proxies) if server else None,
        server=server,
        policy=as_json(policies),
        frozen=frozen,
        crash_risk=permission.crash_risk(),
        answers=tuple(answers),
        lasts=length(every, loaded.configuration, busy={one.step.name: _busy(one.step, loaded) for one in faults}),
        on_now=on_now,
        conflicts=tuple(_conflicts(faults, on_now)),
        held=tuple(_held(faults, server, proxies)),
        not_looked_at=tuple(_not_looked_at(policies, loaded)),
        policy_notes=tuple(_notes_on(policies, proxies)),
        unresolved=dict(loaded.unresolved),
        problems=tuple(dict.fromkeys(map(clean, against))),
    )


def _frozen(server: str | None, proxies: Mapping[str, ProxyState], *, offline: bool, clock: Clock) -> str | None:
    here = freeze.refusal(clock) or (None if offline else of_sources(clock=clock))
    return here or (server_freeze.refusal(proxies, server, clock) if server is not None else None)


def _faults(
    every: Sequence[Step], loaded: Loaded, run: permission.Declared, *, offline: bool, clock: Clock
) -> list[Planned]:
    found, ahead = list[Planned](), Ahead(loaded.configuration)
    with permission.declared(run):
        for step in every:
            ahead.comes_to(step.activity)
            if step.is_action and step.provider.get("module") in FACES:
                found += planned(step, loaded, offline=offline, ahead=ahead, clock=clock)
            ahead.leaves(step.activity, is_ours=is_ours(step.provider.get("module")))
    return found


def _guests(every: Sequence[Step], loaded: Loaded) -> list[tuple[Step, Back]]:
    """The actions of the method that are no faults of ours, each with what is known of its way back."""
    rollbacks = [step for step in every if step.part == "rollbacks"]
    reading = Back("harmless", "it only asks")
    return [
        (step, reading if only_reads(step, loaded.configuration, loaded.secrets) else back_of(step, rollbacks))
        for step in besides_faults(loaded.experiment)
    ]


def _answers(every: Sequence[Step], loaded: Loaded, *, probes: bool) -> list[Answer]:
    questions = [step for step in every if step.part == "steady-state-hypothesis"]
    return [answer(step, loaded, probes=probes) for step in questions]


def _policies(
    run: permission.Declared, loaded: Loaded, *, offline: bool
) -> tuple[tuple[PolicyFile, ...], str | None, list[str]]:
    """Those that count, why they cannot be asked, and what they say of the number of links."""
    with permission.declared(run):
        try:
            policies = permission.policies()
        except BadFile as error:
            return (), str(error), []
        if offline:
            return policies, None, []
        return policies, None, too_many_links(loaded.experiment, loaded.configuration, loaded.secrets)


def _server() -> tuple[str | None, dict[str, ProxyState]]:
    try:
        client, proxies = connect_and_list()
        return client.url, proxies
    except ExtError:
        return None, {}  # each fault tells of it


def _of_guests(policies: Sequence[PolicyFile], loaded: Loaded) -> Iterator[str]:
    names = [step.name for step in changing(loaded.experiment, loaded.configuration, loaded.secrets)]
    if why := guard.others_refused(policies, names):
        yield why


def _not_looked_at(policies: Sequence[PolicyFile], loaded: Loaded) -> list[str]:
    """What may change something and is judged by no policy, though one refuses other actions."""
    asked = any(file.policy.other_actions == "refused" for file in policies)
    return list(dict.fromkeys(not_looked_at(loaded.experiment, loaded.configuration, loaded.secrets))) if asked else []


def _notes_on(policies: Sequence[PolicyFile], proxies: Collection[str]) -> Iterator[str]:
    """Words of the policies that mean nothing here."""
    try:
        known = known_links(proxies)
    except BadFile:
        return  # each fault tells of it
    for file in policies:
        for one in unknown(file.policy, known):
            yield f"{file.where(file.policy.rules[one.rule])}: {one.says}"


def _of_this_place(
    loaded: Loaded, answers: Sequence[Answer], too_many: Sequence[str], *, has_control: bool
) -> Iterator[str]:
    """What speaks against a run right here: a control that is not there, values, too many links, an answer of now."""
    yield from absent(loaded.experiment) if has_control else ()
    yield from _of_values(loaded)
    yield from too_many
    yield from (one.problem for one in answers if one.problem)


def _of_values(loaded: Loaded) -> Iterator[str]:
    """What will have no value: without one from the environment the host begins no run, our control without any."""
    yield from (f"configuration {name}: {loaded.unresolved[name]}" for name in sorted(loaded.without_value))


def _of_faults(faults: Sequence[Planned], closed: str | None) -> Iterator[str]:
    for one in faults:
        if one.problem:
            yield f"{one.step.name}: {one.problem}"
        for hit in one.hits:
            if hit.senseless:
                yield f"{one.says} on {hit.target.proxy}: {hit.senseless}"
            elif not hit.ruling.allowed and not closed:
                yield f"{one.says} on {hit.target.proxy} is refused: {hit.ruling.says}"


def _busy(step: Step, loaded: Loaded) -> float:
    """Seconds for which an action of ours keeps the method waiting: only flapping does, the rest returns at once."""
    from chaoslib import substitute

    from chaoslib_ext.model import parse_duration

    if step.provider.get("func") != "flap":
        return 0.0
    given = substitute(step.provider.get("arguments") or {}, loaded.configuration, {})
    if not isinstance(given, dict):
        return 0.0  # the host refuses it
    try:
        down, up = (parse_duration(given.get(name, "1s")) for name in ("down_for", "up_for"))
        times = int(given.get("times", 3))
    except (TypeError, ValueError):
        return 0.0  # `${name}`, or a mistake that the rehearsal tells
    return times * down + (times - 1) * up


def _conflicts(faults: Sequence[Planned], on_now: Sequence[Live]) -> Iterator[Live]:
    hit = {(one.target.server, one.target.proxy) for fault in faults for one in fault.hits}
    for one in on_now:
        if any(proxy == one.proxy and same_server(server, one.server) for server, proxy in hit):
            yield one


def _held(faults: Sequence[Planned], server: str | None, proxies: Mapping[str, ProxyState]) -> Iterator[Foreign]:
    hit = {one.target.proxy for fault in faults for one in fault.hits}
    if server is not None:
        yield from (one for one in foreign(server, proxies) if one.proxy in hit)
