"""Text from outside, made fit for a terminal: one function for names, titles, outputs, errors and reasons of others.

What steers a terminal or forges a line is replaced: white space and control characters of both sets by a blank; bidi
controls, zero-width spaces, lone surrogates and what Unicode has no character for by their escape (`\\u202e`). The two
joiners (U+200C, U+200D) stay: Persian words and emoji are made with them.
"""

import json
import re
import traceback
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any
from unicodedata import category

__all__ = ["Lines", "clean", "cleaned", "json_text", "lines", "one_line", "traceback_text"]

_JOINERS = "\u200c\u200d"
_ASCII = re.compile(r"[ -~]*")
_ASCII_IN_JSON = re.compile(r"[ -~\n]*")


class Lines(str):
    """Several lines of ours, each of them clean: the only text whose line breaks are printed."""

    __slots__ = ()


def clean(text: str) -> str:
    """The text on one line, with nothing in it that steers a terminal; `Lines` as they are."""
    if isinstance(text, Lines) or _ASCII.fullmatch(text):
        return text
    return "".join(_shown(sign) for sign in text)


def lines(*parts: str) -> Lines:
    """These as lines, each of them clean; `Lines` among them stay several."""
    return Lines("\n".join(map(clean, parts)))


def one_line(text: str) -> str:
    """As `clean`, without blanks at its ends and with one between two words: titles stand in lists."""
    return " ".join(clean(str(text) if not isinstance(text, Lines) else " ".join(text.split("\n"))).split())


def cleaned(value: Any) -> Any:
    """Plain data and dataclasses with every text in them on one line and clean."""
    if type(value) in (str, Lines):
        return one_line(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(cleaned, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: cleaned(getattr(value, one.name)) for one in fields(value) if one.init})
    return value


def traceback_text(error: BaseException) -> str:
    """Its traceback: a line break in a message of others makes no line."""
    parts = traceback.format_exception(error)
    return lines(
        *(line for part in parts for line in (part.splitlines() if part.startswith("  ") else [part.rstrip()]))
    )


def json_text(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON: all its data, what steers a terminal as `\\u....`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if _ASCII_IN_JSON.fullmatch(text) else "".join(_in_json(text))


def _shown(sign: str) -> str:
    if sign.isprintable() or sign in _JOINERS:
        return sign
    return " " if sign.isspace() or category(sign) == "Cc" else ascii(sign)[1:-1]


def _in_json(text: str) -> Iterable[str]:
    """Outside its texts JSON has line breaks of its own; those within are escaped already."""
    return (one if one.isprintable() or one == "\n" or one in _JOINERS else json.dumps(one)[1:-1] for one in text)
