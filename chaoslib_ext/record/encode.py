"""JSON that never fails: whatever an activity returned becomes something that every JSON reader takes (RFC 8259).

Kept as they are: null, true, numbers, text, lists, mappings. NaN and the infinities become the words `NaN`,
`Infinity`, `-Infinity`; sets become sorted lists; anything else becomes a text that says what it was, in angle
brackets. Circles, bottomless nesting, lone surrogates, enormous texts and lists are cut, and it is said so.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import islice
from pathlib import PurePath
from typing import Any
from uuid import UUID

__all__ = ["DEEPEST", "LONGEST", "MOST", "canonical", "dumps", "plain"]

LONGEST = 256 * 1024
"""Characters of one text that an event keeps."""
MOST = 100_000
"""Values that one event keeps."""
DEEPEST = 64
"""Levels of nesting that are kept; the standard library's own reader stops at about a thousand."""
_BITS = 1024  # Python refuses to print integers of more than 4300 digits; readers in other languages far earlier


def plain(value: Any, *, longest: int = LONGEST, most: int = MOST) -> Any:
    """The value as None, bool, int, float, str, list or dict with text keys, all the way down. Never raises."""
    return _Plain(longest, most).of(value, ())


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Plain data as JSON text, in UTF-8 letters; `indent` for people."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def canonical(value: Any) -> bytes:
    """The one spelling of plain data that is hashed: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


class _Plain:
    """One walk over one value; counts what it has kept."""

    def __init__(self, longest: int, most: int) -> None:
        self.longest = longest
        self.left = most

    def of(self, value: Any, above: tuple[int, ...]) -> Any:
        self.left -= 1
        try:
            return self._of(value, above)
        except Exception as error:  # a foreign class may do anything at all when it is looked at
            return f"<{_name(value)}: could not be written down: {type(error).__name__}>"

    def _of(self, value: Any, above: tuple[int, ...]) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self.of(value.value, above)
        for kinds, write in _SCALARS:
            if isinstance(value, kinds):
                return write(self, value)
        if id(value) in above:
            return f"<circular: {_name(value)}>"
        if len(above) >= DEEPEST:
            return f"<too deep: {_name(value)}>"
        return self._many(value, (*above, id(value)))

    def _many(self, value: Any, above: tuple[int, ...]) -> Any:
        if isinstance(value, Mapping):
            return self._mapping(value, above)
        if isinstance(value, Set):
            return self._list(sorted(value, key=repr), above)
        if isinstance(value, Sequence):
            return self._list(value, above)
        for method in ("model_dump", "tolist"):  # pydantic's models; NumPy's numbers and arrays
            if callable(dump := getattr(value, method, None)) and not isinstance(value, type):
                return self.of(dump(), above)
        return self.text(f"<{_name(value)}: {value!r}>")

    def _mapping(self, value: Mapping[Any, Any], above: tuple[int, ...]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in self._while_room(value.items()):
            name = again = self._key(key)
            count = 1
            while name in kept:
                count += 1
                name = f"{again} ({count})"
            kept[name] = self.of(item, above)
        if len(value) > len(kept):
            kept["<left out>"] = f"{len(value) - len(kept)} more entries"
        return kept

    def _list(self, value: Sequence[Any], above: tuple[int, ...]) -> list[Any]:
        kept = [self.of(item, above) for item in self._while_room(value)]
        if len(value) > len(kept):
            kept.append(f"<left out: {len(value) - len(kept)} more items>")
        return kept

    def _while_room(self, items: Iterable[Any]) -> Iterable[Any]:
        for item in islice(items, max(0, self.left)):
            if self.left <= 0:
                return
            yield item

    def _key(self, key: Any) -> str:
        if isinstance(key, str):
            return self.text(str(key))
        found = self.of(key, ())
        return found if isinstance(found, str) else self.text(json.dumps(found))

    def text(self, value: str) -> str:
        """The text without lone surrogates (no UTF-8 for them), and no longer than is kept."""
        kept = str(value)[: self.longest]
        if not kept.isascii():
            kept = kept.encode("utf-8", "replace").decode("utf-8")
        cut = len(value) - len(kept)
        return f"{kept}<left out: {cut} more characters>" if cut > 0 else kept

    def number(self, value: float) -> float | str:
        """The number, or the word for what JSON has no number for."""
        as_float = float(value)
        if as_float != as_float:
            return "NaN"
        if as_float in (float("inf"), float("-inf")):
            return "Infinity" if as_float > 0 else "-Infinity"
        return as_float

    def integer(self, value: int) -> int | str:
        """The integer, unless it is too long for readers."""
        return int(value) if value.bit_length() <= _BITS else f"<int of {value.bit_length()} bits>"

    def octets(self, value: bytes | bytearray | memoryview) -> str:
        """How many bytes, and the first of them in hex."""
        octets = bytes(value)
        return f"<{len(octets)} bytes: {octets[:32].hex()}{'...' if len(octets) > 32 else ''}>"


_SCALARS: tuple[tuple[Any, Callable[[_Plain, Any], Any]], ...] = (
    (str, _Plain.text),
    (int, _Plain.integer),
    (float, _Plain.number),
    ((bytes, bytearray, memoryview), _Plain.octets),
    ((date, time), lambda walk, value: value.isoformat()),  # datetime is a date
    (timedelta, lambda walk, value: walk.number(value.total_seconds())),
    ((Decimal, UUID, PurePath), lambda walk, value: walk.text(str(value))),
)


def _name(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
