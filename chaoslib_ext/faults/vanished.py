"""Were the faults still in when the last question was asked? One that went meanwhile makes the answer worth nothing.

Somebody may have reset the server, removed or changed the toxic, let the proxy listen again, moved it to another
address, or started the server anew. A proxy that was moved and moved back before this look shows nothing of it. What a
deadline or the experiment itself took out before has its line in the undo log, and is not asked for.
"""

from collections.abc import Mapping
from typing import Any

from chaoslib_ext.errors import ProxyError, ProxyNotFound, ServerGone
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.identity import is_another
from chaoslib_ext.proxy.state import ProxyState
from chaoslib_ext.undo.lines import Intent

from .run import Run

__all__ = ["vanished"]

_PATIENCE = 1.0
"""Seconds that a server has, once: the undo waits for the answer."""


def vanished(run: Run, evidence: Mapping[int, Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Number of the undo, and what is known, of each fault of this run that is not in any more as it was put in.

    `evidence`: number -> what the fault showed when it was put in (`model.Evidence`). What cannot be read now (a server
    that hangs) is not told of.
    """
    found = []
    silent: set[str] = set()
    for intent in run.log.read().open:
        if str(intent.args.get("server")) in silent:
            continue
        if (
            intent.is_lock
            or intent.data["driver"] != "proxy"
            or intent.data["op"] not in ("remove_toxic", "enable_proxy")
        ):
            continue
        try:
            why = _why(intent, evidence.get(intent.id, {}))
        except ProxyError:
            silent.add(str(intent.args["server"]))
            continue
        if why:
            found.append((intent.id, f"{intent.data.get('fault')} on {intent.args.get('proxy')} {why}"))
    return found


def _why(intent: Intent, evidence: Mapping[str, Any]) -> str | None:
    """Raises ProxyError for a server that cannot be asked."""
    client = Client(str(intent.args["server"]), timeout=_PATIENCE)
    try:
        proxy = client.proxy(str(intent.args["proxy"]))
    except ServerGone:
        return "is gone: its server does not run any more"
    except ProxyNotFound:
        return "is gone: somebody deleted the proxy"
    if is_another(client, intent.args.get("identity")):
        return "is gone: its server was started anew"
    return _moved(proxy, evidence.get("target") or {}) or _of_proxy(intent, proxy, evidence.get("toxic"))


def _moved(proxy: ProxyState, target: Mapping[str, Any]) -> str | None:
    """Clients at the address of before do not meet the fault any more; it was measured there."""
    now = {"listen": proxy.listen, "upstream": proxy.upstream}
    moved = [f"{name} from {target[name]} to {now[name]}" for name in now if target.get(name, now[name]) != now[name]]
    return f"is on another link than it was put on: the proxy was moved, {' and '.join(moved)}" if moved else None


def _of_proxy(intent: Intent, proxy: ProxyState, toxic: Mapping[str, Any] | None) -> str | None:
    if intent.data["op"] == "enable_proxy":
        return "is gone: somebody let the proxy listen again" if proxy.enabled else None
    now = next((one for one in proxy.toxics if one.name == intent.args["toxic"]), None)
    if now is None:
        return "is gone: somebody removed the toxic"
    if not proxy.enabled:
        return None  # it is in, under another fault that is stronger
    told = now.as_json()
    changed = toxic is not None and any(told.get(name) != toxic.get(name) for name in ("attributes", "toxicity"))
    return "is not what it was: somebody changed the toxic" if changed else None
