"""May this fault go in? What the guard turns on is gathered here: who asks, what is on already, what the run is.

The control declares its run (`declare`); a fault without such a run has no experiment that anybody could have approved.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from chaoslib_ext import started_in
from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadFile, GuardRefused, UndoError
from chaoslib_ext.folders import here, state_dir
from chaoslib_ext.links.file import Link
from chaoslib_ext.links.known import files
from chaoslib_ext.model import Target
from chaoslib_ext.safety import approvals, guard
from chaoslib_ext.safety.approvals import Asked
from chaoslib_ext.safety.approved_fault import ApprovedFault
from chaoslib_ext.safety.decision import Around, Counts, Described, Ruling, Wish
from chaoslib_ext.safety.person import this_person
from chaoslib_ext.safety.policy_file import PolicyFile
from chaoslib_ext.safety.policy_place import folders_of
from chaoslib_ext.safety.rule_words import composed
from chaoslib_ext.safety.strength import OnLink
from chaoslib_ext.server_name import normal_form, same_server
from chaoslib_ext.undo.crash_safety import crash_safety
from chaoslib_ext.undo.durably import LOOK_AT_IT
from chaoslib_ext.undo.lines import Intent
from chaoslib_ext.undo.lock import lock_file, locked
from chaoslib_ext.undo.log import DISK, WITHIN, logs

from .fault import Fault

__all__ = [
    "Declared",
    "as_approved",
    "ask",
    "crash_risk",
    "declare",
    "declared",
    "described",
    "forget",
    "policies",
    "ruling",
    "turn",
    "wish_of",
]

_Place = tuple[str, str]  # a server's URL, and the name of a proxy there

_PATIENCE = 60.0
"""Seconds to wait for another run of this machine that puts a fault in."""


@dataclass(frozen=True)
class Declared:
    """What is known of the run that asks."""

    asked: Asked | None = None
    has_control: bool = False
    run: str | None = None
    folders: tuple[Path, ...] = ()
    """Where it began, and where its experiment lies: there policies are looked for, wherever an activity goes."""


_declared = Declared()


def crash_risk() -> str | None:
    """Why faults would outlive the death of a run here; None when a watchdog would see to them."""
    found = crash_safety()
    return "; ".join(found.why) or None


def declare(run: Declared) -> None:
    """From now on it is this run that asks."""
    global _declared
    _declared = run


def forget() -> None:
    """Nobody declared anything."""
    declare(Declared())


@contextmanager
def declared(run: Declared) -> Iterator[None]:
    """It is this run that asks, until the block ends."""
    before = _declared
    declare(run)
    try:
        yield
    finally:
        declare(before)


def policies() -> tuple[PolicyFile, ...]:
    """The policies that count for the run that asks. Raises BadFile."""
    return guard.policies(_folders())


def _folders() -> tuple[Path, ...]:
    """Without our control nothing is declared: then the folder in which this process began counts, that in which it is
    now, and those of the experiment that Chaos Toolkit's command line names.
    """
    if _declared.folders:
        return _declared.folders
    import click

    now = here()
    began = Path(started_in) if started_in else now
    context = click.get_current_context(silent=True)
    named = context.params.get("source") if context and "journal_path" in context.params else None
    return tuple(dict.fromkeys((began, now, *folders_of(named, began))))


def ask(
    fault: Fault,
    target: Target,
    *,
    senseless: str | None,
    besides: Sequence[Target] = (),
    on: Callable[[], Sequence[OnLink]] = tuple,
    run: str | None = None,
    clock: Clock = SYSTEM,
) -> Ruling:
    """The ruling that lets `fault` in on `target`; `besides` are targets that the same call will hit before it, `on`
    tells the other faults on the link, `run` is the one that will have done it. Raises GuardRefused.
    """
    wish = wish_of(fault, target)
    return guard.ask(
        fault.says(),
        wish,
        lambda file: _around(file, fault, target, besides, on(), clock, run),
        senseless=senseless,
        folders=_folders(),
    )


def ruling(
    fault: Fault,
    target: Target,
    *,
    besides: Sequence[Target] = (),
    on: Callable[[], Sequence[OnLink]] = tuple,
    clock: Clock = SYSTEM,
) -> Ruling:
    """The policy's answer alone, for who only wants to know."""
    return guard.ruling(
        wish_of(fault, target), lambda file: _around(file, fault, target, besides, on(), clock), _folders()
    )


def wish_of(fault: Fault, target: Target) -> Wish:
    """The fault as the policy sees it."""
    return Wish(fault.kind, target, fault.strength(), fault.duration)


