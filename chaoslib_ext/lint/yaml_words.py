"""Plain words that YAML 1.1, which the host reads, takes for something else: `on`, `1:30`, `010`, `1e5`."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml

from .finding import Hit, Rule, Severity
from .tree import Place

__all__ = ["RULES", "surprise"]

NOT_THE_WORD = Rule(
    "yaml-word",
    Severity.WARNING,
    "A plain word that YAML 1.1 reads as something else.",
    "The host reads YAML 1.1: `on` as a key is true, `1:30` is 90, `010` is 8, `1e5` is a text.",
    "Put it in quotes if the text is meant; else write the value as it is meant (true, 90, 8, 100000.0).",
)
RULES = (NOT_THE_WORD,)

_PLAIN_FLAGS = ("true", "false", "True", "False", "TRUE", "FALSE")
_EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")


def surprise(node: yaml.ScalarNode, data: Any, place: Place, *, is_key: bool) -> Iterator[Hit]:
    """What a reader would not expect of that scalar."""
    if node.style is not None or not isinstance(node.value, str):
        return  # quoted, or a block
    text, shown = node.value, None
    severity = Severity.WARNING
    if isinstance(data, bool) and text not in _PLAIN_FLAGS:
        shown, severity = str(data).lower(), Severity.WARNING if is_key else Severity.NOTE
    elif isinstance(data, int | float) and ":" in text:
        shown = f"the number {data} (base 60)"
    elif isinstance(data, int) and not isinstance(data, bool) and _OCTAL.fullmatch(text):
        shown = f"the number {data} (octal)"
    elif isinstance(data, date):
        shown, severity = "a date", Severity.NOTE
    elif isinstance(data, str) and _EXPONENT.fullmatch(text):
        shown = "a text: YAML 1.1 wants a point and a sign, 1.0e+5"
    if shown:
        yield NOT_THE_WORD.at((), f"{text} is read as {shown}", place=place, severity=severity)
