"""`${NAME:-default}` and its kin, as a compose file means them.

Source: docs.docker.com/reference/compose-file/interpolation.
"""

import re
from collections.abc import Mapping

__all__ = ["interpolated", "names_in"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """The text with each variable in its place; an unset one without a default is empty, `$$` is one `$`.

    A broken `${` stays as it is: Docker Compose would refuse it, but it hides nothing from a reader.
    """
    out, at = "", 0
    while (sign := text.find("$", at)) >= 0:
        out += text[at:sign]
        put, at = _variable(text, sign, values)
        out += put
    return out + text[at:]


def names_in(text: str) -> list[str]:
    """The variables that a text names, in order, those in defaults too."""
    return re.findall(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)", text.replace("$$", ""))


def _variable(text: str, sign: int, values: Mapping[str, str]) -> tuple[str, int]:
    """What stands for the variable at `sign`, and where the text goes on."""
    after = text[sign + 1 : sign + 2]
    if after == "$":
        return "$", sign + 2
    if after == "{":
        end = _closing(text, sign + 2)
        found = _NAME.match(text, sign + 2)
        if end < 0 or not found:
            return "$", sign + 1
        return _with_operator(found[0], text[found.end() : end], values), end + 1
    if found := _NAME.match(text, sign + 1):
        return values.get(found[0], ""), found.end()
    return "$", sign + 1


def _with_operator(name: str, rest: str, values: Mapping[str, str]) -> str:
    """`:` before the operator makes an empty value count as none."""
    value = values.get(name)
    if rest.startswith(":"):
        rest, value = rest[1:], value or None
    operator, other = rest[:1], rest[1:]
    if operator == "-":
        return interpolated(other, values) if value is None else value
    if operator == "+":
        return "" if value is None else interpolated(other, values)
    return value or ""


def _closing(text: str, begin: int) -> int:
    """Where the brace that was opened before `begin` closes, or -1."""
    depth, at = 1, begin
    while at < len(text):
        if text.startswith("${", at):
            depth, at = depth + 1, at + 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1
