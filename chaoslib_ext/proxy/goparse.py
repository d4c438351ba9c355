"""Reading JSON text as Go's decoder does: the first value only, and on an error Go's words, which clients may show.

Numbers stay as they were written (1e3 is not an integer to Go), objects stay lists of pairs (equal keys are merged by
whoever knows the field).
"""

import codecs
import json
import re
from collections.abc import Generator
from typing import Any

__all__ = ["BadJson", "Number", "Pairs", "parse"]

SPACE = re.compile(r"[ \t\r\n]*")
PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
DIGITS = re.compile(r"[0-9]*")
HEX = re.compile(r"[0-9a-fA-F]")
LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
QUOTED = dict(
    zip("'\"\\\a\b\f\n\r\t\v", (r"\'", '"', r"\\", r"\a", r"\b", r"\f", r"\n", r"\r", r"\t", r"\v"), strict=True)
)
EACH_BYTE = "go-replace"
"""Every byte that is not UTF-8 becomes one U+FFFD, as in Go; Python's own `replace` takes several for one."""
DEEPEST = 10_000
"""Levels of nesting that Go's decoder takes."""
LONE = re.compile("[\ud800-\udfff]")


Nested = Generator[None, Any, "Pairs | list[Any]"]


class BadJson(ValueError):
    """The body can't be read as what it should be; the text is Go's."""


class Number(str):
    """A number as it was written."""


class Pairs(tuple[tuple[str, Any], ...]):
    """An object, in the order in which it was written."""


def parse(body: bytes) -> Any:
    """The first JSON value of a body; what follows it is not looked at. Raises BadJson."""
    reader = _Reader(body)
    reader.skip()
    if reader.at == len(reader.text):
        raise BadJson("EOF")
    return reader.value()


class _Reader:
    def __init__(self, body: bytes) -> None:
        self.body = body
        self.text = body.decode("latin-1")  # Go scans bytes, and names one of them in an error
        self.at = 0

    def skip(self) -> None:
        match = SPACE.match(self.text, self.at)
        assert match
        self.at = match.end()

    def peek(self) -> str:
        if self.at >= len(self.text):
            raise BadJson("unexpected EOF")
        return self.text[self.at]

    def bad(self, where: str) -> BadJson:
        return BadJson(f"invalid character {_quoted(self.peek())} {where}")

    def token(self, wanted: str, where: str) -> str:
        """The next character that is not space, if it is one of `wanted`."""
        self.skip()
        found = self.peek()
        if found not in wanted:
            raise self.bad(where)
        self.at += 1
        return found

    def value(self) -> Any:
        """What stands here; what it stands in waits on a list, as Python's own stack is not deep enough."""
        waiting: list[Nested] = []
        while True:
            found = self.begin(len(waiting))
            if isinstance(found, Generator):
                waiting.append(found)
                found = None
            while waiting:
                try:
                    waiting[-1].send(found)
                    break  # it wants another value
                except StopIteration as complete:
                    found = complete.value
                    waiting.pop()
            else:
                return found

    def begin(self, depth: int) -> Any:
        """A plain value; of an object or an array a generator, which takes its values one by one."""
        self.skip()
        first = self.peek()
        if first in "{[":
            if depth == DEEPEST:
                raise self.bad("exceeded max depth")
            return self.object() if first == "{" else self.array()
        if first == '"':
            return self.string()
        if first == "-" or first in "0123456789":
            return self.number()
        if first in LITERALS:
            return self.literal(*LITERALS[first])
        raise self.bad("looking for beginning of value")

    def object(self) -> "Nested":
        self.at += 1
        self.skip()
        if self.peek() == "}":
            self.at += 1
            return Pairs()
        pairs = []
        while True:
            self.token('"', "looking for beginning of object key string")
            self.at -= 1
            key = self.string()
            self.token(":", "after object key")
            pairs.append((key, (yield)))
            if self.token(",}", "after object key:value pair") == "}":
                return Pairs(pairs)

    def array(self) -> "Nested":
        self.at += 1
        self.skip()
        if self.peek() == "]":
            self.at += 1
            return []
        items = []
        while True:
            items.append((yield))
            if self.token(",]", "after array element") == "]":
                return items

    def string(self) -> str:
        start = self.at
        self.at += 1
        while True:
            self.at = _end(PLAIN, self.text, self.at)
            found = self.peek()
            if found < " ":
                raise self.bad("in string literal")
            self.at += 1
            if found == '"':
                break
            self.escape()
        return LONE.sub("\ufffd", json.loads(self.body[start : self.at].decode(errors=EACH_BYTE)))

    def escape(self) -> None:
        kind = self.peek()
        if kind not in 'bfnrt"\\/u':
            raise self.bad("in string escape code")
        self.at += 1
        for _ in range(4 if kind == "u" else 0):
            if not HEX.match(self.peek()):
                raise self.bad("in \\u hexadecimal character escape")
            self.at += 1

    def number(self) -> Number:
        start = self.at
        if self.peek() == "-":
            self.at += 1
        self.digits("in numeric literal", leading_zero=False)
        if self.text[self.at : self.at + 1] == ".":
            self.at += 1
            self.digits("after decimal point in numeric literal")
        if self.text[self.at : self.at + 1] in ("e", "E"):
            self.at += 1
            if self.peek() in "+-":
                self.at += 1
            self.digits("in exponent of numeric literal")
        return Number(self.text[start : self.at])

    def digits(self, where: str, *, leading_zero: bool = True) -> None:
        if self.peek() == "0" and not leading_zero:
            self.at += 1
            return
        end = _end(DIGITS, self.text, self.at)
        if end == self.at:
            raise self.bad(where)
        self.at = end

    def literal(self, word: str, value: Any) -> Any:
        for expected in word:
            if self.peek() != expected:
                raise self.bad(f"in literal {word} (expecting '{expected}')")
            self.at += 1
        return value


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    assert match
    return match.end()


def _quoted(character: str) -> str:
    """As Go's quoteChar: a rune in single quotes."""
    if shown := QUOTED.get(character):
        return f"'{shown}'"
    if character.isprintable():
        return f"'{character}'"
    return f"'\\u{ord(character):04x}'" if ord(character) > 0x7F else f"'\\x{ord(character):02x}'"


def _each_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error(EACH_BYTE, _each_byte)
