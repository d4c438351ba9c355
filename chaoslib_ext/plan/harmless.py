"""Which questions a plan may really ask: those of ours that only read. A closed list; the rest is not asked."""

from collections.abc import Mapping
from typing import Any

from chaoslib_ext.faults.faces import is_ours

__all__ = ["asked_once", "is_harmless"]

_READING = ("probes.http", "probes.links", "probes.proxies")
_ELSEWHERE = {("chaoslib_ext.lab.where", "url")}
_METHODS = ("GET", "HEAD", "OPTIONS")


def is_harmless(provider: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    """Does it change nothing, whoever is asked? Over HTTP that is what the method promises."""
    if provider.get("type") != "python":
        return False
    if (provider.get("module"), provider.get("func")) in _ELSEWHERE:
        return True
    module = provider.get("module")
    return module in _READING and is_ours(module) and str(arguments.get("method", "GET")).upper() in _METHODS


def asked_once(provider: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for one answer: where it would ask many times, it asks once."""
    asks_many = provider.get("module") == "probes.http" and provider.get("func") not in ("status", "json_value")
    return {**arguments, "requests": 1} if asks_many else dict(arguments)
