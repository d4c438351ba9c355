"""The one door: guard, undo record on the disk, apply, read back, measure. No fault gets in by another way.

If any step fails, everything this call put in is taken out again before the error reaches its caller; if that fails
too, the undo stays in the log and the watchdog goes on with it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock, boot_id
from chaoslib_ext.errors import (
    ExtError,
    FaultDidNotBite,
    FaultNotConfirmed,
    GuardRefused,
    ToxicExists,
    UndoFailed,
)
from chaoslib_ext.model import Deadline, Evidence, Target, Undo
from chaoslib_ext.proxy.client import Client, ProxyState
from chaoslib_ext.proxy.identity import identity_of, is_another
from chaoslib_ext.proxy.servers import connect_and_list
from chaoslib_ext.safety.decision import Ruling
from chaoslib_ext.safety.strength import OnLink
from chaoslib_ext.undo.lines import Intent

from . import frozen, holding, measure, permission, rehearsal
from .fault import Fault, Seen
from .on_link import on_link
from .run import Run, current, current_id
from .targets import among, target_of

__all__ = ["Injected", "check", "inject"]


@dataclass(frozen=True)
class Injected:
    """What one call of the door put in: one piece of evidence a target."""

    run: str
    faults: tuple[Evidence, ...]

    def as_json(self) -> dict[str, Any]:
        """As an action returns it."""
        return {"run": self.run, "faults": [one.model_dump(mode="json") for one in self.faults]}


@dataclass
class _Put:
    """One fault on its way into one target."""

    target: Target
    taken: frozenset[str]
    allowed: Ruling
    lasts: float | None = None
    identity: str | None = None
    hold: Undo | None = None
    undo: Undo | None = None
    seen: Seen | None = None
    before: measure.Before = field(default_factory=measure.Before)
    finding: measure.Finding = field(default_factory=lambda: measure.Finding(None))

    @property
    def ends(self) -> float | None:
        """Boot seconds of its deadline."""
        return self.undo.deadline.boot_seconds if self.undo and self.undo.deadline else None

    @property
    def name(self) -> str:
        """The toxic's name, as the undo record has it."""
        assert self.undo is not None
        return str(self.undo.args.get("toxic", ""))


def check(fault: Fault) -> list[Target]:
    """Resolve the targets and ask the guard; nothing is touched.

    Raises what `inject` would raise before its first write: BadInput, ProxyError or GuardRefused.
    """
    return [put.target for put in _planned(fault, *connect_and_list(), SYSTEM)]


def inject(fault: Fault, *, clock: Clock = SYSTEM) -> Injected:
    """Put `fault` in on every target it names, and prove it. All or nothing. In a rehearsal: only check.

    Raises BadInput, ProxyError or GuardRefused before anything is touched; UndoNotDurable, WatchdogMissing,
    FaultNotConfirmed, FaultDidNotBite or ProxyError after having undone what this call did; UndoFailed when that
    could not be done, with the commands to type.
    """
    if rehearsal.is_offline(fault):
        return Injected("", ())
    client, known = connect_and_list()
    puts = _planned(fault, client, known, clock)
    if rehearsal.is_on():
        return Injected("", ())
    run = current()
    run.arm(client.url)
    for put in puts:
        told = {"fault": fault.kind, "says": fault.says(), "target": put.target.model_dump()}
        run.note("fault.planned", {**told, "policy": put.allowed.as_json()})
    for put, before in zip(puts, measure.each([(put.target, fault.asked()) for put in puts], clock=clock), strict=True):
        put.before = before
    with _all_or_nothing(run, fault, puts):
        for put in puts:
            _put_in(run, fault, client, put, clock)
        _measure(run, fault, puts, clock)
        return Injected(run.id, tuple(_evidence(run, fault, put) for put in puts))


