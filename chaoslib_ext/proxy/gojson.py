"""JSON between Go's types and ours: fields as encoding/json fills a struct, text as json.Marshal writes it.

Reading: keys match whatever their case, unknown ones are ignored, null leaves a default, an integer must be written as
one. Writing: compact, `<>&` and the line separators escaped, a toxicity as the shortest float32.
"""

import json
import math
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .goparse import BadJson, Number, Pairs

__all__ = ["dumps", "fields", "float32", "kind"]

INT64 = range(-(2**63), 2**63)
KINDS: dict[str, type] = {"number": Number, "string": str, "bool": bool, "object": Pairs, "array": list}


def fields(
    value: Any, spec: dict[str, str], into: str, path: str = "", paths: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """The fields of an object that `spec` names, as {name: value}; null and absent ones are left out.

    `spec` maps a name to its Go type: string, bool, int, int64, float32, float64, any, or a struct's name. `into` says
    what the object is filled into and `path` what its fields are called, for errors. Raises BadJson.
    """
    if value is None:
        return {}
    if not isinstance(value, Pairs):
        raise BadJson(f"json: cannot unmarshal {kind(value)} into Go {into}")
    known = {name.lower(): name for name in spec}
    found: dict[str, Any] = {}
    for key, item in value:
        name = known.get(key.lower().replace("\u017f", "s"))  # Go takes the long s for an s, too
        if name is None or item is None:
            continue
        item = _typed(item, spec[name], paths.get(name, f"{path}.{name}"))
        before = found.get(name)
        found[name] = Pairs(before + item) if isinstance(before, Pairs) and isinstance(item, Pairs) else item
    return found


def kind(value: Any) -> str:
    """The JSON word for a parsed value."""
    return next(word for word, python in KINDS.items() if isinstance(value, python))


def float32(value: float) -> float:
    """The nearest float32; raises OverflowError beyond its range."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def dumps(value: Any) -> str:
    """Compact JSON, byte for byte as json.Marshal."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    return _shortest(value) if isinstance(value, float) else json.dumps(value)


def _typed(value: Any, wanted: str, path: str) -> Any:
    if wanted == "any":
        return value
    where = f"into Go struct field {path} of type {wanted}"
    if wanted not in ("int", "int64", "float32", "float64"):
        if kind(value) != (wanted if wanted in KINDS else "object"):
            raise BadJson(f"json: cannot unmarshal {kind(value)} {where}")
        return value
    if not isinstance(value, Number):
        raise BadJson(f"json: cannot unmarshal {kind(value)} {where}")
    try:
        return _number(value, wanted)
    except (ValueError, OverflowError):
        raise BadJson(f"json: cannot unmarshal number {value} {where}") from None


def _number(text: str, wanted: str) -> int | float:
    if wanted.startswith("int"):
        if len(text) > 20 or int(text) not in INT64:
            raise OverflowError
        return int(text)
    number = float32(float(text)) if wanted == "float32" else float(text)
    if math.isinf(number):
        raise OverflowError
    return number


def _text(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    for plain in "<>&\u2028\u2029":
        if plain in text:
            text = text.replace(plain, f"\\u{ord(plain):04x}")
    return text


def _shortest(value: float) -> str:
    """The fewest digits that give the same float32, in Go's choice of form."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    tried = (f"{abs(value):.{digits}e}" for digits in range(17))
    mantissa, _, exponent = next(text for text in tried if _same(text, abs(value))).partition("e")
    digits, power = mantissa.replace(".", ""), int(exponent)
    if value and not -6 <= power < 21:
        tail = "." + digits[1:] if digits[1:] else ""
        return f"{sign}{digits[0]}{tail}e{'-' if power < 0 else '+'}{abs(power)}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole, rest = digits[: power + 1].ljust(power + 1, "0"), digits[power + 1 :]
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def _same(text: str, value: float) -> bool:
    try:
        return float32(float(text)) == value
    except OverflowError:
        return False
