"""The keys of a file of proxies. The API ignores what it does not know, as the original; in a file that is a slip."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from chaoslib_ext.errors import BadAttribute, did_you_mean

__all__ = ["LISTEN", "plain", "plain_toxic", "twin"]

LISTEN = "127.0.0.1:0"
"""Where a proxy of a file listens that does not say: a free port of this machine. The API's default is everywhere."""

_PROXY = ("name", "listen", "upstream", "enabled", "toxics")
_TOXIC = ("name", "type", "stream", "toxicity", "attributes", "seed")
_SILENT = ("logger",)
"""What the original prints of a proxy too, and nobody can set."""


def plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One proxy of a file, its keys as the API spells them, its `listen` filled in. Keys match whatever their case.

    Raises BadAttribute for a key that nothing would come of.
    """
    found = _named(entry.items(), _PROXY, "a proxy")
    return {**found, "listen": found.get("listen") or LISTEN}


def plain_toxic(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a toxic, the names of its attributes included when its type is known here."""
    from .arguments import known_types

    found = _named(entry.items(), _TOXIC, "a toxic")
    attributes, names = found.get("attributes"), known_types().get(str(found.get("type")))
    if isinstance(attributes, Mapping) and names is not None:
        found["attributes"] = _named(attributes.items(), names, f"toxic {found['type']}", "attribute ")
    return found


def twin(names: Iterable[str]) -> str | None:
    """The first name that stands there twice; the second would silently take the place of the first."""
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _named(pairs: Iterable[tuple[str, Any]], known: Iterable[str], what: str, kind: str = "") -> dict[str, Any]:
    names = {name.lower(): name for name in known}
    found = {}
    for key, value in pairs:
        name = names.get(str(key).lower())
        if name is None and str(key).lower() not in _SILENT:
            raise BadAttribute(f"{what} has no {kind}{key}{did_you_mean(str(key).lower(), names)}")
        if name is not None:
            found[name] = value
    return found
