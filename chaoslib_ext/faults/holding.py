"""Two runs never fight over a link: before its first fault on a proxy a run takes hold of it, on the server itself.

The hold (`proxy/hold.py`) has its undo in the log before it is taken, and is given back last. Who holds a proxy is
told by the server; on this machine the undo logs tell more, and whether that run is dead: then its leftovers are
undone first.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from chaoslib_ext.errors import GuardRefused, ToxicExists, UndoError
from chaoslib_ext.model import Target, Undo
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client, ProxyState, ToxicState
from chaoslib_ext.proxy.identity import identity_of, is_another
from chaoslib_ext.proxy.undo import OURS
from chaoslib_ext.server_name import same_server
from chaoslib_ext.undo.lines import LOCK, Intent
from chaoslib_ext.undo.log import logs

from .fault import curl
from .leftovers import Leftover, undone

if TYPE_CHECKING:
    from .run import Run

__all__ = ["Foreign", "foreign", "is_held_by_the_dead", "refusal", "take"]


def refusal(target: Target, proxy: ProxyState, run: str | None) -> str | None:
    """Why run `run` (None: one that has not begun) may not hurt this proxy now; None when it may, or when who holds it
    is dead here and its leftovers are in nobody's way.
    """
    held = hold.on(proxy.toxics)
    if held is None or (run is not None and held == hold.sign_of(run)):
        return None
    holder = _known(target, held)
    return None if holder and _is_dead(holder) else _says(target, proxy.toxics, held, holder)


def is_held_by_the_dead(target: Target, proxy: ProxyState) -> bool:
    """True if a dead run of here holds it, whose leftovers are undone before a fault goes in."""
    held = hold.on(proxy.toxics)
    holder = _known(target, held) if held is not None else None
    return holder is not None and _is_dead(holder)


@dataclass(frozen=True)
class Foreign:
    """A hold on a proxy of a run that nothing here knows of. It may go on somewhere, or be dead: no server tells."""

    server: str
    proxy: str
    run: str
    by_hand: str
    """What gives the proxy free, if that run is dead."""

    @property
    def says(self) -> str:
        """In words."""
        return f"{self.proxy} ({self.server}) is held by run {self.run} of another machine, user or state folder"


def foreign(server: str, proxies: Mapping[str, ProxyState]) -> Iterator[Foreign]:
    """Those among the proxies of that server."""
    for proxy in proxies.values():
        held = hold.on(proxy.toxics)
        target = Target(server=server, proxy=proxy.name, listen=proxy.listen, upstream=proxy.upstream)
        if held is not None and _known(target, held) is None:
            run, commands = _unknown(target, proxy.toxics, held)
            yield Foreign(server, proxy.name, run, "; ".join(commands))


def take(run: "Run", client: Client, target: Target, proxy: ProxyState, identity: str | None) -> Undo | None:
    """Hold the target's proxy, as it is now, for `run`; the undo that gives it back, None if the run has had it before.

    Raises GuardRefused when another run has it, UndoNotDurable when its undo cannot be written.
    """
    held, own = hold.on(proxy.toxics), hold.sign_of(run.id)
    if held is not None and held != own:
        held = hold.on(_without_the_dead(client, target, proxy.toxics, held))
    ours = [one for one in run.log.read().open if _is_hold_on(target, one)]
    has_way_back = any(one.args.get("identity") == identity for one in ours)  # of one that was started anew: not there
    if held == own and has_way_back:
        return None
    undo = None if has_way_back else run.intend(lambda id, earlier: _undo(run.id, id, target, identity))
    if held != own:
        _take(run, client, target, undo)
        _still_there(run, client, target, identity)
    return undo


def _still_there(run: "Run", client: Client, target: Target, identity: str | None) -> None:
    """Was the server started anew between the way back and the hold, so that it landed on the one that came after?"""
    if is_another(client, identity):
        landed_on = identity_of(client)
        run.intend(lambda id, earlier: _undo(run.id, id, target, landed_on))
        raise GuardRefused(
            f"{target.proxy} ({target.server}): its server was started anew at that moment; run it again"
        )


def _take(run: "Run", client: Client, target: Target, undo: Undo | None) -> None:
    try:
        hold.take(client, target.proxy, run.id)
    except ToxicExists as error:  # somebody was quicker by a moment
        if undo is not None:
            run.withdraw(undo)
        toxics = client.toxics(target.proxy)
        held = hold.on(toxics)
        says = _says(target, toxics, held, _known(target, held)) if held is not None else "somebody else had it"
        raise GuardRefused(f"{target.proxy} ({target.server}): {says}. Nothing was injected") from error


def _without_the_dead(client: Client, target: Target, toxics: Iterable[ToxicState], held: int) -> list[ToxicState]:
    """The toxics once the leftovers of a dead holder are undone. Raises GuardRefused when they cannot be, or it
    lives."""
    holder = _known(target, held)
    if holder is None or not _is_dead(holder):
        why = _says(target, toxics, held, holder)
        raise GuardRefused(f"{target.proxy} ({target.server}): {why}. Nothing was injected")
    after = undone(holder)
    left = client.toxics(target.proxy)
    if hold.on(left) == held:
        failed = after.problem or next((one.error for one in after.results if one.status == "failed"), "it stays")
        raise GuardRefused(
            f"{target.proxy} ({target.server}) is held by run {holder.header.run}, which is dead and could not be "
            f"undone ({failed}); see: chaos undo --run {holder.header.run}. Nothing was injected"
        )
    return left


def _undo(run: str, id: int, target: Target, identity: str | None) -> Undo:
    return Undo(
        id=id,
        run=run,
        driver="proxy",
        op="release",
        args={"server": target.server, "proxy": target.proxy, "identity": identity, "holder": run},
        fault=LOCK,
        says=f"give {target.proxy} on {target.server} free for other runs",
        by_hand=_remove(target, hold.NAME),
    )


def _remove(target: Target, toxic: str) -> str:
    return curl("DELETE", f"{target.server}/proxies/{quote(target.proxy, safe='')}/toxics/{quote(toxic, safe='')}")


def _is_hold_on(target: Target, intent: Intent) -> bool:
    is_proxy = intent.is_lock and intent.args.get("proxy") == target.proxy
    return is_proxy and same_server(str(intent.args.get("server")), target.server)


def _known(target: Target, held: int) -> Leftover | None:
    """The run that holds it, as the undo logs of this state folder tell; None when it is not of here."""
    for log in reversed(logs()):
        try:
            state = log.read()
        except UndoError:
            continue
        if hold.sign_of(log.run) == held and state.header and any(_is_hold_on(target, one) for one in state.open):
            return Leftover.of(log, state)
    return None


def _is_dead(holder: Leftover) -> bool:
    return not holder.is_alive and not holder.is_elsewhere


def _says(target: Target, toxics: Iterable[ToxicState], held: int, holder: Leftover | None) -> str:
    if holder is not None:
        head = holder.header
        title = f" {head.title!r}" if head.title else ""
        return (
            f"run {head.run}{title} of {head.by or 'an unknown user'} holds it since {head.started} ({holder.where}); "
            f"wait for its end, or end it, or take its faults back: chaos undo --run {head.run}"
        )
    run, commands = _unknown(target, toxics, held)
    look = f"chaos proxy show {shlex.quote(target.proxy)} --url {shlex.quote(target.server)}"
    return (
        f"run {run} of another machine, user or state folder holds it; wait for its end. If it is dead and "
        f"chaos undo cannot be typed there, look with {look}, then type: {'; '.join(commands)}"
    )


def _unknown(target: Target, toxics: Iterable[ToxicState], held: int) -> tuple[str, list[str]]:
    """The id that this hold most likely stands for, and what takes all of such a run away there, the hold last."""
    ours = [one.name for one in toxics if one.name.startswith(OURS) and one.name != hold.NAME]
    named = (name.removeprefix(OURS).rpartition("-")[0].partition("-")[0] for name in ours)
    run = next((name for name in named if hold.sign_of(name) == held), hold.run_of(held))
    return run, [_remove(target, one) for one in [*ours, hold.NAME]]