def _planned(fault: Fault, client: Client, known: Mapping[str, ProxyState], clock: Clock) -> list[_Put]:
    puts: list[_Put] = []
    proxies = [(proxy, target_of(client, proxy)) for proxy in among(known, fault.proxy, server=client.url)]
    rehearsal.tell(fault, proxies)
    closed = frozen.of_server(client.url, known)
    for proxy, target in proxies:
        besides = [put.target for put in puts]
        senseless = closed or fault.refusal(proxy) or holding.refusal(target, proxy, current_id())
        on = partial(_on, target, proxy)
        allowed = permission.ask(fault, target, senseless=senseless, besides=besides, on=on, clock=clock)
        puts.append(_Put(target, frozenset(toxic.name for toxic in proxy.toxics), allowed))
    return puts


def _on(target: Target, proxy: ProxyState) -> tuple[OnLink, ...]:
    return (*on_link(target, proxy), *rehearsal.ahead(target))


def _put_in(run: Run, fault: Fault, client: Client, put: _Put, clock: Clock) -> None:
    # Who undoes (a deadline, a person, the end) waits while a fault is between its undo and the world: else the undo
    # would find nothing, be ticked off, and the fault would come in behind it.
    with run.log.undoing(clock):
        with permission.turn():
            now = _ask_again(run, fault, client, put, clock)
            put.identity = identity_of(client)
            put.hold = holding.take(run, client, put.target, now, put.identity)
            put.undo = run.intend(
                lambda id, earlier: _undo(run, fault, put, id, _free_name(run, fault, put, earlier), clock)
            )
        try:
            fault.apply(client, put.target, put.name)
        except ToxicExists:  # somebody was quicker with this very name: theirs is not ours to remove
            run.withdraw(put.undo)
            put.undo = None
            raise
        _still_open(run, fault, put)
    ends = f", {put.allowed.ends_says}" if put.allowed.ends_says else ""
    says = f"{fault.says()} on {put.target.proxy}{ends} (way back: {put.undo.says})"
    told = {"undo": put.undo.id, "fault": fault.kind, "target": put.target.model_dump(), "says": says}
    run.note("fault.applied", {**told, "policy": put.allowed.as_json()})
    put.seen = fault.confirm(client, put.target, put.name)
    run.note("fault.confirmed", {"undo": put.undo.id, "toxic": put.seen.toxic})
    _still_there(run, fault, client, put, clock)


def _still_open(run: Run, fault: Fault, put: _Put) -> None:
    """A process that was stopped (SIGSTOP) is not waited for: whoever undid meanwhile may have found nothing yet. Then
    the fault gets a way back anew, by which it is taken out at once.
    """
    undo = put.undo
    assert undo is not None
    if undo.id in run.log.read().results:
        put.undo = run.intend(lambda id, earlier: undo.model_copy(update={"id": id}))
        raise FaultNotConfirmed(f"{fault.kind} on {put.target.proxy}: undone by others while this process stood still")


def _still_there(run: Run, fault: Fault, client: Client, put: _Put, clock: Clock) -> None:
    """Is it the server that the undo names, and does the run still hold its place? Both may have changed in a
    breath."""
    if is_another(client, put.identity):
        put.identity = identity_of(client)  # it landed on the one that came after, so from there it must be taken back
        name = put.name
        put.undo = run.intend(lambda id, _: _undo(run, fault, put, id, name, clock))
        raise FaultNotConfirmed(f"{fault.says()} on {put.target.proxy}: its server was started anew at that moment")
    if why := run.why_lapsed:
        raise GuardRefused(
            f"{fault.says()} on {put.target.proxy}: the faults of run {run.id} were taken back: {why}. Start it again"
        )


def _ask_again(run: Run, fault: Fault, client: Client, put: _Put, clock: Clock) -> ProxyState:
    """The baseline took its time: what somebody else did to the proxy meanwhile is theirs, and must stay so; others may
    have put faults in, and a window of the policy may have closed.
    """
    known = client.proxies()
    now = known.get(put.target.proxy) or client.proxy(put.target.proxy)  # which says that it is gone
    senseless = frozen.of_server(client.url, known) or fault.refusal(now)
    if (now.listen, now.upstream) != (put.target.listen, put.target.upstream):
        senseless = senseless or "somebody gave the proxy another address meanwhile; run it again"
    on = partial(on_link, put.target, now)
    put.allowed = permission.ask(fault, put.target, senseless=senseless, on=on, run=run.id, clock=clock)
    put.lasts = _lasts(fault, put.allowed, clock)
    return now