def as_approved(fault: Fault, target: Target) -> ApprovedFault:
    """The fault as an approval holds it."""
    return ApprovedFault(
        server=target.server,
        link=target.proxy,
        upstream=target.upstream,
        fault=fault.kind,
        settings=fault.told(),
        duration_s=fault.duration,
    )


def described(target: Target) -> tuple[Described, ...]:
    """What the links files say of it, those of where the run began and those of its experiment apart, each answer once;
    none when no file describes it as it is on the server.
    """
    found = (_described(target, start) for start in _folders())
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _described(target: Target, start: Path) -> Described | None:
    meant = [link for links in files(start).values() for link in links if _is_it(link, target)]
    if not meant:
        return None
    tags = frozenset(tag for link in meant for tag in link.tags)
    return Described(tags, next((link.service for link in meant if link.service), None))


def _is_it(link: Link, target: Target) -> bool:
    # offline the upstream is unknown
    is_there = not target.upstream or normal_form(link.upstream) == normal_form(target.upstream)
    return composed(link.name) == composed(target.proxy) and is_there


@contextmanager
def turn() -> Iterator[None]:
    """One at a time on this machine counts what is on and adds to it, where a policy limits how many.

    Raises GuardRefused when another one keeps us waiting for longer than that takes, or the state folder hangs.
    """
    try:
        files = policies()
    except BadFile:
        files = ()  # whoever asks is refused for it
    if not any(any(file.policy.at_once.model_dump().values()) for file in files):
        yield
        return
    file = state_dir() / "at-once.lock"
    try:
        descriptor = DISK.do(lambda: lock_file(file), WITHIN)
    except OSError as error:
        raise GuardRefused(
            f"the policy limits how many faults are on at once, and its lock {file} cannot be opened "
            f"({error.strerror}); {LOOK_AT_IT}. Nothing was injected"
        ) from error
    with locked(descriptor, _may_wait, SYSTEM):
        yield


def _may_wait(waited: float) -> bool:
    if waited > _PATIENCE:
        raise GuardRefused(
            f"another run has been putting a fault in for more than {_PATIENCE:g} s, and the policy limits how many "
            "are on at once; see `chaos live`. Nothing was injected"
        )
    return True


def _around(
    file: PolicyFile,
    fault: Fault,
    target: Target,
    besides: Sequence[Target],
    on: Sequence[OnLink],
    clock: Clock,
    run: str | None = None,
) -> list[Around]:
    """One for each answer of the links files about the target, where the policy turns on those."""
    person, now, known = this_person(), clock.wall(), _declared
    around = Around(
        person=person,
        now=now,
        names=cache(
            lambda: {composed(link.name) for at in _folders() for links in files(at).values() for link in links}
        ),
        on=on,
        counts=lambda: _counts(target, besides, run or known.run),
        approval=lambda: approvals.why_not(file.approvals, known.asked, as_approved(fault, target), person.name, now),
        has_control=known.has_control,
        crash_risk=crash_risk,
    )
    found = described(target) if file.policy.names_tags else ()
    return [replace(around, link=one) for one in found] or [around]


def _counts(target: Target, besides: Sequence[Target], run: str | None) -> Counts:
    """What is on by the undo logs, and what this call would add, the asked target included."""
    on: list[_Place] = []
    mine = [_place(one) for one in [*besides, target]]
    for log in logs():
        try:
            state = log.read()
        except UndoError as error:
            raise GuardRefused(f"{error}, so nobody knows how many faults are on. Nothing was injected") from error
        on += [_of_intent(one) for one in state.open if _is_fault(one)]
        if log.run == run:
            mine += [_of_intent(one) for one in state.intents if _is_fault(one)]
    on += [_place(one) for one in besides]
    here = sum(_is_same(one, _place(target)) for one in on)
    apart = [one for index, one in enumerate(mine) if not any(_is_same(one, other) for other in mine[:index])]
    return Counts(len(on) + 1, here + 1, len(apart))


def _is_fault(intent: Intent) -> bool:
    """Holding a link, and rollbacks that are kept, are undone too, but are no faults."""
    return not intent.is_lock and intent.data.get("driver") == "proxy"


def _of_intent(intent: Intent) -> _Place:
    return str(intent.args.get("server")), str(intent.args.get("proxy"))


def _place(target: Target) -> _Place:
    return target.server, target.proxy


def _is_same(one: _Place, other: _Place) -> bool:
    return one[1] == other[1] and same_server(one[0], other[0])
