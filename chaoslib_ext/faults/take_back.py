"""Faults taken back before the run ends: only those of this run, told by its undo log."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from chaoslib_ext.errors import UndoFailed
from chaoslib_ext.proxy.servers import connect
from chaoslib_ext.undo.lines import Intent

from . import rehearsal
from .run import current
from .targets import is_glob, matches, patterns, resolved

if TYPE_CHECKING:
    from chaoslib_ext.model import UndoResult

__all__ = ["everything", "proxies", "toxics"]


def toxics(proxy: str | Iterable[str], type: str | None) -> dict[str, Any]:
    """Remove this run's toxics on these proxies, of that type or any. Raises UnknownTarget, UndoFailed."""
    return _back(proxy, lambda one: "toxic" in one.args and type in (None, one.data["fault"]))


def proxies(proxy: str | Iterable[str]) -> dict[str, Any]:
    """Enable the proxies this run took down. Raises UnknownTarget, UndoFailed."""
    return _back(proxy, lambda one: one.data["fault"] == "down")


def everything() -> dict[str, Any]:
    """Undo all of this run. Raises UndoFailed."""
    if rehearsal.is_on():
        return _rehearsed([])
    return _told(current().undo_all("hand"))


def _back(proxy: str | Iterable[str], is_meant: Callable[[Intent], bool]) -> dict[str, Any]:
    names = patterns(proxy)
    if rehearsal.is_on():
        return _rehearsed([name for name in names if not is_glob(name)])
    run = current()
    intents = [
        one for one in run.log.read().intents if not one.is_lock and is_meant(one) and matches(names, one.args["proxy"])
    ]
    mistyped = [name for name in names if not is_glob(name) and all(one.args["proxy"] != name for one in intents)]
    if mistyped:
        resolved(connect(), mistyped)
    return _told(run.undo([one.id for one in intents], "hand"))


def _rehearsed(names: list[str]) -> dict[str, Any]:
    if names and not rehearsal.is_without_server():
        resolved(connect(), names)
    return {"run": "", "undone": []}


def _told(results: "list[UndoResult]") -> dict[str, Any]:
    failed = [result for result in results if result.status == "failed"]
    if failed:
        commands = [f"  {result.by_hand}" for result in failed]
        raise UndoFailed(f"{failed[0].says} failed: {failed[0].error}; type:", more=commands)
    return {"run": current().id, "undone": [result.model_dump(mode="json") for result in results]}
