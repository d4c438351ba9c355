"""The words by which a rule names links, servers and people: a word that can mean none of them is refused when the
policy is read. Names are in one Unicode form, NFC.
"""

import json
import re
from difflib import get_close_matches
from typing import Annotated, Any
from unicodedata import normalize

from pydantic import AfterValidator, BeforeValidator

from chaoslib_ext.server_name import pattern_problem

__all__ = ["Links", "Name", "People", "Servers", "Text", "composed", "tag_or_service"]

Text = str | tuple[str, ...]  # as a person may write it, for the schema

_SELECTORS = ("tag", "service")
_MEANT = {"tags": "tag", "label": "tag", "labels": "tag", "services": "service", "svc": "service", "svcs": "service"}
_PLAIN = ("link", "links", "name", "names", "proxy", "proxies")
_EVERYBODY = ("anybody", "anyone", "everybody", "everyone", "any", "all", "*")


def composed(text: str) -> str:
    """The text in NFC: an accent typed apart from its letter is the same word."""
    return normalize("NFC", text)


def tag_or_service(word: str) -> tuple[str, str] | None:
    """`("tag", "cache")` for `tag:cache`; None for the name of a link or a glob."""
    kind, colon, value = word.partition(":")
    return (kind, value) if colon and kind in _SELECTORS else None


def _several(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(value)
    return (value,)


def _name(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError(_no_text(text))
    name: str = composed(text)
    if not name.strip():
        raise ValueError("names nothing")
    if not name.isprintable():
        raise ValueError(f"{name!r} has a character that cannot be seen; type it again")
    return name


def _word(text: Any) -> str:
    word = _name(text)
    if word != word.strip():
        raise ValueError(f"{word!r} begins or ends with a blank, and no name does; take it out")
    return word


def _no_text(value: Any) -> str:
    if value is None:
        return "names nothing"
    if isinstance(value, dict):
        pair = ", ".join(f"{key}:{'' if one is None else one}" for key, one in value.items())
        return f"a mapping stands where a name belongs; write it without a blank behind the colon: {pair}"
    if isinstance(value, list | tuple):
        return "a list stands where a name belongs; take out its brackets"
    told = json.dumps(value)
    return f"{told} is not text; put it in quotes: '{told}'"


def _link(word: str) -> str:
    if "," in word:
        raise ValueError(f"{word!r} is one name; write several as a list: [{word}]")
    found = tag_or_service(word)
    if found is None:
        return _plain(word)
    kind, value = found
    if not value.strip() or value != value.strip():
        raise ValueError(
            f"{word!r} names no {kind}; write it without blanks, such as {kind}:{value.strip() or 'cache'}"
        )
    if any(sign in value for sign in "*?"):
        raise ValueError(f"{word!r} is a glob, and a {kind} is meant by its whole name; globs are for names of links")
    return word


def _plain(word: str) -> str:
    """The name of a link, unless it was meant to be a tag or a service."""
    head, mark, value = re.fullmatch(r"(\w*)(\s*[:=]\s*|$)?(.*)", normalize("NFKC", word)).groups()  # type: ignore[union-attr]
    kind = head.casefold()
    if not (mark or "").strip():
        return word
    if kind in _PLAIN:
        raise ValueError(f"{word!r} is the name of no link; a link is meant by its name alone: {value}")
    near = get_close_matches(kind, _SELECTORS, n=1, cutoff=0.8) or [_MEANT.get(kind, "")]
    if near[0]:
        raise ValueError(f"{word!r} is the name of no link; did you mean {near[0]}:{value}?")
    return word


def _server(word: str) -> str:
    if problem := pattern_problem(word):
        raise ValueError(problem)
    return word


def _person(word: str) -> str:
    if "," in word:
        raise ValueError(f"{word!r} is one name; write several as a list: [{word}]")
    kind, colon, value = word.partition(":")
    if not colon:
        if word.casefold() in _EVERYBODY and word != "anybody":
            raise ValueError(f"{word!r} is no person; did you mean anybody?")
        if any(sign in word for sign in "*?["):
            raise ValueError(f"{word!r} is a glob, and people are meant by their whole name; write group:NAME for many")
        return word
    if kind != "group" or not value or value != value.strip():
        raise ValueError(f"{word!r} is no person; write the name of a user, group:NAME, or anybody")
    return word


def _not_empty(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words:
        raise ValueError("names nothing")
    return words


def _many(check: Any) -> Any:
    word = Annotated[str, BeforeValidator(_word, json_schema_input_type=str), AfterValidator(check)]
    return Annotated[
        tuple[word, ...], BeforeValidator(_several, json_schema_input_type=Text), AfterValidator(_not_empty)
    ]


Name = Annotated[str, BeforeValidator(_name, json_schema_input_type=str)]
Links = _many(_link)
Servers = _many(_server)
People = _many(_person)
