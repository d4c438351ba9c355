"""Which questions a plan may really ask: those of ours that only read. A closed list; the rest is not asked."""

import inspect
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from chaoslib_ext.faults.faces import is_ours

__all__ = ["asked_once", "is_harmless"]

_READING = {
    f"probes.{name}" for name in ("cache", "files", "http", "links", "processes", "proxies", "sql", "tcp", "tls")
}
_ELSEWHERE = {("chaoslib_ext.lab.where", "url")}
_METHODS = ("GET", "HEAD", "OPTIONS")
_BEFORE_A_BRACKET = re.compile(r"""([\w"/*$.\]']*)\s*\(""")
_ASKING = ("select", "show", "table", "values", "with")
_KNOWN = frozenset(
    [
        "all",
        "and",
        "any",
        "as",
        "avg",
        "by",
        "case",
        "coalesce",
        "count",
        "else",
        "exists",
        "extract",
        "from",
        "in",
        "length",
        "lower",
        "max",
        "min",
        "not",
        "now",
        "on",
        "or",
        "over",
        "round",
        "select",
        "sum",
        "then",
        "upper",
        "using",
        "values",
        "when",
        "where",
    ]
)
"""What may stand before a bracket in a query: words, and functions that only reckon. Of any other function nobody knows
here what it does, in a transaction that only reads too.
"""


def is_harmless(provider: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    """Does it change nothing, whoever is asked? Over HTTP that is what the method promises."""
    if provider.get("type") != "python":
        return False
    module = provider.get("module")
    if (module, provider.get("func")) in _ELSEWHERE:
        return True
    if module == "probes.http" and str(arguments.get("method", "GET")).upper() not in _METHODS:
        return False
    if module == "probes.sql" and not _only_asks(str(arguments.get("query"))):
        return False
    if module not in _READING or not is_ours(module):
        return False
    return provider.get("func") in import_module(str(module)).__all__  # and is nothing that the module only imports


def _only_asks(query: str) -> bool:
    first = query.split(maxsplit=1)[:1]
    before = {one.lower() for one in _BEFORE_A_BRACKET.findall(query)} - {""}
    return [word.lower() for word in first] in [[one] for one in _ASKING] and before <= _KNOWN


def asked_once(provider: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for one answer: where it would ask many times, it asks once."""
    function = getattr(import_module(str(provider["module"])), str(provider.get("func")), None)
    asks_many = callable(function) and "requests" in inspect.signature(function).parameters
    return {**arguments, "requests": 1} if asks_many else dict(arguments)
