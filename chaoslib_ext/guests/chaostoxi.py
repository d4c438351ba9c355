"""What undoes an action of chaostoolkit-toxiproxy (`chaostoxi` 0.3.1, its `toxic/actions.py` and `proxy/actions.py`).

Nothing of it is imported: an action is known by the name of its module and function, and by its arguments. What was
there before the action is read from the server, so that only what the action changes is taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chaoslib_ext.errors import ProxyError
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.state import ProxyState
from chaoslib_ext.proxy.undo import OURS

__all__ = ["WayBack", "is_known", "way_back"]

_TOXICS = "chaostoxi.toxic.actions"
_PROXIES = "chaostoxi.proxy.actions"
_PORT = "8474"


@dataclass(frozen=True)
class WayBack:
    """The undo of one action: an operation of the driver `proxy`, its arguments, and the same in words."""

    op: str
    args: dict[str, Any]
    fault: str
    says: str


def is_known(module: str, func: str) -> bool:
    """Is it an action that we know how to undo?"""
    if module == _TOXICS:
        return func.startswith("create_")
    return module == _PROXIES and func in (
        "create_proxy",
        "disable_proxy",
        "enable_proxy",
        "modify_proxy",
        "delete_proxy",
    )


def way_back(module: str, func: str, arguments: Mapping[str, Any], configuration: Mapping[str, Any]) -> WayBack | None:
    """How the action will be undone; None when there will be nothing to undo, or no server can be asked (then the
    action itself fails).
    """
    name = arguments.get("for_proxy" if module == _TOXICS else "proxy_name")
    if not is_known(module, func) or not isinstance(name, str):
        return None
    try:
        client = Client(_url(configuration))
        before = client.proxies().get(name)
    except ProxyError:
        return None
    if module == _TOXICS:
        return _of_toxic(client, before, arguments)
    return _of_proxy(client, name, before, creates=func == "create_proxy")


def _of_toxic(client: Client, before: ProxyState | None, arguments: Mapping[str, Any]) -> WayBack | None:
    toxic = arguments.get("toxic_name")
    if before is None or not isinstance(toxic, str) or any(one.name == toxic for one in before.toxics):
        return None  # the server will refuse it, and what is there is not of this run
    args = {"server": client.url, "proxy": before.name, "toxic": toxic}
    return WayBack("remove_named_toxic", args, "toxic", f"remove toxic {toxic} from {before.name} on {client.url}")


def _of_proxy(client: Client, name: str, before: ProxyState | None, *, creates: bool) -> WayBack | None:
    args: dict[str, Any] = {"server": client.url, "proxy": name}
    if before is None:
        says = f"delete proxy {name} on {client.url}"
        return WayBack("delete_proxy", args, "proxy", says) if creates else None
    if creates:
        return None
    toxics = [one.as_json() for one in before.toxics if not one.name.startswith(OURS)]  # a fault of ours is undone
    was = {"listen": before.listen, "upstream": before.upstream, "enabled": before.enabled, "toxics": toxics}
    return WayBack("restore_proxy", {**args, **was}, "proxy", f"put proxy {name} on {client.url} back as it was")


def _url(configuration: Mapping[str, Any]) -> str:
    """As chaostoxi finds it (its `toxiproxyapi.py`)."""
    if configuration.get("toxiproxy_url"):
        return str(configuration["toxiproxy_url"]).rstrip("/")
    return f"http://{configuration.get('toxiproxy_host')}:{configuration.get('toxiproxy_port') or _PORT}"
