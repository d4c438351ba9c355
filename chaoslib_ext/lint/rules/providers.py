"""Requests and programs: what would fail or break off as soon as it is called."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from chaoslib_ext.lint.finding import Concern, Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, activities, mapping

__all__ = ["RULES", "check"]

BAD_URL = Rule(
    "bad-url",
    Severity.ERROR,
    "A URL that no request can be sent to: without a scheme, or without a host.",
    "The host breaks off with an unexpected error: as a rollback it takes those behind it along, and no journal is "
    "written.",
    "Begin it with http:// or https://.",
)
BAD_HEADER = Rule(
    "bad-header",
    Severity.ERROR,
    "A header whose value is not a text.",
    "The request is refused before it is sent, and the run breaks off.",
    "Put the value in quotes.",
)
NOT_A_PROGRAM = Rule(
    "not-a-program",
    Severity.ERROR,
    "The `path` of a process is more than one program, or a variable.",
    "The host takes all of it as one name, finds no such program, and refuses the experiment. It puts no variables in "
    "there.",
    "Put the program's name into `path`, and the rest into `arguments`.",
)
NO_PROGRAM = Rule(
    "no-program-here",
    Severity.NOTE,
    "A program that is not installed here.",
    "The host refuses the experiment on this machine.",
    "Install it where the experiment runs, or write its whole path.",
    Concern.MACHINE,
)
RULES = (BAD_URL, BAD_HEADER, NOT_A_PROGRAM, NO_PROGRAM)


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Each request and each program."""
    for step in activities(data):
        if step.kind == "http":
            yield from _request(step)
        elif step.kind == "process":
            yield from _program(step, here)


def _request(step: Step) -> Iterator[Hit]:
    url = step.provider.get("url")
    if isinstance(url, str) and url and not _can_be_sent_to(url):
        yield BAD_URL.at((*step.at, "url"), f"{url} cannot be asked")
    for name, value in mapping(step.provider.get("headers")).items():
        if not isinstance(value, str) and value is not None:
            yield BAD_HEADER.at((*step.at, "headers", name), f"the header {name} is {value!r}, not a text")


def _can_be_sent_to(url: str) -> bool:
    if url.startswith("$"):
        return True  # what it begins with is not known yet
    filled = re.sub(r":\$\{\w+\}", ":80", url)
    filled = re.sub(r"\$\{\w+\}|\$\w+", "x", filled)
    try:
        parts = urlsplit(filled.strip())
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a broken IPv6 address
        return False


def _program(step: Step, here: Here) -> Iterator[Hit]:
    path = step.provider.get("path")
    if not isinstance(path, str) or not path or "\0" in path:
        return
    if here.program(path) is not None:
        return
    at = (*step.at, "path")
    if "${" in path:
        yield NOT_A_PROGRAM.at(at, f"{path}: the host puts no variables into a path")
    elif not path.strip() or (re.search(r"\s", path) and here.program(path.split()[0]) is not None):
        yield NOT_A_PROGRAM.at(at, f"{path!r} is taken as the name of one program")
    else:
        yield NO_PROGRAM.at(at, f"{path} is not installed here")
