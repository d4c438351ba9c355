"""Every place in our code at which a run may be ended: found in the source, to hold against what the traces visit.

The same kinds that `tracer.py` sees, with the same names. A request is a call of a method of `proxy.client.Client`.
What does the same by a way that the tracer does not see (`from os import fsync`, `shutil.move`, `requests.get`) counts
too, so that no trace can visit it and the test says so.
"""

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from chaoslib_ext.proxy.client import Client

from .choose import Traced

__all__ = ["NOT_VISITED", "Site", "known", "missing"]

Site = tuple[str, str]
"""Kind, and `room/file.py:Class.function`."""

NOT_VISITED = {
    "* lab/*": "the lab is brought up and down by commands of its own, outside of any run",
    "* links/*": "`chaos link` looks at proxies, outside of any run",
    "* cli/*": "commands that a person types; `chaos undo` reaches the rooms below, which are visited",
    "* testing/*": "contracts for writers of plug-ins",
    "* proxy/freeze.py:*": "`chaos freeze` and `chaos thaw`: no fault of theirs is in the world",
    "* doctor/*": "`chaos doctor` looks, and puts nothing in",
    "http faults/frozen.py:by_hand": "asked before a command that a person types; puts nothing in",
    "fsync safety/despite_freeze.py:note": "written by a command that a person types under a freeze",
    "http faults/frozen.py:_of_source": "asked only where the site names such servers; puts nothing in",
    "http guests/chaostoxi.py:way_back": "a question before an action of somebody else's; puts nothing in",
    "* proxy/api.py:*": "the server's own side of a request",
    "* proxy/serve.py:*": "the process of `chaos proxy serve`, not of a run",
    "* proxy/go_engine.py:*": "the process of `chaos proxy serve`, not of a run",
    "* proxy/servers.py:_default": "asked only where no server is named; a victim's is",
    "http proxy/counters.py:_samples": "a question of a probe puts nothing in",
    "http faults/live.py:*": "`chaos live` asks what is on, and puts nothing in",
    "http faults/remeasure.py:_others": "asked only where an effect is seen to stay after its undo",
    "http faults/holding.py:_without_the_dead": "asked only where a run dies between two steps of another one",
    "http proxy/undo.py:DeleteProxy.*": "no fault of today creates a proxy",
    "handler guests/time_limit.py:within.ring": "ends an action of somebody else's that takes too long",
    "signal control/signals.py:Signals._leave": "only in a forked child of a run, which is not the run",
    "signal undo/signals.py:_leave": "the same",
}
"""Sites that no run of the selftest comes by (`kind site`, as fnmatch has it) -> why that is right."""

_ROOT = Path(__file__).parent.parent
_CALLS = {"fsync": "fsync", "replace": "rename", "rename": "rename", "link": "rename", "hardlink_to": "rename"}
_UNSEEN = {
    "fdatasync": "fsync",
    "renames": "rename",
    "shutil.move": "rename",
    "urlopen": "http",
    "add_signal_handler": "signal",
    "sigaction": "signal",
    **{f"requests.{verb}": "http" for verb in ("get", "post", "put", "patch", "delete", "request")},
}
"""Other ways to the same; with its owner where the name alone says little."""
_OURS_ALONE = frozenset({"add_toxic", "remove_toxic", "update_toxic"})
"""Methods of a client whoever it is called on."""
_REQUESTS = frozenset(name for name in vars(Client) if not name.startswith("_"))
_WIRE = ("proxy/client.py", "proxy/consumer.py")


def missing(traced: Traced) -> list[str]:
    """The sites that no trace visits and that are not listed with a reason: `kind site`, sorted."""
    visited = {
        (point.kind, site) for points in traced.values() for point in points for site in (point.site, *point.chain)
    }
    return sorted(f"{kind} {site}" for kind, site in known() - visited if not _is_listed(f"{kind} {site}"))


def _is_listed(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in NOT_VISITED)


@lru_cache(maxsize=1)
def known() -> frozenset[Site]:
    """All of them, in every file of ours but the selftest's own."""
    own = Path(__file__).parent
    files = (file for file in sorted(_ROOT.rglob("*.py")) if own not in file.parents)
    return frozenset(site for file in files for site in _of_file(file))


def _of_file(file: Path) -> Iterator[Site]:
    name = file.relative_to(_ROOT).as_posix()
    for function, node in _calls(ast.parse(file.read_text()), ()):
        kind = _kind(node, name)
        if kind:
            yield kind, f"{name}:{function}"


def _calls(node: ast.AST, inside: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    """Every node below with the name of its function, as `tracer.site_of` gives it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield ".".join((*inside, child.name)), child
            yield from _calls(child, (*inside, child.name))
        else:
            yield ".".join(inside) or "<module>", child
            yield from _calls(child, inside)


def _kind(node: ast.AST, file: str) -> str | None:
    if isinstance(node, ast.FunctionDef) and _is_handler(node):
        return "handler"
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name):
        return "fsync" if node.func.id == "fsync" else _UNSEEN.get(node.func.id)
    if not isinstance(node.func, ast.Attribute):
        return None
    name, owner = node.func.attr, ast.unparse(node.func.value)
    if (owner, name) == ("signal", "signal"):
        return "signal"
    if name in _CALLS and (owner == "os" or _is_path(name, node)):
        return _CALLS[name]
    if file in _WIRE:
        return "http" if owner.endswith("session") and name == "request" else None
    return "http" if _is_request(name, owner) else _UNSEEN.get(name) or _UNSEEN.get(f"{owner}.{name}")


def _is_request(name: str, owner: str) -> bool:
    """By the name of what it is called on: a client is called one, or comes from what gives one."""
    who = owner.partition("(")[0].rpartition(".")[2].lower()
    return name in _OURS_ALONE or (name in _REQUESTS and who in ("client", "_client", "connect", "client_of"))


def _is_path(name: str, call: ast.Call) -> bool:
    """`path.replace(target)`: one argument, where `str.replace` has two."""
    return name in ("replace", "rename", "hardlink_to") and len(call.args) == 1 and not call.keywords


def _is_handler(function: ast.FunctionDef) -> bool:
    """A signal handler of ours: two arguments, the second of them a frame."""
    names = [one.arg for one in function.args.args if one.arg not in ("self", "cls")]
    return len(names) == 2 and names[1] in ("frame", "_frame")