def _measure(run: Run, fault: Fault, puts: list[_Put], clock: Clock) -> None:
    work = [(put.before, put.ends) for put in puts]
    for put, finding in zip(puts, measure.each_under(work, clock=clock), strict=True):
        put.finding = finding
    for put in puts:
        if put.finding.bit and put.undo is not None:
            run.watched[put.undo.id] = (put.target, put.before)
        if put.finding.bit is False:
            raise FaultDidNotBite(
                f"{fault.says()} on {put.target.proxy} ({put.target.server}): the server shows it, but the link does "
                f"not: {put.finding.measured}"
            )


def _undo(run: Run, fault: Fault, put: _Put, id: int, name: str, clock: Clock) -> Undo:
    back = fault.way_back(put.target, name)
    return Undo(
        id=id,
        run=run.id,
        driver="proxy",
        op=back.op,
        args={**back.args, "identity": put.identity},
        fault=fault.kind,
        says=back.says,
        by_hand=back.by_hand,
        deadline=_deadline(put.lasts, clock),
    )


def _free_name(run: Run, fault: Fault, put: _Put, earlier: list[Intent]) -> str:
    """`cx-<run>-<kind>`, or `...-2`: never one this run used before, so that a late undo cannot hit a later fault."""
    name = f"cx-{run.id}-{fault.kind}"
    used = {one.args.get("toxic") for one in earlier if one.args.get("proxy") == put.target.proxy} | put.taken
    number = 1
    while (candidate := name if number == 1 else f"{name}-{number}") in used:
        number += 1
    return candidate


def _lasts(fault: Fault, allowed: Ruling, clock: Clock) -> float | None:
    """Seconds until it must be gone: its own duration, or until the next blackout of the policy begins."""
    if fault.duration is not None or allowed.ends is None:
        return fault.duration
    return max(round((allowed.ends - clock.wall()).total_seconds(), 3), 0.0)


def _deadline(duration: float | None, clock: Clock) -> Deadline | None:
    if duration is None:
        return None
    wall = clock.wall() + timedelta(seconds=duration)
    return Deadline(boot_id=boot_id(), boot_seconds=clock.boot() + duration, wall=wall)


def _evidence(run: Run, fault: Fault, put: _Put) -> Evidence:
    assert put.undo is not None
    assert put.seen is not None
    evidence = Evidence(
        run=run.id,
        undo=put.undo.id,
        fault=fault.kind,
        target=put.target,
        toxic=put.seen.toxic,
        confirmed=True,
        bit=put.finding.bit,
        measured=put.finding.measured,
        seed=fault.seed,
        seed_honoured=put.seen.seed_honoured,
        duration_s=put.lasts,
        duration_set_by=put.allowed.ends_says if fault.duration is None else None,
    )
    run.note("fault.measured", evidence.model_dump(mode="json"))
    return evidence


@contextmanager
def _all_or_nothing(run: Run, fault: Fault, puts: list[_Put]) -> Iterator[None]:
    """Undo what this call put in if it fails. An interruption is left to the end of the run, which undoes all."""
    try:
        yield
    except Exception as error:
        raise _taken_back(run, fault, puts, error) from error


def _taken_back(run: Run, fault: Fault, puts: list[_Put], error: Exception) -> Exception:
    ids = [one.id for put in puts for one in (put.undo, put.hold) if one is not None]
    if not ids:
        return error
    # also what the watchdog has ticked off already: it may have been too early, while this process hung
    failed = [result for result in run.undo(ids, "failed", again=True) if result.status == "failed"]
    if failed:
        commands = [f"  {result.by_hand}" for result in failed]
        return UndoFailed(f"{error}. Taking it back failed too ({failed[0].error}); type:", more=commands)
    where = ", ".join(put.target.proxy for put in puts if put.undo is not None)
    if not where:
        return error
    told = f"{error}. What this call had put in ({fault.kind} on {where}) was undone and read back"
    return type(error)(told) if isinstance(error, ExtError) else error
