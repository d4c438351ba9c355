"""Secrets stay out of records: by the value of each secret that was resolved, by telling names, and in URLs.

A value that is known is hidden wherever it stands, also inside a longer text, and as it looks in JSON, in a Python
literal, in a URL, in HTML, in base64, and line by line. A text under a telling key
(`password`, `token`, ...) is hidden whole. References to secrets (`{"type": "env", "key": ...}`, `${name}`) stay.
"""

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from chaoslib_ext.clean_text import clean, one_line

__all__ = ["HIDDEN", "Redactor"]

HIDDEN = "[redacted]"
_SHORTEST = 4  # a shorter value would hide half of the language; it is hidden only where it stands alone
_SHORTEST_LINE = 16  # of a key over many lines, say
_URL = "!#$&'()*+,/:;=?@[]~"
_SAFE = ("", "/", _URL, f"{_URL}%")
"""What stays as it is in a URL: when quoted with care, by default, and by `requests` (its `requote_uri`)."""
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

_NAMES = r"pass(?:word|wd|phrase)|token|secret|authorization|api[-_]?key|credential|private[-_]?key|access[-_]?key"
_TELLING = re.compile(rf"(?:{_NAMES}|^pwd$|^cookie$|^set-cookie$)", re.IGNORECASE)
_REFERENCE = re.compile(r"^\$\{[^}]*\}$")
# Each pattern begins with a word of its own and looks no further than a limit, so that the time it takes grows with the
# text alone: what an activity returns may be a megabyte in one word, and the run waits meanwhile with its fault in.
_IN_TEXT = (
    (re.compile(r"([a-z0-9]://[^\s/:@?#]*):[^\s/@]+@", re.IGNORECASE), rf"\1:{HIDDEN}@"),
    (re.compile(r"(authorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?)[^\s\"',]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"((?:{_NAMES})[\w-]{{0,64}}=)[^\s&;,\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
)


class Redactor:
    """Hides secrets in plain data; learns values as they become known."""

    def __init__(self) -> None:
        self._values: list[str] = []
        self._short: set[str] = set()

    def learn(self, secrets: Any) -> None:
        """Remember every text and number found anywhere in the resolved secrets."""
        for value in _leaves(secrets):
            if len(value) < _SHORTEST:
                self._short.add(value)
            else:
                self._values += [one for one in _looks(value) if one not in self._values]
        self._values.sort(key=len, reverse=True)  # the longest first: one secret may contain another

    def learn_telling(self, configuration: Any) -> None:
        """Remember what the resolved configuration has under telling names: many a password is kept there."""
        named = dict(configuration or {})
        self.learn([value for name, value in named.items() if isinstance(value, str) and _TELLING.search(str(name))])

    def hidden(self, value: Any) -> Any:
        """The same plain data with every secret replaced by `[redacted]`."""
        if isinstance(value, dict):
            return {self.text(key): self._under(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.hidden(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        return value

    def text(self, value: str) -> str:
        """The same text without known values, URL passwords and `password=...`."""
        if value in self._short:
            return HIDDEN
        for secret in self._values:
            if secret in value:
                value = value.replace(secret, HIDDEN)
        for pattern, instead in _IN_TEXT:
            value = pattern.sub(instead, value)
        return value

    def _under(self, key: str, value: Any) -> Any:
        if key == "secrets" and not isinstance(value, dict):
            return self.hidden(value)  # a provider's list of the names of groups
        if _TELLING.search(key):
            return self._whole(value, numbers=key == "secrets")
        return self.hidden(value)

    def _whole(self, value: Any, *, numbers: bool) -> Any:
        """`numbers`: a number is a secret as well; elsewhere it only counts something (`max_tokens`)."""
        if isinstance(value, dict):
            if value.get("type") in ("env", "vault"):
                return self.hidden(value)
            return {key: self._whole(item, numbers=numbers) for key, item in value.items()}
        if isinstance(value, list):
            return [self._whole(item, numbers=numbers) for item in value]
        if numbers and isinstance(value, int | float) and not isinstance(value, bool):
            return HIDDEN
        if isinstance(value, str) and value and not _REFERENCE.match(value):
            return HIDDEN
        return value


_ENCODINGS = ("latin-1", "cp1252", "utf-8")
"""What the host may take the output of a program for, where the secret in it is no UTF-8."""


def _looks(value: str) -> list[str]:
    """A secret as it stands in texts: in JSON, in a literal, in a URL, in a page; one of its lines alone."""
    lines = [line.strip() for line in value.splitlines()]
    raw = _bytes(value)
    read = [] if raw == value.encode("utf-8", "replace") else [raw.decode(name, "replace") for name in _ENCODINGS]
    plain = [
        value,
        *read,
        *(look for safe in _SAFE for look in _cases(urllib.parse.quote(raw, safe=safe))),
        *_cases(urllib.parse.quote_plus(raw)),
        html.escape(value),
        html.escape(value, quote=False),
    ]
    once = [quoted for one in dict.fromkeys(plain) for quoted in _quoted(one)]
    # by an activity, then by whoever tells of it
    twice = [quoted for one in dict.fromkeys(once) for quoted in _quoted(one)]
    looks = [
        *plain,
        *once,
        *twice,
        *_in_base64(raw),
        clean(value),  # as an error or a line of the log shows it
        one_line(value),
        *(line for line in lines if len(line) >= _SHORTEST_LINE),
    ]
    return list(dict.fromkeys(looks))


def _bytes(value: str) -> bytes:
    """As it stood in the environment, where it need be no UTF-8."""
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, as JSON and YAML can write one
        return value.encode("utf-8", "surrogatepass")


def _quoted(value: str) -> list[str]:
    return [repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]]


def _cases(quoted: str) -> list[str]:
    """`%2F` and `%2f`: who quotes a URL may write either."""
    return [quoted, re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)]


def _in_base64(value: bytes) -> Iterator[str]:
    """Alone, and inside of something longer, as in `user:password` of a login: three bytes make four letters, so how it
    looks depends on where it begins. A letter that it shares with a neighbour is left out.
    """
    yield base64.b64encode(value).decode()
    yield base64.urlsafe_b64encode(value).decode()
    for before in range(3):
        bits = 8 * (before + len(value))
        encoded = base64.b64encode(bytes(before) + value)[-(-8 * before // 6) : bits // 6]
        yield encoded.decode()
        yield encoded.translate(_URL_SAFE).decode()


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, str) and value:
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
