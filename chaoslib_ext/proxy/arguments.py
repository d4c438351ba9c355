"""What may be asked of a server, checked before it is sent: the Go server takes more than is good for it.

It accepts a toxicity of 2 or -3.5, attributes it does not know, names that no later request can address, and a few
values that end its whole process (a negative bandwidth rate, a slicer without a size).
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from chaoslib_ext.errors import BadAttribute, BadInput, did_you_mean
from chaoslib_ext.model import Stream

__all__ = ["addressable", "checked_attributes", "checked_toxicity", "known_types", "toxic_body", "toxic_from"]


def known_types() -> dict[str, tuple[str, ...]]:
    """The types of toxics we know, each with the names of its attributes."""
    from .toxics import registry

    return {name: tuple(field.name for field in fields(kind)) for name, kind in sorted(registry().items())}


def addressable(what: str, name: str) -> str:
    """The name, if the path of a request can carry it. Raises BadInput."""
    if not name or "/" in name or name in (".", "..") or not name.isprintable():
        raise BadInput(f"{name!r} cannot name a {what}: use printable characters and no slash, as in my-{what}")
    return name


def toxic_body(
    type: str,
    *,
    name: str | None = None,
    stream: str = "downstream",
    toxicity: float = 1.0,
    attributes: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """The JSON body that creates a toxic. Raises BadAttribute or BadInput; `seed` is in it only if there is one."""
    if stream not in get_args(Stream):
        raise BadAttribute(
            f"stream is {stream!r}; it must be downstream (from the server to the client) "
            "or upstream (from the client to the server)"
        )
    body = {
        "name": addressable("toxic", name or f"{type}_{stream}"),
        "type": type,
        "stream": stream,
        "toxicity": checked_toxicity(toxicity),
        "attributes": checked_attributes(type, attributes or {}),
    }
    return body if seed is None else {**body, "seed": seed}


_KEYS = ("name", "type", "stream", "toxicity", "attributes", "seed")


def toxic_from(entry: Any) -> dict[str, Any]:
    """The same from one entry of a file or of a list of toxics. Raises BadAttribute or BadInput."""
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise BadAttribute(f"{entry!r} is not a toxic; write for example type: latency, attributes: {{latency: 400}}")
    if unknown := sorted(entry.keys() - set(_KEYS)):
        raise BadAttribute(f"a toxic has no {unknown[0]}{did_you_mean(unknown[0], _KEYS)}")
    if not isinstance(entry.get("attributes") or {}, dict) or not isinstance(entry.get("name") or "", str):
        raise BadAttribute(f"{entry!r} is not a toxic: its name must be text, its attributes a mapping of numbers")
    return toxic_body(**entry)


def checked_toxicity(toxicity: float) -> float:
    """A toxicity from 0 to 1. Raises BadAttribute."""
    if isinstance(toxicity, bool) or not isinstance(toxicity, int | float) or not 0 <= toxicity <= 1:
        raise BadAttribute(f"toxicity is {toxicity!r}; it is the share of connections, from 0 (none) to 1 (all)")
    return toxicity


def checked_attributes(type: str, attributes: Mapping[str, Any]) -> dict[str, int | float]:
    """The attributes, if a toxic of that type can use them. A type we don't know is left to the server to judge.

    Raises BadAttribute for a name the type does not have, a value that is no number, and what the toxic itself refuses.
    """
    from .toxics import registry

    kind = registry().get(type)
    whole = {field.name: field.type is int for field in fields(kind)} if kind else {}
    given = {name: _number(type, name, value, whole.get(name, False)) for name, value in attributes.items()}
    if kind is None:
        return given
    if unknown := sorted(given.keys() - whole.keys()):
        raise BadAttribute(f"toxic {type} has no attribute {unknown[0]}{did_you_mean(unknown[0], whole)}")
    # All of them count as written down: the embedded server forgives a slicer without a size, the original dies of it.
    if problem := kind(**given).problem(given=whole):
        raise BadAttribute(f"toxic {type}: {problem}")
    return given


def _number(type: str, name: str, value: Any, whole: bool) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**63:
        raise BadAttribute(f"attribute {name} of toxic {type} is {value!r}; it must be a number")
    if whole and value != int(value):
        raise BadAttribute(f"attribute {name} of toxic {type} is {value!r}; it must be a whole number")
    return int(value) if whole else value
