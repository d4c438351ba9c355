"""JSON as the host reads it: by `json`, with the place of every part. (PyYAML would read `1e5` in it as a text.)"""

import json
import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from .finding import Hit
from .limits import TOO_DEEP
from .syntax import COMMENT, DUPLICATE_KEY, NOT_A_NUMBER, NOT_JSON
from .tree import Place, Tree

__all__ = ["read_json"]

_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[^\s,\]}]+")
_STRANGE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def read_json(text: str) -> tuple[Tree | None, list[Hit]]:
    """The tree, and what was found on the way; no tree where the host would read none."""
    lines = _Lines(text)
    try:
        json.loads(text)  # the judge of what is JSON; the scanner below may then trust the text
        scanner = _Scanner(text, lines)
        data, _ = scanner.value(_SPACE.match(text).end())  # type: ignore[union-attr]
    except json.JSONDecodeError as error:
        return None, [_not_json(error, text)]
    except RecursionError:
        return None, [TOO_DEEP.at((), "nested so deeply that the host breaks off", place=Place(1, 1))]
    except ValueError as error:  # a number of more than 4300 digits
        return None, [NOT_JSON.at((), f"the host cannot read it: {error}", place=Place(1, 1))]
    return Tree(data, Place(1, 1), scanner.marks), scanner.hits


def _not_json(error: json.JSONDecodeError, text: str) -> Hit:
    place = Place(error.lineno, error.colno)
    if re.match(r"//|/\*|#", text[error.pos :]) or re.match(r"//|/\*|#", text[error.pos :].lstrip()):
        return COMMENT.at((), "JSON knows no comments", place=place)
    return NOT_JSON.at((), f"not JSON: {error.msg}", place=place, cure=_cure(error, text))


def _cure(error: json.JSONDecodeError, text: str) -> str:
    before = text[: error.pos].rstrip()
    if error.msg.startswith("Illegal trailing comma") or (
        before.endswith(",") and text[error.pos : error.pos + 1] in "]}"
    ):
        return "Take the comma before the closing bracket out."
    return "Use double quotes." if text[error.pos : error.pos + 1] == "'" else ""


class _Lines:
    """Offsets into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, offset: int) -> Place:
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)


class _Scanner:
    """Walks a text that is known to be JSON. Each method takes an offset and gives a value and the offset after it."""

    def __init__(self, text: str, lines: _Lines) -> None:
        self.text, self.lines = text, lines
        self.marks: dict[int, dict[Any, Place]] = {}
        self.hits: list[Hit] = []

    def value(self, at: int) -> tuple[Any, int]:
        """Whatever begins there."""
        first = self.text[at]
        if first == "{":
            return self._mapping(at + 1)
        if first == "[":
            return self._list(at + 1)
        if first == '"':
            text, at = scanstring(self.text, at + 1, True)
            return text, at
        word = _WORD.match(self.text, at).group()  # type: ignore[union-attr]
        if word in _STRANGE:
            self.hits.append(NOT_A_NUMBER.at((), f"{word} is not JSON", place=self.lines.place(at)))
            return _STRANGE[word], at + len(word)
        return json.loads(word), at + len(word)

    def _mapping(self, at: int) -> tuple[dict[str, Any], int]:
        data: dict[str, Any] = {}
        places = self.marks[id(data)] = {}  # afresh: the first of two like keys is gone, and its id may come again
        at = self._past_space(at)
        while self.text[at] != "}":
            place = self.lines.place(at)
            key, at = scanstring(self.text, at + 1, True)
            if key in data:
                says = f'"{key}" stands twice; this one counts, the one on line {places[key].line} is lost'
                self.hits.append(DUPLICATE_KEY.at((), says, place=place))
            at = self._past_space(self._past_space(at) + 1)  # the colon
            data[key], at = self.value(at)
            places[key] = place
            at = self._past_comma(at)
        return data, at + 1

    def _list(self, at: int) -> tuple[list[Any], int]:
        data: list[Any] = []
        places = self.marks[id(data)] = {}
        at = self._past_space(at)
        while self.text[at] != "]":
            places[len(data)] = self.lines.place(at)
            one, at = self.value(at)
            data.append(one)
            at = self._past_comma(at)
        return data, at + 1

    def _past_space(self, at: int) -> int:
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]

    def _past_comma(self, at: int) -> int:
        at = self._past_space(at)
        return self._past_space(at + 1) if self.text[at] == "," else at
